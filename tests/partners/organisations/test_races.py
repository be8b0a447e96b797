from functools import partial
from uuid import uuid4

from partners.audit.rules import Refused
from partners.organisations.enums import Sector
from partners.organisations.models import Contact, Organisation
from partners.organisations.operations import add_contact, add_organisation
from tests.builders import NOW, make_administrator, make_organisation
from tests.threads import InThread


def test_the_same_request_twice_at_once_adds_one_organisation(own_database):
    by, key = make_administrator(), uuid4()

    running = [
        InThread(lambda: add_organisation(name="Alpha", sector=Sector.PRIVATE, request_key=key, by=by, now=NOW).pk)
        for _ in range(3)
    ]

    assert {each.result() for each in running} == {key}
    assert Organisation.objects.count() == 1


def test_one_address_at_two_organisations_at_once_becomes_one_contact(own_database):
    by, places = make_administrator(), [make_organisation("Alpha"), make_organisation("Beta")]

    def add(place: Organisation) -> str:
        try:
            add_contact(organisation_id=place.pk, name="Kim", email="kim@partner.example", by=by, now=NOW)
        except Refused as refused:
            return refused.sentence
        return "added"

    running = [InThread(partial(add, place)) for place in places]
    said = sorted(each.result() for each in running)

    assert said[1] == "added"
    assert said[0].startswith("Kim is a contact of ")
    assert Contact.objects.count() == 1
