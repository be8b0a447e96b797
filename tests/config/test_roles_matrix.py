import re

import pytest
from django.core.management import CommandError, call_command

from config import roles_matrix
from partners.people.enums import HELD_AT, Role, ScopeKind
from partners.people.models import User
from partners.people.permissions import Action, can
from partners.people.queries import organisation
from tests.builders import give_role, make_person, make_programme

ACTIONS = {action.key: action for declared in roles_matrix.actions().values() for action in declared}


def table():
    """What docs/roles.md says: (key of the action, role) -> may."""
    columns: list[str] = []
    said: dict[tuple[str, str], bool] = {}
    for line in roles_matrix.FILE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "may":
            assert cells[-1] == "Also"
            columns = cells[1:-1]
        elif key := re.search(r"\(`([a-z_.]+)`\)$", cells[0]):
            said |= {(key[1], role): mark == "yes" for role, mark in zip(columns, cells[1:-1], strict=True)}
    return said


def test_the_file_is_current():
    assert roles_matrix.FILE.read_text() == roles_matrix.as_markdown(), "Run: manage.py roles_matrix --write"


def test_the_table_names_every_action_and_every_role():
    assert {key for key, _ in table()} == set(ACTIONS)
    assert {role for _, role in table()} == {role.label for role in Role}
    assert len(ACTIONS) > 10


def test_the_table_says_who_may_without_a_role(monkeypatch):
    asked = Action("reviews.answer", "answer what was asked", frozenset(), others=("the person asked", "their lead"))
    monkeypatch.setattr(roles_matrix, "actions", lambda: {"programmes.reviews": [asked]})

    rows = roles_matrix.as_markdown().splitlines()

    nobody = " | ".join("no" for _ in Role)
    assert rows[-1] == f"| answer what was asked (`reviews.answer`) | {nobody} | the person asked, their lead |"


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_what_the_table_says_is_what_is_permitted(role):
    """Asked on a programme of the portfolio where the role is held, and somewhere else, where only administrators may."""
    programme, elsewhere = make_programme(), make_programme()
    kind = min(HELD_AT[role], key=list(ScopeKind).index)
    places = {
        ScopeKind.ORGANISATION: organisation(),
        ScopeKind.PORTFOLIO: programme.scope.parent,
        ScopeKind.PROGRAMME: programme.scope,
    }
    person = give_role(make_person(), role, places[kind])

    permitted = {key: can(person, action, programme.scope) for key, action in ACTIONS.items()}
    permitted_elsewhere = {key: can(person, action, elsewhere.scope) for key, action in ACTIONS.items()}

    assert permitted == {key: table()[key, role.label] for key in ACTIONS}
    assert permitted_elsewhere == {key: role is Role.ADMINISTRATOR and may for key, may in permitted.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_ended_or_whose_holder_left_permits_nothing(role):
    programme = make_programme()
    kind = min(HELD_AT[role], key=list(ScopeKind).index)
    scope = organisation() if kind == ScopeKind.ORGANISATION else programme.scope
    ended, left = give_role(make_person(), role, scope), give_role(make_person(), role, scope)
    ended.role_holdings.update(ended_at=ended.joined_at, ended_by=ended)
    User.objects.filter(pk=left.pk).update(is_active=False)

    for person in (User.objects.get(pk=ended.pk), User.objects.get(pk=left.pk)):
        assert not any(can(person, action, programme.scope) for action in ACTIONS.values())


def test_the_command_prints_writes_and_checks(tmp_path, monkeypatch, capsys):
    call_command("roles_matrix")
    assert capsys.readouterr().out == roles_matrix.as_markdown()
    monkeypatch.setattr("config.management.commands.roles_matrix.FILE", tmp_path / "roles.md")

    call_command("roles_matrix", "--write")

    assert (tmp_path / "roles.md").read_text() == roles_matrix.as_markdown()
    call_command("roles_matrix", "--check")
    (tmp_path / "roles.md").write_text("old")
    with pytest.raises(CommandError, match="not current"):
        call_command("roles_matrix", "--check")
