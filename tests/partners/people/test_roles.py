from itertools import product

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import NotPermitted, Refused
from partners.people import operations
from partners.people.enums import HELD_AT, Role, ScopeKind
from partners.people.models import RoleHolding, User
from partners.people.operations.roles import CannotHold, EndedAlready, NotHeldHere
from partners.people.permissions import GRANTS, Action, grantable_roles, refusal_of, standing_of
from partners.people.queries import holdings_visible_to, organisation, scope_visible_to, scopes_visible_to
from partners.people.rules import LastAdministrator
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


@pytest.fixture
def programme():
    return make_programme("Digital Policing", portfolio=make_portfolio("Change"))


def grant(role, scope, by, person=None):
    return operations.grant_role(user_id=(person or make_person()).pk, role=role, scope_id=scope.pk, by=by, now=NOW)


def test_grant_role_is_recorded_where_it_counts(programme):
    alex, ama = make_administrator("Alex Morgan"), make_person("Ama Mensah")

    holding = grant(Role.PROGRAMME_MANAGER, programme.scope, alex, ama)

    assert (holding.user, holding.granted_at, holding.granted_by) == (ama, NOW, alex)
    event = AuditEvent.objects.get(subject_id=ama.pk)
    assert (event.action, event.scope_id) == ("people.grant_role", programme.scope_id)
    assert event.summary == "made Ama Mensah programme manager of Digital Policing"
    assert standing_of(User.objects.get(pk=ama.pk)).roles_at(programme.scope) == {Role.PROGRAMME_MANAGER}


@pytest.mark.parametrize(("role", "kind"), product(Role, ScopeKind))
def test_grant_role_only_where_it_is_held(programme, role, kind):
    scope = {
        ScopeKind.ORGANISATION: organisation(),
        ScopeKind.PORTFOLIO: programme.scope.parent,
        ScopeKind.PROGRAMME: programme.scope,
    }[kind]

    if kind in HELD_AT[role]:
        assert grant(role, scope, make_administrator()).role == role
    else:
        with pytest.raises(NotHeldHere, match="is held on a"):
            grant(role, scope, make_administrator())


def test_every_place_where_a_role_is_held_says_who_may_grant_it():
    assert set(GRANTS) == {(role, kind) for role, kinds in HELD_AT.items() for kind in kinds}


def test_grantable_roles_by_who_asks(programme):
    portfolio = programme.scope.parent
    elsewhere = make_programme()
    lead = give_role(make_person(), Role.WORKSTREAM_LEAD, programme.scope)
    cio = give_role(make_person(), Role.CIO, portfolio)
    manager = make_manager(programme)
    below = [Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD, Role.MODERATOR, Role.READER]

    assert grantable_roles(make_administrator(), organisation()) == [Role.ADMINISTRATOR]
    assert grantable_roles(make_administrator(), portfolio) == [Role.CIO, Role.MODERATOR, Role.READER]
    assert grantable_roles(cio, portfolio) == [Role.MODERATOR, Role.READER]
    assert grantable_roles(cio, programme.scope) == below
    assert grantable_roles(cio, elsewhere.scope) == grantable_roles(cio, organisation()) == []
    assert grantable_roles(manager, programme.scope) == below[1:]
    assert grantable_roles(manager, portfolio) == grantable_roles(manager, elsewhere.scope) == []
    assert grantable_roles(lead, programme.scope) == grantable_roles(make_reader(programme), programme.scope) == []


@pytest.mark.parametrize(
    ("roles", "others", "ask"),
    [
        ({Role.ADMINISTRATOR}, (), "Ask the administrator."),
        (
            {Role.CIO, Role.READER, Role.PROGRAMME_MANAGER},
            (),
            "Ask the Chief information officer, programme manager or read-only.",
        ),
        (
            {Role.PROGRAMME_MANAGER},
            ("the owner of the programme",),
            "Ask the programme manager or the owner of the programme.",
        ),
        (
            {Role.CIO, Role.PROGRAMME_MANAGER},
            ("the person asked",),
            "Ask the Chief information officer, programme manager or the person asked.",
        ),
        (set(), ("the person asked",), "Ask the person asked."),
        (set(), ("the person asked", "their lead"), "Ask the person asked or their lead."),
        (set(), (), "Nobody can."),
    ],
)
def test_a_refusal_names_who_may(roles, others, ask):
    action = Action("room.act", "do this", frozenset(roles), others)

    assert refusal_of(action) == f"You cannot do this. {ask}"


def test_a_manager_cannot_make_managers_nor_act_elsewhere(programme):
    manager = make_manager(programme)

    grant(Role.WORKSTREAM_LEAD, programme.scope, manager)
    grant(Role.READER, programme.scope, manager)
    with pytest.raises(NotPermitted, match="Ask the Chief information officer or administrator"):
        grant(Role.PROGRAMME_MANAGER, programme.scope, manager)
    with pytest.raises(NotPermitted):
        grant(Role.READER, make_programme().scope, manager)


def test_grant_role_again_says_so_and_writes_nothing(programme):
    alex, ama = make_administrator(), make_person("Ama")
    grant(Role.READER, programme.scope, alex, ama)

    with pytest.raises(CannotHold, match="Ama is already reader of Digital Policing"):
        grant(Role.READER, programme.scope, alex, ama)

    assert (ama.role_holdings.count(), AuditEvent.objects.filter(subject_id=ama.pk).count()) == (1, 1)


def test_grant_role_to_a_leaver_is_refused(programme):
    alex, ama = make_administrator(), make_person("Ama")
    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)

    with pytest.raises(CannotHold, match="Ama has left"):
        grant(Role.READER, programme.scope, alex, ama)


def test_end_role_keeps_when_and_by_whom(programme):
    alex, ama = make_administrator("Alex Morgan"), make_person("Ama Mensah")
    holding = grant(Role.WORKSTREAM_LEAD, programme.scope, alex, ama)

    operations.end_role(holding_id=holding.pk, by=alex, now=NOW)

    holding.refresh_from_db()
    assert (holding.ended_at, holding.ended_by) == (NOW, alex)
    event = AuditEvent.objects.filter(subject_id=ama.pk).latest("pk")
    assert event.summary == "ended the role of Ama Mensah as workstream lead of Digital Policing"
    with pytest.raises(EndedAlready):
        operations.end_role(holding_id=holding.pk, by=alex, now=NOW)
    assert grant(Role.WORKSTREAM_LEAD, programme.scope, alex, ama).pk != holding.pk


def test_end_role_needs_the_right_to_grant_it(programme):
    manager, other = make_manager(programme), make_manager(programme)
    held = RoleHolding.objects.get(user=other)

    with pytest.raises(NotPermitted):
        operations.end_role(holding_id=held.pk, by=manager, now=NOW)

    cio = give_role(make_person(), Role.CIO, programme.scope.parent)
    operations.end_role(holding_id=held.pk, by=cio, now=NOW)


def test_end_role_keeps_the_last_administrator():
    alex = make_administrator()
    held = RoleHolding.objects.get(user=alex)
    gone = make_administrator()
    User.objects.filter(pk=gone.pk).update(is_active=False)

    with pytest.raises(LastAdministrator):
        operations.end_role(holding_id=held.pk, by=alex, now=NOW)

    make_administrator()
    operations.end_role(holding_id=held.pk, by=alex, now=NOW)


def test_what_somebody_sees_of_roles(programme):
    elsewhere = make_programme()
    make_reader(elsewhere)
    manager = make_manager(programme)
    cio = give_role(make_person(), Role.CIO, programme.scope.parent)

    assert [h.user for h in holdings_visible_to(manager)] == [manager]
    assert {h.user for h in holdings_visible_to(cio)} == {manager, cio}
    assert holdings_visible_to(make_person()).count() == 0
    assert holdings_visible_to(make_administrator()).count() == 4
    assert list(scopes_visible_to(manager)) == [programme.scope]
    assert set(scopes_visible_to(cio)) == {programme.scope, programme.scope.parent}
    assert scope_visible_to(manager, programme.scope_id) == programme.scope
    assert scope_visible_to(manager, elsewhere.scope_id) is None
    assert scope_visible_to(make_person(), programme.scope_id) is None


def test_a_cio_of_another_portfolio_grants_nothing(programme):
    cio = make_cio(make_portfolio())

    with pytest.raises(NotPermitted):
        grant(Role.READER, programme.scope, cio)
    with pytest.raises(Refused):
        grant(Role.CIO, programme.scope, cio)
