from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import workstreams_visible_to


def workstream_in(request: Request, workstream_id: UUID) -> Workstream:
    """Raises: Http404 for what the person may not see."""
    found: Workstream = get_object_or_404(workstreams_visible_to(person_of(request)), pk=workstream_id)
    return found


def programme_in(request: Request, programme_id: UUID) -> Programme:
    """Raises: Http404 for what the person may not see."""
    found: Programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    return found


def valid(serializer: Serializer) -> dict[str, Any]:
    """What was sent, cleaned. Raises: ValidationError."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
