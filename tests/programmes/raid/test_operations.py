"""Raising, changing, closing, reopening and turning entries: each refusal, who may, and what is kept."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people.enums import Role
from programmes.raid.changes import add_action
from programmes.raid.enums import Origin, RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.operations import change_entry, finish_entry, raise_entry, reopen_entry, turn_entry
from programmes.raid.rules import Facts
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    make_workstream,
)
from tests.builders.raid import close_raid, facts, raise_raid, turn_raid

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)


def changed(entry, *, by, version=None, **said):
    saved = Facts(
        title=entry.title,
        description=entry.description,
        owner_id=entry.owner_id,
        workstream_id=entry.workstream_id,
        is_in_report=entry.is_in_report,
        due_on=entry.due_on,
        likelihood=entry.likelihood,
        impact=entry.impact,
        residual_likelihood=entry.residual_likelihood,
        residual_impact=entry.residual_impact,
        response=entry.response,
    )
    return change_entry(
        entry_id=entry.pk, version=version or entry.version, facts=replace(saved, **said), by=by, now=NOW
    )


def test_numbers_count_within_programme_and_kind(programme, portfolio, manager):
    first = raise_raid(programme, by=manager)
    others = [raise_raid(programme, kind, by=manager) for kind in RaidKind]
    elsewhere = raise_raid(make_programme(portfolio=portfolio))

    assert [entry.reference for entry in (first, *others, elsewhere)] == ["R1", "R2", "AS1", "I1", "AC1", "R1"]


def test_a_risk_without_a_score_after_treatment_keeps_the_first(programme, manager):
    risk = raise_raid(programme, by=manager, likelihood=4, impact=3)

    assert risk.residual_score
    assert (risk.residual_likelihood, risk.residual_impact, risk.residual_score.words) == (4, 3, "High, 12 of 25")


def test_a_repeat_returns_the_first_and_writes_nothing(programme, manager):
    key = uuid4()
    first = raise_raid(programme, by=manager, request_key=key)

    again = raise_raid(programme, by=manager, request_key=key, title="Something else")

    assert (again.pk, again.title, RaidEntry.objects.count()) == (first.pk, "Tablets come late", 1)
    assert AuditEvent.objects.filter(action="raid.raise_entry").count() == 1


def test_a_key_of_another_programme_is_refused(programme, portfolio, manager):
    entry = raise_raid(make_programme(portfolio=portfolio))

    with pytest.raises(Refused, match="used for something else"):
        raise_raid(programme, by=manager, request_key=entry.pk)


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        (RaidKind.RISK, {"title": "  "}, "title"),
        (RaidKind.RISK, {"title": "x" * 201}, "title"),
        (RaidKind.RISK, {"title": "Two\nlines"}, "title"),
        (RaidKind.RISK, {"description": "x" * 4001}, "description"),
        (RaidKind.RISK, {"description": "bell \x07"}, "description"),
        (RaidKind.RISK, {"due_on": TODAY - DAY}, "due_on"),
        (RaidKind.RISK, {"due_on": date(2100, 1, 1)}, "due_on"),
        (RaidKind.RISK, {"likelihood": 9}, "likelihood"),
        (RaidKind.ACTION, {"due_on": None}, "due_on"),
        (RaidKind.ACTION, {"owner_id": None}, "owner"),
        (RaidKind.ACTION, {"impact": 1}, "impact"),
        (RaidKind.RISK, {"owner_id": uuid4()}, "owner"),
        (RaidKind.RISK, {"workstream_id": uuid4()}, "workstream"),
        (RaidKind.RISK, {"parent_id": uuid4()}, "parent"),
        (RaidKind.ACTION, {"parent_id": uuid4()}, "parent"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(programme, manager, kind, said, field):
    with pytest.raises(Refused) as refused:
        raise_raid(programme, kind, by=manager, **said)

    assert (refused.value.field, RaidEntry.objects.count()) == (field, 0)


def test_an_owner_who_may_not_see_the_programme_is_refused(programme, manager):
    stranger = make_person("Sam Stranger")

    with pytest.raises(Refused, match="somebody who may see this programme"):
        raise_raid(programme, by=manager, owner_id=stranger.pk)

    owner = raise_raid(programme, by=manager, owner_id=make_reader(programme).pk).owner
    assert owner
    assert owner.is_active


def test_a_workstream_or_a_parent_of_another_programme_is_refused(programme, portfolio, manager):
    other = make_programme(portfolio=portfolio)
    elsewhere, risk = make_workstream(other), raise_raid(other)

    with pytest.raises(Refused, match="workstream of this programme"):
        raise_raid(programme, by=manager, workstream_id=elsewhere.pk)
    with pytest.raises(Refused, match="open risk, assumption or issue of this programme"):
        raise_raid(programme, RaidKind.ACTION, by=manager, parent_id=risk.pk)


def test_nothing_is_raised_changed_turned_or_reopened_in_a_programme_that_ended_but_entries_are_closed(
    programme, manager
):
    risk, closed = raise_raid(programme, by=manager), raise_raid(programme, by=manager)
    close_raid(closed, by=manager)
    programme.ended_on, programme.ended_at, programme.ended_by = TODAY, NOW, manager
    programme.end_reason = "Done"
    programme.save()

    acts = [
        lambda: raise_raid(programme, by=manager),
        lambda: changed(risk, by=manager, title="Other"),
        lambda: turn_raid(risk, RaidKind.ISSUE, by=manager),
        lambda: reopen_entry(entry_id=closed.pk, reason="Again", by=manager, now=NOW),
    ]
    for act in acts:
        with pytest.raises(Refused, match="ended on Wednesday 16 September 2026"):
            act()
    assert close_raid(risk, by=manager, outcome="The programme ended").closed_at == NOW


@pytest.mark.parametrize("role", [Role.PROGRAMME_MANAGER, Role.CIO])
def test_who_manages_the_programme_raises_and_changes_anything(programme, portfolio, role):
    by = make_cio(portfolio) if role == Role.CIO else make_manager(programme)

    entry = changed(raise_raid(programme, by=by), by=by, title="Tablets never come")

    assert (entry.title, entry.version) == ("Tablets never come", 2)


def test_a_lead_raises_what_is_theirs_or_of_their_workstream_and_nothing_else(programme, workstream, lead):
    other = make_workstream(programme, "Radios")

    raise_raid(programme, by=lead, owner_id=lead.pk)
    raise_raid(programme, by=lead, workstream_id=workstream.pk)
    others: list[dict[str, Any]] = [{}, {"workstream_id": other.pk}, {"owner_id": make_manager(programme).pk}]
    for said in others:
        with pytest.raises(NotPermitted, match="a workstream that you lead"):
            raise_raid(programme, by=lead, **said)
    assert RaidEntry.objects.count() == 2


def test_a_lead_changes_what_is_theirs_or_of_their_workstream_and_nothing_else(programme, workstream, lead, manager):
    of_theirs = raise_raid(programme, by=manager, workstream_id=workstream.pk)
    of_others = raise_raid(programme, by=manager)

    assert changed(of_theirs, by=lead, title="Other").title == "Other"
    with pytest.raises(
        NotPermitted, match="its owner, the lead of its workstream or the workstream lead who raised it"
    ):
        changed(of_others, by=lead, title="Other")


def test_an_owner_closes_their_own_action_and_no_other(programme, manager):
    reader = make_reader(programme)
    own = raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=reader.pk)
    other = raise_raid(programme, RaidKind.ACTION, by=manager)

    assert close_raid(own, by=reader).outcome == "It went well"
    with pytest.raises(NotPermitted):
        close_raid(other, by=reader)


def test_an_owner_who_lost_sight_of_the_programme_changes_nothing(programme, manager):
    reader = make_reader(programme)
    own = raise_raid(programme, by=manager, owner_id=reader.pk)
    reader.role_holdings.update(ended_at=NOW, ended_by=manager)

    with pytest.raises(NotPermitted):
        close_raid(own, by=type(reader).objects.get(pk=reader.pk))


@pytest.mark.parametrize("who", ["reader", "administrator", "stranger", "manager of another"])
def test_others_raise_change_turn_and_reopen_nothing(programme, portfolio, manager, who):
    people = {
        "reader": lambda: make_reader(programme),
        "administrator": make_administrator,
        "stranger": make_person,
        "manager of another": lambda: make_manager(make_programme(portfolio=portfolio)),
    }
    by, risk = people[who](), raise_raid(programme, by=manager)
    closed = close_raid(raise_raid(programme, by=manager), by=manager)
    acts = [
        lambda: raise_raid(programme, by=by),
        lambda: changed(risk, by=by, title="Other"),
        lambda: close_raid(risk, by=by),
        lambda: turn_raid(risk, RaidKind.ISSUE, by=by),
        lambda: reopen_entry(entry_id=closed.pk, reason="Again", by=by, now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotPermitted):
            act()
    assert RaidEntry.objects.count() == 2


def test_a_change_that_changes_nothing_writes_nothing_whatever_the_version(programme, manager):
    risk = raise_raid(programme, by=manager)

    same = changed(risk, by=manager, version=99)

    assert (same.version, AuditEvent.objects.filter(action="raid.change_entry").count()) == (1, 0)


def test_an_old_version_is_told_who_changed_what(programme, manager):
    risk = raise_raid(programme, by=manager)
    changed(risk, by=manager, title="Tablets never come")

    with pytest.raises(Conflict, match="Grace Adeyemi changed the title of R1 while you were working on it"):
        changed(risk, by=manager, description="More")


def test_a_closed_entry_is_not_changed_closed_or_turned_but_reopened(programme, manager):
    risk = close_raid(raise_raid(programme, by=manager), by=manager)

    with pytest.raises(Refused, match=r"R1 is closed\. Reopen it first"):
        changed(risk, by=manager, title="Other")
    with pytest.raises(Conflict, match="R1 is closed already: It went well"):
        close_raid(risk, by=manager)
    with pytest.raises(Conflict, match="R1 is closed already"):
        turn_raid(risk, RaidKind.ISSUE, by=manager)

    opened = reopen_entry(entry_id=risk.pk, reason="It came back", by=manager, now=NOW)

    assert (opened.closed_at, opened.outcome, opened.version) == (None, "", 3)
    event = AuditEvent.objects.get(action="raid.reopen_entry")
    assert event.summary == "reopened risk R1, Tablets come late, because: It came back"
    assert event.before == {"outcome": "It went well"}


def test_an_open_entry_is_not_reopened_and_a_reason_is_needed(programme, manager):
    risk = raise_raid(programme, by=manager)

    with pytest.raises(Refused, match="R1 is open already"):
        reopen_entry(entry_id=risk.pk, reason="Again", by=manager, now=NOW)
    close_raid(risk, by=manager)
    with pytest.raises(Refused, match="Enter why it is reopened"):
        reopen_entry(entry_id=risk.pk, reason=" ", by=manager, now=NOW)


@pytest.mark.parametrize("outcome", ["", "x" * 301, "Two\nlines"])
def test_an_outcome_is_one_line(programme, manager, outcome):
    risk = raise_raid(programme, by=manager)

    with pytest.raises(Refused) as refused:
        finish_entry(entry_id=risk.pk, version=1, outcome=outcome, by=manager, now=NOW)

    assert refused.value.field == "outcome"


@pytest.mark.parametrize(
    ("kind", "into", "outcome"),
    [
        (RaidKind.RISK, RaidKind.ISSUE, "Became I1"),
        (RaidKind.ASSUMPTION, RaidKind.RISK, "Became R1"),
        (RaidKind.ASSUMPTION, RaidKind.ISSUE, "Became I1"),
        (RaidKind.ISSUE, RaidKind.ACTION, "Became AC1"),
    ],
)
def test_one_turns_into_another_and_both_are_linked(programme, manager, kind, into, outcome):
    entry = raise_raid(programme, kind, by=manager)

    made = turn_raid(entry, into, by=manager)

    entry.refresh_from_db()
    assert (made.kind, made.turned_from, made.parent) == (into, entry, None)
    assert (entry.outcome, entry.closed_at, entry.closed_by) == (outcome, NOW, manager)
    assert AuditEvent.objects.filter(action="raid.turn_entry").count() == 1


def test_a_source_that_is_kept_open_is_treated_by_its_action(programme, manager):
    issue = raise_raid(programme, RaidKind.ISSUE, by=manager)

    action = turn_raid(issue, RaidKind.ACTION, by=manager, keeps_open=True)

    issue.refresh_from_db()
    assert (action.parent, action.turned_from, issue.closed_at, issue.version) == (issue, issue, None, 2)


@pytest.mark.parametrize(
    ("kind", "into"),
    [
        (kind, into)
        for kind in RaidKind
        for into in RaidKind
        if (kind, into) not in {("risk", "issue"), ("assumption", "risk"), ("assumption", "issue"), ("issue", "action")}
    ],
)
def test_every_other_turn_is_refused(programme, manager, kind, into):
    entry = raise_raid(programme, kind, by=manager)

    with pytest.raises(Refused, match="does not turn into"):
        turn_raid(entry, into, by=manager)

    assert RaidEntry.objects.get().closed_at is None


def test_a_repeated_turn_returns_the_first(programme, manager):
    risk, key = raise_raid(programme, by=manager), uuid4()
    said: dict[str, Any] = {"entry_id": risk.pk, "version": 1, "into": RaidKind.ISSUE, "facts": facts(RaidKind.ISSUE)}

    first = turn_entry(**said, request_key=key, by=manager, now=NOW)
    again = turn_entry(**said, request_key=key, by=manager, now=NOW)

    assert (again.pk, RaidEntry.objects.count()) == (first.pk, 2)


def test_a_turn_that_is_refused_leaves_the_first_open(programme, manager):
    risk = raise_raid(programme, by=manager)

    with pytest.raises(Refused) as refused:
        turn_entry(
            entry_id=risk.pk,
            version=1,
            into=RaidKind.ISSUE,
            facts=Facts(title="Late"),
            request_key=uuid4(),
            by=manager,
            now=NOW,
        )

    assert (refused.value.field, RaidEntry.objects.get().closed_at) == ("impact", None)


def test_an_action_that_comes_out_of_something_else_names_it(programme, manager):
    origin_id = uuid4()
    with transaction.atomic():
        action = add_action(
            programme,
            title="Assure the plan",
            owner=manager,
            due_on=TODAY + DAY,
            origin=Origin.ASSURANCE,
            origin_id=origin_id,
            by=manager,
            now=NOW,
        )

    assert (action.reference, action.origin, action.origin_id) == ("AC1", Origin.ASSURANCE, origin_id)


def test_a_person_of_the_portfolio_may_own_an_entry(programme, portfolio, manager):
    reader = give_role(make_person(), Role.READER, portfolio.scope)

    assert raise_raid(programme, by=manager, owner_id=reader.pk).owner == reader


def test_raising_is_on_record_once(programme, manager):
    risk = raise_entry(
        programme_id=programme.pk, kind=RaidKind.RISK, facts=facts(), request_key=uuid4(), by=manager, now=NOW
    )

    event = AuditEvent.objects.get(action="raid.raise_entry")
    assert (event.subject_id, event.scope_id) == (risk.pk, programme.scope_id)
    assert event.summary == "raised risk R1, Tablets come late"
