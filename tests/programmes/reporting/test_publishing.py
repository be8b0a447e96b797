"""Publishing and correcting a status: what is kept, who is told, every refusal, and two at once."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people.enums import Role
from partners.people.models import RoleHolding, User
from programmes.reporting.operations import PublishedMeanwhile, correct_status_update, record_status_update
from programmes.reporting.rules import StepGiven
from programmes.workstreams.changes import ClosedWorkstream
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.operations import close_workstream
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    make_workstream,
    said_of,
)
from tests.threads import outcomes_of

LATER = NOW + timedelta(days=2)


@pytest.fixture
def programme(db):
    return make_programme("Mobile officer")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


@pytest.fixture
def workstream(programme):
    return make_workstream(programme, "Custody tablets")


def afresh(person):
    """The person as the next request would load them, with their roles read again."""
    return User.objects.get(pk=person.pk)


def last_event():
    return AuditEvent.objects.order_by("-pk").first()


def publish(workstream, by, *, rating=Rating.AMBER, **more):
    words: dict[str, Any] = {"changed": "Two of five screens work.", "steps": []}
    said = said_of(rating, by=by, now=NOW) | words | {"based_on_id": None, "request_key": uuid4(), "now": NOW} | more
    return record_status_update(workstream_id=workstream.pk, by=by, **said)


def correct(update, by, *, rating=Rating.RED, **more):
    words: dict[str, Any] = {"changed": "One of five screens works.", "steps": [], "reason": "Counted twice"}
    said = said_of(rating, by=update.reported_by, now=NOW) | words | {"request_key": uuid4(), "now": LATER} | more
    return correct_status_update(update_id=update.pk, by=by, **said)


# Publishing


def test_record_status_update_is_told_and_repeated_on_the_workstream(programme, workstream, manager):
    update = publish(
        workstream, manager, ask_kind=Ask.DECISION, ask="Which site goes first?", steps=[StepGiven(" Ask Mo ")]
    )

    workstream.refresh_from_db()
    assert (
        workstream.current_update,
        workstream.current_rating,
        workstream.current_reported_at,
        workstream.current_ask_kind,
    ) == (update, Rating.AMBER, NOW, Ask.DECISION)
    assert (update.reported_by, update.reported_at, [step.text for step in update.steps.all()]) == (
        manager,
        NOW,
        ["Ask Mo"],
    )
    event = last_event()
    assert (event.subject_id, event.scope_id, event.summary) == (
        update.pk,
        programme.scope_id,
        "reported At risk for Custody tablets, and asks for a decision",
    )
    assert (event.before, event.after) == ({"rating": None}, {"rating": "amber", "ask_kind": "decision"})


def test_record_status_update_tells_what_the_rating_was(workstream, manager):
    first = publish(workstream, manager)

    publish(workstream, manager, rating=Rating.RED, based_on_id=first.pk, now=LATER)

    assert last_event().summary == "reported Off track for Custody tablets, which was At risk"


def test_record_status_update_by_its_lead(programme):
    lead = make_person()
    workstream = make_workstream(programme, lead=lead)

    assert publish(workstream, afresh(lead)).reported_by == lead


def test_record_status_update_by_strangers_is_not_permitted(programme, workstream):
    lead_of_another = make_person()
    make_workstream(programme, lead=lead_of_another)
    only_named = make_person()  # named as lead, and the role was ended since
    named = make_workstream(programme, lead=only_named)
    RoleHolding.objects.filter(user=only_named).update(ended_at=NOW, ended_by=only_named)
    strangers = [
        (workstream, make_person()),
        (workstream, make_reader(programme)),
        (workstream, afresh(lead_of_another)),
        (workstream, make_manager(make_programme())),
        (workstream, make_administrator()),
        (workstream, give_role(make_person(), Role.CIO, programme.scope.parent)),
        (named, afresh(only_named)),
    ]

    for place, stranger in strangers:
        with pytest.raises(NotPermitted, match="Ask the person who leads it or the programme manager"):
            publish(place, stranger)
    assert not StatusUpdate.objects.exists()


def test_record_status_update_again_with_its_key_returns_the_first(workstream, manager):
    key = uuid4()
    first = publish(workstream, manager, request_key=key)

    again = publish(workstream, manager, request_key=key, changed="Other words", now=LATER)

    assert again == first
    assert (StatusUpdate.objects.count(), AuditEvent.objects.filter(subject_id=first.pk).count()) == (1, 1)


def test_record_status_update_again_with_its_key_after_it_was_closed_returns_the_first(workstream, manager):
    key = uuid4()
    first = publish(workstream, manager, request_key=key)
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=LATER)

    assert publish(workstream, manager, request_key=key) == first


def test_record_status_update_with_the_key_of_another_act_is_refused(programme, workstream, manager):
    key = uuid4()
    publish(workstream, manager, request_key=key)

    with pytest.raises(Refused, match="used for something else"):
        publish(make_workstream(programme), manager, request_key=key)
    with pytest.raises(Refused, match="used for something else"):
        publish(workstream, make_manager(programme), request_key=key)


def test_record_status_update_based_on_an_older_one_conflicts(workstream, manager):
    first = publish(workstream, manager)

    with pytest.raises(PublishedMeanwhile, match="Nothing of yours is lost"):
        publish(workstream, manager, based_on_id=None, now=LATER)
    with pytest.raises(PublishedMeanwhile):
        publish(workstream, manager, based_on_id=uuid4(), now=LATER)

    assert publish(workstream, manager, based_on_id=first.pk, now=LATER).rating == Rating.AMBER


def test_record_status_update_on_a_closed_workstream_is_refused(workstream, manager):
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)

    with pytest.raises(ClosedWorkstream):
        publish(workstream, manager)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"changed": " "}, "changed"),
        ({"changed": "x" * 2001}, "changed"),
        ({"ask_kind": Ask.ADVICE}, "ask"),
        ({"ask": "Help"}, "ask_kind"),
    ],
)
def test_record_status_update_refuses_words_at_their_field(workstream, manager, more, field):
    with pytest.raises(Refused) as refused:
        publish(workstream, manager, **more)

    assert refused.value.field == field
    assert not StatusUpdate.objects.exists()


# Correcting


def test_correct_status_update_takes_its_place_and_keeps_its_day(workstream, manager):
    wrong = publish(workstream, manager)

    correction = correct(wrong, manager)

    workstream.refresh_from_db()
    assert (workstream.current_update, workstream.current_rating) == (correction, Rating.RED)
    assert workstream.current_reported_at == NOW
    assert (correction.reported_at, correction.said_at, correction.supersedes) == (LATER, NOW, wrong)
    wrong.refresh_from_db()
    assert (wrong.rating, wrong.changed, wrong.superseded_by) == (
        Rating.AMBER,
        "Two of five screens work.",
        correction,
    )
    assert last_event().summary == "corrected the status of Custody tablets from At risk to Off track: Counted twice"


def test_correct_status_update_may_itself_be_corrected(workstream, manager):
    first = publish(workstream, manager)
    second = correct(first, manager)

    third = correct(second, manager, rating=Rating.GREEN, now=LATER + timedelta(days=1))

    assert (third.supersedes, third.said_at) == (second, NOW)


def test_correct_status_update_corrects_the_latest_only_and_once(workstream, manager):
    first = publish(workstream, manager)
    correct(first, manager)

    with pytest.raises(Conflict, match="only the latest can be corrected"):
        correct(first, manager, changed="Again.")


def test_correct_status_update_again_with_its_key_returns_the_first(workstream, manager):
    key = uuid4()
    wrong = publish(workstream, manager)
    first = correct(wrong, manager, request_key=key)

    assert correct(wrong, manager, request_key=key) == first
    assert StatusUpdate.objects.count() == 2


def test_correct_status_update_refuses_no_reason_no_difference_strangers_and_a_closed_one(workstream, manager):
    wrong = publish(workstream, manager)

    with pytest.raises(Refused, match="Enter the reason"):
        correct(wrong, manager, reason=" ")
    with pytest.raises(Refused, match="says the same"):
        correct(wrong, manager, rating=wrong.rating, changed=wrong.changed)
    with pytest.raises(Refused):
        correct(wrong, manager, ask="Help")
    with pytest.raises(NotPermitted):
        correct(wrong, make_reader(workstream.programme))
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)
    with pytest.raises(ClosedWorkstream):
        correct(wrong, manager)
    assert StatusUpdate.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programmes_statusupdate SET rating = 'green' WHERE id = %s",
        "DELETE FROM programmes_statusupdate WHERE id = %s",
    ],
)
def test_a_published_status_cannot_be_changed_by_raw_sql(workstream, manager, statement):
    update = publish(workstream, manager)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [update.pk])

    assert StatusUpdate.objects.get(pk=update.pk).rating == Rating.AMBER


def test_two_reports_at_once_the_second_is_told(own_database):
    workstream = make_workstream()
    managers = [make_manager(workstream.programme) for _ in range(4)]

    outcomes = outcomes_of([partial(publish, workstream, manager) for manager in managers])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PublishedMeanwhile"] * 3 + ["StatusUpdate"]
    assert StatusUpdate.objects.count() == 1


def test_a_report_sent_twice_at_once_is_published_once(own_database):
    workstream, key = make_workstream(), uuid4()
    manager = make_manager(workstream.programme)

    outcomes: list[Any] = outcomes_of([lambda: publish(workstream, afresh(manager), request_key=key) for _ in range(4)])

    assert {outcome.pk for outcome in outcomes} == {StatusUpdate.objects.get().pk}


def test_a_report_and_a_closing_at_once_leave_one_truth(own_database):
    workstream = make_workstream()
    first, second = make_manager(workstream.programme), make_manager(workstream.programme)

    reported, closed = outcomes_of(
        [
            lambda: publish(workstream, first),
            lambda: close_workstream(workstream_id=workstream.pk, reason="Done", by=second, now=NOW),
        ]
    )

    assert isinstance(closed, Workstream)
    assert isinstance(reported, StatusUpdate | ClosedWorkstream)
    assert StatusUpdate.objects.count() == isinstance(reported, StatusUpdate)
