from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.clock.operations import set_clock
from partners.consortia.enums import MemberRole, RelationshipState
from partners.consortia.models import (
    Capability,
    CapabilityClaim,
    Consortium,
    ConsortiumMembership,
    Relationship,
    RelationshipStanding,
    RelationshipTerm,
)
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


@pytest.fixture(autouse=True)
def clock() -> None:
    set_clock(to=NOW)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="config.accounts.Accounts")
    return client


def boxes(name: str, day: date) -> dict[str, Any]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestRelationships:
    def test_the_list_says_where_each_stands_as_at_a_day(self):
        portfolio = make_portfolio("North")
        make_relationship(portfolio, make_organisation("Alpha"), expires_on=TODAY)
        client = signed_in(make_cio(portfolio))

        today, tomorrow = (text(client.get("/partners/", {"on": str(TODAY + timedelta(days=days))})) for days in (0, 1))
        before = text(client.get("/partners/?on=2026-08-31"))

        assert "Alpha" in today
        assert "(expired)" not in today
        assert "Available until Wednesday 16 September 2026 (expired)" in tomorrow
        assert '<strong class="govuk-tag govuk-tag--green' not in tomorrow
        assert "No relationship fits" in before

    def test_the_empty_list_says_what_to_do(self):
        portfolio = make_portfolio()

        may, may_not = (
            text(signed_in(person).get("/partners/"))
            for person in (make_cio(portfolio), make_reader(make_programme(portfolio=portfolio)))
        )

        assert "Add the organisations and consortia that you deal with" in may
        assert "Start a relationship" not in may_not

    def test_a_filter_that_cannot_be_read_is_told_and_everything_shown(self):
        portfolio = make_portfolio()
        make_relationship(portfolio, make_organisation("Alpha"))

        answer = signed_in(make_cio(portfolio)).get("/partners/", {"scope": "x", "state": "?", **boxes_of_nonsense()})

        assert answer.status_code == 200
        assert "There is a problem" in text(answer)
        assert "Alpha" in text(answer)

    def test_is_started_and_set_on_the_pages(self):
        portfolio, owner = make_portfolio(), make_person("Ama Mensah")
        client, alpha, key = signed_in(make_cio(portfolio)), make_organisation("Alpha"), uuid4()
        sent = {
            "scope": portfolio.scope_id,
            "party": f"organisation_id {alpha.pk}",
            "state": "available",
            **boxes("since_on", TODAY),
            "owner": owner.email,
            "request_key": key,
        }

        missing = client.post("/partners/relationships/new/", sent)
        started = client.post("/partners/relationships/new/", sent | boxes("expires_on", TODAY + timedelta(days=90)))

        assert missing.status_code == 409
        assert "Enter the last day on which the partner is available" in text(missing)
        assert started.headers["Location"] == f"/partners/relationships/{key}/"
        page = text(client.get(f"/partners/relationships/{key}/"))
        assert "Available until Tuesday 15 December 2026" in page
        assert "Ama Mensah" in page

        form = text(client.get(f"/partners/relationships/{key}/standing/"))
        assert "Contracted" not in form
        sent = {"version": 1, "state": "called_on", **boxes("since_on", TODAY), "note": "For tablets"}
        assert client.post(f"/partners/relationships/{key}/standing/", sent).status_code == 302
        assert "For tablets" in text(client.get(f"/partners/relationships/{key}/"))

    def test_whoever_read_an_older_standing_is_told_and_may_save_again(self):
        portfolio = make_portfolio()
        relationship = make_relationship(portfolio, make_organisation("Alpha"))
        client = signed_in(make_cio(portfolio))
        path = f"/partners/relationships/{relationship.pk}/standing/"
        sent = {"version": 1, "state": "called_on", **boxes("since_on", TODAY)}
        client.post(path, sent)

        again = client.post(path, sent | {"state": "exiting"})

        assert again.status_code == 409
        assert "changed the standing of the relationship with Alpha" in text(again)
        assert 'name="version" value="2"' in text(again)
        assert RelationshipStanding.objects.count() == 2

    def test_terms_are_added_and_withdrawn(self):
        portfolio = make_portfolio()
        relationship = make_relationship(portfolio, make_organisation())
        client = signed_in(make_cio(portfolio))
        sent = {"kind": "other", "text": "Return the keys", **boxes("from_on", TODAY), "request_key": uuid4()}

        client.post(f"/partners/relationships/{relationship.pk}/terms/new/", sent)
        term = RelationshipTerm.objects.get()
        confirm = client.get(f"/partners/terms/{term.pk}/withdraw/")
        client.post(f"/partners/terms/{term.pk}/withdraw/")
        twice = client.post(f"/partners/terms/{term.pk}/withdraw/")

        assert "Return the keys" in text(confirm)
        assert "Withdrawn" in text(client.get(f"/partners/relationships/{relationship.pk}/"))
        assert twice.status_code == 409

    @pytest.mark.parametrize("page", ["", "standing/", "terms/new/"])
    def test_another_portfolios_is_not_found_and_a_reader_may_only_read(self, page):
        portfolio = make_portfolio()
        relationship = make_relationship(portfolio, make_organisation())
        term = make_term(relationship)
        path = f"/partners/relationships/{relationship.pk}/{page}"
        stranger = signed_in(make_cio(make_portfolio()))
        reader = signed_in(make_reader(make_programme(portfolio=portfolio)))

        assert stranger.get(path).status_code == 404
        assert stranger.post(path).status_code in (404, 405)
        assert stranger.get(f"/partners/terms/{term.pk}/withdraw/").status_code == 404
        assert reader.get(path).status_code == (403 if page else 200)
        assert reader.post(f"/partners/terms/{term.pk}/withdraw/").status_code == 403

    def test_of_two_portfolios_a_cio_is_offered_their_own(self):
        portfolio, other = make_portfolio("North"), make_portfolio("South")
        cio = make_cio(portfolio)
        client = signed_in(cio)

        answer = client.post("/partners/relationships/new/", {"scope": other.scope_id})

        assert "There is a problem" in text(answer)
        assert "North" in text(answer)
        assert "South" not in text(answer)
        assert not Relationship.objects.exists()


def boxes_of_nonsense() -> dict[str, str]:
    return {"on_day": "99", "on_month": "x", "on_year": "26"}


class TestCall:
    def test_names_those_that_fit_and_those_that_nearly_do(self):
        portfolio, capability = make_portfolio(), make_capability("Mobile data")
        alpha, beta = make_organisation("Alpha"), make_organisation("Beta")
        for organisation in (alpha, beta):
            make_claim(organisation, capability)
        make_term(make_relationship(portfolio, make_consortium("Group", alpha)))
        make_relationship(portfolio, beta, state=RelationshipState.BARRED, expires_on=None)
        client = signed_in(make_cio(portfolio))

        page = text(client.get("/partners/who-can/", {"capability": str(capability.pk), "on": "2026-09-20"}))

        fitting, _, nearly = page.partition('id="nearly"')
        assert "On Sunday 20 September 2026 you can call on 1 partner" in fitting
        assert "Alpha: Did it elsewhere" in fitting
        assert "Keep figures confidential" in fitting
        assert "Beta" in nearly
        assert "Barred since Tuesday 1 September 2026" in nearly

    def test_asks_first_and_says_what_is_missing(self):
        client = signed_in(make_administrator())

        assert "No capabilities yet" in text(client.get("/partners/who-can/"))
        make_capability("Mobile data")
        assert "you can call on" not in text(client.get("/partners/who-can/"))
        assert "There is a problem" in text(client.get("/partners/who-can/", boxes("on", TODAY)))
        assert client.get("/partners/who-can/", {"capability": "nonsense"}).status_code == 200


class TestParties:
    def test_a_consortium_is_added_and_gets_its_members(self):
        client, alpha, key = signed_in(make_cio(make_portfolio())), make_organisation("Alpha"), uuid4()

        added = client.post("/partners/consortia/new/", {"name": "Northern", "request_key": key})
        again = client.post("/partners/consortia/new/", {"name": "Northern", "request_key": uuid4()})
        sent = {"organisation": alpha.pk, "role": "lead", **boxes("from_on", TODAY), "request_key": uuid4()}
        client.post(f"/partners/consortia/{key}/members/new/", sent)
        second = client.post(f"/partners/consortia/{key}/members/new/", sent | {"request_key": uuid4()})

        assert added.headers["Location"] == f"/partners/consortia/{key}/"
        assert again.status_code == second.status_code == 409
        assert "Alpha is lead of this consortium since Wednesday 16 September 2026 already" in text(second)
        assert "Alpha" in text(client.get(f"/partners/consortia/{key}/"))
        assert "Alpha (lead)" in text(client.get("/partners/consortia/"))
        assert ConsortiumMembership.objects.count() == 1

    def test_a_membership_is_ended_and_corrected(self):
        client = signed_in(make_administrator())
        membership = make_membership(make_consortium("Northern"), make_organisation("Alpha"))

        ended = client.post(f"/partners/members/{membership.pk}/end/", boxes("to_on", TODAY))
        twice = client.post(f"/partners/members/{membership.pk}/end/", boxes("to_on", TODAY))
        version = Consortium.objects.get().version
        sent = {"version": version, "role": "adviser", **boxes("from_on", TODAY)}
        corrected = client.post(f"/partners/members/{membership.pk}/correct/", sent)
        stale = client.post(f"/partners/members/{membership.pk}/correct/", sent | {"role": "lead"})

        assert (ended.status_code, twice.status_code) == (302, 409)
        assert (corrected.status_code, stale.status_code) == (302, 409)
        assert "changed the members of Northern" in text(stale)
        saved = ConsortiumMembership.objects.get()
        assert (saved.role, saved.to_on) == (MemberRole.ADVISER, None)

    def test_a_change_of_what_somebody_changed_meanwhile_shows_both(self):
        client, consortium = signed_in(make_administrator()), make_consortium("Northern")
        make_membership(consortium)
        path = f"/partners/consortia/{consortium.pk}/change/"

        stale = client.post(path, {"version": 1, "name": "Mine"})
        again = client.post(path, {"version": 2, "name": "Mine"})

        assert stale.status_code == 409
        assert "What you typed and what is saved now" in text(stale)
        assert again.status_code == 302

    def test_the_page_of_an_organisation_shows_it_alone_and_in_consortia(self):
        portfolio, alpha = make_portfolio("North"), make_organisation("Alpha")
        group = make_consortium("Northern", alpha)
        make_relationship(portfolio, alpha)
        make_relationship(portfolio, group)
        client = signed_in(make_cio(portfolio))

        page = text(client.get(f"/partners/organisations/{alpha.pk}/"))
        of_group = text(client.get(f"/partners/consortia/{group.pk}/"))

        assert "Northern" in page
        assert "Relationships on its own" in page.partition("North")[0]
        assert "Alpha" in of_group
        assert "North" in of_group.partition("Relationships with us")[2]

    def test_an_organisation_is_added_changed_and_gets_a_contact(self):
        client, key = signed_in(make_administrator()), uuid4()

        client.post("/partners/organisations/new/", {"name": "Alpha", "sector": "private", "request_key": key})
        taken = client.post(
            "/partners/organisations/new/", {"name": "alpha", "sector": "public", "request_key": uuid4()}
        )
        path = f"/partners/organisations/{key}/"
        client.post(f"{path}change/", {"version": 1, "name": "Alpha Group", "sector": "private"})
        stale = client.post(f"{path}change/", {"version": 1, "name": "Beta", "sector": "public"})
        sent = {"name": "Kim Sand", "email": "kim@partner.example", "request_key": uuid4()}
        client.post(f"{path}contacts/new/", sent)
        bad = client.post(f"{path}contacts/new/", sent | {"email": "nonsense"})

        assert taken.status_code == stale.status_code == 409
        assert "Private" in text(stale)
        assert "There is a problem" in text(bad)
        page = text(client.get(path))
        assert "Alpha Group" in page
        assert "kim@partner.example" in page
        contact = User.objects.get(email="kim@partner.example")
        assert "None: a partner’s contact" in text(client.get(f"/people/{contact.pk}/"))
        assert "Kim Sand" not in text(client.get("/people/?state=all"))

    def test_a_contact_is_ended_once(self):
        client, contact = signed_in(make_administrator()), make_contact(name="Kim Sand")
        path = f"/partners/contacts/{contact.pk}/end/"

        assert "End Kim Sand as a contact" in text(client.get(path))
        assert client.post(path).status_code == 302
        assert client.post(path).status_code == 409
        assert not User.objects.get(pk=contact.user_id).is_active

    def test_capabilities_are_added_renamed_claimed_and_withdrawn(self):
        client, alpha = signed_in(make_administrator()), make_organisation("Alpha")
        client.post("/partners/capabilities/", {"name": "Mobile data", "request_key": uuid4()})
        taken = client.post("/partners/capabilities/", {"name": "mobile data", "request_key": uuid4()})
        capability = Capability.objects.get()
        client.post(f"/partners/capabilities/{capability.pk}/", {"name": "Data on the move"})
        sent = {
            "capability": capability.pk,
            "evidence": "Did it",
            **boxes("claimed_on", TODAY),
            "request_key": uuid4(),
        }
        path = f"/partners/organisations/{alpha.pk}/claims/new/"
        client.post(path, sent)
        second = client.post(path, sent | {"request_key": uuid4()})
        page = text(client.get(f"/partners/organisations/{alpha.pk}/"))
        claim = CapabilityClaim.objects.get()
        client.post(f"/partners/claims/{claim.pk}/withdraw/")

        assert taken.status_code == second.status_code == 409
        assert "Data on the move" in page
        assert "Withdraw" in page
        assert "Did it" not in text(client.get(f"/partners/organisations/{alpha.pk}/")).partition("What happened")[0]

    def test_who_reads_sees_no_way_to_change_and_gets_none(self):
        alpha = make_organisation("Alpha")
        membership = make_membership(make_consortium("Northern"), alpha)
        claim, contact = make_claim(alpha), make_contact(alpha)
        reader = signed_in(make_reader(make_programme()))
        pages = [f"/partners/organisations/{alpha.pk}/", f"/partners/consortia/{membership.consortium_id}/"]

        for page in [*pages, "/partners/organisations/", "/partners/consortia/", "/partners/capabilities/"]:
            shown = text(reader.get(page))
            assert "Alpha" in shown or "Northern" in shown or "Capability" in shown
            for word in (">End<", ">Withdraw<", "/change/", "/new/"):
                assert word not in shown, (page, word)
        for path in (
            f"{pages[0]}change/",
            f"{pages[0]}contacts/new/",
            f"{pages[0]}claims/new/",
            f"{pages[1]}change/",
            f"{pages[1]}members/new/",
            f"/partners/members/{membership.pk}/end/",
            f"/partners/members/{membership.pk}/correct/",
            f"/partners/claims/{claim.pk}/withdraw/",
            f"/partners/contacts/{contact.pk}/end/",
            f"/partners/capabilities/{claim.capability_id}/",
            "/partners/organisations/new/",
            "/partners/consortia/new/",
            "/partners/relationships/new/",
        ):
            assert (reader.get(path).status_code, reader.post(path).status_code) == (403, 403), path
        assert reader.post("/partners/capabilities/", {"name": "x"}).status_code == 403

    def test_to_staff_without_a_role_none_of_it_exists(self):
        alpha = make_organisation("Alpha")
        client = signed_in(make_person())

        for path in (
            "/partners/",
            "/partners/who-can/",
            "/partners/organisations/",
            f"/partners/organisations/{alpha.pk}/",
            "/partners/consortia/",
            "/partners/capabilities/",
        ):
            assert client.get(path).status_code == 404, path
        assert "Partners" not in text(client.get("/my-tasks/")).partition("<main")[0]

    @pytest.mark.parametrize(
        "query", [{"q": "alp"}, {"q": "nothing"}, {"sector": "public"}, {"sector": "?"}, {"q": "x" * 201}]
    )
    def test_the_list_of_organisations_is_searched(self, query):
        make_organisation("Alpha")
        make_organisation("Beta")

        page = text(signed_in(make_administrator()).get("/partners/organisations/", query))

        assert ("Nothing found" in page) == (query.get("q") == "nothing" or query == {"sector": "public"})
        assert ("Beta" in page) == (query == {"sector": "?"} or query == {"q": "x" * 201})


class TestOwn:
    def test_a_contact_sees_their_organisation_its_consortia_and_where_they_stand(self):
        portfolio, owner = make_portfolio("North"), make_person("Ama Mensah")
        alpha, beta = make_organisation("Alpha"), make_organisation("Beta")
        group = make_consortium("Northern", beta, alpha)
        make_term(make_relationship(portfolio, group, owner=owner), "Return the keys")
        other = make_consortium("Southern", make_organisation("Gamma"))
        make_relationship(portfolio, other)
        client = signed_in(make_contact(alpha).user)

        page = text(client.get("/your-organisation/"))

        for shown in ("Alpha", "Beta", "Northern", "Lead", "Available until", "Ama Mensah", "Return the keys", "North"):
            assert shown in page
        for hidden in ("Southern", "Gamma", owner.email):
            assert hidden not in page

    def test_an_ended_membership_ends_the_sight(self):
        portfolio, alpha = make_portfolio(), make_organisation("Alpha")
        group = make_consortium("Northern")
        make_membership(group, alpha, to_on=TODAY - timedelta(days=1))
        make_relationship(portfolio, group)

        page = text(signed_in(make_contact(alpha).user).get("/your-organisation/"))

        assert "Northern" not in page
        assert "Your organisation is in no consortium" in page

    def test_staff_have_no_such_page(self):
        assert signed_in(make_administrator()).get("/your-organisation/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/partners/", "/partners/organisations/", "/partners/consortia/", "/your-organisation/"]
)
def test_a_list_costs_the_same_whatever_its_length(path):
    portfolio = make_portfolio()
    alpha = make_organisation("Alpha")
    person = make_contact(alpha).user if path == "/your-organisation/" else make_cio(portfolio)
    client = signed_in(person)

    def queries() -> int:
        make_relationship(portfolio, make_consortium("", alpha, make_organisation()))
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    assert len({queries() for _ in range(3)}) == 1
    assert Relationship.objects.count() == 3
