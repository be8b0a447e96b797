"""What the rules of the rooms ask for, against what is planned. Plain values in, plain values out."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from partners.clock.rules import words_for_instant
from programmes.reminders.rules.words import STOPPABLE

NOT_WANTED = "Nobody asks this person for it any more."
CANCELLED = "cancelled"
WAITS = "planned"
LENGTHS = {"title": 200, "mail_subject": 200, "due_reason": 300}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a wave goes to, what they still owe (``consultation-task:<id>``) and where the mail's link leads.

    ``due_at`` is a time of their own, as for somebody who is away when the wave goes out.
    """

    user_id: UUID
    need: str
    link_path: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """The programmes, or the things that waves serve, to look at; everything without either."""

    programme_ids: frozenset[UUID] | None = None
    subject_ids: frozenset[UUID] | None = None


EVERYTHING = Within()


def within_programme(programme_id: UUID, subject_id: UUID | None = None) -> Within:
    """Everything in a programme, or one thing in it."""
    return Within(frozenset({programme_id}), frozenset({subject_id}) if subject_id else None)


@dataclass(frozen=True, slots=True)
class WaveWords:
    """When a wave goes out, why then, until when it is of use, and what it says."""

    title: str
    mail_subject: str
    mail_text: str
    due_at: datetime
    due_reason: str
    valid_until: datetime

    def __post_init__(self) -> None:
        """As long as a wave keeps them."""
        for name, length in LENGTHS.items():
            object.__setattr__(self, name, getattr(self, name)[:length])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wave that the rules of a room ask for, by its whole key. A room asks for it as long as it is of use.

    It belongs to a programme, or to a scope where what is due concerns no programme.
    """

    kind: str
    key: str
    subject_id: UUID
    words: WaveWords
    recipients: tuple[Recipient, ...]
    programme_id: UUID | None = None
    scope_id: UUID | None = None
    part_id: UUID | None = None
    is_urgent: bool = False
    needs_sight: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave that is there. ``is_cancelled``: for everybody, by somebody."""

    id: UUID
    key: str
    words: WaveWords
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class Present:
    """A reminder that is there, and what became of it; ``stays_cancelled``: somebody cancelled it on purpose."""

    id: UUID
    key: str
    user_id: UUID
    due_at: datetime
    fate: str
    stays_cancelled: bool = False

    @property
    def is_taken_back(self) -> bool:
        """It ended before it went, with what it asked for, so the person may be asked again."""
        return self.fate == CANCELLED and not self.stays_cancelled


@dataclass(frozen=True, slots=True)
class Missing:
    """A reminder to write. ``number`` counts earlier ones of the wave to this person, which were taken back."""

    wanted: Wanted
    recipient: Recipient
    number: int

    @property
    def due_at(self) -> datetime:
        return self.recipient.due_at or self.wanted.words.due_at


@dataclass(frozen=True, slots=True)
class Move:
    """A planned reminder that goes out at another time. ``is_personal``: its wave stays where it is."""

    present: Present
    wanted: Wanted
    to: datetime
    is_personal: bool


@dataclass(slots=True)
class Difference:
    """What has to change so that what is planned is what the rules ask for; never what has gone out."""

    missing: list[Missing] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    unwanted: list[Present] = field(default_factory=list)
    reworded: list[tuple[Wave, Wanted]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.missing) + len(self.moved) + len(self.unwanted) + len(self.reworded)

    def without_moves(self) -> "Difference":
        """What may be put right unasked: times of waves, and words that give them, move only when a person says so."""
        held = {move.wanted.key for move in self.moved if not move.is_personal}
        return Difference(
            self.missing,
            [move for move in self.moved if move.is_personal],
            self.unwanted,
            [(wave, wanted) for wave, wanted in self.reworded if wanted.key not in held],
        )

    @property
    def fingerprint(self) -> str:
        """Tells whether what would change is still what somebody looked at."""
        told = sorted(
            [f"+{one.wanted.key}{one.recipient.user_id}{one.due_at}" for one in self.missing]
            + [f">{one.present.id}{one.present.due_at}{one.to}" for one in self.moved]
            + [f"-{one.id}" for one in self.unwanted]
            + [f"~{wave.id}{wanted.words}" for wave, wanted in self.reworded]
        )
        return sha256("\n".join(told).encode()).hexdigest()


def difference_of(
    wanted: Iterable[Wanted], waves: Mapping[str, Wave], present: Collection[Present], *, now: datetime
) -> Difference:
    """Compares what is asked for with what is planned. The same again, once it is done, finds nothing.

    Who comes late gets what is still to come: a time that has passed is never made up for. What has gone out, or waits
    to be handed over, stays. What somebody cancelled is not planned again.
    """
    rows = {(one.key, one.user_id): one for one in present if not one.is_taken_back}
    earlier = Counter((one.key, one.user_id) for one in present)
    asked: set[tuple[str, UUID]] = set()
    found = Difference()
    for one in wanted:
        wave = waves.get(one.key)
        asked |= {(one.key, to.user_id) for to in one.recipients}
        if wave and wave.is_cancelled:
            continue
        still_waits, has_gone = False, wave is not None and wave.words.due_at <= now
        for to in _once_each(one.recipients):
            place, due_at = (one.key, to.user_id), to.due_at or one.words.due_at
            row = rows.get(place)
            if row is None:
                if due_at > now and not has_gone:
                    found.missing.append(Missing(one, to, earlier[place]))
            elif row.fate == WAITS and row.due_at > now:
                still_waits = True
                if row.due_at != due_at:
                    is_personal = wave is not None and wave.words.due_at == one.words.due_at
                    found.moved.append(Move(row, one, max(due_at, now), is_personal))
        if wave and wave.words != one.words and still_waits and not has_gone:
            found.reworded.append((wave, one))
    found.unwanted = [
        row
        for place, row in rows.items()
        if place not in asked and row.fate in STOPPABLE and waves[row.key].words.valid_until > now
    ]
    return found


def here_of(
    people: Iterable[UUID], away: Mapping[UUID, UUID | None], in_sight: Collection[UUID] | None = None
) -> list[UUID]:
    """Each person, or who stands in for them while they are away, once each and in order.

    Where nobody stands in who may see it (``in_sight``; anybody without it), the person is asked all the same.
    """
    found = []
    for one in people:
        stands_in = away.get(one, one)
        found.append(stands_in if stands_in and (in_sight is None or stands_in in in_sight) else one)
    return list(dict.fromkeys(found))


def away_until(user_id: UUID, day: date, leaves: Mapping[UUID, Collection[tuple[date, date]]]) -> date | None:
    """The last day of the leave that the person is on that day; leaves that follow at once count as one."""
    last: date | None = None
    for first_on, last_on in sorted(leaves.get(user_id, ())):
        if first_on <= day <= last_on or (last is not None and (first_on - last).days == 1):
            last = last_on
    return last


def words_for_move(words: str, moved_from_at: datetime | None) -> str:
    """Reads "one week before it closes, moved from 10am on Sunday 1 November 2026"."""
    return f"{words.rstrip('.')}, moved from {words_for_instant(moved_from_at)}" if moved_from_at else words


def _once_each(recipients: Iterable[Recipient]) -> Iterator[Recipient]:
    """Somebody who is asked in two roles is asked once."""
    seen: set[UUID] = set()
    for one in recipients:
        if one.user_id not in seen:
            seen.add(one.user_id)
            yield one
