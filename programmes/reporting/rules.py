"""What a status must say, what speaks against a rating, and how a draft is kept. Plain values in, plain values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from partners.audit.rules import Refused, listed
from partners.clock.rules import UK, local_date, words_for_date
from partners.people.rules.typed import check_day, lines, one_line
from programmes.reporting.enums import ContradictionKind
from programmes.workstreams.rules import ASK_LENGTH, CHANGED_LENGTH, NO_ASK

GREEN = "green"
RATINGS = ("green", "amber", "red")  # worst last
DIMENSIONS = ("schedule", "cost", "scope", "benefits")
STEP_LENGTH = 300
MOST_STEPS = 20
NEW_STEPS = 3  # rows that the form offers
PATH_LENGTH = 1000
EXPLANATION_LENGTH = 500
WORDS_LENGTH = 500  # of a contradiction
QUESTION_LENGTH = 1000
DRAFT_LENGTH = 20_000  # characters of everything typed in one window
MOST_WINDOWS = 5
# The fields of the form that a draft keeps.
TYPED = (
    "rating",
    *DIMENSIONS,
    "changed",
    "done",
    *(f"step_{number}" for number in range(1, NEW_STEPS + 1)),
    "path_to_green",
    "path_owner",
    "path_due_on_day",
    "path_due_on_month",
    "path_due_on_year",
    "ask_kind",
    "ask",
    *(f"explain_{kind}" for kind in ContradictionKind),
)


@dataclass(frozen=True, slots=True)
class StepGiven:
    """A next step as the author gives it."""

    text: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened since the last report, in one sentence, and its day."""

    kind: str
    words: str
    on: date

    def kept(self) -> dict[str, str]:
        """As the update keeps it."""
        return {"kind": self.kind, "words": self.words, "on": self.on.isoformat()}


@dataclass(frozen=True, slots=True)
class Ratings:
    """The whole, and each dimension; a dimension is None only where history has none."""

    overall: str
    schedule: str | None = None
    cost: str | None = None
    scope: str | None = None
    benefits: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What is known and speaks against a rating: one for each kind. ``against`` names the ratings that it speaks against,
    each with the worst that would contradict it."""

    kind: ContradictionKind
    words: str
    against: Mapping[str, str]

    def contradicts(self, ratings: Ratings) -> bool:
        """Whether one of these ratings is as good as what this speaks against, or better."""
        return any(
            RATINGS.index(rating) <= RATINGS.index(worst)
            for name, worst in self.against.items()
            if (rating := getattr(ratings, name)) is not None
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The words of a report, cleaned."""

    changed: str
    steps: tuple[StepGiven, ...]
    ask: str
    path_to_green: str


def report_of(
    *,
    rating: str,
    changed: str,
    steps: Iterable[StepGiven],
    ask_kind: str,
    ask: str,
    path_to_green: str,
    path_owner_id: UUID | None,
    path_due_on: date | None,
    today: date,
) -> Report:
    """Raises: Refused for text that is missing, too long or holds control characters; for an ask without words or words
    without a kind; and where it is not green for a path to green without words, owner or a day from ``today`` on."""
    text = Report(
        changed=lines(changed, limit=CHANGED_LENGTH, field="changed", named="what changed", required=True),
        steps=cleaned_steps(steps),
        ask=lines(ask, limit=ASK_LENGTH, field="ask", named="what you need"),
        path_to_green=lines(path_to_green, limit=PATH_LENGTH, field="path_to_green", named="the path to green"),
    )
    if ask_kind == NO_ASK and text.ask:
        raise Refused("You wrote what you need. Choose what kind of help it is, or clear the text.", field="ask_kind")
    if ask_kind != NO_ASK and not text.ask:
        raise Refused("Say what you need and by when, or choose that you need nothing.", field="ask")
    _check_path(rating, text.path_to_green, path_owner_id, path_due_on, today)
    return text


def cleaned_steps(steps: Iterable[StepGiven]) -> tuple[StepGiven, ...]:
    """Without empty ones; one that is said twice counts once, and as done if it is done either time.

    Raises: Refused at ``steps``.
    """
    found: dict[str, bool] = {}
    for step in steps:
        text = one_line(step.text, limit=STEP_LENGTH, field="steps", named="the next step", required=False)
        if text:
            found[text] = found.get(text, False) or step.is_done
    if len(found) > MOST_STEPS:
        raise Refused(f"Give at most {MOST_STEPS} next steps: join some, or tick what is done.", field="steps")
    return tuple(StepGiven(text, is_done) for text, is_done in found.items())


def with_carried(steps: Iterable[StepGiven], still_open: Iterable[str]) -> list[StepGiven]:
    """What was open last time and is not named stays open, before what is new."""
    given = list(steps)
    named = {step.text.strip() for step in given}
    return [*(StepGiven(text) for text in still_open if text not in named), *given]


def explained(
    found: Iterable[Contradiction], ratings: Ratings, explanations: Mapping[str, str]
) -> list[tuple[Contradiction, str]]:
    """What speaks against these ratings, each with how the author explains it.

    Raises: Refused at ``explain_<kind>`` of the first that is not explained, naming each.
    """
    against = [each for each in found if each.contradicts(ratings)]
    given = {
        each.kind: one_line(
            " ".join(explanations.get(each.kind, "").split()),
            limit=EXPLANATION_LENGTH,
            field=f"explain_{each.kind}",
            named="the explanation",
            required=False,
        )
        for each in against
    }
    missing = [each for each in against if not given[each.kind]]
    if missing:
        raise Refused(
            f"Your ratings stand beside something that speaks against them: {listed([each.words for each in missing])}. "
            "Explain it, or change the rating.",
            field=f"explain_{missing[0].kind}",
        )
    return [(each, given[each.kind]) for each in against]


def joined(named: Sequence[str], *, most: int = 3) -> str:
    """Reads "a, b, c and 2 more"."""
    more = len(named) - most
    return listed(list(named) if more <= 0 else [*named[:most], f"{more} more"])


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in one window and when that was saved, by the name of each field of the form."""

    window: str
    saved_at: datetime
    values: Mapping[str, list[str]]

    @property
    def words(self) -> str:
        """Reads "14:32, UK time", with the day where it is not today's."""
        return words_for_saved(self.saved_at)


def words_for_saved(moment: datetime, now: datetime | None = None) -> str:
    """Reads "14:32, UK time", or "14:32 on Friday 18 September 2026, UK time" where ``now`` is on another day."""
    day = f" on {words_for_date(local_date(moment))}" if now and local_date(now) != local_date(moment) else ""
    return f"{moment.astimezone(UK):%H:%M}{day}, UK time"


def windows_of(content: Mapping[str, Any]) -> list[Typed]:
    """What each window kept, the last saved first."""
    found = [
        Typed(window, datetime.fromisoformat(kept["saved_at"]), kept["values"])
        for window, kept in content.get("windows", {}).items()
    ]
    return sorted(found, key=lambda each: (each.saved_at, each.window), reverse=True)


def with_window(
    content: Mapping[str, Any],
    *,
    window: str,
    values: Mapping[str, list[str]],
    continues: str,
    seen: str,
    now: datetime,
) -> dict[str, Any]:
    """The draft once ``window`` has saved. It takes the place of the window that it continues, unless that one has saved
    again since ``seen``; what another window kept stays, up to five of them.

    Raises: Refused where that is too much to keep.
    """
    if sum(len(text) for texts in values.values() for text in texts) > DRAFT_LENGTH:
        raise Refused(f"This is too long to keep as a draft: {DRAFT_LENGTH:,} characters at most.")
    windows = dict(content.get("windows", {}))
    if continues in windows and windows[continues]["saved_at"] == seen:
        del windows[continues]
    windows[window] = {"saved_at": now.isoformat(), "values": {name: list(texts) for name, texts in values.items()}}
    latest = sorted(windows, key=lambda each: (each == window, windows[each]["saved_at"]), reverse=True)
    return {"windows": {each: windows[each] for each in latest[:MOST_WINDOWS]}}


def _check_path(rating: str, path: str, owner_id: UUID | None, due_on: date | None, today: date) -> None:
    if rating == GREEN:
        if path or owner_id or due_on:
            raise Refused(
                "A path to green is for a status that is not on track. Clear it, or choose another rating.",
                field="path_to_green",
            )
        return
    if not path:
        raise Refused("Say what brings it back on track: the path to green.", field="path_to_green")
    if owner_id is None:
        raise Refused("Name who sees to the path to green.", field="path_owner")
    if due_on is None:
        raise Refused("Give the day by which it is back on track.", field="path_due_on")
    check_day(due_on, field="path_due_on", named="The day by which it is back on track")
    if due_on < today:
        raise Refused(
            "The day by which it is back on track is over. Give a day from today on.",
            field="path_due_on",
        )
