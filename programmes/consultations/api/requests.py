"""What every endpoint of the room reads from a request."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="A UUID; a repeat does nothing new."
)


def request_key(request: Request) -> UUID:
    """The caller's own key of this act. Raises: ValidationError when it is missing or no UUID."""
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise ValidationError(
            {"Idempotency-Key": ["Send a header Idempotency-Key with a new UUID, and the same one when you repeat."]}
        ) from None


def valid(serializer: Serializer) -> dict[str, Any]:
    """What was sent, checked. Raises: ValidationError."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
