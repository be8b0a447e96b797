from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.organisations.enums import Sector
from partners.organisations.models import Contact, Organisation
from partners.organisations.operations import (
    EndedAlready,
    NameTaken,
    NotAContact,
    add_contact,
    add_organisation,
    change_organisation,
    end_contact,
)
from partners.organisations.queries import contacts_of, organisations_visible_to
from partners.people.models import ApiToken, User
from partners.people.operations import create_token
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_contact,
    make_manager,
    make_organisation,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
)

pytestmark = pytest.mark.django_db


def add(by: User, **more: Any) -> Organisation:
    said: dict[str, Any] = {"name": "Alpha", "sector": Sector.PUBLIC, "about": "", "source": ""}
    return add_organisation(by=by, now=NOW, **(said | more))


def change(organisation: Organisation, by: User, **more: Any) -> Organisation:
    said: dict[str, Any] = {
        "name": organisation.name,
        "sector": Sector(organisation.sector),
        "version": organisation.version,
    }
    return change_organisation(organisation_id=organisation.pk, by=by, now=NOW, **(said | more))


def contact(organisation: Organisation, by: User, **more: Any) -> Contact:
    said = {"name": "Kim Sand", "email": "Kim@Partner.example", "job_title": "Director"}
    return add_contact(organisation_id=organisation.pk, by=by, now=NOW, **(said | more))


class TestAddOrganisation:
    def test_writes_the_row_and_one_event(self):
        by = make_cio(make_portfolio())

        found = add(by, name="  Alpha  ", about="Radios.\r\nAnd more.", source="Notice")

        saved = Organisation.objects.get(pk=found.pk)
        assert (saved.name, saved.sector, saved.about, saved.source, saved.version) == (
            "Alpha",
            "public",
            "Radios.\nAnd more.",
            "Notice",
            1,
        )
        event = events_about(saved.pk).get()
        assert (event.action, event.summary) == ("organisations.add_organisation", "added the organisation Alpha")

    @pytest.mark.parametrize("role", ["manager", "reader", "nobody", "contact"])
    def test_is_for_administrators_cios_and_programme_managers(self, role):
        programme = make_programme()
        people = {
            "manager": lambda: make_manager(programme),
            "reader": lambda: make_reader(programme),
            "nobody": make_person,
            "contact": lambda: make_contact().user,
        }
        person = people[role]()

        if role == "manager":
            assert add(person).name == "Alpha"
            return
        with pytest.raises(NotPermitted, match="You cannot keep organisations, consortia and capabilities"):
            add(person)
        assert not Organisation.objects.filter(name="Alpha").exists()

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "two\nlines"}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"name": "northSHIRE radio"}, "name"),
            ({"about": "a\x07b"}, "about"),
            ({"about": "x" * 2001}, "about"),
            ({"source": "x" * 201}, "source"),
        ],
    )
    def test_refuses_what_is_not_allowed_or_taken(self, said, field):
        make_organisation("Northshire Radio")

        with pytest.raises(Refused) as refused:
            add(make_administrator(), **said)

        assert refused.value.field == field
        assert Organisation.objects.count() == 1

    def test_a_repeat_returns_the_first(self):
        by, key = make_administrator(), uuid4()
        first = add(by, request_key=key)

        again = add(by, request_key=key, name="Other")

        assert (again.pk, again.name) == (first.pk, "Alpha") == (key, "Alpha")
        assert events_about(key).count() == 1


class TestChangeOrganisation:
    def test_changes_what_differs_and_says_so(self):
        by, found = make_administrator(), make_organisation("Alpha")

        changed = change(found, by, name="Alpha Group", about="Radios")

        assert (changed.name, changed.about, changed.version) == ("Alpha Group", "Radios", 2)
        event = events_about(found.pk)[0]
        assert event.summary == "changed the name and what is said of it of Alpha Group"
        assert event.before == {"version": 1, "name": "Alpha", "about": ""}

    def test_the_second_of_two_is_told_who_changed_what(self):
        first, found = make_administrator("Ama Mensah"), make_organisation("Alpha")
        change(found, first, name="Beta")

        with pytest.raises(Conflict, match="Ama Mensah changed the name of Beta while you were working on it"):
            change(found, make_administrator(), about="Mine")

        assert Organisation.objects.get(pk=found.pk).about == ""

    def test_saying_the_same_changes_nothing_whatever_the_version(self):
        found = make_organisation("Alpha")

        change(found, make_administrator(), version=99)

        assert events_about(found.pk).count() == 1

    def test_refuses_the_name_of_another_and_keeps_its_own_in_other_letters(self):
        make_organisation("Beta")
        found, by = make_organisation("Alpha"), make_administrator()

        with pytest.raises(NameTaken):
            change(found, by, name="BETA")
        assert change(found, by, name="ALPHA").name == "ALPHA"


class TestContacts:
    def test_a_contact_gets_an_account_of_a_partner_without_a_password(self):
        organisation = make_organisation()

        found = contact(organisation, make_administrator())

        user = User.objects.get(pk=found.user_id)
        assert (user.email, user.name, user.is_partner, user.unit, user.is_active) == (
            "kim@partner.example",
            "Kim Sand",
            True,
            None,
            True,
        )
        assert not user.has_usable_password()
        assert [each.pk for each in contacts_of([organisation.pk])] == [found.pk]
        assert events_about(organisation.pk)[0].summary == f"made Kim Sand a contact of {organisation}"

    def test_an_address_of_the_staff_is_refused(self):
        person = make_person("Sam Field")

        with pytest.raises(NotAContact, match="Sam Field has an account of the staff") as refused:
            contact(make_organisation(), make_administrator(), email=person.email.upper())

        assert refused.value.field == "email"
        assert not User.objects.get(pk=person.pk).is_partner

    def test_a_contact_of_another_organisation_is_refused_by_its_name(self):
        by = make_administrator()
        contact(make_organisation("Alpha"), by)

        with pytest.raises(NotAContact, match="Kim Sand is a contact of Alpha already"):
            contact(make_organisation("Beta"), by)

        assert Contact.objects.count() == 1

    def test_ending_shuts_the_account_at_once(self):
        found = make_contact()
        client = Client()
        client.force_login(found.user, backend="config.accounts.Accounts")
        create_token(name="A script", days=30, by=found.user, now=NOW)
        assert client.get("/your-organisation/").status_code == 200

        ended = end_contact(contact_id=found.pk, by=make_administrator("Ama Mensah"), now=NOW)

        user = User.objects.get(pk=found.user_id)
        assert (ended.ended_at, user.is_active, user.left_at) == (NOW, False, NOW)
        assert not user.browser_sessions.exists()
        assert ApiToken.objects.get(user=user).revoked_at == NOW
        assert client.get("/your-organisation/").status_code == 302
        assert not contacts_of([found.organisation_id]).exists()

    def test_ending_twice_says_who_did_it(self):
        found, by = make_contact(), make_administrator("Ama Mensah")
        end_contact(contact_id=found.pk, by=by, now=NOW)

        with pytest.raises(EndedAlready, match="Ama Mensah ended this contact already"):
            end_contact(contact_id=found.pk, by=by, now=NOW)

        assert events_about(found.organisation_id).filter(action="organisations.end_contact").count() == 1

    def test_an_ended_contact_comes_back_elsewhere_without_the_old_password(self):
        by = make_administrator()
        found = contact(make_organisation("Alpha"), by)
        found.user.set_password("correct horse battery")
        found.user.save()
        end_contact(contact_id=found.pk, by=by, now=NOW)

        again = contact(make_organisation("Beta"), by, name="Kim Sand-Lowe")

        user = User.objects.get(pk=found.user_id)
        assert (again.user_id, user.is_active, user.left_at, user.name) == (user.pk, True, None, "Kim Sand-Lowe")
        assert not user.has_usable_password()

    def test_a_repeat_returns_the_first(self):
        organisation, by, key = make_organisation(), make_administrator(), uuid4()
        first = contact(organisation, by, request_key=key)

        assert contact(organisation, by, request_key=key).pk == first.pk
        assert Contact.objects.count() == 1

    @pytest.mark.parametrize("person", ["reader", "contact"])
    def test_ending_is_for_who_keeps_partners(self, person):
        found = make_contact()
        by = make_reader(make_programme()) if person == "reader" else found.user

        with pytest.raises(NotPermitted):
            end_contact(contact_id=found.pk, by=by, now=NOW)

        assert User.objects.get(pk=found.user_id).is_active


def test_organisations_are_seen_by_whoever_holds_a_role_and_nobody_else():
    organisation = make_organisation()

    assert organisation in organisations_visible_to(make_reader(make_programme()))
    assert not organisations_visible_to(make_person()).exists()
    assert not organisations_visible_to(make_contact(organisation).user).exists()
