"""Reminders of due days: planned, planned anew and ended, exactly."""

from datetime import date, datetime, timedelta

import pytest

from partners.clock.rules import instant, local_date
from programmes.raid.enums import RaidKind
from programmes.raid.operations import reopen_entry
from programmes.raid.rules import REMINDED_AT
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder
from programmes.reminders.operations import queue_due
from tests.builders import NOW, make_cio, make_manager, make_person, make_reader
from tests.builders.raid import close_raid, raise_raid, turn_raid
from tests.programmes.raid.test_operations import changed

pytestmark = pytest.mark.django_db
BEFORE, DUE, OVERDUE = date(2026, 9, 18), date(2026, 9, 23), date(2026, 9, 25)


def planned(entry):
    """Day and person of each reminder that is still planned, in time order."""
    rows = PlannedReminder.objects.filter(wave__subject_id=entry.pk, state=ReminderState.PLANNED)
    found = rows.select_related("recipient").order_by("due_at", "recipient__name")
    return [(local_date(row.due_at), row.recipient.name) for row in found]


@pytest.fixture
def owner(programme):
    return make_reader(programme, "Olu Owner")


@pytest.fixture
def action(programme, manager, owner):
    return raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=owner.pk, due_on=DUE)


AS_PLANNED = [(BEFORE, "Olu Owner"), (DUE, "Olu Owner"), (OVERDUE, "Grace Adeyemi")]


def test_the_owner_is_reminded_twice_and_the_manager_of_what_is_overdue(action):
    assert planned(action) == AS_PLANNED


def test_a_risk_that_is_looked_at_again_is_reminded_of_and_one_without_a_day_is_not(programme, manager, owner):
    looked_at = raise_raid(programme, by=manager, owner_id=owner.pk, due_on=DUE)

    assert planned(looked_at) == AS_PLANNED
    assert planned(raise_raid(programme, by=manager, owner_id=owner.pk)) == []


def test_without_an_owner_only_what_is_overdue_is_told(programme, manager):
    assert planned(raise_raid(programme, by=manager, due_on=DUE)) == [(OVERDUE, "Grace Adeyemi")]


def test_without_a_manager_the_owner_of_the_programme_is_told_and_without_one_the_cio(programme, portfolio):
    cio = make_cio(portfolio, "Cy Cio")
    assert planned(raise_raid(programme, by=cio, due_on=DUE)) == [(OVERDUE, "Cy Cio")]
    programme.owner = make_person("Pat Programme-Owner")
    programme.save()

    assert planned(raise_raid(programme, by=cio, due_on=DUE)) == [(OVERDUE, "Pat Programme-Owner")]


def test_what_is_over_already_is_not_planned(programme, manager, owner):
    due_today = raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=owner.pk, due_on=NOW.date())

    assert planned(due_today) == [(date(2026, 9, 18), "Grace Adeyemi")]


def test_closing_ends_them_and_reopening_plans_them_anew(action, manager):
    close_raid(action, by=manager)
    assert planned(action) == []
    ended = PlannedReminder.objects.filter(wave__subject_id=action.pk)
    assert {row.state_reason for row in ended} == {"AC1 was closed."}

    reopen_entry(entry_id=action.pk, reason="Not done", by=manager, now=NOW)

    assert planned(action) == AS_PLANNED


def test_moving_the_day_moves_them(action, manager):
    changed(action, by=manager, due_on=date(2026, 10, 1))

    assert planned(action) == [
        (date(2026, 9, 28), "Olu Owner"),
        (date(2026, 10, 1), "Olu Owner"),
        (date(2026, 10, 5), "Grace Adeyemi"),
    ]


def test_another_owner_is_reminded_in_place_of_the_first(action, programme, manager):
    changed(action, by=manager, owner_id=make_reader(programme, "Ned New").pk)

    assert planned(action) == [(BEFORE, "Ned New"), (DUE, "Ned New"), (OVERDUE, "Grace Adeyemi")]


def test_a_change_that_they_do_not_speak_of_leaves_them_alone(action, manager):
    before = set(PlannedReminder.objects.values_list("pk", "state"))

    changed(action, by=manager, description="More", is_in_report=True)

    assert set(PlannedReminder.objects.values_list("pk", "state")) == before


def test_turning_an_issue_ends_its_own(programme, manager, owner):
    issue = raise_raid(programme, RaidKind.ISSUE, by=manager, owner_id=owner.pk, due_on=DUE)

    turn_raid(issue, RaidKind.ACTION, by=manager)

    assert planned(issue) == []


def at(day: date) -> datetime:
    return instant(day, REMINDED_AT) + timedelta(minutes=1)


def test_the_mail_says_what_is_due_and_leads_to_the_entry(action):
    assert queue_due(now=at(BEFORE), limit=10).queued == 1

    message = PlannedReminder.objects.get(state=ReminderState.QUEUED).message
    assert message
    assert message.recipient.name == "Olu Owner"
    assert message.subject == "Action AC1 is due on Wednesday 23 September 2026"
    assert "Tablets come late" in message.text
    assert f"/raid/{action.pk}/" in message.text


def test_somebody_who_may_no_longer_see_the_programme_gets_nothing(action, owner, manager):
    owner.role_holdings.update(ended_at=NOW, ended_by=manager)

    settled = queue_due(now=at(BEFORE), limit=10)

    assert (settled.queued, settled.cancelled) == (0, 1)
    gone = PlannedReminder.objects.get(state=ReminderState.CANCELLED)
    assert gone.state_reason == "The person may no longer see the programme."


def test_a_later_one_takes_the_place_of_those_that_nobody_sent(action, manager):
    make_manager(action.programme)

    settled = queue_due(now=at(OVERDUE), limit=10)

    assert (settled.queued, settled.expired) == (1, 2)
