"""Engagements: what is written, what is refused, by whom."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from partners.audit.rules import Conflict, NotPermitted
from programmes.engagements.changes import end_engagement
from programmes.engagements.enums import EngagementKind, EngagementState
from programmes.engagements.models import Engagement, RollOff
from programmes.engagements.operations import (
    add_engagement,
    change_engagement,
    roll_off,
    undo_roll_off,
)
from programmes.engagements.queries import (
    engagements_of,
    engagements_open_on,
    engagements_to_end,
)
from programmes.engagements.rules import Facts
from programmes.register.changes import end_programme
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_engagement,
    make_firm,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
)
from tests.programmes.engagements.outcomes import events, refusal

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)


def facts(**changed):
    said: dict[str, Any] = {
        "kind": EngagementKind.CONSULTANT,
        "who": "Design team",
        "task": "Design",
        "starts_on": TODAY,
    }
    return Facts(**(said | changed))


def add(programme, by, *, key=None, now=NOW, **changed):
    return add_engagement(programme_id=programme.pk, facts=facts(**changed), request_key=key or uuid4(), by=by, now=now)


# --- adding


def test_an_engagement_is_added_with_one_event(programme, manager):
    firm, workstream = make_firm("Northbridge"), make_workstream(programme, "Tablets")

    added = add(
        programme,
        manager,
        who=" Design team ",
        organisation_id=firm.pk,
        workstream_id=workstream.pk,
        planned_end_on=TODAY + DAY,
        source="Contract",
    )

    saved = Engagement.objects.get(pk=added.pk)
    assert (saved.who, saved.organisation, saved.workstream) == ("Design team", firm, workstream)
    assert (saved.starts_on, saved.planned_end_on, saved.ended_on, saved.version) == (TODAY, TODAY + DAY, None, 1)
    (event,) = events("engagements.add_engagement")
    assert event.summary == (
        "recorded that Design team (Northbridge) works on Custody from Wednesday 16 September 2026"
    )
    assert (event.scope_id, event.subject_id) == (programme.scope_id, added.pk)


def test_a_repeat_returns_the_first(programme, manager):
    key = uuid4()

    first, second = add(programme, manager, key=key), add(programme, manager, key=key, who="Another")

    assert first.pk == second.pk == key
    assert second.who == "Design team"
    assert len(events("engagements.add_engagement")) == 1


def test_a_key_of_another_programme_is_refused(portfolio, programme, manager):
    elsewhere = make_programme(portfolio=portfolio)
    key = add(elsewhere, make_manager(elsewhere)).pk

    assert "used for another programme" in refusal(add, programme, manager, key=key)[1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"who": ""}, "who"),
        ({"who": "two\nlines"}, "who"),
        ({"who": "x" * 201}, "who"),
        ({"task": " "}, "task"),
        ({"source": "x" * 201}, "source"),
        ({"starts_on": date(1999, 1, 1)}, "starts_on"),
        ({"planned_end_on": TODAY - DAY}, "planned_end_on"),
        ({"organisation_id": uuid4()}, "organisation"),
        ({"workstream_id": uuid4()}, "workstream"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(programme, manager, changed, field):
    assert refusal(add, programme, manager, **changed)[0] == field
    assert not Engagement.objects.exists()
    assert not events("engagements.add_engagement")


def test_a_workstream_of_another_programme_is_refused(portfolio, programme, manager):
    elsewhere = make_workstream(make_programme(portfolio=portfolio))

    assert refusal(add, programme, manager, workstream_id=elsewhere.pk)[0] == "workstream"


def test_nobody_starts_in_a_programme_that_ended(ended):
    by = make_manager(ended)

    assert refusal(add, ended, by)[1].startswith("Old radios ended on Wednesday 16 September 2026. Nothing new starts")


def test_who_may(portfolio, programme):
    def may(user):
        try:
            add(programme, user)
        except NotPermitted:
            return False
        return True

    assert [may(user) for user in (make_manager(programme), make_cio(portfolio))] == [True, True]
    others = [
        make_reader(programme),
        make_person(),
        make_administrator(),
        make_manager(make_programme()),
        make_cio(make_portfolio()),
    ]
    assert [may(user) for user in others] == [False] * 5


# --- changing


def change(engagement, by, version, **changed):
    return change_engagement(engagement_id=engagement.pk, version=version, facts=facts(**changed), by=by, now=NOW + DAY)


def test_a_change_tells_what_changed(programme, manager):
    added = add(programme, manager)

    changed = change(added, manager, 1, who="Design team, four people", planned_end_on=TODAY + DAY)

    assert (changed.version, Engagement.objects.get().who) == (2, "Design team, four people")
    (event,) = events("engagements.change_engagement")
    assert event.summary == ("changed who it is and the planned last day of the engagement of Design team, four people")
    assert event.before == {"version": 1, "who": "Design team", "planned_end_on": None}


def test_a_change_of_nothing_writes_nothing(programme, manager):
    added = add(programme, manager)

    assert change(added, manager, 99).version == 1
    assert not events("engagements.change_engagement")


def test_the_second_of_two_is_told_who_changed_what(programme, manager):
    added = add(programme, manager)
    change(added, manager, 1, task="Build")

    with pytest.raises(Conflict, match="Grace Adeyemi changed the task of this engagement"):
        change(added, make_manager(programme), 1, who="Other")

    roll_off(engagement_id=added.pk, ended_on=TODAY, reason="Done", by=manager, now=NOW)
    with pytest.raises(Conflict, match="Grace Adeyemi changed the last day of this engagement"):
        change(added, manager, 2, who="Other")


def test_the_first_day_stays_before_the_last(programme, manager):
    engagement = make_engagement(programme, "Design team", starts_on=TODAY - DAY, ended_on=TODAY)

    field, sentence = refusal(change, engagement, manager, 2, starts_on=TODAY + DAY)

    assert field == "starts_on"
    assert "rolled off on Wednesday 16 September 2026" in sentence


# --- rolling off


def end(engagement, by, on=TODAY, reason="The work is done", now=NOW):
    return roll_off(engagement_id=engagement.pk, ended_on=on, reason=reason, by=by, now=now)


def state_on(programme, day):
    return engagements_of(programme, on=day).get().state


def test_a_roll_off_ends_with_its_last_day(programme, manager):
    engagement = make_engagement(programme, "Design team", starts_on=TODAY - DAY)

    end(engagement, manager)

    assert [state_on(programme, TODAY + n * DAY) for n in (-2, -1, 0, 1)] == [
        EngagementState.COMING,
        EngagementState.RUNNING,
        EngagementState.RUNNING,
        EngagementState.PAST,
    ]
    open_on = [engagements_open_on(programme, TODAY + n * DAY).count() for n in (-2, -1, 0, 1)]
    assert open_on == [0, 1, 1, 0]
    assert events("engagements.roll_off")[0].summary == (
        "rolled off Design team, last day Wednesday 16 September 2026, because: The work is done"
    )


def test_a_last_day_ahead_is_a_planned_roll_off(programme, manager):
    engagement = make_engagement(programme, "Design team")

    end(engagement, manager, on=TODAY + 10 * DAY)

    assert [engagements_open_on(programme, TODAY + n * DAY).count() for n in (0, 10, 11)] == [1, 1, 0]
    assert events("engagements.roll_off")[0].summary.startswith("planned the roll-off of Design team")


def test_a_planned_end_that_passes_ends_nothing(programme):
    make_engagement(programme, planned_end_on=TODAY - DAY)

    assert engagements_open_on(programme, TODAY).count() == 1


def test_what_has_not_begun_is_called_off_and_never_ran(programme, manager):
    engagement = make_engagement(programme, "Design team", starts_on=TODAY + 5 * DAY)
    assert engagements_open_on(programme, TODAY).count() == 0
    assert engagements_to_end(programme, TODAY).count() == 1

    end(engagement, manager)

    assert {state_on(programme, TODAY + n * DAY) for n in (0, 5, 9)} == {EngagementState.CALLED_OFF}
    assert engagements_to_end(programme, TODAY - DAY).count() == 0
    assert events("engagements.roll_off")[0].summary.startswith("called off the engagement of Design team")


def test_a_roll_off_is_refused_without_reason_twice_or_before_the_start(programme, manager):
    engagement = make_engagement(programme, "Design team")

    assert refusal(end, engagement, manager, reason=" ")[0] == "reason"
    assert refusal(end, engagement, manager, reason="x" * 301)[0] == "reason"
    assert refusal(end, engagement, manager, on=date(2026, 8, 31))[0] == "ended_on"
    assert not RollOff.objects.exists()
    end(engagement, manager)
    assert "undo it first" in refusal(end, engagement, manager)[1]
    assert (RollOff.objects.count(), len(events("engagements.roll_off"))) == (1, 1)


def test_an_undone_roll_off_stays_on_record(programme, manager):
    engagement = make_engagement(programme, "Design team", ended_on=TODAY)

    undone = undo_roll_off(engagement_id=engagement.pk, reason="Wrong team", by=manager, now=NOW + DAY)

    assert (undone.ended_on, undone.end_reason) == (None, "")
    assert engagements_open_on(programme, TODAY + DAY).count() == 1
    rows = list(RollOff.objects.order_by("number").values_list("number", "ended_on", "reason"))
    assert rows == [(1, TODAY, "The work is done"), (2, None, "Wrong team")]
    assert "nothing to undo" in refusal(undo_roll_off, engagement_id=engagement.pk, reason="x", by=manager, now=NOW)[1]
    assert len(events("engagements.undo_roll_off")) == 1


def test_a_roll_off_is_not_undone_in_a_programme_that_ended(programme, manager):
    engagement = make_engagement(programme, ended_on=TODAY)
    with transaction.atomic():
        end_programme(programme, on=TODAY, reason="Done", by=manager, now=NOW)

    sentence = refusal(undo_roll_off, engagement_id=engagement.pk, reason="x", by=manager, now=NOW)[1]

    assert sentence.startswith("Custody ended on")
    assert Engagement.objects.get().ended_on == TODAY


def test_a_decision_moves_a_last_day_that_was_set_before(programme, manager):
    engagement, decision = make_engagement(programme, ended_on=TODAY + 30 * DAY), uuid4()

    with transaction.atomic():
        end_engagement(engagement, on=TODAY, reason="The programme ends", by=manager, now=NOW, decision_id=decision)

    latest = RollOff.objects.order_by("-number")[0]
    assert (latest.number, latest.ended_on, latest.decision_id) == (2, TODAY, decision)
    assert Engagement.objects.get().ended_on == TODAY


@pytest.mark.parametrize("act", [end, lambda one, by: undo_roll_off(engagement_id=one.pk, reason="x", by=by, now=NOW)])
def test_a_reader_sets_no_last_day(programme, act):
    engagement = make_engagement(programme)

    with pytest.raises(NotPermitted):
        act(engagement, make_reader(programme))
