"""What planning anew would change, before anybody confirms it, and whether everything is planned that should be."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from partners.people.models import User
from partners.people.permissions import standing_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders.models import ReminderSweep, ReminderWave
from programmes.reminders.permissions import SWEEP
from programmes.reminders.queries.sources import Source, sources
from programmes.reminders.rules import EVERYTHING, Difference, Within


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one wave: its time as it is and as it will be, and for how many people what changes.

    ``from_at`` is empty for a wave that is new, ``to_at`` for one that nobody asks for any more.
    """

    kind: str
    title: str
    from_at: datetime | None
    to_at: datetime | None
    reason: str
    added: int
    moved: int
    removed: int

    @property
    def is_moved(self) -> bool:
        return self.from_at is not None and self.to_at is not None and self.from_at != self.to_at


@dataclass(frozen=True, slots=True)
class Replan:
    """Everything that planning anew would change, in time order; ``fingerprint`` tells whether it is still the same."""

    changes: tuple[Change, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What is not as the rules of one kind ask for in one programme; without a programme, elsewhere."""

    words: str
    programme_id: UUID | None
    programme_name: str
    missing: int
    unwanted: int
    to_confirm: int


def replan_of(within: Within, *, now: datetime) -> Replan:
    """What planning these reminders anew would change; what has gone out stays."""
    found = [(source, source.difference(within, now)) for source in sources()]
    changes = [change for source, each in found for change in _changes(source, each)]
    changes.sort(key=lambda change: (change.to_at or change.from_at or now, change.title))
    return Replan(tuple(changes), fingerprint_of([each for _, each in found]))


def fingerprint_of(found: list[Difference]) -> str:
    return sha256("".join(each.fingerprint for each in found).encode()).hexdigest()


def within_sight(user: User) -> Within:
    """Everything for an administrator; the programmes of their portfolios for a CIO."""
    standing = standing_of(user)
    if standing.everywhere & SWEEP.roles:
        return EVERYTHING
    seen = programmes_visible_to(user).filter(scope__parent__in=standing.scopes_of(SWEEP.roles))
    return Within(programme_ids=frozenset(seen.values_list("pk", flat=True)))


def swept(within: Within, *, now: datetime) -> list[SweepRow]:
    """What is missing, asked for by nobody any more, or waits for somebody to plan it anew; by kind and programme."""
    found = [(source, source.difference(within, now)) for source in sources()]
    rows: list[tuple[Source, dict[UUID | None, Counter[str]]]] = [
        (source, counted_by_programme(each)) for source, each in found
    ]
    names: dict[UUID | None, str] = dict(
        Programme.objects.filter(pk__in={pk for _, by_programme in rows for pk in by_programme if pk}).values_list(
            "pk", "name"
        )
    )
    return [
        SweepRow(source.words, pk, names.get(pk, ""), count["missing"], count["unwanted"], count["moved"])
        for source, by_programme in rows
        for pk, count in sorted(by_programme.items(), key=lambda each: names.get(each[0], ""))
        if count["missing"] + count["unwanted"] + count["moved"]
    ]


def counted_by_programme(found: Difference) -> dict[UUID | None, Counter[str]]:
    """How many reminders are missing, unwanted or at another time; at most one query."""
    counts: dict[UUID | None, Counter[str]] = {}
    for one in found.missing:
        counts.setdefault(one.wanted.programme_id, Counter())["missing"] += 1
    for move in found.moved:
        counts.setdefault(move.wanted.programme_id, Counter())["moved"] += 1
    for _, wanted in found.reworded:
        counts.setdefault(wanted.programme_id, Counter())["reworded"] += 1
    if found.unwanted:
        rows = ReminderWave.objects.filter(dedup_key__in={one.key for one in found.unwanted}).order_by("pk")
        places = dict(rows.values_list("dedup_key", "programme_id"))
        for row in found.unwanted:
            counts.setdefault(places.get(row.key), Counter())["unwanted"] += 1
    return counts


def last_sweep() -> ReminderSweep | None:
    return ReminderSweep.objects.order_by("-swept_at", "pk").first()


def _changes(source: Source, found: Difference) -> list[Change]:
    keys = {one.wanted.key for one in found.missing} | {move.wanted.key for move in found.moved}
    keys |= {one.key for one in found.unwanted} | {one.key for _, one in found.reworded}
    waves = {wave.dedup_key: wave for wave in ReminderWave.objects.filter(dedup_key__in=keys).order_by("pk")}
    wanted = {one.wanted.key: one.wanted for one in found.missing}
    wanted |= {move.wanted.key: move.wanted for move in found.moved}
    wanted |= {one.key: one for _, one in found.reworded}
    added, moved = Counter(one.wanted.key for one in found.missing), Counter(one.wanted.key for one in found.moved)
    removed = Counter(one.key for one in found.unwanted)
    changes = []
    for key in sorted(keys):
        wave, asked = waves.get(key), wanted.get(key)
        words = asked.words if asked else None
        changes.append(
            Change(
                kind=source.words,
                title=words.title if words else wave.title if wave else "",
                from_at=wave.due_at if wave else None,
                to_at=words.due_at if words else None,
                reason=words.due_reason if words else "Nobody asks for it any more",
                added=added[key],
                moved=moved[key],
                removed=removed[key],
            )
        )
    return changes
