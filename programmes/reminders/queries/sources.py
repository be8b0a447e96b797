"""The rules of the rooms above: each registers what it asks for when the product starts, so this room knows none of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.queries.waves import FATE
from programmes.reminders.rules import Difference, Present, Wanted, Wave, WaveWords, Within, difference_of


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing with a due date. ``words`` name it in lists, such as "Gates".

    ``difference`` says what has to change so that what is planned is what its rules ask for now; ``settle_first`` writes
    what has to move before its reminders do, when a person plans them anew.
    """

    kind: str
    words: str
    difference: Callable[[Within, datetime], Difference]
    settle_first: Callable[[Within], object] | None = None
    is_of_programmes: bool = True


def source_asking(
    kind: str,
    words: str,
    wanted: Callable[[Within, datetime], Iterable[Wanted]],
    settle_first: Callable[[Within], object] | None = None,
    is_of_programmes: bool = True,
) -> Source:
    """A source by the waves that its rules ask for, as long as they are of use."""

    def difference(within: Within, now: datetime) -> Difference:
        return _compare(kind, list(wanted(within, now)), within, now)

    return Source(kind, words, difference, settle_first, is_of_programmes)


_SOURCES: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Let the planner ask this source; called once, when the product starts."""
    _SOURCES[source.kind] = source


def sources() -> list[Source]:
    """Every source, by name."""
    return sorted(_SOURCES.values(), key=lambda source: source.words)


def source_of(kind: str) -> Source:
    return _SOURCES[kind]


def as_wave(wave: ReminderWave) -> Wave:
    """What the rules compare."""
    words = WaveWords(wave.title, wave.mail_subject, wave.mail_text, wave.due_at, wave.due_reason, wave.valid_until)
    return Wave(wave.pk, wave.dedup_key, words, wave.cancelled_at is not None)


def _compare(kind: str, wanted: list[Wanted], within: Within, now: datetime) -> Difference:
    """Two queries: the waves that are still of use or are asked for, and their reminders."""
    waves = {wave.dedup_key: wave for wave in _waves(kind, within, [one.key for one in wanted], now)}
    keys = {wave.pk: key for key, wave in waves.items()}
    rows = PlannedReminder.objects.filter(wave__in=keys).annotate(outcome=FATE).order_by("pk")
    values = rows.values_list("pk", "wave_id", "recipient_id", "due_at", "outcome", "stays_cancelled")
    present = [
        Present(pk, keys[wave_id], user_id, due_at, fate, stays) for pk, wave_id, user_id, due_at, fate, stays in values
    ]
    return difference_of(wanted, {key: as_wave(wave) for key, wave in waves.items()}, present, now=now)


def _waves(kind: str, within: Within, keys: list[str], now: datetime) -> QuerySet[ReminderWave]:
    found = ReminderWave.objects.filter(kind=kind, valid_until__gt=now)
    if within.programme_ids is not None:
        found = found.filter(programme__in=within.programme_ids)
    if within.subject_ids is not None:
        found = found.filter(subject_id__in=within.subject_ids)
    return ReminderWave.objects.filter(Q(pk__in=found.values("pk")) | Q(dedup_key__in=keys)).order_by("pk")
