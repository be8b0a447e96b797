"""Chasing a status: rows of the reminder planner that follow what is owed, by whom, and what was done about it."""

from datetime import date, datetime

import pytest
from django.db import transaction
from django.urls import reverse

from partners.calendar.models import Closure
from partners.clock.rules import UK
from partners.people.enums import Role
from partners.people.models import Leave, RoleHolding, User
from partners.people.operations import record_leave, record_leaver
from programmes.register.models import Programme
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.operations import cancel_reminder, cancel_wave, queue_due
from programmes.workstreams.changes import settle_chasing
from programmes.workstreams.enums import ExceptionKind, Frequency, Weekday
from programmes.workstreams.models import PortfolioReporting, ReportingException, Workstream
from programmes.workstreams.operations import change_workstream, close_workstream, reopen_workstream
from programmes.workstreams.operations.chasing import settle_next
from programmes.workstreams.rules.chasing import MY_WEEK, NOT_WANTED, WORKSTREAMS
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
    report,
)
from tests.builders.post import mails
from tests.threads import InThread, all_at_once, wait_until_somebody_waits_for_a_lock

FRIDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, NEXT_FRIDAY = (
    date(2026, 9, 18),
    date(2026, 9, 21),
    date(2026, 9, 22),
    date(2026, 9, 23),
    date(2026, 9, 24),
    date(2026, 9, 25),
)


def at(day, hour=9, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UK)


@pytest.fixture
def programme(db):
    portfolio = make_portfolio()
    return make_programme("Custody", portfolio=portfolio, owner=make_person("Olive Owner"))


@pytest.fixture
def lead(programme):
    return make_person("Lee Lead")


@pytest.fixture
def workstream(programme, lead):
    """Added on a Wednesday by a programme manager."""
    made = make_workstream(programme, "Tablets", lead=lead)
    RoleHolding.objects.filter(role=Role.PROGRAMME_MANAGER).update(ended_at=NOW, ended_by=lead)
    give_role(make_person("Mo Manager"), Role.PROGRAMME_MANAGER, programme.scope)
    settle(programme)
    return made


def settle(programme, now=NOW):
    with transaction.atomic():
        return settle_chasing(Programme.objects.get(pk=programme.pk), now=now)


def tick(now):
    """What the workers do in a minute."""
    settled = settle_next(now=now, limit=100)
    queue_due(now=now, limit=100)
    return settled + settle_next(now=now, limit=100)


def planned():
    """What is still planned: (day, hour, step, name) by time."""
    rows = PlannedReminder.objects.filter(state="planned").order_by("due_at", "recipient__name")
    return [
        (row.due_at.astimezone(UK).date(), row.due_at.astimezone(UK).hour, step_of(row), row.recipient.name)
        for row in rows.select_related("wave", "recipient")
    ]


def told():
    rows = PlannedReminder.objects.filter(state="queued").order_by("settled_at", "recipient__name")
    return [(settled_on(row), step_of(row), row.recipient.name) for row in rows]


def settled_on(row: PlannedReminder) -> date:
    assert row.settled_at is not None
    return row.settled_at.astimezone(UK).date()


def step_of(row):
    return int(row.wave.dedup_key[-1])


def test_the_lead_is_to_be_asked_on_the_reporting_day_and_the_wave_says_so(workstream, programme):
    assert planned() == [(FRIDAY, 9, 0, "Lee Lead")]
    wave = ReminderWave.objects.get()
    assert wave.title == "Status due: Friday 18 September 2026"
    assert wave.mail_subject == "Status due by the end of Friday 18 September 2026: Custody"
    assert "the reviewer is told on Tuesday 22 September 2026" in wave.mail_text
    assert (wave.subject_id, wave.valid_until) == (programme.pk, at(date(2026, 9, 26), 0))
    assert wave.needs_sight


def test_the_links_lead_to_pages_that_there_are(programme):
    assert reverse("my_week") == MY_WEEK
    assert reverse("workstreams_of_programme", args=[programme.pk]) == WORKSTREAMS.format(programme_id=programme.pk)


def test_silence_is_told_one_level_up_after_the_other_and_no_further(workstream):
    for day in (FRIDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY):
        for minute in (0, 1):
            tick(at(day, 9, minute))

    assert told() == [(FRIDAY, 0, "Lee Lead"), (TUESDAY, 1, "Mo Manager"), (THURSDAY, 2, "Olive Owner")]
    assert planned() == [(NEXT_FRIDAY, 9, 0, "Lee Lead")]
    assert set(PlannedReminder.objects.filter(state="queued").values_list("link_path", flat=True)) == {
        MY_WEEK,
        WORKSTREAMS.format(programme_id=workstream.programme_id),
    }


def test_a_report_ends_the_chase_at_once_and_its_message_too(workstream, lead):
    tick(at(FRIDAY))
    message = mails().get()
    assert message.state == "pending"

    report(workstream, by=lead, now=at(FRIDAY, 9, 5))

    message.refresh_from_db()
    assert message.state == "cancelled"
    assert planned() == []
    tick(at(MONDAY))
    assert planned() == [(NEXT_FRIDAY, 9, 0, "Lee Lead")]


def test_a_report_of_the_day_before_spares_the_lead_the_letter(workstream, lead):
    report(workstream, by=lead, now=at(date(2026, 9, 17)))

    assert planned() == []
    assert PlannedReminder.objects.get().state_reason == NOT_WANTED


def test_a_late_report_stops_what_comes_after(workstream, lead):
    tick(at(FRIDAY))
    tick(at(TUESDAY))
    assert planned() == [(THURSDAY, 9, 2, "Olive Owner"), (NEXT_FRIDAY, 9, 0, "Lee Lead")]

    report(workstream, by=lead, now=at(TUESDAY, 10))

    assert planned() == [(NEXT_FRIDAY, 9, 0, "Lee Lead")]


def test_one_person_gets_one_mail_for_several_workstreams(workstream, lead, programme):
    make_workstream(programme, "Vans", lead=lead)

    tick(at(FRIDAY))

    assert told() == [(FRIDAY, 0, "Lee Lead")]
    report(workstream, by=lead, now=at(FRIDAY, 10))
    tick(at(MONDAY))
    assert {row[:3] for row in planned() if row[2] == 1} == {(TUESDAY, 9, 1)}


def test_without_a_lead_the_managers_are_asked_and_then_the_levels_above(programme):
    make_cio_of(programme, "Cleo")
    make_workstream(programme, "Vans")
    for each in RoleHolding.objects.filter(role=Role.PROGRAMME_MANAGER):
        User.objects.filter(pk=each.user_id).update(name="Mo Manager")

    for day in (FRIDAY, TUESDAY, THURSDAY):
        tick(at(day))

    assert told() == [(FRIDAY, 0, "Mo Manager"), (TUESDAY, 1, "Olive Owner"), (THURSDAY, 2, "Cleo")]


def make_cio_of(programme, name):
    return give_role(make_person(name), Role.CIO, programme.scope.parent)


def test_an_added_workstream_is_asked_about_and_a_closed_one_no_more(workstream, programme):
    manager = make_manager(programme)
    close_workstream(workstream_id=workstream.pk, reason="Done.", by=manager, now=NOW)
    assert planned() == []

    reopen_workstream(workstream_id=workstream.pk, reason="Not done.", by=manager, now=NOW)

    assert planned() == [(FRIDAY, 9, 0, "Lee Lead")]
    assert PlannedReminder.objects.count() == 2  # the cancelled one stays as it was


def test_a_new_lead_is_asked_instead_of_the_old_one_and_the_old_one_again_when_they_are_back(
    workstream, programme, lead
):
    manager, new = make_manager(programme), make_person("Nia New")

    def hand_to(person):
        row = Workstream.objects.get(pk=workstream.pk)
        change_workstream(
            workstream_id=row.pk,
            version=row.version,
            name=row.name,
            description=row.description,
            lead_id=person.pk,
            reviewer_id=row.reviewer_id,
            by=manager,
            now=NOW,
        )

    hand_to(new)
    assert planned() == [(FRIDAY, 9, 0, "Nia New")]

    hand_to(lead)
    assert planned() == [(FRIDAY, 9, 0, "Lee Lead")]
    hand_to(new)
    hand_to(lead)
    assert planned() == [(FRIDAY, 9, 0, "Lee Lead")]
    assert PlannedReminder.objects.filter(recipient=lead).count() == 3


def test_an_exception_spares_the_days_that_it_covers(workstream, programme, lead):
    made = ReportingException.objects.create(
        workstream=workstream,
        kind=ExceptionKind.EXEMPT,
        from_on=FRIDAY,
        to_on=FRIDAY,
        reason="Being set up.",
        recorded_at=NOW,
        recorded_by=lead,
    )

    settle(programme)
    assert planned() == []
    tick(at(MONDAY))
    assert planned() == [(NEXT_FRIDAY, 9, 0, "Lee Lead")]

    ReportingException.objects.filter(pk=made.pk).update(ended_at=at(FRIDAY), ended_by=lead)
    tick(at(MONDAY))
    assert told() == [(MONDAY, 0, "Lee Lead")]


def test_a_programme_that_ended_or_is_kept_as_a_record_owes_nothing(workstream, programme):
    programme.scope.parent.is_record = True
    programme.scope.parent.save()
    assert tick(NOW) == 1
    assert planned() == []
    programme.scope.parent.is_record = False
    programme.scope.parent.save()
    tick(NOW)
    assert planned() == [(FRIDAY, 9, 0, "Lee Lead")]

    Programme.objects.filter(pk=programme.pk).update(
        ended_on=NOW.date(), ended_at=NOW, ended_by=programme.set_up_by, end_reason="Done."
    )
    settle(programme)

    assert planned() == []


def test_the_next_tick_follows_roles_leavers_closures_and_the_reporting_day(workstream, programme, lead):
    tick(at(FRIDAY))
    tick(at(MONDAY))
    assert planned() == [(TUESDAY, 9, 1, "Mo Manager"), (NEXT_FRIDAY, 9, 0, "Lee Lead")]
    Closure.objects.create(name="Move", first_on=TUESDAY, last_on=TUESDAY)
    tick(at(MONDAY, 10))
    assert planned() == [(WEDNESDAY, 9, 1, "Mo Manager"), (NEXT_FRIDAY, 9, 0, "Lee Lead")]
    assert ReminderWave.objects.get(dedup_key__endswith="1").due_at == at(WEDNESDAY)

    RoleHolding.objects.filter(role=Role.PROGRAMME_MANAGER).update(ended_at=NOW, ended_by=lead)
    tick(at(MONDAY, 11))
    assert planned() == [(WEDNESDAY, 9, 1, "Olive Owner"), (NEXT_FRIDAY, 9, 0, "Lee Lead")]

    record_leaver(person_id=lead.pk, by=make_administrator("Ada"), now=at(MONDAY, 11, 30))
    tick(at(MONDAY, 12))
    assert (NEXT_FRIDAY, 9, 0, "Olive Owner") in planned()
    assert "Lee Lead" not in {name for *_, name in planned()}

    PortfolioReporting.objects.create(
        scope=programme.scope.parent, weekday=Weekday.THURSDAY, frequency=Frequency.WEEKLY
    )
    tick(at(MONDAY, 13))
    assert {day for day, _, step, _ in planned() if step == 0} == {THURSDAY}


@pytest.mark.parametrize("delegate_sees", [True, False])
def test_leave_gives_the_letter_to_the_delegate_who_may_see_the_programme_else_to_the_manager(
    workstream, programme, lead, delegate_sees
):
    delegate = make_reader(programme, "Dee") if delegate_sees else make_person("Dee")
    record_leave(person_id=lead.pk, from_on=FRIDAY, to_on=FRIDAY, delegate_id=delegate.pk, by=lead, now=NOW)

    tick(NOW)

    assert planned() == [(FRIDAY, 9, 0, "Dee" if delegate_sees else "Mo Manager")]
    Leave.objects.update(cancelled_at=NOW, cancelled_by=lead)
    tick(NOW)
    assert planned() == [(FRIDAY, 9, 0, "Lee Lead")]


def test_leave_that_begins_after_the_lead_was_told_gives_the_delegate_two_working_days_of_their_own(
    workstream, programme, lead
):
    tick(at(FRIDAY))
    delegate = make_reader(programme, "Dee")
    record_leave(
        person_id=lead.pk, from_on=MONDAY, to_on=THURSDAY, delegate_id=delegate.pk, by=lead, now=at(FRIDAY, 10)
    )

    for day in (MONDAY, TUESDAY, WEDNESDAY):
        tick(at(day, 9, 30))

    assert told() == [(FRIDAY, 0, "Lee Lead"), (MONDAY, 0, "Dee"), (WEDNESDAY, 1, "Mo Manager")]


def test_after_an_outage_the_steps_come_one_after_the_other(workstream):
    tick(at(THURSDAY))
    tick(at(NEXT_FRIDAY, 8))

    assert told() == [(THURSDAY, 0, "Lee Lead")]
    tick(at(NEXT_FRIDAY, 9))
    assert told() == [(THURSDAY, 0, "Lee Lead"), (NEXT_FRIDAY, 0, "Lee Lead")]
    assert mails().filter(state="pending").count() == 1  # the newer one took its place


def test_what_somebody_cancelled_stays_cancelled_and_the_next_step_is_taken_in_its_time(workstream, programme):
    manager = make_manager(programme, "Moa")
    cancel_reminder(reminder_id=PlannedReminder.objects.get().pk, reason="I spoke to her.", by=manager, now=NOW)

    tick(NOW)
    tick(at(FRIDAY))
    assert told() == []
    tick(at(TUESDAY))
    assert {(day, step) for day, step, _ in told()} == {(TUESDAY, 1)}


def test_a_wave_that_was_cancelled_for_everybody_stays_so(workstream, programme):
    wave = ReminderWave.objects.get()
    cancel_wave(wave_id=wave.pk, reason="All spoken to.", by=make_manager(programme), now=NOW)

    for day in (FRIDAY, TUESDAY):
        tick(at(day))

    assert [(day, step) for day, step, _ in told()] == [(TUESDAY, 1), (TUESDAY, 1)]


def test_the_same_again_changes_nothing(workstream, programme):
    rows = list(PlannedReminder.objects.values_list())

    assert settle(programme) == 0
    assert settle_next(now=NOW, limit=100) == 0
    assert list(PlannedReminder.objects.values_list()) == rows


@pytest.mark.parametrize("number", [1, 3])
def test_a_settled_portfolio_costs_the_same_reads_whatever_its_size(db, django_assert_num_queries, number):
    for _ in range(number):
        programme = make_programme()
        make_workstream(programme, lead=make_person())
    tick(NOW)

    with django_assert_num_queries(11):  # nine, in a transaction
        assert settle_next(now=NOW, limit=100) == 0


def test_many_that_settle_at_once_plan_each_letter_once(own_database):
    programme = make_programme(owner=make_person("Olive"))
    workstream = make_workstream(programme, lead=make_person("Lee"))
    PlannedReminder.objects.all().delete()
    ReminderWave.objects.all().delete()

    all_at_once([lambda: settle(programme)] * 3 + [lambda: settle_next(now=NOW, limit=100)] * 3)

    assert [row.recipient_id for row in PlannedReminder.objects.all()] == [workstream.lead_id]


def test_a_report_that_is_being_written_and_the_tick_leave_no_letter(own_database):
    lead = make_person("Lee")
    programme = make_programme(owner=make_person("Olive"))
    workstream = make_workstream(programme, lead=lead)
    PlannedReminder.objects.all().delete()

    with transaction.atomic():
        settle_chasing(programme, now=NOW)  # the tick has planned the letter, and not committed
        reporting = InThread(lambda: report(workstream, by=lead, now=NOW))
        wait_until_somebody_waits_for_a_lock(own_database)
    reporting.result()

    assert [row.state for row in PlannedReminder.objects.all()] == ["cancelled"]
