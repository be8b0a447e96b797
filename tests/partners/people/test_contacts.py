"""A partner's contact is none of the staff: no role, no unit, no list, no import, no picker."""

from typing import Any

import pytest
from django import forms
from django.db import IntegrityError, transaction

from partners.audit.rules import Refused
from partners.organisations.permissions import KEEP_PARTNERS
from partners.people import operations
from partners.people.enums import Role
from partners.people.forms import PersonField
from partners.people.models import RoleHolding, User
from partners.people.operations.accounts import IsPartner
from partners.people.operations.imports import ImportRefused
from partners.people.operations.roles import CannotHold
from partners.people.permissions import can_anywhere, check_anywhere
from partners.people.queries import active_people, organisation, people
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_contact,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_unit,
    make_workstream,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim() -> User:
    return make_contact(name="Kim Sand").user


@pytest.fixture
def acted() -> dict[str, Any]:
    return {"by": make_administrator(), "now": NOW}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CIO, Role.READER])
def test_holds_no_role(kim, acted, role):
    scope = organisation() if role is Role.ADMINISTRATOR else make_portfolio().scope

    with pytest.raises(CannotHold, match="Kim Sand is a partner's contact, who can hold no role"):
        operations.grant_role(user_id=kim.pk, role=role, scope_id=scope.pk, **acted)

    assert not RoleHolding.objects.filter(user=kim).exists()


def test_is_not_made_administrator_on_the_command_line(kim):
    with pytest.raises(IsPartner, match="can hold no role"):
        operations.enter_administrator(email=kim.email, name="Kim", now=NOW)


def test_belongs_to_no_unit(kim, acted):
    with pytest.raises(IsPartner) as refused:
        operations.change_person(
            person_id=kim.pk, email=kim.email, name=kim.name, unit_id=make_unit().pk, version=kim.version, **acted
        )

    assert refused.value.field == "unit"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=kim.pk).update(unit=make_unit())


def test_is_not_marked_as_left_or_brought_back_like_staff(kim, acted):
    for act in (operations.record_leaver, operations.bring_back_person):
        with pytest.raises(IsPartner, match="End the contact, or add it again, on the page of the organisation"):
            act(person_id=kim.pk, **acted)

    assert User.objects.get(pk=kim.pk).is_active


def test_an_import_that_names_one_is_refused_whole(kim, acted):
    text = f"email,name,left\nnew@example.org,New Person,\n{kim.email},Kim,yes\n"

    with pytest.raises(ImportRefused):
        operations.import_file(text=text, source="staff.csv", **acted)

    assert not User.objects.filter(email="new@example.org").exists()
    assert User.objects.get(pk=kim.pk).is_active


def test_is_in_no_list_and_no_picker_of_staff(kim):
    person = make_person("Kim Stone")
    field = PersonField()

    assert list(people(text="kim")) == [person]
    assert kim not in active_people()
    assert kim.email not in {email for email, _ in field.suggestions()}
    with pytest.raises(forms.ValidationError):
        field.clean(kim.email)
    assert field.clean(person.email) == person.pk


def test_leads_no_workstream(kim):
    with pytest.raises(Refused, match="has no account that can sign in"):
        make_workstream(make_programme(), lead=kim)


def test_a_role_at_any_scope_counts_anywhere():
    programme = make_programme()
    may = [make_administrator(), make_cio(make_portfolio()), make_manager(programme)]
    may_not = [make_reader(programme), make_person(), make_contact().user]

    assert [can_anywhere(person, KEEP_PARTNERS) for person in may + may_not] == [True] * 3 + [False] * 3
    check_anywhere(may[0], KEEP_PARTNERS)
