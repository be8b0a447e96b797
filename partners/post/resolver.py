"""Asks the mail system which messages it accepted: the log of a mail server, or something that answers over https."""

import gzip
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Protocol
from urllib.error import URLError
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import urlopen

from django.conf import settings

from partners.post.enums import Acceptance

log = logging.getLogger(__name__)
SECONDS = 10
MOST_BYTES = 10_000
BEGAN = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
TAKEN_IN = re.compile(r"(?:\s(?P<queued_as>\w+):)? message-id=(?P<message_id><[^>]*>)(?P<rest>.*)")
WENT_ON = re.compile(r"\s(?P<queued_as>\w+): (?:.*\bstatus=\w|from=.*queue active|removed)")
SAYS_SO = re.compile(r"\bstatus=(?:sent|accepted)\b")


class Resolver(Protocol):
    """Something that knows which messages the mail system accepted."""

    def asked(self, message_id: str, *, since: datetime | None) -> Acceptance:
        """Whether it accepted the message, which cannot have been handed over before ``since`` (real time)."""


@dataclass(frozen=True)
class LogFile:
    """The log of a mail server, as Postfix writes it; read once. ``pattern`` may name rotated files too, also gzipped.

    Postfix writes the Message-ID while the message still comes in, under an id of its queue; that it was accepted is
    said by a later line of the same id. A message that is not there was not accepted, if the log reaches back so far.
    """

    pattern: str

    def asked(self, message_id: str, *, since: datetime | None) -> Acceptance:
        if message_id in self._accepted:
            return Acceptance.ACCEPTED
        reaches_back = since is not None and self._began_at is not None and self._began_at <= since
        return Acceptance.NOT_ACCEPTED if reaches_back else Acceptance.CANNOT_TELL

    @cached_property
    def _began_at(self) -> datetime | None:
        firsts = [moment for path in self._paths if (moment := _moment(next(_lines(path), "")))]
        return min(firsts, default=None)

    @cached_property
    def _accepted(self) -> set[str]:
        coming_in: dict[str, str] = {}
        accepted: set[str] = set()
        for path in self._paths:
            for line in _lines(path):
                if found := TAKEN_IN.search(line):
                    if SAYS_SO.search(found["rest"]):
                        accepted.add(found["message_id"])
                    elif found["queued_as"] and found["message_id"].endswith(f"@{settings.MESSAGE_ID_DOMAIN}>"):
                        coming_in[found["queued_as"]] = found["message_id"]
                elif (went_on := WENT_ON.search(line)) and went_on["queued_as"] in coming_in:
                    accepted.add(coming_in.pop(went_on["queued_as"]))
        return accepted

    @cached_property
    def _paths(self) -> list[Path]:
        """Oldest first."""
        return sorted(map(Path, glob(self.pattern)), key=lambda path: path.stat().st_mtime)


@dataclass(frozen=True)
class Endpoint:
    """Answers ``?message_id=`` with ``{"accepted": true}`` or false; whatever else it says, it cannot tell."""

    url: str

    def asked(self, message_id: str, *, since: datetime | None) -> Acceptance:
        joint = "&" if urlsplit(self.url).query else "?"
        try:
            address = f"{self.url}{joint}{urlencode({'message_id': message_id})}"
            with urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - https, as config/environment.py sees to
                said = json.loads(answer.read(MOST_BYTES))
        except (URLError, OSError, ValueError) as failure:
            log.warning("The mail system could not be asked about %s: %s", message_id, failure)
            return Acceptance.CANNOT_TELL
        match said:
            case {"accepted": True}:
                return Acceptance.ACCEPTED
            case {"accepted": False}:
                return Acceptance.NOT_ACCEPTED
        return Acceptance.CANNOT_TELL


def installed_resolver() -> Resolver | None:
    """What this installation asks, or None where nothing was named."""
    url: str = settings.POST["resolver"]
    if not url:
        return None
    parts = urlsplit(url)
    return LogFile(unquote(parts.path)) if parts.scheme == "file" else Endpoint(url)


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", errors="replace") if path.suffix == ".gz" else path.open(errors="replace") as file:
            yield from file
    except (OSError, EOFError) as failure:
        log.warning("%s could not be read to its end: %s", path, failure)


def _moment(line: str) -> datetime | None:
    found = BEGAN.match(line)
    return datetime.fromisoformat(found[0]) if found else None
