from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from partners.clock.operations import set_clock
from partners.consortia.enums import RelationshipState
from partners.people.models import User
from tests.builders import (
    NOW,
    make_administrator,
    make_capability,
    make_cio,
    make_claim,
    make_consortium,
    make_contact,
    make_membership,
    make_organisation,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_relationship,
    make_term,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
API = "/api/partners"


@pytest.fixture(autouse=True)
def clock() -> None:
    set_clock(to=NOW)


class Caller:
    """Calls the API as one person; answers with status and body."""

    def __init__(self, person: User) -> None:
        self.client = Client()
        self.client.force_login(person, backend="config.accounts.Accounts")

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        answer = self.client.get(path, query)
        return answer.status_code, answer.json()

    def post(self, path: str, **sent: Any) -> tuple[int, Any]:
        answer = self.client.post(path, sent, content_type="application/json")
        return answer.status_code, answer.json()

    def patch(self, path: str, **sent: Any) -> tuple[int, Any]:
        answer = self.client.patch(path, sent, content_type="application/json")
        return answer.status_code, answer.json()


@pytest.fixture
def keeper() -> Caller:
    return Caller(make_administrator())


class TestOrganisations:
    def test_are_added_once_listed_and_changed(self, keeper):
        key = str(uuid4())
        first = keeper.post(f"{API}/organisations/", name="Alpha", sector="public", request_key=key)
        again = keeper.post(f"{API}/organisations/", name="Alpha", sector="public", request_key=key)
        changed = keeper.patch(f"{API}/organisations/{key}/", version=1, about="Radios")
        stale = keeper.patch(f"{API}/organisations/{key}/", version=1, name="Beta")

        assert first == again
        assert first[0] == 201
        assert (changed[0], changed[1]["about"], changed[1]["sector"]) == (200, "Radios", "public")
        assert stale[0] == 409
        assert "changed what is said of it of Alpha" in str(stale[1])
        assert keeper.get(f"{API}/organisations/", q="alp", sector="public")[1]["count"] == 1
        assert keeper.get(f"{API}/organisations/", sector="private")[1]["count"] == 0

    @pytest.mark.parametrize(
        "sent",
        [
            {"name": "", "sector": "public"},
            {"name": "a\nb", "sector": "public"},
            {"name": "x" * 201, "sector": "public"},
            {"name": "Alpha", "sector": "?"},
            {"name": "Alpha"},
            {"name": ["Alpha"], "sector": "public"},
            {"name": "Alpha", "sector": "public", "request_key": "x"},
            {"name": "Alpha", "sector": "public", "about": 7.5, "source": {}},
        ],
    )
    def test_refuse_bad_input(self, keeper, sent):
        assert keeper.post(f"{API}/organisations/", **sent)[0] == 400

    def test_contacts_are_added_listed_and_ended(self, keeper):
        organisation = make_organisation()
        path = f"{API}/organisations/{organisation.pk}/contacts/"
        status, contact = keeper.post(path, name="Kim Sand", email="kim@partner.example")

        assert status == 201
        assert [each["email"] for each in keeper.get(path)[1]["results"]] == ["kim@partner.example"]
        assert keeper.post(path, name="Kim", email="kim@partner.example")[0] == 409
        assert keeper.post(path, name="Kim", email="nonsense")[0] == 400
        assert keeper.post(f"{API}/contacts/{contact['id']}/end/")[0] == 200
        assert keeper.post(f"{API}/contacts/{contact['id']}/end/")[0] == 409
        assert keeper.get(path)[1]["results"] == []


class TestConsortia:
    def test_members_are_added_corrected_and_ended(self, keeper):
        alpha = make_organisation("Alpha")
        _, consortium = keeper.post(f"{API}/consortia/", name="Northern")
        path = f"{API}/consortia/{consortium['id']}/"
        sent = {"organisation": str(alpha.pk), "role": "lead", "from_on": "2026-09-01"}

        status, membership = keeper.post(f"{path}members/", **sent)
        twice = keeper.post(f"{path}members/", **sent)
        corrected = keeper.patch(f"{API}/members/{membership['id']}/", version=2, role="member")
        stale = keeper.patch(f"{API}/members/{membership['id']}/", version=2, role="adviser")
        ended = keeper.post(f"{API}/members/{membership['id']}/end/", to_on="2026-09-10")

        assert (status, twice[0], corrected[0], stale[0], ended[0]) == (201, 409, 200, 409, 200)
        assert [each["name"] for each in keeper.get(path, on="2026-09-10")[1]["members"]] == ["Alpha"]
        assert keeper.get(path, on="2026-09-11")[1]["members"] == []
        assert keeper.get(f"{path}members/")[1]["results"][0]["role"] == "member"
        assert keeper.get(path, on="2026-02-30")[0] == 400

    def test_dates_out_of_order_are_refused(self, keeper):
        consortium, alpha = make_consortium(), make_organisation()

        status, body = keeper.post(
            f"{API}/consortia/{consortium.pk}/members/",
            organisation=str(alpha.pk),
            role="member",
            from_on="2026-09-02",
            to_on="2026-09-01",
        )

        assert status == 409
        assert "The last day must be the first day or later" in str(body)


class TestCapabilities:
    def test_are_listed_renamed_claimed_and_withdrawn(self, keeper):
        _, capability = keeper.post(f"{API}/capabilities/", name="Mobile data")
        alpha = make_organisation()
        path = f"{API}/organisations/{alpha.pk}/claims/"
        sent = {"capability": capability["id"], "evidence": "Did it", "claimed_on": "2026-09-01"}

        renamed = keeper.patch(f"{API}/capabilities/{capability['id']}/", name="Data on the move")
        status, claim = keeper.post(path, **sent)

        assert (renamed[0], status, keeper.post(path, **sent)[0]) == (200, 201, 409)
        assert keeper.get(path)[1]["results"][0]["capability_name"] == "Data on the move"
        assert keeper.post(f"{API}/claims/{claim['id']}/withdraw/")[0] == 200
        assert keeper.post(f"{API}/claims/{claim['id']}/withdraw/")[0] == 409
        assert keeper.post(path, **(sent | {"claimed_on": "2026-09-17"}))[0] == 409


class TestRelationships:
    def test_are_started_set_and_seen_as_at_a_day(self):
        portfolio, alpha, owner = make_portfolio(), make_organisation("Alpha"), make_person()
        cio = Caller(make_cio(portfolio))
        sent = {
            "scope": str(portfolio.scope_id),
            "organisation": str(alpha.pk),
            "state": "available",
            "since_on": "2026-09-01",
            "expires_on": "2026-09-16",
            "owner": str(owner.pk),
        }
        status, started = cio.post(f"{API}/relationships/", **sent)
        path = f"{API}/relationships/{started['id']}/"

        assert status == 201
        assert started["standing"]["words"] == "Available until Wednesday 16 September 2026"
        assert cio.get(path, on="2026-09-17")[1]["standing"]["is_expired"] is True
        assert cio.get(path, on="2026-08-31")[0] == 404
        assert cio.get(f"{API}/relationships/", on="2026-09-17", state="expired")[1]["count"] == 1
        assert cio.get(f"{API}/relationships/", on="2026-09-17", state="available")[1]["count"] == 0
        assert cio.post(f"{API}/relationships/", **sent)[0] == 409
        assert cio.post(f"{API}/relationships/", **(sent | {"consortium": str(alpha.pk)}))[0] == 400

        called = {"state": "called_on", "since_on": "2026-09-16"}
        assert cio.post(f"{path}standings/", version=1, **called)[0] == 201
        assert cio.post(f"{path}standings/", version=1, **called)[0] == 409
        assert cio.post(f"{path}standings/", version=2, **(called | {"state": "bidding"}))[0] == 409
        assert [each["state"] for each in cio.get(f"{path}standings/")[1]["results"]] == ["called_on", "available"]

    def test_terms_are_added_and_withdrawn(self):
        portfolio = make_portfolio()
        relationship, cio = make_relationship(portfolio, make_organisation()), Caller(make_cio(portfolio))
        path, key = f"{API}/relationships/{relationship.pk}/terms/", str(uuid4())
        sent = {"kind": "other", "text": "Return the keys", "from_on": "2026-09-01", "request_key": key}

        first, again = (cio.post(path, **sent) for _ in range(2))

        assert first == again
        assert cio.get(path)[1]["count"] == 1
        assert cio.post(f"{API}/terms/{key}/withdraw/")[1]["withdrawn_at"] is not None
        assert cio.post(f"{API}/terms/{key}/withdraw/")[0] == 409

    def test_who_can_be_called_on(self):
        portfolio, capability, other = make_portfolio(), make_capability(), make_capability()
        alpha, beta = make_organisation("Alpha"), make_organisation("Beta")
        for organisation in (alpha, beta):
            make_claim(organisation, capability)
        make_term(make_relationship(portfolio, make_consortium("Group", alpha)))
        make_relationship(portfolio, beta, state=RelationshipState.EXITING, expires_on=None)
        cio = Caller(make_cio(portfolio))

        status, rows = cio.get(f"{API}/who-can/", capability=str(capability.pk))

        assert status == 200
        assert [(row["party_name"], row["fits"], row["standing"]["state"]) for row in rows] == [
            ("Group", True, "available"),
            ("Beta", False, "exiting"),
        ]
        assert rows[0]["terms"][0]["text"] == "Keep figures confidential"
        assert rows[0]["members"][0]["name"] == rows[0]["claims"][0]["organisation_name"] == "Alpha"
        both = cio.get(f"{API}/who-can/", capability=[str(capability.pk), str(other.pk)])
        assert both == (200, [])
        before = str(TODAY - timedelta(days=1))
        assert cio.get(f"{API}/who-can/", capability=str(capability.pk), known_at=before) == (200, [])
        assert cio.get(f"{API}/who-can/")[0] == 400
        assert cio.get(f"{API}/who-can/", capability="x")[0] == 400
        assert cio.get(f"{API}/who-can/", capability=str(capability.pk), nonsense="1")[0] == 400


class TestWhoMay:
    def test_a_reader_reads_and_may_change_nothing(self):
        portfolio = make_portfolio()
        relationship = make_relationship(portfolio, make_organisation("Alpha"))
        term, membership = make_term(relationship), make_membership(make_consortium())
        reader = Caller(make_reader(make_programme(portfolio=portfolio)))
        path = f"{API}/relationships/{relationship.pk}/"

        assert reader.get(path)[0] == reader.get(f"{path}terms/")[0] == reader.get(f"{API}/consortia/")[0] == 200
        standing = {"version": 1, "state": "called_on", "since_on": "2026-09-16"}
        assert reader.post(f"{path}standings/", **standing)[0] == 403
        assert reader.post(f"{API}/terms/{term.pk}/withdraw/")[0] == 403
        assert reader.post(f"{API}/members/{membership.pk}/end/", to_on="2026-09-16")[0] == 403
        assert reader.post(f"{API}/organisations/", name="Mine", sector="private")[0] == 403
        assert reader.post(f"{API}/capabilities/", name="Mine")[0] == 403

    def test_another_portfolios_relationship_is_not_found(self):
        relationship = make_relationship(make_portfolio(), make_organisation())
        stranger = Caller(make_cio(make_portfolio()))
        path = f"{API}/relationships/{relationship.pk}/"

        for page in ("", "standings/", "terms/"):
            assert stranger.get(f"{path}{page}")[0] == 404
        standing = {"version": 1, "state": "called_on", "since_on": "2026-09-16"}
        assert stranger.post(f"{path}standings/", **standing)[0] == 404
        sent = {"organisation": str(make_organisation().pk), "state": "prospect", "since_on": "2026-09-01"}
        assert stranger.post(f"{API}/relationships/", scope=str(relationship.scope_id), **sent)[0] == 404

    def test_staff_without_a_role_find_nothing(self):
        alpha = make_organisation()
        make_capability()
        nobody = Caller(make_person())

        assert nobody.get(f"{API}/organisations/")[1]["count"] == 0
        assert nobody.get(f"{API}/organisations/{alpha.pk}/")[0] == 404
        assert nobody.get(f"{API}/capabilities/")[0] == 404
        assert nobody.get("/api/own-organisation/")[0] == 404

    def test_a_contact_gets_their_own_dealings(self):
        portfolio, alpha = make_portfolio("North"), make_organisation("Alpha")
        group = make_consortium("Northern", make_organisation("Beta"), alpha)
        make_term(make_relationship(portfolio, group, owner=make_person("Ama Mensah")))
        make_relationship(portfolio, make_organisation("Gamma"))
        contact = Caller(make_contact(alpha).user)

        status, body = contact.get("/api/own-organisation/")

        assert (status, body["organisation_name"]) == (200, "Alpha")
        assert body["consortia"] == [
            {"name": "Northern", "members": [{"name": "Beta", "role": "lead"}, {"name": "Alpha", "role": "member"}]}
        ]
        (relationship,) = body["relationships"]
        assert (relationship["party_name"], relationship["owner_name"], relationship["state"]) == (
            "Northern",
            "Ama Mensah",
            "available",
        )
        assert [term["text"] for term in relationship["terms"]] == ["Keep figures confidential"]
        assert contact.get(f"{API}/consortia/{group.pk}/")[0] == 404
