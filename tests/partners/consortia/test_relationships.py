"""Where relationships stand, what binds, whom one can call on, and what all that costs."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.rules import end_of_day
from partners.consortia.changes import bring_to, lock_relationship
from partners.consortia.enums import RelationshipState, TermKind
from partners.consortia.models import Relationship, RelationshipStanding
from partners.consortia.operations import (
    add_term,
    end_membership,
    set_standing,
    start_relationship,
    withdraw_claim,
    withdraw_term,
)
from partners.consortia.queries import (
    Wanted,
    own_dealings,
    relationship_rows,
    relationships_visible_to,
    standing_at,
    terms_at,
    who_can,
)
from partners.organisations.enums import Sector
from partners.people.enums import Role
from partners.people.permissions import standing_of
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_capability,
    make_cio,
    make_claim,
    make_consortium,
    make_contact,
    make_manager,
    make_membership,
    make_organisation,
    make_person,
    make_portfolio,
    make_programme,
    make_relationship,
    make_term,
    move,
)

pytestmark = pytest.mark.django_db
State = RelationshipState
SINCE = date(2026, 9, 1)
TODAY = NOW.date()
EXPIRES = date(2027, 3, 31)


def start(portfolio: Any, by: Any, **more: Any) -> Relationship:
    said: dict[str, Any] = {"state": State.PROSPECT, "since_on": SINCE}
    if "consortium_id" not in more and "organisation_id" not in more:
        said["organisation_id"] = make_organisation().pk
    return start_relationship(scope_id=portfolio.scope_id, by=by, now=NOW, **(said | more))


class TestStart:
    def test_writes_the_relationship_with_its_first_standing_and_one_event(self):
        portfolio, owner = make_portfolio(), make_person("Ama Mensah")
        cio = make_cio(portfolio)

        found = start(portfolio, cio, state=State.AVAILABLE, owner_id=owner.pk, expires_on=EXPIRES, note="Agreed")

        saved = Relationship.objects.get(pk=found.pk)
        standing = RelationshipStanding.objects.get(relationship=saved)
        assert (saved.state, saved.version) == ("available", 1)
        assert (standing.number, standing.state, standing.owner, standing.expires_on, standing.note) == (
            1,
            "available",
            owner,
            EXPIRES,
            "Agreed",
        )
        assert standing.recorded_at == NOW
        event = events_about(found.pk).get()
        assert (event.action, event.scope_id) == ("consortia.start_relationship", portfolio.scope_id)

    def test_is_for_the_cio_of_that_portfolio_and_administrators(self):
        portfolio = make_portfolio()
        strangers = [make_cio(make_portfolio()), make_manager(make_programme(portfolio=portfolio)), make_person()]

        for person in strangers:
            with pytest.raises(NotPermitted, match="You cannot keep the relationships of this portfolio"):
                start(portfolio, person)

        assert not Relationship.objects.exists()
        assert start(portfolio, make_administrator()).state == "prospect"

    def test_one_portfolio_has_one_relationship_with_a_party_and_another_its_own(self):
        alpha, first, second = make_organisation("Alpha"), make_portfolio("North"), make_portfolio()
        start(first, make_administrator(), organisation_id=alpha.pk)

        with pytest.raises(Refused, match="North has a relationship with Alpha already") as refused:
            start(first, make_administrator(), organisation_id=alpha.pk)
        start(second, make_administrator(), organisation_id=alpha.pk)

        assert refused.value.field == "party"

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"state": State.AVAILABLE, "expires_on": EXPIRES}, "owner"),
            ({"since_on": TODAY + timedelta(days=1)}, "since_on"),
            ({"organisation_id": uuid4()}, "party"),
            ({"organisation_id": None, "consortium_id": uuid4()}, "party"),
            ({"owner_id": uuid4()}, "owner"),
            ({"note": "a\nb"}, "note"),
        ],
    )
    def test_refuses_what_is_not_allowed_and_writes_nothing(self, said, field):
        with pytest.raises(Refused) as refused:
            start(make_portfolio(), make_administrator(), **said)

        assert refused.value.field == field
        assert not RelationshipStanding.objects.exists()

    def test_a_partners_contact_owns_nothing(self):
        with pytest.raises(Refused, match="The owner must be one of the staff"):
            start(make_portfolio(), make_administrator(), owner_id=make_contact().user_id)

    def test_a_repeat_returns_the_first(self):
        portfolio, by, key = make_portfolio(), make_administrator(), uuid4()

        first, again = (start(portfolio, by, request_key=key) for _ in range(2))

        assert first.pk == again.pk == key
        assert RelationshipStanding.objects.count() == 1


class TestSetStanding:
    def set(self, relationship: Relationship, **more: Any) -> RelationshipStanding:
        said: dict[str, Any] = {
            "version": relationship.version,
            "state": State.CALLED_ON,
            "since_on": TODAY,
        }
        return set_standing(relationship_id=relationship.pk, by=make_administrator(), now=NOW, **(said | more))

    def test_adds_to_the_history_and_moves_the_relationship(self):
        relationship = make_relationship(make_portfolio(), make_organisation("Alpha"))

        standing = self.set(relationship)

        saved = Relationship.objects.get(pk=relationship.pk)
        assert (standing.number, saved.state, saved.version) == (2, "called_on", 2)
        event = events_about(relationship.pk)[0]
        assert event.summary == "set the relationship with Alpha: Called on since Wednesday 16 September 2026"
        assert event.before == {"state": "available", "version": 1}

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"state": State.CONTRACTED}, "state"),
            ({"since_on": SINCE - timedelta(days=1)}, "since_on"),
            ({"since_on": TODAY + timedelta(days=1)}, "since_on"),
            ({"state": State.AVAILABLE}, "owner"),
        ],
    )
    def test_refuses_a_step_or_a_day_that_is_not_allowed(self, said, field):
        relationship = make_relationship(make_portfolio(), make_organisation())

        with pytest.raises(Refused) as refused:
            self.set(relationship, **said)

        assert refused.value.field == field
        assert Relationship.objects.get(pk=relationship.pk).version == 1

    def test_may_be_stated_anew_with_another_last_day(self):
        relationship = make_relationship(make_portfolio(), make_organisation())

        self.set(
            relationship, state=State.AVAILABLE, owner_id=make_person().pk, expires_on=EXPIRES + timedelta(days=365)
        )

        found = standing_at([relationship.pk], on=TODAY, known_at=NOW)[relationship.pk]
        assert found.expires_on == EXPIRES + timedelta(days=365)

    def test_whoever_read_an_older_standing_is_told(self):
        relationship = make_relationship(make_portfolio(), make_organisation("Alpha"))
        self.set(relationship)

        with pytest.raises(Conflict, match="changed the standing of the relationship with Alpha"):
            self.set(relationship, state=State.EXITING)

    def test_the_cio_of_another_portfolio_may_not(self):
        relationship = make_relationship(make_portfolio(), make_organisation())

        with pytest.raises(NotPermitted):
            set_standing(
                relationship_id=relationship.pk,
                version=1,
                state=State.EXITING,
                since_on=TODAY,
                by=make_cio(make_portfolio()),
                now=NOW,
            )

    def test_a_disposition_writes_every_step_from_the_same_day(self):
        relationship = make_relationship(make_portfolio(), make_organisation(), state=State.BIDDING, expires_on=None)

        bring_to(
            lock_relationship(relationship.pk),
            State.AVAILABLE,
            since_on=TODAY,
            owner=make_person(),
            expires_on=EXPIRES,
            by=make_administrator(),
            now=NOW,
        )

        rows = RelationshipStanding.objects.filter(relationship=relationship).order_by("number")
        assert list(rows.values_list("number", "state", "since_on", "expires_on")) == [
            (1, "bidding", SINCE, None),
            (2, "procurement_ended", TODAY, None),
            (3, "available", TODAY, EXPIRES),
        ]


class TestTerms:
    def test_a_term_binds_on_its_days_until_it_is_withdrawn(self):
        relationship = make_relationship(make_portfolio(), make_organisation())
        term = make_term(relationship, to_on=TODAY)
        by = make_administrator("Ama Mensah")

        def texts(on: date, known: date = TODAY) -> list[str]:
            found = terms_at([relationship.pk], on=on, known_at=end_of_day(known))
            return [each.text for each in found.get(relationship.pk, [])]

        assert texts(SINCE - timedelta(days=1)) == []
        assert texts(SINCE) == texts(TODAY) == [term.text]
        assert texts(TODAY + timedelta(days=1)) == []
        withdraw_term(term_id=term.pk, by=by, now=NOW)
        assert texts(TODAY) == []
        assert texts(TODAY - timedelta(days=1)) == [term.text]
        with pytest.raises(Refused, match="Ama Mensah withdrew this term already"):
            withdraw_term(term_id=term.pk, by=by, now=NOW)

    @pytest.mark.parametrize(
        ("said", "field"),
        [({"text": " "}, "text"), ({"text": "x" * 501}, "text"), ({"to_on": SINCE - timedelta(days=1)}, "to_on")],
    )
    def test_refuses_what_is_not_allowed(self, said, field):
        relationship = make_relationship(make_portfolio(), make_organisation())
        words: dict[str, Any] = {"kind": TermKind.OTHER, "text": "Return the keys", "from_on": SINCE}

        with pytest.raises(Refused) as refused:
            add_term(relationship_id=relationship.pk, by=make_administrator(), now=NOW, **(words | said))

        assert refused.value.field == field

    def test_is_for_who_keeps_relationships_and_a_repeat_adds_nothing(self):
        portfolio = make_portfolio()
        relationship, key = make_relationship(portfolio, make_organisation()), uuid4()
        words: dict[str, Any] = {
            "relationship_id": relationship.pk,
            "kind": TermKind.OTHER,
            "text": "Return the keys",
            "from_on": SINCE,
            "request_key": key,
            "now": NOW,
        }

        with pytest.raises(NotPermitted):
            add_term(by=make_manager(make_programme(portfolio=portfolio)), **words)
        first, again = (add_term(by=make_cio(portfolio), **words) for _ in range(2))

        assert first.pk == again.pk == key


class TestAsAt:
    def test_the_highest_number_counts_of_what_had_begun_and_was_known(self):
        relationship = make_relationship(make_portfolio(), make_organisation(), state=State.BIDDING, expires_on=None)
        later = NOW + timedelta(days=5)
        move(relationship, State.PROCUREMENT_ENDED, since_on=TODAY, now=NOW)
        move(relationship, State.AVAILABLE, since_on=TODAY + timedelta(days=2), expires_on=EXPIRES, now=later)

        def state(on: date, known_at: Any) -> str | None:
            found = standing_at([relationship.pk], on=on, known_at=known_at).get(relationship.pk)
            return found.state.value if found else None

        assert state(SINCE - timedelta(days=1), later) is None
        assert state(TODAY - timedelta(days=1), later) == "bidding"
        assert state(TODAY, later) == "procurement_ended"
        assert state(TODAY + timedelta(days=2), NOW) == "procurement_ended"
        assert state(TODAY + timedelta(days=2), later) == "available"

    def test_a_reader_of_a_programme_sees_those_of_its_portfolio_and_no_others(self):
        portfolio = make_portfolio()
        seen = make_relationship(portfolio, make_organisation())
        make_relationship(make_portfolio(), make_organisation())
        reader = give_role(make_person(), Role.READER, make_programme(portfolio=portfolio).scope)

        assert list(relationships_visible_to(reader)) == [seen]
        assert relationships_visible_to(make_administrator()).count() == 2
        assert not relationships_visible_to(make_person()).exists()

    def test_the_list_goes_by_standing_and_expired_ones_come_last(self):
        portfolio = make_portfolio()
        old = make_relationship(portfolio, make_organisation("Alpha"), expires_on=SINCE)
        barred = make_relationship(portfolio, make_organisation("Beta"), state=State.BARRED, expires_on=None)
        called = make_relationship(portfolio, make_organisation("Gamma"), state=State.CALLED_ON)
        free = make_relationship(portfolio, make_organisation("Zeta"))

        rows = relationship_rows(make_cio(portfolio), on=TODAY, known_at=NOW)

        assert [row.relationship for row in rows] == [free, called, barred, old]
        assert rows[-1].standing.words == "Available until Tuesday 1 September 2026 (expired)"
        assert not rows[-1].standing.can_be_called_on

    def test_the_list_can_be_narrowed(self):
        portfolio, other = make_portfolio(), make_portfolio()
        alpha, beta, gamma = (make_organisation(name) for name in ("Alpha", "Beta", "Gamma"))
        university = make_organisation("University", sector=Sector.PUBLIC)
        capability = make_capability()
        make_claim(beta, capability)
        group = make_relationship(portfolio, make_consortium("Group", beta, university), expires_on=EXPIRES)
        soon = make_relationship(portfolio, alpha, expires_on=TODAY + timedelta(days=90))
        over = make_relationship(other, gamma, expires_on=SINCE)
        person = make_administrator()

        def found(**wanted: Any) -> list[Relationship]:
            rows = relationship_rows(person, on=TODAY, known_at=NOW, wanted=Wanted(**wanted))
            return sorted((row.relationship for row in rows), key=lambda each: each.party_name)

        assert found() == [soon, over, group]
        assert found(scope=other.scope_id) == [over]
        assert found(state="available") == [soon, group]
        assert found(state="expired") == [over]
        assert found(capability=capability.pk) == [group]
        assert found(sector="public") == [group]
        assert found(expiring=True) == [soon]
        assert found(state="barred") == []


class TestWhoCan:
    def ask(self, *capabilities: Any, on: date = TODAY, user: Any = None, **more: Any) -> tuple[list[str], list[str]]:
        """Names of the parties that fit, and of those that nearly do."""
        rows = who_can(
            [each.pk for each in capabilities],
            on=on,
            user=user or make_administrator(),
            **({"known_at": end_of_day(TODAY)} | more),
        )
        fits = [row.relationship.party_name for row in rows if row.fits]
        return fits, [row.relationship.party_name for row in rows if not row.fits]

    def test_those_that_fit_come_with_members_evidence_terms_and_owner(self):
        portfolio, capability, alpha = make_portfolio(), make_capability("Mobile data"), make_organisation("Alpha")
        relationship = make_relationship(
            portfolio, make_consortium("Group", make_organisation("Beta"), alpha), owner=make_person("Ama Mensah")
        )
        make_claim(alpha, capability)
        make_term(relationship)

        (row,) = who_can([capability.pk], on=TODAY, known_at=end_of_day(TODAY), user=make_cio(portfolio))

        assert row.fits
        assert [(member.name, member.role.value) for member in row.members] == [("Beta", "lead"), ("Alpha", "member")]
        assert [(claim.organisation.name, claim.evidence) for claim in row.claims] == [("Alpha", "Did it elsewhere")]
        assert [term.text for term in row.terms] == ["Keep figures confidential"]
        assert (row.standing.owner_name, row.standing.expires_on) == ("Ama Mensah", EXPIRES)

    def test_all_that_is_asked_has_to_be_offered_by_the_members_together(self):
        portfolio, data, hosting = make_portfolio(), make_capability(), make_capability()
        alpha, beta = make_organisation("Alpha"), make_organisation("Beta")
        make_claim(alpha, data)
        make_claim(beta, hosting)
        make_relationship(portfolio, make_consortium("Group", alpha, beta))
        make_relationship(portfolio, alpha)

        assert self.ask(data) == (["Alpha", "Group"], [])
        assert self.ask(data, hosting) == (["Group"], [])
        assert self.ask() == ([], [])

    def test_expired_exiting_and_barred_ones_nearly_fit(self):
        portfolio, capability = make_portfolio(), make_capability()
        for name, state, expires_on in [
            ("Alpha", State.AVAILABLE, TODAY - timedelta(days=1)),
            ("Beta", State.EXITING, None),
            ("Gamma", State.BARRED, None),
            ("Delta", State.CALLED_ON, None),
            ("Zeta", State.AVAILABLE, TODAY),
        ]:
            organisation = make_organisation(name)
            make_claim(organisation, capability)
            make_relationship(portfolio, organisation, state=state, expires_on=expires_on)
        make_relationship(portfolio, make_organisation("No claim"))

        assert self.ask(capability) == (["Delta", "Zeta"], ["Alpha", "Beta", "Gamma"])

    def test_a_claim_counts_from_its_first_day_to_its_last_and_until_it_was_withdrawn(self):
        portfolio, capability, alpha = make_portfolio(), make_capability(), make_organisation("Alpha")
        make_relationship(portfolio, alpha, since_on=SINCE - timedelta(days=30))
        claim = make_claim(alpha, capability, expires_on=TODAY)

        assert self.ask(capability, on=SINCE - timedelta(days=1)) == ([], [])
        assert self.ask(capability, on=SINCE) == (["Alpha"], [])
        assert self.ask(capability, on=TODAY + timedelta(days=1)) == ([], [])
        withdraw_claim(claim_id=claim.pk, by=make_administrator(), now=NOW)
        assert self.ask(capability, on=TODAY) == ([], [])
        assert self.ask(capability, on=TODAY - timedelta(days=1)) == (["Alpha"], [])

    def test_members_are_those_of_the_day(self):
        portfolio, capability, alpha = make_portfolio(), make_capability(), make_organisation("Alpha")
        make_claim(alpha, capability)
        consortium = make_consortium("Group")
        make_relationship(portfolio, consortium)
        membership = make_membership(consortium, alpha)
        end_membership(membership_id=membership.pk, to_on=SINCE, by=make_administrator(), now=NOW)

        assert self.ask(capability, on=SINCE) == (["Group"], [])
        assert self.ask(capability, on=SINCE + timedelta(days=1)) == ([], [])

    def test_a_sector_counts_only_what_its_organisations_can_do(self):
        portfolio, capability = make_portfolio(), make_capability()
        public, private = make_organisation("Council", sector=Sector.PUBLIC), make_organisation("Alpha")
        make_claim(private, capability)
        make_relationship(portfolio, make_consortium("Group", public, private))

        assert self.ask(capability, sector="private") == (["Group"], [])
        assert self.ask(capability, sector="public") == ([], [])

    def test_what_was_recorded_later_was_not_known(self):
        portfolio, capability, alpha = make_portfolio(), make_capability(), make_organisation("Alpha")
        make_claim(alpha, capability)
        make_relationship(portfolio, alpha)

        assert self.ask(capability, on=SINCE, known_at=end_of_day(TODAY - timedelta(days=1))) == ([], [])
        assert self.ask(capability, on=SINCE) == (["Alpha"], [])

    def test_another_portfolios_partners_are_not_told(self):
        capability, alpha, portfolio = make_capability(), make_organisation("Alpha"), make_portfolio()
        make_claim(alpha, capability)
        make_relationship(portfolio, alpha)

        assert self.ask(capability, user=make_cio(make_portfolio())) == ([], [])
        assert self.ask(capability, user=make_cio(portfolio)) == (["Alpha"], [])

    def test_after_an_ended_procurement_every_group_can_be_called_on_with_its_terms(self):
        """The six groups that bid in 2012, asked for on the day the programme is reported to have ended."""
        portfolio, capability = make_portfolio(), make_capability("ICT-enabled transformation")
        named, ended, asked = date(2012, 5, 31), date(2012, 11, 22), date(2012, 11, 30)
        groups = {
            "BT": ["British Telecommunications", "Reliance Secure Task Management", "Vanguard Consulting"],
            "Capita": ["Capita Business Services"],
            "G4S": ["G4S Care & Justice Services"],
            "KBR": ["Kellogg Brown & Root", "IBM United Kingdom"],
            "Logica": ["Logica UK", "Amey Community", "Northgate Information Solutions"],
            "Serco": ["Serco", "HP Enterprise Services", "Accenture"],
        }
        for name, firms in groups.items():
            members = [make_organisation(firm) for firm in firms]
            make_claim(members[0], capability, claimed_on=named)
            party = make_consortium(name, *members, from_on=named) if len(members) > 1 else members[0]
            bid = make_relationship(portfolio, party, state=State.BIDDING, since_on=named, expires_on=None)
            bring_to(
                lock_relationship(bid.pk),
                State.AVAILABLE,
                since_on=ended,
                owner=make_person(),
                expires_on=date(2013, 11, 22),
                by=make_administrator(),
                now=NOW,
            )
            make_term(bid, from_on=named)

        rows = who_can([capability.pk], on=asked, known_at=NOW, user=make_cio(portfolio))
        before = who_can([capability.pk], on=ended - timedelta(days=1), known_at=NOW, user=make_cio(portfolio))

        assert [row.fits for row in rows] == [True] * 6
        assert sum(len(row.members) or 1 for row in rows) == 13
        assert all(row.terms for row in rows)
        assert {(row.fits, row.standing.state) for row in before} == {(False, State.BIDDING)}


@pytest.mark.parametrize("count", [1, 3])
def test_what_it_costs_does_not_grow(count):
    portfolio, capability = make_portfolio(), make_capability()
    for _ in range(count):
        organisation = make_organisation()
        make_claim(organisation, capability)
        make_term(make_relationship(portfolio, make_consortium("", organisation, make_organisation())))
    cio = make_cio(portfolio)
    standing_of(cio)  # read once for a whole request

    def queries(act: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            act()
        return len(captured)

    assert queries(lambda: who_can([capability.pk], on=TODAY, known_at=NOW, user=cio)) == 5
    wanted = Wanted(capability=capability.pk)
    assert queries(lambda: relationship_rows(cio, on=TODAY, known_at=NOW, wanted=wanted)) == 4
    assert queries(lambda: own_dealings(organisation, today=TODAY)) == 5
