"""Two people at once, in threads with real commits."""

from collections.abc import Callable
from datetime import date
from functools import partial

from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people import operations
from partners.people.enums import Role
from partners.people.models import Office, OfficeHolding, RoleHolding, Unit, User
from partners.people.queries import administrators, organisation
from partners.people.queries.imports import plan_of
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_office,
    make_person,
    make_portfolio,
    make_programme,
    make_unit,
)
from tests.threads import InThread


def at_once(*acts: Callable[[], object]) -> list[Refused | NotPermitted | None]:
    """Runs the acts in threads of their own; what each raised, or None."""

    def raised_by(act: Callable[[], object]) -> Refused | NotPermitted | None:
        try:
            act()
        except (Refused, NotPermitted) as refused:
            return refused
        return None

    running = [InThread(partial(raised_by, act)) for act in acts]
    return [each.result() for each in running]


def test_two_administrators_who_shut_each_other_out_leave_one(own_database):
    alex, bo = make_administrator(), make_administrator()

    raised = at_once(
        lambda: operations.record_leaver(person_id=bo.pk, by=alex, now=NOW),
        lambda: operations.record_leaver(person_id=alex.pk, by=bo, now=NOW),
    )

    assert len(administrators()) == 1
    assert sorted(each is None for each in raised) == [False, True]


def test_two_administrators_who_end_each_others_role_leave_one(own_database):
    alex, bo = make_administrator(), make_administrator()
    held = {each.user_id: each.pk for each in RoleHolding.objects.all()}

    at_once(
        lambda: operations.end_role(holding_id=held[bo.pk], by=alex, now=NOW),
        lambda: operations.end_role(holding_id=held[alex.pk], by=bo, now=NOW),
    )

    assert len(administrators()) == 1


def test_two_names_for_the_organisation_at_once_leave_the_first_and_a_conflict(own_database):
    alex, was = make_administrator(), organisation().name
    rename = partial(operations.rename_organisation, was=was, by=alex, now=NOW)

    raised = at_once(partial(rename, name="North"), partial(rename, name="South"))

    assert sorted(isinstance(each, Conflict) for each in raised) == [False, True]
    assert organisation().name == ("North" if raised[0] is None else "South")


def test_a_person_added_twice_at_once_is_there_once(own_database):
    alex = make_administrator()
    add = partial(operations.add_person, email="ama@example.org", name="Ama", unit_id=None, by=alex, now=NOW)

    raised = at_once(add, add)

    assert User.objects.filter(email="ama@example.org").count() == 1
    assert sorted(each is None for each in raised) == [False, True]


def test_a_role_given_twice_at_once_is_held_once(own_database):
    alex, ama, scope = make_administrator(), make_person(), make_programme().scope
    give = partial(operations.grant_role, user_id=ama.pk, role=Role.READER, scope_id=scope.pk, by=alex, now=NOW)

    raised = at_once(give, give)

    assert ama.role_holdings.count() == 1
    assert sorted(each is None for each in raised) == [False, True]


def test_a_role_given_to_somebody_who_is_leaving_does_not_stay(own_database):
    alex, ama, scope = make_administrator(), make_person(), make_programme().scope

    at_once(
        lambda: operations.grant_role(user_id=ama.pk, role=Role.READER, scope_id=scope.pk, by=alex, now=NOW),
        lambda: operations.record_leaver(person_id=ama.pk, by=alex, now=NOW),
    )

    ama.refresh_from_db()
    assert (ama.is_active, ama.role_holdings.filter(ended_at=None).count()) == (False, 0)


def test_two_units_moved_below_each_other_at_once_make_no_circle(own_database):
    alex, a, b = make_administrator(), make_unit(), make_unit()

    def move(unit, parent):
        return lambda: operations.change_unit(
            unit_id=unit.pk, code=unit.code, name=unit.name, parent_id=parent.pk, version=1, by=alex, now=NOW
        )

    raised = at_once(move(a, b), move(b, a))

    assert Unit.objects.exclude(parent=None).count() == 1
    assert sorted(each is None for each in raised) == [False, True]


def test_an_import_confirmed_twice_at_once_is_done_once(own_database):
    alex = make_administrator()
    text = "code,name\nA,Alpha\n"
    kept = operations.keep_import(text=text, file_name="units.csv", by=alex, now=NOW)
    digest = plan_of(text, by=alex).digest
    confirm = partial(operations.apply_import, import_id=kept.pk, digest=digest, by=alex, now=NOW)

    raised = at_once(confirm, confirm)

    assert Unit.objects.filter(code="A").count() == 1
    assert sorted(isinstance(each, Conflict) for each in raised) == [False, True]


def test_two_holders_of_an_office_at_once_leave_one(own_database):
    portfolio = make_portfolio()
    office, cio = make_office(scope=portfolio.scope), make_cio(portfolio)
    hold = partial(operations.add_holding, office_id=office.pk, from_on=date(2026, 5, 1), by=cio, now=NOW)

    raised = at_once(partial(hold, holder_name="Ann"), partial(hold, holder_name="Ben"))

    [left] = OfficeHolding.objects.all()
    [refused] = [each for each in raised if each]
    assert refused.sentence.startswith(f"{left.holder_name} holds this office from Friday 1 May 2026.")


def test_two_offices_that_name_each_other_at_once_make_no_circle(own_database):
    portfolio = make_portfolio()
    cio = make_cio(portfolio)
    one, two = (make_office(title, scope=portfolio.scope) for title in ("One", "Two"))

    def follow(office, successor):
        operations.change_office(
            office_id=office.pk,
            version=1,
            title=office.title,
            body=office.body,
            established_on=None,
            abolished_on=None,
            successor_id=successor.pk,
            clerk_id=None,
            source="",
            by=cio,
            now=NOW,
        )

    raised = at_once(partial(follow, one, two), partial(follow, two, one))

    assert [each.field for each in raised if isinstance(each, Refused)] == ["successor"]
    assert Office.objects.exclude(successor=None).count() == 1
