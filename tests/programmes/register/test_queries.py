from datetime import date, timedelta

import pytest

from partners.people.changes import close_accounts
from partners.people.enums import Role
from partners.people.models import User
from programmes.register.enums import DeliveryModel
from programmes.register.operations import record_constraint, record_lesson, withdraw_constraint, withdraw_lesson
from programmes.register.queries import (
    constraints_of,
    constraints_visible_to,
    lessons_visible_to,
    newest_constraints_by_model,
    newest_lessons_by_model,
    programmes_visible_to,
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
)

pytestmark = pytest.mark.django_db


def test_programmes_visible_to_each_role():
    portfolio = make_portfolio()
    owner = make_person()
    first, second = make_programme("A", portfolio=portfolio), make_programme("B", portfolio=portfolio, owner=owner)
    third = make_programme("C")
    portfolio_reader = give_role(make_person(), Role.READER, portfolio.scope)

    seen = {
        who: sorted(p.name for p in programmes_visible_to(User.objects.get(pk=user.pk)))
        for who, user in {
            "administrator": make_administrator(),
            "cio": make_cio(portfolio),
            "portfolio reader": portfolio_reader,
            "manager": make_manager(first),
            "owner": owner,
            "stranger": make_person(),
            "manager elsewhere": make_manager(third),
        }.items()
    }

    assert seen == {
        "administrator": ["A", "B", "C"],
        "cio": ["A", "B"],
        "portfolio reader": ["A", "B"],
        "manager": ["A"],
        "owner": ["B"],
        "stranger": [],
        "manager elsewhere": ["C"],
    }
    assert second.owner == owner


def test_an_owner_who_left_sees_nothing():
    owner = make_person()
    make_programme(owner=owner)
    close_accounts([owner.pk], by=make_administrator(), now=NOW)

    assert list(programmes_visible_to(User.objects.get(pk=owner.pk))) == []


def test_lessons_and_constraints_of_programmes_that_may_be_seen():
    portfolio = make_portfolio()
    cio = make_cio(portfolio)
    mine, other = make_programme(portfolio=portfolio), make_programme()
    stranger = make_manager(other)
    for programme, by in ((mine, cio), (other, stranger)):
        record_lesson(
            programme_id=programme.pk, title=f"Of {programme}", text="x", learned_on=NOW.date(), by=by, now=NOW
        )
        record_constraint(programme_id=programme.pk, text=f"Of {programme}", by=by, now=NOW)
    gone = record_constraint(programme_id=mine.pk, text="Gone", by=cio, now=NOW + timedelta(hours=1))
    assert [c.text for c in constraints_of(mine)] == [f"Of {mine}", "Gone"]
    withdraw_constraint(programme_id=mine.pk, constraint_id=gone.pk, by=cio, now=NOW)

    assert [lesson.title for lesson in lessons_visible_to(cio)] == [f"Of {mine}"]
    assert [c.text for c in constraints_visible_to(cio)] == [f"Of {mine}"]
    assert [c.text for c in constraints_of(mine)] == [f"Of {mine}"]


def test_newest_lessons_by_model_are_few_and_newest_first(django_assert_num_queries):
    administrator = make_administrator()
    for model in (DeliveryModel.TASKFORCE, DeliveryModel.OTHER):
        programme = make_programme(delivery_model=model)
        by = make_manager(programme)
        for day in (1, 2, 3):
            learned_on = date(2026, 3, day)
            lesson = record_lesson(
                programme_id=programme.pk, title=f"{model} {day}", text="x", learned_on=learned_on, by=by, now=NOW
            )
            record_constraint(programme_id=programme.pk, text=f"{model} {day}", by=by, now=NOW.replace(day=day))
        withdraw_lesson(programme_id=programme.pk, lesson_id=lesson.pk, by=by, now=NOW)
    programmes_visible_to(administrator)  # reads the standing

    with django_assert_num_queries(1):
        lessons = newest_lessons_by_model(administrator, each=1)
    with django_assert_num_queries(1):
        constraints = newest_constraints_by_model(administrator, each=2)

    assert {model: [row.title for row in rows] for model, rows in lessons.items()} == {
        "taskforce": ["taskforce 2"],
        "other": ["other 2"],
    }
    assert {model: [row.text for row in rows] for model, rows in constraints.items()} == {
        "taskforce": ["taskforce 3", "taskforce 2"],
        "other": ["other 3", "other 2"],
    }
