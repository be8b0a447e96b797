"""What makes a question and an answer valid, what a launch needs, its contacts, and progress that names nobody."""

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import local_date, words_for_instant
from partners.people.rules import LINES, LINES_ONLY
from programmes.reviews.rules import WORKING_DAYS_BETWEEN_CONTACTS

INTRODUCTION_LENGTH = 5000
QUESTION_LENGTH = 500
HELP_LENGTH = 500
QUESTION_LIMIT = 60
OPTION_LIMIT = 20
OPTION_LENGTH = 200
SHORT_TEXT_LENGTH = 300
LONG_TEXT_LENGTH = 5000
SMALLEST_UNIT_SHOWN = 10  # people; common practice of staff surveys
RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads like another
RECEIPT_GROUPS, RECEIPT_GROUP_LENGTH = 3, 4
TASK_PATH = "/tasks/{task_id}/"
ANSWER_PATH = "/answer/{link_id}/{secret}/"
REMOVED = "[removed]"
REASON_LENGTH = 500
NOBODY = (
    "Nobody is asked: nothing is chosen, or the chosen units have no active people and the chosen partners no contacts. "
    "Choose who is asked."
)
NO_ANSWERS: tuple[object, ...] = ("", [], None)
TEXT, LONG_TEXT, ONE, MANY = "short_text", "long_text", "one", "many"
SHAPES = {
    "short_text": TEXT,
    "long_text": LONG_TEXT,
    "single_choice": ONE,
    "scale": ONE,
    "multiple_choice": MANY,
}
LENGTHS = {TEXT: SHORT_TEXT_LENGTH, LONG_TEXT: LONG_TEXT_LENGTH}

Answered = str | list[str]


class NotReady(Refused):
    """A launch lacks something; ``sentences`` has one for each thing."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)


class NotOpen(Refused):
    """Answers are not taken now."""


class Incomplete(Refused):
    """Required questions have no answer; ``sentences`` has one for each."""

    def __init__(self, questions: Sequence[str]) -> None:
        self.sentences = tuple(f"Answer “{text}”" for text in questions)
        super().__init__(f"{'. '.join(self.sentences)}. Then send your answers.")


class AlreadySent(Refused):
    """Nothing changed since the last response."""

    def __init__(self, receipt_code: str) -> None:
        super().__init__(
            f"You have sent these answers already; your receipt is {receipt_code}. To send others, change an answer first."
        )


@dataclass(frozen=True, slots=True)
class MailWords:
    """The words of one notice; ``title`` is for the people who run the consultation."""

    title: str
    subject: str
    text: str


MAIL_WORDS = {
    "invitation": MailWords(
        "Invitation",
        "Your views: {title}",
        "You are asked for your views in the consultation “{title}” of {programme}.\n\n"
        "It closes at {closes}. You can stop at any time, come back later, and change your answers until then.",
    ),
    "reminder_1": MailWords(
        "Reminder 1",
        "Reminder: {title}",
        "We have not had your answers to “{title}” of {programme} yet. Anything you have saved is kept for you.\n\n"
        "It closes at {closes}.",
    ),
    "midpoint": MailWords(
        "Reminder 2, midpoint",
        "Half of the time has passed: {title}",
        "Half of the time for “{title}” of {programme} has passed, and your answers are not among those we have.\n\n"
        "It closes at {closes}.",
    ),
    "one_week_left": MailWords(
        "Reminder 3, one week left",
        "One week left: {title}",
        "There is one week left to answer “{title}” of {programme}.\n\nIt closes at {closes}.",
    ),
    "closes_tomorrow": MailWords(
        "Last reminder",
        "Last reminder: {title}",
        "This is the last reminder to answer “{title}” of {programme}.\n\n"
        "It closes at {closes}. Answers cannot be sent after that.",
    ),
}


def clean_options(lines: Iterable[str], *, kind: str) -> list[str]:
    """The wordings of the options, without empty lines; none for a question that is answered in words.

    Raises: Refused for fewer than two, too many, one that is too long, or two that are the same.
    """
    if SHAPES[kind] not in (ONE, MANY):
        return []
    options = [" ".join(line.split()) for line in lines if line.strip()]
    if len(options) < 2:
        raise Refused("Give at least two options, one on each line.", field="options")
    if len(options) > OPTION_LIMIT:
        raise Refused(f"Give up to {OPTION_LIMIT} options. You gave {len(options)}.", field="options")
    if any(len(option) > OPTION_LENGTH for option in options):
        raise Refused(f"Each option must be {OPTION_LENGTH} characters or fewer.", field="options")
    if len({option.casefold() for option in options}) < len(options):
        raise Refused("Two options are the same. Change one of them.", field="options")
    return options


def clean_answer(value: object, *, kind: str, options: Sequence[str]) -> Answered:
    """The answer as it is stored: text with plain line breaks, an option, or options in the question's order.

    Nothing chosen or written is "" or []. "None", "NA" and "n/a" are answers like any other.

    Raises: Refused (field "answer") for a wrong shape, an unknown option, a text too long or with control characters.
    """
    shape = SHAPES[kind]
    if shape == MANY:
        chosen = value if isinstance(value, list) else [] if value in ("", None) else [value]
        if any(option not in options for option in chosen):
            raise Refused("Choose from the options shown.", field="answer")
        return [option for option in options if option in chosen]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused("Send the answer as text.", field="answer")
    if shape == ONE:
        if value and value not in options:
            raise Refused("Choose one of the options shown.", field="answer")
        return value
    return _clean_text(value, limit=LENGTHS[shape], is_one_line=shape == TEXT)


def is_answered(value: object) -> bool:
    """Whether there is an answer at all."""
    return value not in NO_ANSWERS


def missing_for_launch(
    *,
    is_launched: bool,
    has_introduction: bool,
    questions: int,
    people: int,
    cancelled: bool,
    closes_at: datetime,
    now: datetime,
) -> list[str]:
    """What stands against a launch, each as a sentence of its own; empty when it may go ahead."""
    found = {
        "This consultation is launched already. Its questions and its audience are frozen.": is_launched,
        "The review is cancelled. Open another review first.": cancelled,
        f"The review closed at {words_for_instant(closes_at)}. Open another review first.": closes_at <= now,
        "There is no introduction. Say what is asked and why.": not has_introduction,
        "There are no questions. Add at least one.": questions == 0,
        NOBODY: people == 0,
    }
    return [sentence for sentence, stands in found.items() if stands]


def advice_for_launch(*, without_contact: Iterable[str], without_members: Iterable[str]) -> list[str]:
    """What is worth mending and does not stand against a launch, by the names of organisations and consortia."""
    return [
        f"{name} has no contact, so nobody there is asked. Add one, or leave it out." for name in without_contact
    ] + [f"{name} has no members now, so it adds nobody. Add them, or leave it out." for name in without_members]


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of the review, as far as contacts need it."""

    key: str
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A notice to be planned; useful until ``valid_until``, when the next one goes out or the review closes."""

    key: str
    due_at: datetime
    due_reason: str
    valid_until: datetime
    is_urgent: bool


CONTACTS = ("reminder_1", "midpoint", "one_week_left", "closes_tomorrow")
IN_THE_LAST_WEEK = ("one_week_left", "closes_tomorrow")
URGENT = ("closes_tomorrow",)


def contacts_of(
    steps: Iterable[Step], *, opens_at: datetime, closes_at: datetime, now: datetime, calendar: WorkingCalendar
) -> list[Contact]:
    """The invitation and the reminders of a consultation launched ``now``, in order of time.

    The invitation goes out at the opening, or at once where the review is open already. At most four reminders
    follow, at least five working days apart except in the last week; one that would come sooner is left out.
    """
    if opens_at > now:
        first = Step("invitation", opens_at, "When the review opens")
    else:
        first = Step("invitation", now, "At once, because the review is open already")
    kept = [first]
    for step in sorted((s for s in steps if s.key in CONTACTS), key=lambda s: s.due_at):
        gap = calendar.count(local_date(kept[-1].due_at), local_date(step.due_at))
        enough = 1 if step.key in IN_THE_LAST_WEEK else WORKING_DAYS_BETWEEN_CONTACTS
        if step.due_at > kept[-1].due_at and gap >= enough and step.due_at < closes_at:
            kept.append(step)
    ends = [step.due_at for step in kept[1:]] + [closes_at]
    return [
        Contact(step.key, step.due_at, step.reason, end, step.key in URGENT)
        for step, end in zip(kept, ends, strict=True)
    ]


def words_for_not_open(state: str, *, opens_at: datetime, closes_at: datetime) -> str:
    """Why answers are not taken now, and what to do."""
    if state == "scheduled":
        return f"This consultation opens at {words_for_instant(opens_at)}. Come back then."
    if state == "cancelled":
        return "This consultation was cancelled. There is nothing left for you to do."
    return (
        f"This consultation closed at {words_for_instant(closes_at)}, so nothing more can be sent. "
        "Speak to the programme manager if something stopped you from answering in time."
    )


def with_units_below(chosen: Collection[UUID], parents: Mapping[UUID, UUID | None]) -> set[UUID]:
    """The chosen units and every unit below them; ``parents`` names each unit's parent."""
    children: dict[UUID | None, list[UUID]] = {}
    for unit, parent in parents.items():
        children.setdefault(parent, []).append(unit)
    found: set[UUID] = set()
    waiting = list(chosen)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting += children.get(unit, [])
    return found


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How many of a unit's people have answered; small units stand together under one name."""

    name: str
    asked: int
    answered: int


def progress_by_unit(units: Iterable[UnitProgress], *, smallest: int = SMALLEST_UNIT_SHOWN) -> list[UnitProgress]:
    """Units of at least ``smallest`` people by name, then all smaller ones as one row.

    Where the smaller ones together would stay below ``smallest``, the smallest unit shown joins them, so that no
    small unit can be worked out from the total. Nothing is shown when everybody would be in that one row.
    """
    by_size = sorted(units, key=lambda unit: (-unit.asked, unit.name))
    shown = [unit for unit in by_size if unit.asked >= smallest]
    together = [unit for unit in by_size if unit.asked < smallest]
    while shown and together and sum(unit.asked for unit in together) < smallest:
        together.append(shown.pop())
    if not shown:
        return []
    rows = sorted(shown, key=lambda unit: unit.name)
    if together:
        rows.append(
            UnitProgress(
                "Others, counted together",
                sum(unit.asked for unit in together),
                sum(unit.answered for unit in together),
            )
        )
    return rows


def new_receipt_code() -> str:
    """A code such as 7K3P-9QXW-2MRT: 58 random bits, easy to read out."""
    return "-".join(
        "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_GROUP_LENGTH)) for _ in range(RECEIPT_GROUPS)
    )


def need_of(task_id: UUID) -> str:
    """What a person owes while they have not answered, as reminders name it."""
    return f"consultation-task:{task_id}"


def task_path(task_id: UUID) -> str:
    """The address of a task within the product, for a mail's link."""
    return TASK_PATH.format(task_id=task_id)


def answer_path(link_id: UUID, secret: str) -> str:
    """The address of an answer link within the product; for a mail, ``secret`` is a placeholder."""
    return ANSWER_PATH.format(link_id=link_id, secret=secret)


def shown_text_of(original: str, *, verdict: str, edited: str) -> str:
    """What others read of a comment after this verdict; ``edited`` counts where it is shown in part.

    Raises: Refused (field "shown_text") unless that is the original with parts replaced by ``REMOVED``.
    """
    if verdict == "shown":
        return original
    if verdict == "withheld":
        return ""
    edited = edited.replace("\r\n", "\n").replace("\r", "\n").strip()
    pieces = edited.split(REMOVED)
    if edited == original or len(pieces) == 1:
        raise Refused(f"Replace what is not to be shown by {REMOVED}.", field="shown_text")
    if not any(piece.strip() for piece in pieces):
        raise Refused("Nothing is left of the comment. Choose “Do not show it” instead.", field="shown_text")
    if not _are_in_order(pieces, original):
        raise Refused(
            f"Leave the other words as they were written: only whole parts may be replaced by {REMOVED}.",
            field="shown_text",
        )
    return edited


def _are_in_order(pieces: Sequence[str], original: str) -> bool:
    """Whether the original begins with the first piece, ends with the last, and has the others between, in order."""
    first, *middle, last = pieces
    place = len(first)
    for piece in middle:
        found = original.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return original.startswith(first) and original.endswith(last) and place + len(last) <= len(original)


def _clean_text(value: str, *, limit: int, is_one_line: bool) -> str:
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if is_one_line:
        text = " ".join(text.split())
    if not re.match(LINES, text):
        raise Refused(f"{LINES_ONLY}.", field="answer")
    if len(text) > limit:
        raise Refused(f"The answer must be {limit:,} characters or fewer. You have used {len(text):,}.", field="answer")
    return text
