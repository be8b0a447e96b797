"""Token secrets, the tree of units, the words of a browser, and what may stand on one line."""

import hashlib
import secrets
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from partners.audit.rules import Refused

TOKEN_PREFIX = "tp_"
TOKEN_BYTES = 24  # 192 bits
LONGEST_TOKEN_DAYS = 365

# No control characters, Unicode line breaks, marks that turn the direction of what follows, half characters; and not only
# characters that nobody sees, which would make a link without words.
UNSEEN = r"\u00ad\u115f\u1160\u200b-\u200f\u2060-\u2064\u3164\ufeff"
ONE_LINE = rf"^(?![{UNSEEN}]+\Z)[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]*\Z"
ONE_LINE_ONLY = "Write this on one line, without tabs or other control characters"
# As ONE_LINE, and line breaks and tabs are allowed.
LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]*\Z"
LINES_ONLY = "Take the control characters out of this text"
# The first that matches: Edge and Opera also call themselves Chrome, Chrome also calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
Key = TypeVar("Key", bound=Hashable)


class LastAdministrator(Refused):
    """Nobody would be left who can manage people and settings."""


def whom_you_mean(found: Sequence[str], *, is_exact: bool) -> str:
    """What to tell somebody whose words name nobody, or several people."""
    if not found:
        return "Nobody with an account has this address or name. Check it, or ask an administrator to add them"
    named = " or ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
    if is_exact:
        return f"Several people have this name. Type the address of the one that you mean: {named}"
    return f"Nobody has exactly this address or name. Did you mean {named}? Type their address"


def plain_line_breaks(text: str) -> str:
    """A browser sends two characters for each line break and counts one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def new_secret() -> str:
    """A fresh token secret, shown once."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal; enough for a secret of 192 random bits, which nobody can guess from its hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_administrators_left(others: int) -> None:
    """Raises: LastAdministrator when no other active administrator stays."""
    if not others:
        raise LastAdministrator(
            "This is the last administrator: nobody could manage people and settings any more. "
            "Make somebody else administrator first."
        )


def below(unit: Key, parents: Mapping[Key, Key | None]) -> set[Key]:
    """The unit and every unit below it; ``parents`` holds the parent of each."""
    children: dict[Key, list[Key]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found, waiting = {unit}, [unit]
    while waiting:
        fresh = [child for child in children.get(waiting.pop(), []) if child not in found]
        found.update(fresh)
        waiting += fresh
    return found


def units_in_a_circle(parents: Mapping[Key, Key | None]) -> list[Key]:
    """Units from which the way up leads back to themselves, in the order given."""
    settled: set[Key] = set()
    circles: set[Key] = set()
    for start in parents:
        path: dict[Key, None] = {}
        unit: Key | None = start
        while unit is not None and unit not in settled and unit not in path:
            path[unit] = None
            unit = parents.get(unit)
        if unit in path:
            walked = list(path)
            circles.update(walked[walked.index(unit) :])
        settled.update(path)
    return [unit for unit in parents if unit in circles]


def browser_words(user_agent: str) -> str:
    """Reads "Firefox on Windows"; "A browser" where neither is known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser
