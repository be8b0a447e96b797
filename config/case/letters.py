"""Which letters the case has to have brought, worked out from its data files alone, and which the mail server took.

Nothing here knows the product: what is expected comes from `data/letters.toml` and `data/review.toml`, what was taken from
the files of the mailbox.
"""

import email
import email.policy
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
EMAIL_DOMAIN = "example.org"
DEMO_MARK = "DEMO: "  # before every subject, outside production
SATURDAY = 5


@dataclass(frozen=True, slots=True, order=True)
class Letter:
    """One letter to one person on one day of the case."""

    on: date
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Letters expected against letters taken; ``on_closed_days`` went out when nobody works."""

    expected: int
    taken: int
    lost: list[Letter]
    doubled: list[Letter]
    unexpected: list[Letter]
    on_closed_days: list[Letter]

    @property
    def is_good(self) -> bool:
        return not self.complaints()

    def complaints(self) -> list[str]:
        """A line for each letter that is wrong."""
        wrong = {
            "Lost": self.lost,
            "Doubled": self.doubled,
            "Not expected": self.unexpected,
            "On a day on which nobody works": self.on_closed_days,
        }
        return [
            f"{what}: {letter.on:%-d %B %Y}, {letter.to}, {letter.subject}"
            for what, letters in wrong.items()
            for letter in letters
        ]


def expected() -> list[Letter]:
    """Every letter that has to arrive by the end of the case."""
    data, review = _table("letters.toml"), _table("review.toml")
    titles = {row["key"]: row["title"] for row in review["consultations"]}
    answered = {row["by"]: row["at"] for row in review["responses"]}
    letters = [
        Letter(notice["at"].date(), _address(key), notice["subject"] + titles[consultation])
        for notice in data["notices"]
        for consultation, asked in data["asked"].items()
        for key in asked
        if key not in answered or answered[key] > notice["at"]
    ]
    late = data["receipts"]["late"]
    return letters + [
        Letter(
            late.get(row["by"], row["at"].date()),
            _address(row["by"]),
            data["receipts"]["subject"] + titles[row["consultation"]],
        )
        for row in review["responses"]
    ]


def balance(taken: Iterable[Letter]) -> Balance:
    """What was taken beside what was expected."""
    wanted, found = Counter(expected()), Counter(taken)
    holidays = set(_table("letters.toml")["bank_holidays"])
    return Balance(
        expected=wanted.total(),
        taken=found.total(),
        lost=sorted((wanted - found).elements()),
        doubled=sorted(letter for letter, count in found.items() for _ in range(count - 1)),
        unexpected=sorted(letter for letter in found if letter not in wanted),
        on_closed_days=sorted(letter for letter in found if letter.on.weekday() >= SATURDAY or letter.on in holidays),
    )


class Mailbag:
    """Reads the files that a mailbox keeps, each once; the day of a letter is the day of the case on which it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.letters: list[Letter] = []
        self._read: set[str] = set()

    def collect(self, now: datetime) -> list[Letter]:
        """The letters that came since the last look."""
        fresh = []
        for path in sorted(self.folder.glob("*.eml")):
            if path.name not in self._read:
                self._read.add(path.name)
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                subject = str(message["Subject"]).removeprefix(DEMO_MARK)
                fresh.append(Letter(now.date(), str(message["X-Envelope-To"]), subject))
        self.letters += fresh
        return fresh


def _address(key: str) -> str:
    return f"{key}@{EMAIL_DOMAIN}"


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text())
