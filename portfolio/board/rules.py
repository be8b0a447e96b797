"""What may be searched, sorted and narrowed, and how. Plain values in, plain values out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode

from partners.clock.rules import words_for_date

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 100
MOST_WORDS = 8
SEARCHED = {
    "programmes": "Programmes",
    "workstreams": "Workstreams",
    "reviews": "Reviews",
    "consultations": "Consultations",
    "lessons": "Lessons",
    "positions": "Positions (views, not decisions)",
    "consortia": "Consortia",
    "organisations": "Organisations",
    "tasks": "My tasks",
    "people": "People",
}


def words_of(text: str) -> list[str]:
    """The words that a result must hold, each once, in the order typed; at most ``MOST_WORDS``."""
    return list(dict.fromkeys(text.casefold().split()))[:MOST_WORDS]


# The orders of the board: the column that each sorts by, in the order of its columns.
SORTS = {
    "worst": "Most in need of attention first",
    "name": "Name",
    "stage": "Stage",
    "silent": "Most silent workstreams first",
    "oldest": "Longest without a report first",
    "asks": "Most asks first",
    "review": "Review that closes next first",
}
# What lifts a programme out of the many, the worst first.
SIGNALS = {
    "red": "Off track",
    "watermelon": "On track beside a critical milestone that slipped",
    "refused": "Refused at a gate",
    "silent": "With silent workstreams",
    "late": "With a stage that is late",
    "provider": "Waiting for a workstream that is off track",
    "diverging": "Rated differently by assurance",
    "conditions": "With conditions of a gate to meet",
    "gate": "With a gate due",
}
ONLY = {
    "exceptions": "With any exception",
    **SIGNALS,
    "asks": "With open asks",
    "review": "With an open review",
    "ended": "That have ended",
}
VIEW_NAME_LENGTH = 100
VIEW_QUERY_LENGTH = 500
MOST_VIEWS = 50  # of one person on one portfolio
REFUSED = {"pause": "paused", "stop": "stopped"}  # at a gate, by what was decided
GATE_DAYS = 30  # A gate is due when its stage is planned to start within so many days.
PAGE_SIZES = (100, 25, 50, 1000)
KEPT = ("q", "stage", "rating", "delivery_model", "only", "sort", "per_page")  # what a saved view keeps


@dataclass(frozen=True, slots=True)
class Check:
    """Something that the records of a portfolio should hold. ``page`` is the name of the page that mends it."""

    title: str
    advice: str
    page: str


CHECKS = {
    "owner": Check("No owner", "Name who owns the programme.", "change_programme"),
    "manager": Check("No programme manager", "Give somebody the role of programme manager.", "scope_roles"),
    "lead": Check("No lead", "Name who leads the workstream and reports on it.", "change_workstream"),
    "silence": Check("No report for two periods", "Ask the lead for a report, or close the workstream.", "workstream"),
    "gate": Check(
        "Gate passed without evidence", "Hold a gate review with evidence, or record the waiver.", "stages_of_programme"
    ),
    "dates": Check("No planned dates", "Plan when the stage starts and finishes.", "stages_of_programme"),
    "action": Check("Overdue action without an owner", "Name who does it, or close it.", "raid_entry"),
    "override": Check(
        "Rating set by the portfolio's office where nobody has reported",
        "Ask for a report, so that the rating rests on one.",
        "programme",
    ),
}


@dataclass(frozen=True, slots=True)
class Raised:
    """Why a programme is an exception: a key of ``SIGNALS``, and what it is in this case."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class SlippedMilestone:
    """A critical milestone that is not achieved: its day has passed, or it is expected after the day first agreed.

    ``green_workstream`` names the workstream that it belongs to, where that last said that it is on track.
    """

    name: str
    working_days: int
    is_overdue: bool
    green_workstream: str = ""


@dataclass(frozen=True, slots=True)
class NextGate:
    """The gate before the next stage, which is due or was refused.

    ``refused_as`` reads "paused" or "stopped", by the decision of ``decided_on``; empty where nothing was refused.
    ``planned_on`` is when the stage is planned to start.
    """

    stage: str
    planned_on: date | None
    has_review: bool
    refused_as: str = ""
    decided_on: date | None = None

    @property
    def words(self) -> str:
        """Reads "Gate to Business transformation: stopped on Monday 2 November 2026"."""
        if self.decided_on:
            return f"Gate to {self.stage}: {self.refused_as} on {words_for_date(self.decided_on)}"
        before = f" before {words_for_date(self.planned_on)}" if self.planned_on else ""
        return f"Gate to {self.stage}{before}{'' if self.has_review else ', no gate review yet'}"


def words_for_conditions(due: Collection[date], *, on: date) -> str:
    """What is said on a day of conditions of gates that are to be met by these days, at least one.

    Reads "2 conditions of a gate to meet, the first by Friday 2 October 2026", or "..., 1 overdue since ...".
    """
    first, overdue = min(due), sum(day < on for day in due)
    when = f"{overdue:,} overdue since" if overdue else "by" if len(due) == 1 else "the first by"
    return f"{counted(len(due), 'condition')} of a gate to meet, {when} {words_for_date(first)}"


def counted(count: int, noun: str) -> str:
    """Reads "1 workstream" or "2 workstreams"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def query_of(asked: Mapping[str, str]) -> str:
    """The filter of a board as the query of its address, without what is empty and without the page."""
    return urlencode([(key, asked[key]) for key in KEPT if asked.get(key)])


def asked_of(query: str) -> dict[str, str]:
    """The filter that the query of an address asks for."""
    return {key: value for key, value in parse_qsl(query.removeprefix("?")) if key in KEPT}
