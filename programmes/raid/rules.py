"""Scores, what an entry of each kind must say, days of reminders, and who is named in a text. Plain values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from partners.audit.rules import Refused, listed
from partners.calendar.rules import WEEKEND, BeyondCalendar, WorkingCalendar
from partners.clock.rules import instant, local_date, words_for_date

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 4000
OUTCOME_LENGTH = 300
COMMENT_LENGTH = 2000
SCALE = range(1, 6)
REMINDED_AT = time(9, 0)
DAYS_BEFORE, DAYS_OVERDUE, DAYS_USEFUL = 3, 2, 5
SCORED = ("likelihood", "impact", "residual_likelihood", "residual_impact", "response")
# The parts of a score that each kind has.
SCORED_PARTS: dict[str, tuple[str, ...]] = {"risk": SCORED, "assumption": (), "issue": ("impact",), "action": ()}
# From which score on, in a word, and the rating whose shape and colour stand beside it.
BANDS = ((15, "Very high", "red"), (10, "High", "amber_red"), (5, "Medium", "amber"), (1, "Low", "green"))
NAMED = re.compile(r"(?:^|(?<=[\s(]))@(?=\S)")


@dataclass(frozen=True, slots=True)
class Score:
    """Likelihood times impact, 1 to 25."""

    value: int

    @property
    def word(self) -> str:
        return self._band[1]

    @property
    def look(self) -> str:
        return self._band[2]

    @property
    def words(self) -> str:
        """Reads "High, 12 of 25"."""
        return f"{self.word}, {self.value} of 25"

    @property
    def _band(self) -> tuple[int, str, str]:
        return next(band for band in BANDS if self.value >= band[0])


def score_of(likelihood: int | None, impact: int | None) -> Score | None:
    """None where one of the two is missing."""
    return Score(likelihood * impact) if likelihood and impact else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of an entry. ``due_on``: an action is done by then, anything else is looked at again.

    Likelihoods and impacts run from 1 to 5. A residual score that is left out is the first one.
    """

    title: str
    description: str = ""
    owner_id: UUID | None = None
    workstream_id: UUID | None = None
    is_in_report: bool = False
    due_on: date | None = None
    likelihood: int | None = None
    impact: int | None = None
    residual_likelihood: int | None = None
    residual_impact: int | None = None
    response: str = ""


def parts_for(kind: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry of this kind takes over from one of another: an action gets a day of its own."""
    left_out = set(SCORED) - set(SCORED_PARTS[kind]) | ({"due_on"} if kind == "action" else set())
    return {part: value for part, value in parts.items() if part not in left_out}


def check_score(kind: str, facts: Facts) -> None:
    """Raises: Refused at the part to mend when a kind lacks a part of its score, or has one that is not its own."""
    needed = {"risk": ("likelihood", "impact"), "issue": ("impact",)}.get(kind, ())
    for part in SCORED:
        value, name = getattr(facts, part), part.replace("_", " ")
        if value and part not in SCORED_PARTS[kind]:
            raise Refused(
                f"Only a risk {'or an issue ' if part == 'impact' else ''}has a {name}. Leave it out.", field=part
            )
        if part in needed and value is None:
            raise Refused(f"Choose the {name}.", field=part)
        if part != "response" and value is not None and value not in SCALE:
            raise Refused(f"The {name} runs from 1 to 5.", field=part)
    if (facts.residual_likelihood is None) != (facts.residual_impact is None):
        part = "residual_impact" if facts.residual_impact is None else "residual_likelihood"
        raise Refused("Choose both for the score after treatment, or neither.", field=part)


@dataclass(frozen=True, slots=True)
class Notice:
    """One reminder of a due day. ``to_owner``: else it goes to whoever is in charge of the programme."""

    key: str
    due_at: datetime
    due_reason: str
    valid_until: datetime
    to_owner: bool


def level_up_of(told_at: datetime, *, calendar: WorkingCalendar) -> Notice:
    """What is overdue goes one level up, two working days after whoever is in charge was told, and never before."""
    day = _add(calendar, local_date(told_at), DAYS_OVERDUE)
    last = instant(_add(calendar, day, DAYS_USEFUL), time.max)
    reason = "Two working days after whoever is in charge was told"
    return Notice("level_up", instant(day, REMINDED_AT), reason, last, False)


def notices_of(due_on: date, *, calendar: WorkingCalendar) -> list[Notice]:
    """Three working days before, on the day (the working day before where it is not worked), two working days after."""
    before, on, over = (
        _add(calendar, due_on, -DAYS_BEFORE),
        _on_or_before(calendar, due_on),
        _add(calendar, due_on, DAYS_OVERDUE),
    )
    last = instant(_add(calendar, over, DAYS_USEFUL), time.max)
    day = words_for_date(due_on)
    return [
        Notice(
            "before", instant(before, REMINDED_AT), f"Three working days before {day}", instant(on, REMINDED_AT), True
        ),
        Notice("due", instant(on, REMINDED_AT), f"It is due on {day}", instant(over, REMINDED_AT), True),
        Notice("overdue", instant(over, REMINDED_AT), f"Two working days after {day}", last, False),
    ]


def _add(calendar: WorkingCalendar, day: date, working_days: int) -> date:
    """Past the years whose bank holidays are known, every Monday to Friday counts."""
    try:
        return calendar.add(day, working_days)
    except BeyondCalendar:
        step = timedelta(days=1 if working_days > 0 else -1)
        for _ in range(abs(working_days)):
            day += step
            while day.weekday() in WEEKEND:
                day += step
        return day


def _on_or_before(calendar: WorkingCalendar, day: date) -> date:
    try:
        return calendar.on_or_before(day)
    except BeyondCalendar:
        while day.weekday() in WEEKEND:
            day -= timedelta(days=1)
        return day


def named_in(text: str, people: Mapping[UUID, tuple[str, str]]) -> list[UUID]:
    """Whom a text names as "@Ama Mensah" or "@ama@example.org", of these people by id with name and address.

    The longest name counts; upper and lower case are the same. An @ within a word names nobody.

    Raises: Refused at ``text`` for a name that is none of theirs, or that several of them have.
    """
    found: list[UUID] = []
    for at in NAMED.finditer(text):
        rest = text[at.end() :]
        fits = [
            (len(called), person)
            for person, names in people.items()
            for called in names
            if called and _begins_with(rest, called)
        ]
        longest = max((length for length, _ in fits), default=0)
        meant = list(dict.fromkeys(person for length, person in fits if length == longest))
        if not meant:
            raise Refused(
                f"Nobody called {rest.split()[0].rstrip('.,;:!?)')} may see this programme. Write @ and the whole name of "
                "somebody who may, or choose them from the list.",
                field="text",
            )
        if len(meant) > 1:
            addresses = listed(sorted(people[person][1] for person in meant))
            raise Refused(
                f"Several people are called {rest[:longest]}. Write @ and the address of the one you mean: {addresses}.",
                field="text",
            )
        found += meant
    return list(dict.fromkeys(found))


def _begins_with(text: str, name: str) -> bool:
    return text[: len(name)].casefold() == name.casefold() and not text[len(name) : len(name) + 1].isalnum()


@dataclass(frozen=True, slots=True)
class HeatCell:
    """How many open risks have one likelihood and one impact after treatment."""

    impact: int
    score: Score
    count: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    likelihood: int
    cells: Sequence[HeatCell]


def heat_map(counts: Mapping[tuple[int, int], int]) -> list[HeatRow]:
    """Five rows from the most to the least likely, five cells from the least to the worst impact."""
    return [
        HeatRow(
            likelihood,
            [HeatCell(impact, Score(likelihood * impact), counts.get((likelihood, impact), 0)) for impact in SCALE],
        )
        for likelihood in reversed(SCALE)
    ]
