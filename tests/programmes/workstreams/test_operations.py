"""Acts on workstreams: each exit, each stranger, what is audited, and two people at once."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people.enums import Role
from partners.people.models import RoleHolding, User
from partners.people.rules import ONE_LINE_ONLY
from programmes.workstreams.enums import Frequency, Rating, Weekday
from programmes.workstreams.models import ReportingSettings, Workstream
from programmes.workstreams.operations import (
    ClosedWorkstream,
    add_workstream,
    change_reporting_settings,
    change_workstream,
    close_workstream,
    reopen_workstream,
)
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
    report,
)

LATER = NOW + timedelta(days=1)


@pytest.fixture
def programme(db):
    return make_programme("Mobile officer")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


@pytest.fixture
def workstream(programme):
    return make_workstream(programme, "Custody tablets")


def holds_lead_role(person, programme):
    return RoleHolding.objects.filter(
        user=person, role=Role.WORKSTREAM_LEAD, scope=programme.scope, ended_at=None
    ).exists()


def afresh(person):
    """The person as the next request would load them, with their roles read again."""
    return User.objects.get(pk=person.pk)


def last_event():
    return AuditEvent.objects.order_by("-pk").first()


# Adding


def test_add_workstream_gives_its_lead_the_role_and_tells_it_once(programme, manager):
    lead = make_person("Fiona Reid")

    added = add_workstream(
        programme_id=programme.pk, name="  Custody tablets ", description="A\r\nB", lead_id=lead.pk, by=manager, now=NOW
    )

    assert (added.name, added.description, added.lead, added.started_at) == ("Custody tablets", "A\nB", lead, NOW)
    assert holds_lead_role(lead, programme)
    assert AuditEvent.objects.filter(subject_id=added.pk).count() == 1
    event = last_event()
    assert (event.actor_id, event.action, event.scope_id, event.summary) == (
        manager.pk,
        "workstreams.add_workstream",
        programme.scope_id,
        "added the workstream Custody tablets, led by Fiona Reid",
    )


def test_add_workstream_without_a_lead_gives_no_role(programme, manager):
    before = RoleHolding.objects.count()

    added = add_workstream(programme_id=programme.pk, name="Training", by=manager, now=NOW)

    assert (added.lead, RoleHolding.objects.count()) == (None, before)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("  ", "Enter a name."),
        ("Two\nlines", f"{ONE_LINE_ONLY}."),
        ("x" * 201, "Shorten a name: 200 characters at most, this has 201."),
    ],
)
def test_add_workstream_refuses_a_name_that_is_not_one_line(programme, manager, name, words):
    with pytest.raises(Refused) as refused:
        add_workstream(programme_id=programme.pk, name=name, by=manager, now=NOW)

    assert (refused.value.field, refused.value.sentence) == ("name", words)
    assert not Workstream.objects.exists()


def test_add_workstream_refuses_a_name_that_is_taken_in_other_capitals(programme, manager, workstream):
    with pytest.raises(Refused, match="has a workstream called CUSTODY TABLETS already") as refused:
        add_workstream(programme_id=programme.pk, name="CUSTODY TABLETS", by=manager, now=NOW)

    assert refused.value.field == "name"


def test_add_workstream_takes_a_name_of_another_programme(workstream):
    other = make_programme()

    added = add_workstream(programme_id=other.pk, name=workstream.name, by=make_manager(other), now=NOW)

    assert added.name == workstream.name


def test_add_workstream_refuses_a_lead_who_left(programme, manager):
    lead = make_person()
    User.objects.filter(pk=lead.pk).update(is_active=False)

    with pytest.raises(Refused, match="no account that can sign in") as refused:
        add_workstream(programme_id=programme.pk, name="Training", lead_id=lead.pk, by=manager, now=NOW)

    assert refused.value.field == "lead"


def test_the_cio_of_the_portfolio_manages_workstreams_and_others_do_not(db):
    portfolio = make_portfolio()
    programme = make_programme(portfolio=portfolio)
    strangers = [
        make_person(),
        make_reader(programme),
        make_manager(make_programme(portfolio=portfolio)),
        make_cio(make_portfolio()),
        give_role(make_person(), Role.WORKSTREAM_LEAD, programme.scope),
        make_administrator(),
    ]

    add_workstream(programme_id=programme.pk, name="Training", by=make_cio(portfolio), now=NOW)

    for stranger in strangers:
        with pytest.raises(NotPermitted, match="You cannot add, change, close or reopen workstreams"):
            add_workstream(programme_id=programme.pk, name="Network", by=stranger, now=NOW)
    assert [one.name for one in Workstream.objects.order_by("name")] == ["Training"]


# Changing


def change(workstream, by, **more):
    fields: dict[str, Any] = {
        "version": 1,
        "name": workstream.name,
        "description": "",
        "lead_id": workstream.lead_id,
        "reviewer_id": workstream.reviewer_id,
        "now": LATER,
    }
    return change_workstream(workstream_id=workstream.pk, by=by, **(fields | more))


def test_change_workstream_hands_the_role_over(programme, manager):
    old, new = make_person("Old Lead"), make_person("New Lead")
    workstream = make_workstream(programme, "Custody tablets", lead=old)

    changed = change(workstream, manager, name="Custody", description="Screens", lead_id=new.pk)

    assert (changed.name, changed.description, changed.lead, changed.version) == ("Custody", "Screens", new, 2)
    assert (holds_lead_role(old, programme), holds_lead_role(new, programme)) == (False, True)
    event = last_event()
    assert event.summary == (
        "changed the workstream Custody: renamed from Custody tablets, the lead is now New Lead and described anew"
    )
    assert event.before == {
        "version": 1,
        "name": "Custody tablets",
        "description": "",
        "lead_id": str(old.pk),
        "lead": "Old Lead",
    }


def test_a_reviewer_is_named_changed_and_taken_away(programme, manager):
    lead, reviewer = make_person("Fiona Reid"), make_reader(programme, "Sam Lee")
    added = add_workstream(
        programme_id=programme.pk, name="Cells", lead_id=lead.pk, reviewer_id=reviewer.pk, by=manager, now=NOW
    )

    assert (added.reviewer, last_event().after["reviewer"]) == (reviewer, "Sam Lee")
    assert last_event().summary == "added the workstream Cells, led by Fiona Reid, reviewed by Sam Lee"
    assert change(added, manager, reviewer_id=None).reviewer is None
    assert last_event().summary == "changed the workstream Cells: the reviewer is now nobody"
    assert last_event().before == {"version": 1, "reviewer_id": str(reviewer.pk), "reviewer": "Sam Lee"}
    with pytest.raises(Conflict, match="changed the reviewer"):
        change(added, manager, reviewer_id=reviewer.pk, version=1)
    assert change(added, manager, reviewer_id=reviewer.pk, version=2).reviewer == reviewer


def test_nobody_reviews_what_they_lead(programme, manager):
    lead, reviewer = make_person(), make_person()
    workstream = make_workstream(programme, lead=lead)
    add = {"programme_id": programme.pk, "name": "Cells", "by": manager, "now": NOW}
    events = AuditEvent.objects.count()

    for act in (
        lambda: add_workstream(lead_id=lead.pk, reviewer_id=lead.pk, **add),
        lambda: change(workstream, manager, reviewer_id=lead.pk),
        lambda: change(workstream, manager, lead_id=reviewer.pk, reviewer_id=reviewer.pk),
    ):
        with pytest.raises(Refused, match="Nobody reviews what they report themselves") as refused:
            act()
        assert refused.value.field == "reviewer"
    assert AuditEvent.objects.count() == events


def test_a_reviewer_has_an_account_unless_they_are_kept(programme, manager):
    reviewer = make_reader(programme)
    workstream = make_workstream(programme)
    change(workstream, manager, reviewer_id=reviewer.pk)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)

    workstream.refresh_from_db()
    assert change(workstream, manager, version=2, description="Screens").reviewer == reviewer
    change(workstream, manager, version=3, reviewer_id=None)
    with pytest.raises(Refused, match="The reviewer has no account") as refused:
        change(workstream, manager, version=4, reviewer_id=reviewer.pk)
    assert refused.value.field == "reviewer"


def test_change_workstream_leaves_the_role_to_who_leads_another_open_one(programme, manager):
    lead = make_person()
    first = make_workstream(programme, lead=lead)
    second = make_workstream(programme, lead=lead)

    change(first, manager, lead_id=None)
    assert holds_lead_role(lead, programme)

    change(second, manager, lead_id=None)
    assert not holds_lead_role(lead, programme)


def test_change_workstream_leaves_the_role_on_another_programme(programme, manager):
    lead, other = make_person(), make_programme()
    make_workstream(other, lead=lead)
    workstream = make_workstream(programme, lead=lead)

    change(workstream, manager, lead_id=None)

    assert (holds_lead_role(lead, programme), holds_lead_role(lead, other)) == (False, True)


def test_change_workstream_keeps_a_lead_who_left_until_somebody_else_is_named(programme, manager):
    lead = make_person()
    workstream = make_workstream(programme, lead=lead)
    User.objects.filter(pk=lead.pk).update(is_active=False)

    assert change(workstream, manager, description="Screens").lead == lead


def test_change_workstream_to_what_it_says_writes_nothing(workstream, manager):
    events = AuditEvent.objects.count()

    changed = change(workstream, manager, version=99)

    assert (changed.version, AuditEvent.objects.count()) == (1, events)


def test_change_workstream_of_another_version_names_who_changed_what(workstream, manager):
    change(workstream, manager, name="Custody")

    with pytest.raises(Conflict) as conflict:
        change(workstream, manager, name="Cells", version=1)

    assert conflict.value.sentence.startswith("Priya Nair changed the name of this workstream while you were working")
    assert Workstream.objects.get(pk=workstream.pk).name == "Custody"


def test_change_workstream_refuses_a_taken_name_a_closed_one_and_a_stranger(programme, workstream, manager):
    make_workstream(programme, "Training")

    with pytest.raises(Refused, match="has a workstream called Training already"):
        change(workstream, manager, name="Training")
    with pytest.raises(NotPermitted):
        change(workstream, make_reader(programme), name="Cells")
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)
    with pytest.raises(ClosedWorkstream, match="Ask the programme manager to reopen it"):
        change(workstream, manager, name="Cells", version=2)


# Closing and reopening


def test_close_workstream_keeps_the_reason_and_ends_the_role(programme, manager):
    lead = make_person()
    workstream = make_workstream(programme, "Custody tablets", lead=lead)

    closed = close_workstream(workstream_id=workstream.pk, reason=" Handed to operations ", by=manager, now=LATER)

    assert (closed.closed_at, closed.closed_by, closed.close_reason) == (LATER, manager, "Handed to operations")
    assert not holds_lead_role(lead, programme)
    assert last_event().summary == "closed the workstream Custody tablets: Handed to operations"


def test_reopen_workstream_gives_the_role_back(programme, manager):
    lead = make_person()
    workstream = make_workstream(programme, "Custody tablets", lead=lead)
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)

    opened = reopen_workstream(workstream_id=workstream.pk, reason="Not quite done", by=manager, now=LATER)

    assert (opened.closed_at, opened.closed_by, opened.close_reason, opened.reopened_at) == (None, None, "", LATER)
    assert holds_lead_role(lead, programme)
    assert last_event().summary == "reopened the workstream Custody tablets: Not quite done"


def test_reopen_workstream_gives_no_role_to_a_lead_who_left(programme, manager):
    lead = make_person()
    workstream = make_workstream(programme, lead=lead)
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)
    User.objects.filter(pk=lead.pk).update(is_active=False)

    reopen_workstream(workstream_id=workstream.pk, reason="Not done", by=manager, now=LATER)

    assert not holds_lead_role(lead, programme)


def test_close_and_reopen_refuse_what_makes_no_sense(programme, workstream, manager):
    with pytest.raises(Refused, match="is open already"):
        reopen_workstream(workstream_id=workstream.pk, reason="Why not", by=manager, now=NOW)
    with pytest.raises(Refused, match="Enter the reason"):
        close_workstream(workstream_id=workstream.pk, reason=" ", by=manager, now=NOW)
    with pytest.raises(NotPermitted):
        close_workstream(workstream_id=workstream.pk, reason="Done", by=make_reader(programme), now=NOW)
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)
    with pytest.raises(ClosedWorkstream, match="is closed already"):
        close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)
    with pytest.raises(Refused, match="Enter the reason"):
        reopen_workstream(workstream_id=workstream.pk, reason="", by=manager, now=NOW)
    with pytest.raises(NotPermitted):
        reopen_workstream(workstream_id=workstream.pk, reason="Again", by=make_reader(programme), now=NOW)


# The reporting day


def test_change_reporting_settings_is_told(db):
    administrator = make_administrator()

    changed = change_reporting_settings(
        frequency=Frequency.MONTHLY, weekday=Weekday.THURSDAY, version=1, by=administrator, now=NOW
    )

    assert (changed.frequency, changed.weekday, changed.version) == ("monthly", "3", 2)
    event = last_event()
    assert event.summary == "changed when reports are due to: The last Thursday of every month"
    assert event.before == {"version": 1, "frequency": "weekly", "weekday": "4"}


def test_change_reporting_settings_to_what_holds_writes_nothing(db):
    change_reporting_settings(
        frequency=Frequency.WEEKLY, weekday=Weekday.FRIDAY, version=7, by=make_administrator(), now=NOW
    )

    assert (ReportingSettings.objects.get().version, AuditEvent.objects.count()) == (1, 0)


def test_change_reporting_settings_of_another_version_conflicts(db):
    administrator = make_administrator()
    monday: dict[str, Any] = {"frequency": Frequency.WEEKLY, "weekday": Weekday.MONDAY}
    change_reporting_settings(**monday, version=1, by=administrator, now=NOW)

    with pytest.raises(Conflict, match="Nothing was saved"):
        change_reporting_settings(
            frequency=Frequency.WEEKLY, weekday=Weekday.TUESDAY, version=1, by=administrator, now=NOW
        )


def test_change_reporting_settings_by_a_manager_is_not_permitted(programme, manager):
    with pytest.raises(NotPermitted, match="Ask the administrator"):
        change_reporting_settings(frequency=Frequency.MONTHLY, weekday=Weekday.MONDAY, version=1, by=manager, now=NOW)


# Two at once, with real commits


def at_once(*acts):
    """What each act returned or raised, all begun together."""
    outcomes: list[Any] = [None] * len(acts)
    barrier = Barrier(len(acts))

    def run(place, act):
        barrier.wait()
        try:
            outcomes[place] = act()
        except Exception as problem:
            outcomes[place] = problem
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_hand_overs_at_once_do_not_spare_the_old_lead(own_database):
    programme, lead = make_programme(), make_person()
    first, second = make_workstream(programme, lead=lead), make_workstream(programme, lead=lead)
    managers = make_manager(programme), make_manager(programme)

    at_once(
        lambda: change(first, managers[0], lead_id=None),
        lambda: change(second, managers[1], lead_id=None),
    )

    assert not holds_lead_role(lead, programme)


def test_two_of_one_name_at_once_the_second_is_refused(own_database):
    programme = make_programme()
    managers = [make_manager(programme) for _ in range(2)]

    outcomes = at_once(
        *[
            lambda by=by, name=name: add_workstream(programme_id=programme.pk, name=name, by=by, now=NOW)
            for by, name in zip(managers, ("Training", "training"), strict=True)
        ]
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "Workstream"]


def test_report_builder_publishes_after_the_latest(workstream):
    report(workstream)

    assert report(workstream, Rating.RED, now=LATER).rating == Rating.RED
