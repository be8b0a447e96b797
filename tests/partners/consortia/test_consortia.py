"""Acts on consortia, their members and capabilities."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.consortia.enums import MemberRole
from partners.consortia.models import Capability, CapabilityClaim, Consortium, ConsortiumMembership
from partners.consortia.operations import (
    add_capability,
    add_consortium,
    add_member,
    change_consortium,
    claim_capability,
    correct_membership,
    end_membership,
    rename_capability,
    withdraw_claim,
)
from partners.consortia.queries import members_on
from partners.consortia.rules import Overlaps
from tests.builders import (
    NOW,
    make_administrator,
    make_capability,
    make_claim,
    make_consortium,
    make_membership,
    make_organisation,
    make_portfolio,
    make_programme,
    make_reader,
    make_relationship,
)

pytestmark = pytest.mark.django_db
SINCE = date(2026, 9, 1)


def names_on(consortium: Consortium, day: date) -> list[tuple[str, str]]:
    return [(member.name, member.role.value) for member in members_on([consortium.pk], day)[consortium.pk]]


class TestConsortium:
    def test_is_added_with_one_event_and_once(self):
        by, key = make_administrator(), uuid4()

        found = add_consortium(name=" Northern ", about="For radios", request_key=key, by=by, now=NOW)
        again = add_consortium(name="Other", request_key=key, by=by, now=NOW)

        assert (found.name, found.version, again.pk) == ("Northern", 1, found.pk)
        assert events_about(found.pk).get().summary == "added the consortium Northern"

    @pytest.mark.parametrize("name", ["", "a\nb", "x" * 201, "NORTHERN"])
    def test_refuses_a_name_that_is_not_allowed_or_taken(self, name):
        make_consortium("Northern")

        with pytest.raises(Refused) as refused:
            add_consortium(name=name, by=make_administrator(), now=NOW)

        assert refused.value.field == "name"
        assert Consortium.objects.count() == 1

    def test_a_change_of_members_counts_as_a_change(self):
        consortium = make_consortium("Northern")
        make_membership(consortium, make_organisation("Alpha"))

        with pytest.raises(Conflict, match="changed the members of Northern while"):
            change_consortium(consortium_id=consortium.pk, version=1, name="Southern", by=make_administrator(), now=NOW)

        assert Consortium.objects.get(pk=consortium.pk).name == "Northern"

    def test_a_change_says_what_it_was(self):
        consortium = make_consortium("Northern")

        changed = change_consortium(
            consortium_id=consortium.pk, version=1, name="Southern", source="Notice", by=make_administrator(), now=NOW
        )

        assert (changed.name, changed.version) == ("Southern", 2)
        assert events_about(consortium.pk)[0].summary == "changed the name and the source of Southern"


class TestMembers:
    def test_members_are_those_of_the_day_the_lead_first(self):
        alpha, beta, gamma = (make_organisation(name) for name in ("Alpha", "Beta", "Gamma"))
        consortium = make_consortium("Northern", gamma, from_on=SINCE)
        make_membership(consortium, beta, from_on=SINCE, to_on=SINCE + timedelta(days=1))
        make_membership(consortium, alpha, role=MemberRole.ADVISER, from_on=SINCE + timedelta(days=1))

        assert names_on(consortium, SINCE - timedelta(days=1)) == []
        assert names_on(consortium, SINCE) == [("Gamma", "lead"), ("Beta", "member")]
        assert names_on(consortium, SINCE + timedelta(days=1)) == [
            ("Gamma", "lead"),
            ("Beta", "member"),
            ("Alpha", "adviser"),
        ]
        assert names_on(consortium, SINCE + timedelta(days=2)) == [("Gamma", "lead"), ("Alpha", "adviser")]

    def test_a_member_may_stand_alone_as_well(self):
        alpha = make_organisation("Alpha")
        consortium = make_consortium("Northern", alpha)

        relationship = make_relationship(make_portfolio(), alpha)

        assert (relationship.organisation, names_on(consortium, SINCE)) == (alpha, [("Alpha", "lead")])

    def test_a_second_lead_is_refused_and_nothing_is_written(self):
        consortium = make_consortium("Northern", make_organisation("Alpha"))

        with pytest.raises(Overlaps, match="Alpha leads this consortium since"):
            make_membership(consortium, role=MemberRole.LEAD)

        assert ConsortiumMembership.objects.count() == 1
        assert Consortium.objects.get(pk=consortium.pk).version == consortium.version

    @pytest.mark.parametrize("role", [MemberRole.LEAD, MemberRole.MEMBER])
    def test_the_database_itself_refuses_an_overlap(self, role):
        by, alpha = make_administrator(), make_organisation("Alpha")
        consortium = make_consortium("Northern")
        make_membership(consortium, alpha, role=role, to_on=SINCE)
        other = make_organisation() if role is MemberRole.LEAD else alpha
        row: dict[str, Any] = {"consortium": consortium, "organisation": other, "role": role, "from_on": SINCE}

        with pytest.raises(IntegrityError), transaction.atomic():
            ConsortiumMembership.objects.create(**row, recorded_at=NOW, recorded_by=by)

        row["from_on"] += timedelta(days=1)
        ConsortiumMembership.objects.create(**row, recorded_at=NOW, recorded_by=by)

    def test_ending_sets_the_last_day_once(self):
        membership = make_membership(make_consortium(), make_organisation("Alpha"))
        by = make_administrator()

        end_membership(membership_id=membership.pk, to_on=SINCE, by=by, now=NOW)

        assert ConsortiumMembership.objects.get(pk=membership.pk).to_on == SINCE
        with pytest.raises(Refused, match="Alpha has Tuesday 1 September 2026 as its last day"):
            end_membership(membership_id=membership.pk, to_on=SINCE, by=by, now=NOW)
        assert events_about(membership.consortium_id).filter(action="consortia.end_membership").count() == 1

    def test_ending_before_the_first_day_is_refused(self):
        membership = make_membership(make_consortium())

        with pytest.raises(Refused) as refused:
            end_membership(
                membership_id=membership.pk, to_on=SINCE - timedelta(days=1), by=make_administrator(), now=NOW
            )

        assert refused.value.field == "to_on"

    def correct(self, membership: ConsortiumMembership, **more: Any) -> ConsortiumMembership:
        said: dict[str, Any] = {
            "version": Consortium.objects.get(pk=membership.consortium_id).version,
            "role": MemberRole.MEMBER,
            "from_on": SINCE,
            "to_on": None,
            "evidence": "",
        }
        return correct_membership(membership_id=membership.pk, by=make_administrator(), now=NOW, **(said | more))

    def test_a_correction_keeps_what_was_there_in_the_history(self):
        membership = make_membership(make_consortium("Northern"), make_organisation("Alpha"))

        self.correct(membership, role=MemberRole.LEAD, evidence="Notice of 31 May")

        event = events_about(membership.consortium_id)[0]
        assert event.summary == "corrected how Alpha is in Northern"
        assert [(each or {})["role"] for each in (event.before, event.after)] == ["member", "lead"]

    def test_a_correction_may_keep_its_own_days_but_not_take_anothers(self):
        consortium = make_consortium("Northern", make_organisation("Alpha"))
        membership = make_membership(consortium, make_organisation("Beta"))

        self.correct(membership, from_on=SINCE + timedelta(days=1))
        with pytest.raises(Overlaps, match="Alpha leads this consortium"):
            self.correct(membership, role=MemberRole.LEAD)

    def test_a_correction_of_what_somebody_changed_meanwhile_is_refused(self):
        membership = make_membership(make_consortium("Northern"))

        with pytest.raises(Conflict, match="changed the members of Northern"):
            self.correct(membership, version=1, role=MemberRole.ADVISER)

    def test_only_who_keeps_partners_may(self):
        membership, reader = make_membership(make_consortium()), make_reader(make_programme())
        acted: dict[str, Any] = {"by": reader, "now": NOW}

        with pytest.raises(NotPermitted):
            end_membership(membership_id=membership.pk, to_on=SINCE, **acted)
        with pytest.raises(NotPermitted):
            add_member(
                consortium_id=membership.consortium_id,
                organisation_id=make_organisation().pk,
                role=MemberRole.MEMBER,
                from_on=SINCE,
                **acted,
            )
        with pytest.raises(NotPermitted):
            add_capability(name="Mobile data", **acted)

    def test_an_unknown_organisation_is_refused(self):
        with pytest.raises(Refused, match="There is no such organisation"):
            add_member(
                consortium_id=make_consortium().pk,
                organisation_id=uuid4(),
                role=MemberRole.MEMBER,
                from_on=SINCE,
                by=make_administrator(),
                now=NOW,
            )


class TestCapabilities:
    def test_a_capability_is_added_once_and_renamed(self):
        by, key = make_administrator(), uuid4()
        found = add_capability(name="Mobile data", request_key=key, by=by, now=NOW)

        again = add_capability(name="Other", request_key=key, by=by, now=NOW)
        renamed = rename_capability(capability_id=found.pk, name="Data on the move", by=by, now=NOW)

        assert (again.pk, renamed.name) == (found.pk, "Data on the move")
        assert [event.action for event in events_about(found.pk)] == [
            "consortia.rename_capability",
            "consortia.add_capability",
        ]

    def test_a_name_is_taken_once_whatever_its_case(self):
        by, other = make_administrator(), make_capability("Hosting")
        make_capability("Mobile data")

        for act in (
            lambda: add_capability(name="MOBILE data", by=by, now=NOW),
            lambda: rename_capability(capability_id=other.pk, name="mobile DATA", by=by, now=NOW),
        ):
            with pytest.raises(Refused, match="There is a capability called"):
                act()
        assert Capability.objects.count() == 2

    def claim(self, **more: Any) -> CapabilityClaim:
        said: dict[str, Any] = {
            "organisation_id": make_organisation().pk,
            "capability_id": make_capability().pk,
            "evidence": "Did it elsewhere",
            "claimed_on": SINCE,
        }
        return claim_capability(by=make_administrator(), now=NOW, **(said | more))

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"evidence": " "}, "evidence"),
            ({"evidence": "x" * 501}, "evidence"),
            ({"claimed_on": NOW.date() + timedelta(days=1)}, "claimed_on"),
            ({"expires_on": SINCE - timedelta(days=1)}, "expires_on"),
            ({"capability_id": uuid4()}, "capability"),
        ],
    )
    def test_a_claim_that_is_not_allowed_is_refused(self, said, field):
        with pytest.raises(Refused) as refused:
            self.claim(**said)

        assert refused.value.field == field
        assert not CapabilityClaim.objects.exists()

    def test_a_second_claim_is_refused_until_the_first_is_over(self):
        organisation, capability = make_organisation("Alpha"), make_capability()
        first = make_claim(organisation, capability, expires_on=SINCE + timedelta(days=2))
        said = {"organisation_id": organisation.pk, "capability_id": capability.pk}

        with pytest.raises(Refused, match="Alpha claims this since Tuesday 1 September 2026"):
            self.claim(**said, claimed_on=SINCE + timedelta(days=2))
        self.claim(**said, claimed_on=SINCE + timedelta(days=3))

        assert CapabilityClaim.objects.get(pk=first.pk).withdrawn_at == NOW

    def test_a_claim_is_withdrawn_once(self):
        claim, by = make_claim(make_organisation()), make_administrator("Ama Mensah")
        withdraw_claim(claim_id=claim.pk, by=by, now=NOW)

        with pytest.raises(Refused, match="Ama Mensah withdrew this claim already"):
            withdraw_claim(claim_id=claim.pk, by=by, now=NOW)
