"""What the rules of each room ask for: planned, moved and ended with what it is about, and put right by the sweep."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from partners.clock.rules import instant, local_date
from partners.consortia.enums import RelationshipState
from partners.consortia.operations import withdraw_claim, withdraw_term
from partners.people.enums import Role
from partners.people.operations import record_leave
from programmes.raid.enums import RaidKind
from programmes.register.changes import end_programme
from programmes.reminders.changes import end_needs_of_programme
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderSweep, ReminderWave
from programmes.reminders.operations import queue_due, sweep
from programmes.reminders.queries import sources
from programmes.reminders.rules import EVERYTHING
from programmes.reviews.operations import cancel_review
from programmes.scheduling.operations import StagePlan, plan_stages, skip_stage
from tests.builders import (
    NOW,
    give_role,
    launch,
    make_administrator,
    make_cio,
    make_consultation,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_question,
    make_reader,
    make_review,
    make_unit,
    pass_gates,
)
from tests.builders.partners import make_claim, make_organisation, make_relationship, make_term, move
from tests.builders.raid import raise_raid

pytestmark = pytest.mark.django_db
STARTS, FINISHES = date(2026, 10, 30), date(2026, 12, 18)
PREPARE, READY, OVERDUE = date(2026, 10, 16), date(2026, 10, 28), date(2026, 11, 3)


def planned(kind):
    """Day and person of what is planned of a kind, in time order."""
    rows = PlannedReminder.objects.filter(wave__kind=kind, state=ReminderState.PLANNED).select_related("recipient")
    return [(local_date(row.due_at), row.recipient.name) for row in rows.order_by("due_at", "recipient__name")]


def differences(now=NOW):
    return {source.kind: found.total for source in sources() if (found := source.difference(EVERYTHING, now)).total}


def plan(programme, by, *, starts_on=STARTS, finishes_on=FINISHES, now=NOW):
    stage = programme.stages.get(position=1)
    plan = StagePlan(stage.pk, stage.version, starts_on, finishes_on)
    plan_stages(programme_id=programme.pk, plans=[plan], by=by, now=now)
    return stage


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme(portfolio=portfolio)


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Mo Manager")


def test_a_gate_is_told_of_to_whoever_runs_and_whoever_assures(programme, manager, portfolio):
    make_cio(portfolio, "Cy Cio")

    plan(programme, manager)

    assert planned("gate") == [(day, name) for day in (PREPARE, READY, OVERDUE) for name in ("Cy Cio", "Mo Manager")]
    wave = ReminderWave.objects.filter(kind="gate").earliest("due_at")
    assert wave.due_reason == "Ten working days before Friday 30 October 2026"
    assert differences() == {}


def test_a_gate_that_moves_takes_its_reminders_along_and_one_that_is_decided_ends_them(programme, manager):
    plan(programme, manager)
    plan(programme, manager, starts_on=date(2026, 11, 30))

    assert [day for day, _ in planned("gate")] == [date(2026, 11, 16), date(2026, 11, 26), date(2026, 12, 2)]
    pass_gates(programme)
    assert planned("gate") == []
    ended = PlannedReminder.objects.filter(state=ReminderState.CANCELLED).values_list("state_reason", flat=True)
    assert set(ended) == {"The gate was decided, or is planned for another day."}


def test_a_stage_that_is_skipped_hands_over_to_the_gate_of_the_next(programme, manager):
    stage = plan(programme, manager)

    skip_stage(programme_id=programme.pk, stage_id=stage.pk, reason="Not needed", by=manager, now=NOW)

    assert planned("gate") == []


def test_a_gate_beyond_the_known_bank_holidays_waits_until_they_are_known(programme, manager):
    plan(programme, manager, starts_on=date(2060, 3, 1), finishes_on=date(2060, 6, 1))

    assert planned("gate") == []


def test_who_manages_and_assures_gets_one_mail(programme, manager, portfolio):
    both = make_cio(portfolio, "Bo Both")
    give_role(both, Role.PROGRAMME_MANAGER, programme.scope)
    plan(programme, manager)

    assert planned("gate")[:2] == [(PREPARE, "Bo Both"), (PREPARE, "Mo Manager")]


def test_who_is_away_is_stood_in_for_once_the_sweep_has_seen_it(programme, manager):
    stand_in = make_reader(programme, "Sam Stand-in")
    plan(programme, manager)
    record_leave(person_id=manager.pk, from_on=READY, to_on=READY, delegate_id=stand_in.pk, by=manager, now=NOW)

    assert sweep(now=NOW) == 2

    assert planned("gate") == [(PREPARE, "Mo Manager"), (READY, "Sam Stand-in"), (OVERDUE, "Mo Manager")]
    assert ReminderSweep.objects.get().found == {"gate": {"missing": 1, "moved": 0, "unwanted": 1, "reworded": 0}}


def test_a_sweep_plans_what_is_missing_once_an_hour(programme, manager):
    plan(programme, manager)
    PlannedReminder.objects.all().delete()
    ReminderWave.objects.all().delete()

    assert sweep(now=NOW) == 3
    assert [day for day, _ in planned("gate")] == [PREPARE, READY, OVERDUE]
    PlannedReminder.objects.all().delete()
    assert sweep(now=NOW + timedelta(minutes=59)) == 0
    assert sweep(now=NOW + timedelta(minutes=60)) == 3


def test_what_came_late_is_not_made_up_for(programme, manager):
    plan(programme, manager, now=NOW)
    make_manager(programme, "Lea Late")

    later = instant(date(2026, 10, 20), NOW.time())
    while queue_due(now=later, limit=100).total:
        pass
    sweep(now=later)

    late = [(day, name) for day, name in planned("gate") if name == "Lea Late"]
    assert late == [(READY, "Lea Late"), (OVERDUE, "Lea Late")]


def test_an_action_goes_one_level_up_only_after_whoever_is_in_charge_was_told(programme, manager, portfolio):
    make_cio(portfolio, "Cy Cio")
    owner = make_reader(programme, "Olu Owner")
    raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=owner.pk, due_on=date(2026, 9, 23))
    assert "Cy Cio" not in [name for _, name in planned("raid")]

    told_at = instant(date(2026, 9, 29), NOW.time())  # two days after it was due: the tick was down
    queue_due(now=told_at, limit=100)
    sweep(now=told_at)

    assert planned("raid") == [(date(2026, 10, 1), "Cy Cio")]


def test_a_standing_that_ends_is_told_to_its_owner_and_ends_with_the_next_standing(portfolio):
    owner = make_person("Olu Owner")
    firm = make_relationship(portfolio, make_organisation("Alpha"), owner=owner, expires_on=date(2026, 12, 11))

    assert planned("relationship") == [
        (date(2026, 11, 13), "Olu Owner"),
        (date(2026, 12, 4), "Olu Owner"),
        (date(2026, 12, 14), "Olu Owner"),
    ]
    wave = ReminderWave.objects.filter(kind="relationship").earliest("due_at")
    assert (wave.programme, wave.place) == (None, portfolio.scope)
    assert wave.title == "Alpha: available ends on Friday 11 December 2026"
    move(firm, RelationshipState.EXITING, since_on=NOW.date())
    assert planned("relationship") == []


def test_a_term_without_an_owner_is_told_to_the_cio_and_ends_when_it_is_withdrawn(portfolio):
    cio = make_cio(portfolio, "Cy Cio")
    firm = make_relationship(
        portfolio, make_organisation(), state=RelationshipState.CONTRACTED, expires_on=None, owner=cio
    )
    term = make_term(firm, to_on=date(2026, 12, 11))

    assert {name for _, name in planned("relationship")} == {"Cy Cio"}
    assert len(planned("relationship")) == 3
    withdraw_term(term_id=term.pk, by=make_administrator(), now=NOW)
    assert planned("relationship") == []


def test_a_claim_that_ends_is_told_to_the_administrators(portfolio):
    administrator = make_administrator("Ada Administrator")
    claim = make_claim(make_organisation(), expires_on=date(2026, 12, 11))

    assert (date(2026, 11, 13), "Ada Administrator") in planned("capability")
    withdraw_claim(claim_id=claim.pk, by=administrator, now=NOW)
    assert planned("capability") == []


def test_the_steps_of_a_review_are_told_to_its_manager_and_end_with_it(programme, manager):
    review = make_review(programme)

    days = dict.fromkeys(day for day, _ in planned("review"))
    assert list(days) == [date(2026, 9, 22), date(2026, 10, 13), date(2026, 10, 27), date(2026, 11, 11)]
    assert {"Mo Manager"} <= {name for _, name in planned("review")}
    cancel_review(review_id=review.pk, reason="Called off", by=manager, now=NOW)
    assert planned("review") == []
    assert differences() == {}


def test_a_consultation_is_planned_as_its_rules_ask(programme):
    unit = make_unit()
    people = [make_person(f"Person {n}", unit=unit) for n in range(3)]
    consultation = make_consultation(make_review(programme), units=[unit])
    make_question(consultation)

    launch(consultation)

    assert "consultation" not in differences()
    record_leave(
        person_id=people[0].pk,
        from_on=date(2026, 9, 28),
        to_on=date(2026, 10, 2),
        by=people[0],
        now=NOW,
    )
    sweep(now=NOW)
    assert (date(2026, 10, 5), "Person 0") in planned("consultation")
    assert (date(2026, 9, 29), "Person 1") in planned("consultation")


def test_a_programme_that_ends_ends_every_reminder(programme, manager):
    plan(programme, manager)
    make_review(programme)
    assert planned("gate")

    with transaction.atomic():
        end_programme(programme, on=NOW.date(), reason="By decision", by=manager, now=NOW)
        end_needs_of_programme(programme_id=programme.pk, reason="It ended.", now=NOW)

    assert not PlannedReminder.objects.filter(state=ReminderState.PLANNED).exists()
    assert differences() == {}


def test_after_48_hours_each_person_gets_one_mail_for_each_thing(programme, manager):
    plan(programme, manager)
    unit = make_unit()
    make_person("Pat Person", unit=unit)
    consultation = make_consultation(make_review(programme), units=[unit])
    make_question(consultation)
    launch(consultation)
    raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=manager.pk, due_on=date(2026, 10, 29))

    down_until = instant(OVERDUE, NOW.time()) + timedelta(hours=48)
    while queue_due(now=down_until, limit=100).total:
        pass

    queued = PlannedReminder.objects.filter(state=ReminderState.QUEUED)
    per_need = [(row.recipient_id, row.need) for row in queued]
    assert len(per_need) == len(set(per_need))
    assert not PlannedReminder.objects.filter(state=ReminderState.PLANNED, due_at__lte=down_until).exists()
