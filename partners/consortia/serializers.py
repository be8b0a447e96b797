from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from partners.consortia.enums import MemberRole, RelationshipState, TermKind
from partners.consortia.rules import (
    DESCRIPTION_LENGTH,
    EVIDENCE_LENGTH,
    EXPIRED,
    MEMBER_EVIDENCE_LENGTH,
    NOTE_LENGTH,
    TERM_LENGTH,
)
from partners.organisations.enums import Sector
from partners.organisations.rules import ABOUT_LENGTH, NAME_LENGTH, SOURCE_LENGTH
from partners.people.rules import LINES, LINES_ONLY
from partners.people.serializers import LineField

MOST_VERSIONS = 2**31 - 1
MOST_ASKED = 20
STATES = [*RelationshipState.choices, (EXPIRED, "Expired")]


class AboutField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=ABOUT_LENGTH, allow_blank=True, **options)
        self.validators.append(RegexValidator(LINES, LINES_ONLY))


class RequestKeyIn(serializers.Serializer):
    """``request_key`` is your own UUID of the request; it becomes the id, and a repeat adds nothing new."""

    request_key = serializers.UUIDField(required=False)


class VersionIn(serializers.Serializer):
    """``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=MOST_VERSIONS)


class NameFilter(serializers.Serializer):
    q = LineField(max_length=NAME_LENGTH, required=False, help_text="Words of the name.")


class DayFilter(serializers.Serializer):
    on = serializers.DateField(required=False, help_text="As at this day; today unless given.")


class ConsortiumOut(serializers.Serializer):
    """Organisations that stand together. ``version`` counts changes of its members too."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    version = serializers.IntegerField()


class ConsortiumIn(RequestKeyIn):
    name = LineField(max_length=NAME_LENGTH)
    about = AboutField(default="")
    source = LineField(max_length=SOURCE_LENGTH, allow_blank=True, default="")  # type: ignore[assignment]


class ConsortiumChangeIn(VersionIn):
    name = LineField(max_length=NAME_LENGTH, required=False)
    about = AboutField(required=False)
    source = LineField(max_length=SOURCE_LENGTH, allow_blank=True, required=False)  # type: ignore[assignment]


class MemberOut(serializers.Serializer):
    """An organisation in a consortium on the day asked about."""

    membership = serializers.UUIDField(source="membership_id")
    organisation = serializers.UUIDField(source="organisation_id")
    name = serializers.CharField()
    sector = serializers.ChoiceField(choices=Sector.choices)
    role = serializers.ChoiceField(choices=MemberRole.choices)
    from_on = serializers.DateField()
    to_on = serializers.DateField(allow_null=True)


class ConsortiumDetailOut(ConsortiumOut):
    members = MemberOut(many=True)


class MembershipOut(serializers.Serializer):
    """An organisation in a consortium from one day to another, both inclusive; open without ``to_on``."""

    id = serializers.UUIDField()
    consortium = serializers.UUIDField(source="consortium_id")
    organisation = serializers.UUIDField(source="organisation_id")
    organisation_name = serializers.CharField(source="organisation.name")
    role = serializers.ChoiceField(choices=MemberRole.choices)
    from_on = serializers.DateField()
    to_on = serializers.DateField(allow_null=True)
    evidence = serializers.CharField()


class MembershipIn(RequestKeyIn):
    organisation = serializers.UUIDField()
    role = serializers.ChoiceField(choices=MemberRole.choices)
    from_on = serializers.DateField()
    to_on = serializers.DateField(required=False, allow_null=True, default=None)
    evidence = LineField(max_length=MEMBER_EVIDENCE_LENGTH, allow_blank=True, default="")


class MembershipCorrectionIn(VersionIn):
    """What to put right. ``version`` is that of the consortium."""

    role = serializers.ChoiceField(choices=MemberRole.choices, required=False)
    from_on = serializers.DateField(required=False)
    to_on = serializers.DateField(required=False, allow_null=True)
    evidence = LineField(max_length=MEMBER_EVIDENCE_LENGTH, allow_blank=True, required=False)


class MembershipEndIn(serializers.Serializer):
    to_on = serializers.DateField()


class CapabilityOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()


class CapabilityIn(RequestKeyIn):
    name = LineField(max_length=NAME_LENGTH)
    description = LineField(max_length=DESCRIPTION_LENGTH, allow_blank=True, default="")


class CapabilityChangeIn(serializers.Serializer):
    name = LineField(max_length=NAME_LENGTH, required=False)
    description = LineField(max_length=DESCRIPTION_LENGTH, allow_blank=True, required=False)


class ClaimOut(serializers.Serializer):
    """An organisation can do something, on this evidence, from one day and perhaps until another (inclusive)."""

    id = serializers.UUIDField()
    organisation = serializers.UUIDField(source="organisation_id")
    organisation_name = serializers.CharField(source="organisation.name")
    capability = serializers.UUIDField(source="capability_id")
    capability_name = serializers.CharField(source="capability.name")
    evidence = serializers.CharField()
    claimed_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class ClaimIn(RequestKeyIn):
    capability = serializers.UUIDField()
    evidence = LineField(max_length=EVIDENCE_LENGTH)
    claimed_on = serializers.DateField()
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)


class StandingOut(serializers.Serializer):
    """Where a relationship stands from a day on. ``is_expired`` and ``words`` are as at the day asked about."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RelationshipState.choices)
    since_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True)
    is_expired = serializers.BooleanField()
    owner = serializers.UUIDField(source="owner_id", allow_null=True)
    owner_name = serializers.CharField()
    note = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    decision = serializers.UUIDField(source="decision_id", allow_null=True)
    recorded_at = serializers.DateTimeField()
    words = serializers.CharField()


class RelationshipOut(serializers.Serializer):
    """What a portfolio (its ``scope``) has with one partner, a consortium or an organisation alone."""

    id = serializers.UUIDField(source="relationship.pk")
    scope = serializers.UUIDField(source="relationship.scope_id")
    scope_name = serializers.CharField(source="relationship.scope.name")
    organisation = serializers.UUIDField(source="relationship.organisation_id", allow_null=True)
    consortium = serializers.UUIDField(source="relationship.consortium_id", allow_null=True)
    party_name = serializers.CharField(source="relationship.party_name")
    version = serializers.IntegerField(source="relationship.version")
    standing = StandingOut()
    members = MemberOut(many=True)


class RelationshipFilter(DayFilter):
    """What the list of relationships may be narrowed by, as at the day."""

    scope = serializers.UUIDField(required=False, help_text="The scope of a portfolio.")
    state = serializers.ChoiceField(choices=STATES, required=False)
    capability = serializers.UUIDField(required=False)
    sector = serializers.ChoiceField(choices=Sector.choices, required=False)
    expiring = serializers.BooleanField(required=False, help_text="Only those that expire within 90 days of the day.")


class StandingIn(serializers.Serializer):
    """Where it stands from a day on, today at the latest. ``available`` needs an owner and a last day."""

    state = serializers.ChoiceField(choices=RelationshipState.choices)
    since_on = serializers.DateField()
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    owner = serializers.UUIDField(required=False, allow_null=True, default=None)
    note = LineField(max_length=NOTE_LENGTH, allow_blank=True, default="")
    source = LineField(max_length=SOURCE_LENGTH, allow_blank=True, default="")  # type: ignore[assignment]


class SetStandingIn(StandingIn, VersionIn):
    pass


class RelationshipIn(StandingIn, RequestKeyIn):
    """A relationship to be started with one party: name the organisation or the consortium, not both."""

    scope = serializers.UUIDField(help_text="The scope of a portfolio.")
    organisation = serializers.UUIDField(required=False)
    consortium = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("organisation" in attrs) == ("consortium" in attrs):
            raise serializers.ValidationError("Name either an organisation or a consortium.")
        return attrs


class TermOut(serializers.Serializer):
    """Something that binds the two sides, until a day (inclusive) or for good."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=TermKind.choices)
    text = serializers.CharField()
    from_on = serializers.DateField()
    to_on = serializers.DateField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class TermIn(RequestKeyIn):
    kind = serializers.ChoiceField(choices=TermKind.choices)
    text = LineField(max_length=TERM_LENGTH)
    from_on = serializers.DateField()
    to_on = serializers.DateField(required=False, allow_null=True, default=None)


class CallQuery(DayFilter):
    """For what, and on which day. Repeat ``capability`` for several: a partner has to offer all of them."""

    capability = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_ASKED)
    known_at = serializers.DateField(
        required=False, help_text="From what was known by the end of this day; today unless given."
    )
    sector = serializers.ChoiceField(
        choices=Sector.choices, required=False, help_text="Counts only what organisations of this sector can do."
    )


class CallOut(RelationshipOut):
    """A partner that offers all of it. ``fits``: you can call on it on that day; else ``standing`` says why not."""

    fits = serializers.BooleanField()
    claims = ClaimOut(many=True)
    terms = TermOut(many=True)


class OwnMemberOut(serializers.Serializer):
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=MemberRole.choices)


class OwnConsortiumOut(serializers.Serializer):
    name = serializers.CharField(source="consortium.name")
    members = OwnMemberOut(many=True)


class OwnTermOut(serializers.Serializer):
    kind = serializers.ChoiceField(choices=TermKind.choices)
    text = serializers.CharField()
    from_on = serializers.DateField()
    to_on = serializers.DateField(allow_null=True)


class OwnRelationshipOut(serializers.Serializer):
    """Where you, or a consortium that you are in, stand with one of our portfolios today."""

    party_name = serializers.CharField(source="relationship.party_name")
    portfolio_name = serializers.CharField(source="relationship.scope.name")
    state = serializers.ChoiceField(source="standing.state", choices=RelationshipState.choices)
    since_on = serializers.DateField(source="standing.since_on")
    expires_on = serializers.DateField(source="standing.expires_on", allow_null=True)
    is_expired = serializers.BooleanField(source="standing.is_expired")
    owner_name = serializers.CharField(source="standing.owner_name")
    terms = OwnTermOut(many=True)


class OwnDealingsOut(serializers.Serializer):
    """All that a contact of a partner sees of us besides their tasks."""

    organisation_name = serializers.CharField(source="organisation.name")
    consortia = OwnConsortiumOut(many=True)
    relationships = OwnRelationshipOut(many=True)
