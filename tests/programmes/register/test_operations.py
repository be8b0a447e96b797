from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from partners.audit.models import AuditEvent
from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people.changes import close_accounts
from partners.people.enums import Role
from partners.people.models import Scope, User
from programmes.register.models import Lesson, Programme, ProgrammeConstraint
from programmes.register.operations import (
    change_programme,
    record_constraint,
    record_lesson,
    withdraw_constraint,
    withdraw_lesson,
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
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 16)


@pytest.fixture
def programme():
    return make_programme("Mobile officer", owner=make_person("Helen Marsh"))


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


def change(programme: Programme, by: User, **more) -> Programme:
    said: dict[str, Any] = {
        "version": programme.version,
        "name": programme.name,
        "summary": programme.summary,
        "owner_id": programme.owner_id,
    }
    return change_programme(programme_id=programme.pk, by=by, now=NOW, **(said | more))


def told(subject) -> list[tuple]:
    return [(e.action, e.summary, e.before, e.after) for e in events_about(subject.pk)]


def test_change_programme_writes_the_row_its_scope_and_one_event(programme, manager):
    owner = make_person("Owen Reid")

    changed = change(programme, manager, name="Connected officer", summary="Less\r\ndriving", owner_id=owner.pk)

    row = Programme.objects.get(pk=programme.pk)
    assert (row.name, row.summary, row.owner, row.version) == ("Connected officer", "Less\ndriving", owner, 2)
    assert (changed.version, Scope.objects.get(pk=row.scope_id).name) == (2, "Connected officer")
    assert told(programme) == [
        (
            "register.change_programme",
            "changed the name, the summary and the owner of Connected officer",
            {
                "version": 1,
                "name": "Mobile officer",
                "summary": "",
                "owner": "Helen Marsh",
                "owner_id": str(programme.owner_id),
            },
            {
                "version": 2,
                "name": "Connected officer",
                "summary": "Less\ndriving",
                "owner": "Owen Reid",
                "owner_id": str(owner.pk),
            },
        )
    ]
    assert events_about(programme.pk).get().scope_id == programme.scope_id


def test_change_from_an_old_version_tells_who_changed_what(programme, manager):
    cio = make_person("Grace Obi")
    give_role(cio, Role.CIO, Scope.objects.get(pk=programme.scope.parent_id))
    change(programme, User.objects.get(pk=cio.pk), name="Renamed", summary="Other words")

    with pytest.raises(Conflict) as conflict:
        change(programme, manager, summary="My words")

    assert conflict.value.sentence == (
        "Grace Obi changed the name and the summary of this programme while you were working on it. "
        "Nothing of yours is saved yet: compare it with what is saved now, then save again."
    )
    assert Programme.objects.get(pk=programme.pk).summary == "Other words"


def test_a_repeated_change_does_nothing_new(programme, manager):
    change(programme, manager, name="Renamed")

    repeated = change(programme, manager, name="Renamed")

    assert (repeated.version, events_about(programme.pk).count()) == (2, 1)


@pytest.mark.parametrize("typed", ["Estate", "ESTATE", " estate "])
def test_a_name_of_another_programme_of_the_portfolio_is_refused(programme, manager, typed):
    portfolio = make_portfolio()
    mine = make_programme(portfolio=portfolio)
    make_programme("Estate", portfolio=portfolio)

    with pytest.raises(Refused, match="This portfolio already has a programme called"):
        change(mine, make_cio(portfolio), name=typed, owner_id=None)


def test_a_name_may_be_used_in_two_portfolios_and_change_its_case(programme, manager):
    make_programme("Estate")

    assert change(programme, manager, name="Estate").name == "Estate"
    assert change(Programme.objects.get(pk=programme.pk), manager, name="ESTATE").name == "ESTATE"


def test_the_database_refuses_two_programmes_of_one_name(programme):
    other = make_programme("Estate").scope

    with pytest.raises(IntegrityError, match="partners_scope_name_once"), transaction.atomic():
        Scope.objects.filter(pk=programme.scope_id).update(name="ESTATE", parent_id=other.parent_id)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"summary": "x" * 2001}, "summary"),
        ({"summary": "a\x1bb"}, "summary"),
        ({"owner_id": None}, "owner"),
    ],
)
def test_change_to_what_is_not_allowed_writes_nothing(programme, manager, more, field):
    with pytest.raises(Refused) as refused:
        change(programme, manager, **more)

    assert refused.value.field == field
    assert not events_about(programme.pk).exists()


def test_an_owner_who_left_is_refused(programme, manager):
    leaver = make_person()
    close_accounts([leaver.pk], by=manager, now=NOW)

    with pytest.raises(Refused, match="The owner must be somebody with an account here"):
        change(programme, manager, owner_id=leaver.pk)


def test_an_owner_who_left_does_not_stop_other_changes(programme, manager):
    close_accounts([programme.owner_id], by=manager, now=NOW)

    assert change(programme, manager, summary="New words").summary == "New words"


@pytest.mark.parametrize("who", [make_reader, lambda programme: make_person(), lambda programme: make_administrator()])
def test_nobody_but_manager_and_cio_changes_a_programme(programme, who):
    stranger = who(programme)

    for act in (
        lambda: change(programme, stranger, name="Renamed"),
        lambda: record_constraint(programme_id=programme.pk, text="No", by=stranger, now=NOW),
        lambda: record_lesson(programme_id=programme.pk, title="No", text="No", learned_on=TODAY, by=stranger, now=NOW),
    ):
        with pytest.raises(
            NotPermitted, match="You cannot change this programme, its constraints, lessons or positions"
        ):
            act()
    assert AuditEvent.objects.count() == 0


def test_record_and_withdraw_a_constraint(programme, manager):
    constraint = record_constraint(
        programme_id=programme.pk,
        text=" It must not become privatisation. ",
        source="Board, 9 April",
        by=manager,
        now=NOW,
    )
    withdrawn = withdraw_constraint(
        programme_id=programme.pk, constraint_id=constraint.pk, by=manager, now=NOW + timedelta(days=1)
    )

    assert (withdrawn.text, withdrawn.source) == ("It must not become privatisation.", "Board, 9 April")
    assert (withdrawn.recorded_by, withdrawn.withdrawn_by) == (manager, manager)
    assert [row[:2] for row in told(constraint)] == [
        (
            "register.withdraw_constraint",
            "withdrew a constraint of Mobile officer: It must not become privatisation.",
        ),
        (
            "register.record_constraint",
            "recorded a constraint of Mobile officer: It must not become privatisation.",
        ),
    ]


def test_the_same_constraint_holds_once_and_may_return(programme, manager):
    first = record_constraint(programme_id=programme.pk, text="No privatisation", by=manager, now=NOW)

    with pytest.raises(Refused, match="This constraint is recorded already"):
        record_constraint(programme_id=programme.pk, text="no PRIVATISATION", by=manager, now=NOW)
    withdraw_constraint(programme_id=programme.pk, constraint_id=first.pk, by=manager, now=NOW)
    record_constraint(programme_id=programme.pk, text="No privatisation", by=manager, now=NOW)

    assert ProgrammeConstraint.objects.filter(programme=programme).count() == 2


def test_withdrawing_twice_tells_who_did(programme, manager):
    constraint = record_constraint(programme_id=programme.pk, text="No", by=manager, now=NOW)
    lesson = record_lesson(programme_id=programme.pk, title="A", text="B", learned_on=TODAY, by=manager, now=NOW)
    withdraw_constraint(programme_id=programme.pk, constraint_id=constraint.pk, by=manager, now=NOW)
    withdraw_lesson(programme_id=programme.pk, lesson_id=lesson.pk, by=manager, now=NOW)

    with pytest.raises(
        Refused, match=r"^Priya Nair withdrew this constraint on Wednesday 16 September 2026 already\.$"
    ):
        withdraw_constraint(programme_id=programme.pk, constraint_id=constraint.pk, by=manager, now=NOW)
    with pytest.raises(Refused, match=r"^Priya Nair withdrew this lesson on Wednesday 16 September 2026 already\.$"):
        withdraw_lesson(programme_id=programme.pk, lesson_id=lesson.pk, by=manager, now=NOW)


def test_a_constraint_is_withdrawn_under_its_own_programme_only(programme, manager):
    constraint = record_constraint(programme_id=programme.pk, text="No", by=manager, now=NOW)
    other = make_programme()

    with pytest.raises(ProgrammeConstraint.DoesNotExist):
        withdraw_constraint(programme_id=other.pk, constraint_id=constraint.pk, by=make_manager(other), now=NOW)


def test_record_and_withdraw_a_lesson(programme, manager):
    lesson = record_lesson(
        programme_id=programme.pk,
        title="Ask the night shift",
        text="They\r\nknow.",
        learned_on=TODAY,
        by=manager,
        now=NOW,
    )
    withdraw_lesson(programme_id=programme.pk, lesson_id=lesson.pk, by=manager, now=NOW)

    row = Lesson.objects.get(pk=lesson.pk)
    assert (row.title, row.text, row.learned_on, row.withdrawn_by) == (
        "Ask the night shift",
        "They\nknow.",
        TODAY,
        manager,
    )
    assert told(lesson) == [
        (
            "register.withdraw_lesson",
            "withdrew a lesson of Mobile officer: Ask the night shift",
            {"title": "Ask the night shift", "text": "They\nknow.", "learned_on": "2026-09-16"},
            None,
        ),
        (
            "register.record_lesson",
            "recorded a lesson of Mobile officer: Ask the night shift",
            None,
            {"title": "Ask the night shift", "text": "They\nknow.", "learned_on": "2026-09-16"},
        ),
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": "two\nlines"}, "title"),
        ({"title": ""}, "title"),
        ({"text": ""}, "text"),
        ({"learned_on": date(2026, 9, 17)}, "learned_on"),
        ({"learned_on": date(206, 9, 17)}, "learned_on"),
        ({"title": "taken"}, "title"),
    ],
)
def test_a_lesson_that_is_not_allowed_is_refused(programme, manager, more, field):
    record_lesson(programme_id=programme.pk, title="Taken", text="B", learned_on=TODAY, by=manager, now=NOW)

    said = {"title": "A", "text": "B", "learned_on": TODAY} | more

    with pytest.raises(Refused) as refused:
        record_lesson(programme_id=programme.pk, by=manager, now=NOW, **said)

    assert refused.value.field == field
    assert Lesson.objects.count() == 1
