from datetime import UTC
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from partners.people.enums import HoldingKind, Role, ScopeKind
from partners.people.rules import LINES, LINES_ONLY, LONGEST_TOKEN_DAYS, ONE_LINE, ONE_LINE_ONLY
from partners.people.rules.csv_files import LARGEST_FILE_BYTES, ImportKind
from partners.people.rules.offices import NAME_LENGTH, SOURCE_LENGTH, TITLE_LENGTH

MOST_VERSIONS = 2**31 - 1
STATES = ("active", "left", "all")


class LineField(serializers.CharField):
    """One line without control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(ONE_LINE, ONE_LINE_ONLY))


class LinesField(serializers.CharField):
    """Several lines without control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(LINES, LINES_ONLY))


class InstantField(serializers.DateTimeField):
    """An instant in UTC, as plain values are written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


class VersionField(serializers.IntegerField):
    """The version that was read; another one now means that somebody changed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=MOST_VERSIONS)


@extend_schema_serializer(component_name="OrganisationUnit")
class UnitOut(serializers.Serializer):
    """A unit. ``parent`` is the id of the unit that it is part of."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    version = serializers.IntegerField()


class UnitIn(serializers.Serializer):
    code = LineField(max_length=30)
    name = LineField(max_length=200)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]


class UnitChangeIn(serializers.Serializer):
    version = VersionField()
    code = LineField(max_length=30, required=False)
    name = LineField(max_length=200, required=False)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]


class UnitFilter(serializers.Serializer):
    """What the list of units may be narrowed by."""

    q = serializers.CharField(max_length=200, required=False, help_text="Part of the name or code.")


class PersonOut(serializers.Serializer):
    """A person with an account. ``unit`` is the id of their unit; who left cannot sign in."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    unit = serializers.UUIDField(source="unit_id", allow_null=True)
    unit_name = serializers.CharField(source="unit.name", default=None, allow_null=True)
    is_active = serializers.BooleanField()
    joined_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class PersonIn(serializers.Serializer):
    name = LineField(max_length=200)
    email = serializers.EmailField(max_length=254)
    unit = serializers.UUIDField(required=False, allow_null=True)


class PersonChangeIn(serializers.Serializer):
    version = VersionField()
    name = LineField(max_length=200, required=False)
    email = serializers.EmailField(max_length=254, required=False)
    unit = serializers.UUIDField(required=False, allow_null=True)


class PeopleFilter(serializers.Serializer):
    """What the list of people may be narrowed by."""

    q = serializers.CharField(max_length=200, required=False, help_text="Words of the name, address or unit.")
    state = serializers.ChoiceField(choices=STATES, required=False, help_text="Without it, everybody.")
    unit = serializers.UUIDField(required=False, help_text="A unit, with those that are part of it.")


class ScopeOut(serializers.Serializer):
    """Where roles are held: a portfolio or a programme, or the organisation above them. ``parent`` is the one above."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ScopeKind.choices)
    name = serializers.CharField()
    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]


class RenameOrganisationIn(serializers.Serializer):
    """``was`` is the name that you read."""

    name = LineField(max_length=200)
    was = serializers.CharField(max_length=200)


class HoldingOut(serializers.Serializer):
    """Somebody holds a role at a scope, until ``ended_at`` if that is set."""

    id = serializers.UUIDField()
    person = serializers.UUIDField(source="user_id")
    person_name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=Role.choices)
    scope = serializers.UUIDField(source="scope_id")
    scope_kind = serializers.ChoiceField(source="scope.kind", choices=ScopeKind.choices)
    scope_name = serializers.CharField(source="scope.name")
    granted_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class HoldingFilter(serializers.Serializer):
    """What the list of roles may be narrowed by."""

    person = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    scope = serializers.UUIDField(required=False)


class GrantIn(serializers.Serializer):
    """Name the person by id or by email address, not both."""

    person = serializers.UUIDField(required=False)
    email = serializers.EmailField(required=False)
    role = serializers.ChoiceField(choices=Role.choices)
    scope = serializers.UUIDField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("person" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Name the person either by id or by email address.")
        return attrs


class TokenOut(serializers.Serializer):
    """One of your tokens. Its secret was shown when it was made."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_on = serializers.DateField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewTokenOut(TokenOut):
    """The only answer that holds the secret."""

    secret = serializers.CharField()


class TokenIn(serializers.Serializer):
    name = LineField(max_length=100)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_TOKEN_DAYS)


class LeaveOut(serializers.Serializer):
    """Days on which somebody is away, both inclusive, and who stands in. It counts unless ``cancelled_at`` is set."""

    id = serializers.UUIDField()
    person = serializers.UUIDField(source="user_id")
    person_name = serializers.CharField(source="user.name")
    from_on = serializers.DateField()
    to_on = serializers.DateField()
    delegate = serializers.UUIDField(source="delegate_id", allow_null=True)
    delegate_name = serializers.CharField(source="delegate.name", default=None, allow_null=True)
    recorded_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)


class LeaveIn(serializers.Serializer):
    """``person`` is yourself unless you are an administrator. A repeat with your ``request_key`` adds nothing new."""

    person = serializers.UUIDField(required=False)
    from_on = serializers.DateField()
    to_on = serializers.DateField(help_text="The last day, inclusive.")
    delegate = serializers.UUIDField(required=False, allow_null=True)
    request_key = serializers.UUIDField(required=False)


class LeaveFilter(serializers.Serializer):
    person = serializers.UUIDField(required=False, help_text="Whose leave.")


class SessionOut(serializers.Serializer):
    """A browser in which you are signed in. ``is_this_one``: the call came from it."""

    id = serializers.UUIDField(source="handle")
    browser = serializers.CharField(help_text="Such as Firefox on Windows; empty where it is not known.")
    signed_in_at = serializers.DateTimeField(allow_null=True)
    is_this_one = serializers.BooleanField()


class RoleOut(serializers.Serializer):
    """A role of yours and where you hold it."""

    role = serializers.ChoiceField(choices=Role.choices)
    scope = serializers.UUIDField(source="scope_id")
    scope_kind = serializers.ChoiceField(source="scope.kind", choices=ScopeKind.choices)
    scope_name = serializers.CharField(source="scope.name")


class MeOut(serializers.Serializer):
    """Who you are here."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    unit = serializers.UUIDField(source="unit_id", allow_null=True)
    unit_name = serializers.CharField(source="unit.name", default=None, allow_null=True)
    roles = RoleOut(many=True)


class ImportIn(serializers.Serializer):
    """A CSV text of people or units. With ``dry_run`` it only tells what it would do."""

    csv = serializers.CharField(max_length=LARGEST_FILE_BYTES, trim_whitespace=False)
    dry_run = serializers.BooleanField(default=False)


class ProblemOut(serializers.Serializer):
    line = serializers.IntegerField()
    column = serializers.CharField()
    sentence = serializers.CharField()


class ImportOut(serializers.Serializer):
    """How many rows were (or would be) added, changed and so on, and what must be mended first."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in ImportKind])
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    left = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    stays_left = serializers.IntegerField()
    problems = ProblemOut(many=True)


class OfficeHoldingOut(serializers.Serializer):
    """Somebody holds an office from one day to another, both inclusive; an empty one is open or not on record."""

    id = serializers.UUIDField()
    holder_name = serializers.CharField()
    person = serializers.UUIDField(
        source="user_id", allow_null=True, help_text="The holder's account, if they have one."
    )
    kind = serializers.ChoiceField(choices=HoldingKind.choices)
    from_on = serializers.DateField(allow_null=True)
    to_on = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    version = serializers.IntegerField()


class OfficeOut(serializers.Serializer):
    """An office and who holds it on the day asked for: null when it is vacant that day or there is no such office."""

    id = serializers.UUIDField(source="office.id")
    scope = serializers.UUIDField(source="office.scope_id")
    scope_name = serializers.CharField(source="office.scope.name")
    title = serializers.CharField(source="office.title")
    body = serializers.CharField(source="office.body")
    established_on = serializers.DateField(source="office.established_on", allow_null=True)
    abolished_on = serializers.DateField(source="office.abolished_on", allow_null=True)
    successor = serializers.UUIDField(source="office.successor_id", allow_null=True)
    clerk = serializers.UUIDField(source="office.clerk_id", allow_null=True)
    source = serializers.CharField(source="office.source")  # type: ignore[assignment]
    holder = OfficeHoldingOut(source="holding", allow_null=True)
    version = serializers.IntegerField(source="office.version")


class OfficeDay(serializers.Serializer):
    """The day on which holders are asked for; today without one."""

    on = serializers.DateField(required=False)


class OfficeFilter(OfficeDay):
    """What the list of offices may be narrowed by."""

    scope = serializers.UUIDField(required=False)


class OfficeIn(serializers.Serializer):
    title = LineField(max_length=TITLE_LENGTH)
    body = LineField(max_length=TITLE_LENGTH)
    established_on = serializers.DateField(required=False, allow_null=True)
    abolished_on = serializers.DateField(required=False, allow_null=True)
    successor = serializers.UUIDField(required=False, allow_null=True)
    clerk = serializers.UUIDField(required=False, allow_null=True)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]


class NewOfficeIn(OfficeIn):
    """An office of a portfolio's scope or of the organisation's."""

    scope = serializers.UUIDField()


class OfficeChangeIn(OfficeIn):
    """What to change. ``version`` is the one you read."""

    version = VersionField()
    title = LineField(max_length=TITLE_LENGTH, required=False)
    body = LineField(max_length=TITLE_LENGTH, required=False)


class OfficeHoldingIn(serializers.Serializer):
    holder_name = LineField(max_length=NAME_LENGTH)
    person = serializers.UUIDField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=HoldingKind.choices, default=HoldingKind.SUBSTANTIVE)
    from_on = serializers.DateField(required=False, allow_null=True)
    to_on = serializers.DateField(required=False, allow_null=True)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]


class OfficeHoldingChangeIn(serializers.Serializer):
    """What to correct. ``version`` is the one you read."""

    version = VersionField()
    holder_name = LineField(max_length=NAME_LENGTH, required=False)
    person = serializers.UUIDField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=HoldingKind.choices, required=False)
    from_on = serializers.DateField(required=False, allow_null=True)
    to_on = serializers.DateField(required=False, allow_null=True)
    source = LineField(max_length=SOURCE_LENGTH, required=False, allow_blank=True)  # type: ignore[assignment]


class OfficeHoldingEndIn(serializers.Serializer):
    to_on = serializers.DateField(help_text="The last day, inclusive.")
