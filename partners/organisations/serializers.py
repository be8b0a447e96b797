from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from partners.organisations.enums import Sector
from partners.organisations.rules import ABOUT_LENGTH, NAME_LENGTH, SOURCE_LENGTH
from partners.people.rules import LINES, LINES_ONLY
from partners.people.serializers import LineField

MOST_VERSIONS = 2**31 - 1


class AboutField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=ABOUT_LENGTH, allow_blank=True, **options)
        self.validators.append(RegexValidator(LINES, LINES_ONLY))


@extend_schema_serializer(component_name="PartnerOrganisation")
class OrganisationOut(serializers.Serializer):
    """An organisation outside that we deal with."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    sector = serializers.ChoiceField(choices=Sector.choices)
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    version = serializers.IntegerField()


class PartnerOrganisationIn(serializers.Serializer):
    """``request_key`` is your own UUID of the request; it becomes the id, and a repeat adds nothing new."""

    name = LineField(max_length=NAME_LENGTH)
    sector = serializers.ChoiceField(choices=Sector.choices)
    about = AboutField(default="")
    source = LineField(max_length=SOURCE_LENGTH, allow_blank=True, default="")  # type: ignore[assignment]
    request_key = serializers.UUIDField(required=False)


class PartnerOrganisationChangeIn(serializers.Serializer):
    """What to change. ``version`` is the one you read."""

    version = serializers.IntegerField(min_value=1, max_value=MOST_VERSIONS)
    name = LineField(max_length=NAME_LENGTH, required=False)
    sector = serializers.ChoiceField(choices=Sector.choices, required=False)
    about = AboutField(required=False)
    source = LineField(max_length=SOURCE_LENGTH, allow_blank=True, required=False)  # type: ignore[assignment]


class OrganisationFilter(serializers.Serializer):
    """What the list of organisations may be narrowed by."""

    q = LineField(max_length=NAME_LENGTH, required=False, help_text="Words of the name.")
    sector = serializers.ChoiceField(choices=Sector.choices, required=False)


class ContactOut(serializers.Serializer):
    """Somebody whom we write to; after ``ended_at`` they cannot sign in."""

    id = serializers.UUIDField()
    organisation = serializers.UUIDField(source="organisation_id")
    person = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    job_title = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ContactIn(serializers.Serializer):
    """``request_key`` is your own UUID of the request; it becomes the id, and a repeat adds nothing new."""

    name = LineField(max_length=NAME_LENGTH)
    email = serializers.EmailField(max_length=254)
    job_title = LineField(max_length=NAME_LENGTH, allow_blank=True, default="")
    request_key = serializers.UUIDField(required=False)
