"""What the API reads: JSON whose every text can be stored."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

LARGEST_BODY_BYTES = 6 * 1024 * 1024  # an import of 2 MB, with every character escaped in the worst case
DEEPEST = 50


class PlainJSONParser(JSONParser):
    """Refuses what would fail further in: other encodings, NUL, half characters, endless numbers and nesting."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(LARGEST_BODY_BYTES + 1)
        if len(body) > LARGEST_BODY_BYTES:
            raise ParseError("The body is larger than 6 MB. Send less at once.")
        try:
            data = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8. Encode it as UTF-8.") from None
        except RecursionError:
            raise ParseError(f"The body is nested more than {DEEPEST} deep. Send it flatter.") from None
        except ValueError as problem:
            raise ParseError(f"The body is not JSON: {problem}. Mend it, then send it again.") from None
        for place, value, depth in _leaves(data):
            _check(place, value, depth)
        return data


def _refuse_constant(word: str) -> None:
    raise ParseError(f"{word} is not JSON. Leave the value out, or send null.")


def _leaves(data: Any) -> Iterator[tuple[str, Any, int]]:
    """Every value and every key with its place such as ``answers.2.text``; without recursion."""
    waiting = [("", data, 0)]
    while waiting:
        place, value, depth = waiting.pop()
        if isinstance(value, dict):
            yield from ((place, key, depth) for key in value)
            waiting += [(f"{place}.{key}".lstrip("."), child, depth + 1) for key, child in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}.{number}".lstrip("."), child, depth + 1) for number, child in enumerate(value)]
        yield place, value, depth


def _check(place: str, value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError(f"The body is nested more than {DEEPEST} deep. Send it flatter.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ParseError(f"The number at {_told(place)} is too large. Send a smaller one.")
    if isinstance(value, str) and ("\0" in value or not _is_whole(value)):
        raise ParseError(f"The text at {_told(place)} holds a NUL or half a character. Take it out.")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _told(place: str) -> str:
    return place.encode("ascii", "replace").decode()[:100] or "the top"
