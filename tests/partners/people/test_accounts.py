from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people import operations
from partners.people.enums import Role
from partners.people.models import BrowserSession, User
from partners.people.operations.accounts import AddressTaken, LeftAlready, NotAgainstOneself
from partners.people.operations.tokens import create_token
from partners.people.permissions import is_administrator
from partners.people.queries import organisation, token_with_secret
from partners.people.rules import LastAdministrator
from tests.builders import NOW, give_role, make_administrator, make_person, make_programme, make_unit

pytestmark = pytest.mark.django_db


def events(subject):
    return list(
        AuditEvent.objects.filter(subject_id=subject.pk)
        .order_by("pk")
        .values_list("actor_name", "action", "summary", "before", "after")
    )


def test_add_person_adds_an_account_without_a_password():
    alex, unit = make_administrator("Alex Morgan"), make_unit()

    person = operations.add_person(email=" Ama@Example.org ", name="Ama Mensah", unit_id=unit.pk, by=alex, now=NOW)

    person.refresh_from_db()
    assert (person.email, person.name, person.unit, person.joined_at) == ("ama@example.org", "Ama Mensah", unit, NOW)
    assert (person.is_active, person.has_usable_password()) == (True, False)
    assert EmailAddress.objects.get(user=person).verified
    after = {"name": "Ama Mensah", "email": "ama@example.org", "unit": unit.code, "version": 1}
    assert events(person) == [("Alex Morgan", "people.add_person", "added Ama Mensah", None, after)]


def test_add_person_twice_tells_who_has_the_address():
    alex, ama = make_administrator(), make_person("Ama Mensah")

    with pytest.raises(AddressTaken) as refused:
        operations.add_person(email=ama.email.upper(), name="Ama", unit_id=None, by=alex, now=NOW)

    assert (refused.value.field, "Ama Mensah has an account" in refused.value.sentence) == ("email", True)
    assert events(ama) == []


def test_add_person_with_the_address_of_a_leaver_says_to_bring_them_back():
    alex, ama = make_administrator(), make_person("Ama Mensah")
    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)

    with pytest.raises(AddressTaken, match="Bring them back"):
        operations.add_person(email=ama.email, name="Ama", unit_id=None, by=alex, now=NOW)


def test_add_person_to_an_unknown_unit_is_refused():
    with pytest.raises(Refused, match="no such unit"):
        operations.add_person(email="a@example.org", name="A", unit_id=uuid4(), by=make_administrator(), now=NOW)

    assert not User.objects.filter(email="a@example.org").exists()


def test_change_person_changes_the_address_of_sign_in_too():
    alex, ama, unit = make_administrator("Alex Morgan"), make_person("Ama Mensah"), make_unit()
    old = ama.email

    operations.change_person(
        person_id=ama.pk, email="Ama@New.example", name="Ama Boateng", unit_id=unit.pk, version=1, by=alex, now=NOW
    )

    ama.refresh_from_db()
    assert (ama.email, ama.name, ama.unit, ama.version) == ("ama@new.example", "Ama Boateng", unit, 2)
    assert EmailAddress.objects.get(user=ama).email == "ama@new.example"
    [(_, action, summary, before, after)] = events(ama)
    assert (action, summary) == ("people.change_person", "changed the account of Ama Boateng")
    assert before == {"name": "Ama Mensah", "email": old, "unit": None, "version": 1}
    assert after == {"name": "Ama Boateng", "email": "ama@new.example", "unit": unit.code, "version": 2}


def test_change_person_from_an_old_version_tells_who_changed_what():
    alex, bo, ama = make_administrator("Alex Morgan"), make_administrator("Bo Lind"), make_person("Ama")
    change = partial(operations.change_person, person_id=ama.pk, email=ama.email, unit_id=None, version=1, now=NOW)
    change(name="Ama Boateng", by=alex)

    with pytest.raises(Conflict) as conflict:
        change(name="Ama Osei", by=bo)

    assert conflict.value.sentence.startswith("Alex Morgan changed the name of the account of Ama Boateng while")
    assert User.objects.get(pk=ama.pk).name == "Ama Boateng"


def test_change_person_to_an_address_in_use_is_refused():
    alex, ama, bo = make_administrator(), make_person(), make_person()

    with pytest.raises(AddressTaken):
        operations.change_person(
            person_id=ama.pk, email=bo.email, name=ama.name, unit_id=None, version=1, by=alex, now=NOW
        )


def test_record_leaver_shuts_everything_at_once():
    alex, programme = make_administrator("Alex Morgan"), make_programme()
    ama = give_role(make_person("Ama Mensah"), Role.WORKSTREAM_LEAD, programme.scope)
    stays = give_role(make_person(), Role.WORKSTREAM_LEAD, programme.scope)
    secret = create_token(name="Figures", days=30, by=ama, now=NOW).secret
    client, other = Client(), Client()
    client.force_login(ama)
    other.force_login(stays)
    assert client.get("/account/").status_code == 200

    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)

    ama.refresh_from_db()
    assert (ama.is_active, ama.left_at, ama.left_by, ama.version) == (False, NOW, alex, 2)
    assert [(h.ended_at, h.ended_by) for h in ama.role_holdings.all()] == [(NOW, alex)]
    assert token_with_secret(secret, now=NOW) is None
    assert ama.api_tokens.get().revoked_at == NOW
    assert client.get("/account/").headers["Location"].startswith("/accounts/login/")
    assert not BrowserSession.objects.filter(user=ama).exists()
    assert other.get("/account/").status_code == 200
    assert stays.role_holdings.get().ended_at is None
    assert events(ama)[-1] == ("Alex Morgan", "people.record_leaver", "marked Ama Mensah as left", None, {"version": 2})


def test_record_leaver_twice_says_so_and_records_once():
    alex, ama = make_administrator(), make_person("Ama")
    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)

    with pytest.raises(LeftAlready, match="already marked as left"):
        operations.record_leaver(person_id=ama.pk, by=alex, now=NOW + timedelta(days=1))

    ama.refresh_from_db()
    assert (ama.left_at, len(events(ama))) == (NOW, 1)


def test_record_leaver_refuses_oneself():
    alex = make_administrator()
    make_administrator()

    with pytest.raises(NotAgainstOneself):
        operations.record_leaver(person_id=alex.pk, by=alex, now=NOW)


def test_record_leaver_keeps_the_last_administrator():
    """Asked by one who was shut out after their own request had begun."""
    alex, bo = make_administrator(), make_administrator()
    assert is_administrator(bo)
    operations.record_leaver(person_id=bo.pk, by=alex, now=NOW)

    with pytest.raises(LastAdministrator):
        operations.record_leaver(person_id=alex.pk, by=bo, now=NOW)


def test_bring_back_person_opens_the_account_and_nothing_more():
    alex, programme = make_administrator("Alex Morgan"), make_programme()
    ama = give_role(make_person("Ama Mensah"), Role.WORKSTREAM_LEAD, programme.scope)
    ama.set_password("a long password of old")
    ama.save()
    Authenticator.objects.create(user=ama, type=Authenticator.Type.TOTP, data={"secret": "x"})
    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)

    operations.bring_back_person(person_id=ama.pk, by=alex, now=NOW)

    ama.refresh_from_db()
    assert (ama.is_active, ama.left_at, ama.left_by, ama.version) == (True, None, None, 3)
    assert not ama.has_usable_password()
    assert not ama.role_holdings.filter(ended_at=None).exists()
    assert not Authenticator.objects.filter(user=ama).exists()
    assert events(ama)[-1][1:3] == ("people.bring_back_person", "brought Ama Mensah back")


def test_bring_back_person_who_is_here_is_refused():
    with pytest.raises(Refused, match="has not left"):
        operations.bring_back_person(person_id=make_person().pk, by=make_administrator(), now=NOW)


def test_remove_second_step_lets_the_password_alone_do():
    alex, ama = make_administrator(), make_person("Ama")
    Authenticator.objects.create(user=ama, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=ama, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})

    operations.remove_second_step(person_id=ama.pk, by=alex, now=NOW)

    assert not Authenticator.objects.filter(user=ama).exists()
    assert events(ama)[-1][2] == "removed the authenticator app of Ama"
    with pytest.raises(Refused, match="uses no authenticator app"):
        operations.remove_second_step(person_id=ama.pk, by=alex, now=NOW)


def test_remove_second_step_of_oneself_is_refused():
    alex = make_administrator()

    with pytest.raises(NotAgainstOneself):
        operations.remove_second_step(person_id=alex.pk, by=alex, now=NOW)


def test_enter_administrator_makes_the_first_one():
    person = operations.enter_administrator(email="First@example.org", name="Alex Morgan", now=NOW)

    assert person.email == "first@example.org"
    assert is_administrator(person)
    assert events(person)[0][0] == "The product"


def test_enter_administrator_gives_the_role_to_somebody_who_is_there():
    ama = make_person("Ama Mensah")

    person = operations.enter_administrator(email=ama.email, name="Another Name", now=NOW)

    assert (person, person.name, is_administrator(person)) == (ama, "Ama Mensah", True)
    with pytest.raises(Refused, match="administrator already"):
        operations.enter_administrator(email=ama.email, name="Ama", now=NOW)


def test_enter_administrator_refuses_a_leaver():
    ama = make_person()
    operations.record_leaver(person_id=ama.pk, by=make_administrator(), now=NOW)

    with pytest.raises(LeftAlready):
        operations.enter_administrator(email=ama.email, name="Ama", now=NOW)


@pytest.mark.parametrize("role", [None, Role.CIO, Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD, Role.READER])
def test_only_administrators_keep_accounts(role):
    programme = make_programme()
    scope = programme.scope.parent if role is Role.CIO else programme.scope
    stranger = give_role(make_person(), role, scope) if role else make_person()
    ama, left = make_person(), make_person()
    operations.record_leaver(person_id=left.pk, by=make_administrator(), now=NOW)
    acts = [
        lambda: operations.add_person(email="x@example.org", name="X", unit_id=None, by=stranger, now=NOW),
        lambda: operations.change_person(
            person_id=ama.pk, email=ama.email, name="X", unit_id=None, version=1, by=stranger, now=NOW
        ),
        lambda: operations.record_leaver(person_id=ama.pk, by=stranger, now=NOW),
        lambda: operations.bring_back_person(person_id=left.pk, by=stranger, now=NOW),
        lambda: operations.remove_second_step(person_id=ama.pk, by=stranger, now=NOW),
    ]

    for act in acts:
        with pytest.raises(NotPermitted, match=r"You cannot manage people, units and roles\. Ask the administrator\."):
            act()

    assert User.objects.get(pk=ama.pk).version == 1
    assert events(ama) == []


def test_the_organisation_has_one_scope():
    assert organisation().parent is None
