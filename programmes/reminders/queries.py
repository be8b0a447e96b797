from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, When

from partners.people.models import User
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders.enums import FATES, ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.rules import STOPPABLE, parts_of_title, words_for_wave

FATE = Case(When(state=ReminderState.QUEUED, then=F("message__state")), default=F("state"), output_field=CharField())


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave with its reminders counted by fate, and in a word how far it is."""

    wave: ReminderWave
    counts: dict[str, int]
    words: str
    colour: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def notice(self) -> str:
        return parts_of_title(self.wave.title)[0]

    @property
    def about(self) -> str:
        return parts_of_title(self.wave.title)[1]

    @property
    def can_stop(self) -> bool:
        """Whether it may still be cancelled for somebody."""
        return any(fate in STOPPABLE for fate in self.counts)

    @property
    def counts_in_words(self) -> list[tuple[str, int]]:
        return [(FATES[fate], count) for fate, count in self.counts.items()]


def waves_visible_to(user: User) -> QuerySet[ReminderWave]:
    """Waves of the programmes that the person may see, in time order, with programme and who cancelled."""
    seen = programmes_visible_to(user).order_by().values("pk")
    waves = ReminderWave.objects.filter(programme__in=seen).select_related("programme__scope", "cancelled_by")
    return waves.order_by("due_at", "pk")


def waves_of_subject(user: User, subject_id: UUID) -> QuerySet[ReminderWave]:
    """What is planned for one review or consultation, in time order; none for somebody who may not see it."""
    return waves_visible_to(user).filter(subject_id=subject_id)


def waves_of_programme(user: User, programme: Programme) -> QuerySet[ReminderWave]:
    """What is planned for one programme, in time order."""
    return waves_visible_to(user).filter(programme=programme)


def counts_by_fate(wave_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """For each wave how many reminders came to which fate, in the order of ``FATES``; one query."""
    rows = (
        PlannedReminder.objects.filter(wave__in=wave_ids)
        .annotate(outcome=FATE)
        .values_list("wave_id", "outcome")
        .annotate(count=Count("pk"))
        .order_by("wave_id", "outcome")
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for wave_id, fate, count in rows:
        found[wave_id][fate] = count
    order = list(FATES)
    return {
        wave_id: dict(sorted(counts.items(), key=lambda item: order.index(item[0])))
        for wave_id, counts in found.items()
    }


def rows_of(waves: Collection[ReminderWave], *, now: datetime) -> list[WaveRow]:
    """What a list of waves shows; one query."""
    counts = counts_by_fate([wave.pk for wave in waves])
    rows = []
    for wave in waves:
        found = counts.get(wave.pk, {})
        words, colour = words_for_wave(found, is_cancelled=bool(wave.cancelled_at), is_due=wave.due_at <= now)
        rows.append(WaveRow(wave, found, words, colour))
    return rows


def is_subject(subject_id: UUID) -> bool:
    """Whether anything was ever planned for it."""
    return ReminderWave.objects.filter(subject_id=subject_id).exists()


def recipients_of(wave: ReminderWave, *, fate: str = "") -> QuerySet[PlannedReminder]:
    """One row per recipient with person and message, by name. The caller has checked who may see the list."""
    rows = PlannedReminder.objects.filter(wave=wave).select_related("recipient", "message")
    rows = rows.defer("message__frozen", "message__text", "message__html").order_by("recipient__name", "pk")
    return rows.annotate(outcome=FATE).filter(outcome=fate) if fate else rows


def reminder_visible_to(user: User, reminder_id: UUID) -> PlannedReminder | None:
    """One reminder with its wave, programme, person and message, for somebody who may see the programme."""
    seen = programmes_visible_to(user).order_by().values("pk")
    rows = PlannedReminder.objects.filter(pk=reminder_id, wave__programme__in=seen)
    return rows.select_related("wave__programme__scope", "recipient", "message").first()


def next_planned_reminder() -> PlannedReminder | None:
    """The reminder to somebody with an account in use that goes out next, with wave, programme and person."""
    planned = PlannedReminder.objects.filter(
        state=ReminderState.PLANNED, recipient__is_active=True, wave__cancelled_at=None
    )
    return planned.select_related("wave__programme", "recipient").order_by("due_at", "pk").first()


def oldest_overdue_reminder(*, now: datetime) -> datetime | None:
    """Since when the oldest planned reminder has been due, or None when none is."""
    due = PlannedReminder.objects.filter(Q(state=ReminderState.PLANNED), due_at__lte=now)
    found: datetime | None = due.aggregate(since=Min("due_at"))["since"]
    return found
