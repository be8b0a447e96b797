from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

_ENCODER = JSONEncoder()


class FastJSONRenderer(JSONRenderer):
    """JSON by orjson; what orjson does not know is encoded as Django REST framework does."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_ENCODER.default, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
