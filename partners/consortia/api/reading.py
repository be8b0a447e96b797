from typing import Any

from rest_framework.serializers import Serializer


def valid(serializer: Serializer) -> dict[str, Any]:
    """What was sent, checked. Raises: ValidationError, which is answered with 400."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
