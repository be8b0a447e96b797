from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from partners.people.models import User
from partners.people.permissions import standing_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders.enums import FATES, ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.permissions import RUN_WITHOUT_PROGRAMME
from programmes.reminders.rules import STOPPABLE, parts_of_title, words_for_move, words_for_wave

# A mail that went out in the person's daily mail shares its fate.
FATE = Case(
    When(state=ReminderState.QUEUED, then=Coalesce("message__digest__state", "message__state")),
    default=F("state"),
    output_field=CharField(),
)


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
    def why(self) -> str:
        """Why it is due when it is, and from when it moved."""
        return words_for_move(self.wave.due_reason, self.wave.moved_from_at)

    @property
    def waits(self) -> bool:
        """Whether it is still to go out to somebody."""
        return bool(self.counts.get(ReminderState.PLANNED)) and not self.wave.cancelled_at

    @property
    def can_stop(self) -> bool:
        """Whether it may still be cancelled for somebody."""
        return any(fate in STOPPABLE for fate in self.counts)

    @property
    def counts_in_words(self) -> list[tuple[str, int]]:
        return [(FATES[fate], count) for fate, count in self.counts.items()]


def waves_visible_to(user: User) -> QuerySet[ReminderWave]:
    """Waves of the programmes that the person may see, in time order, with place and who cancelled.

    Those without a programme are shown to the CIOs of their portfolio and to administrators.
    """
    waves = ReminderWave.objects.filter(_in_sight_of(user))
    return waves.select_related("programme__scope", "scope", "cancelled_by").order_by("due_at", "pk")


def waves_of_subject(user: User, subject_id: UUID) -> QuerySet[ReminderWave]:
    """What is planned for a review, a consultation or another thing, in time order; none for who may not see it."""
    return waves_visible_to(user).filter(Q(subject_id=subject_id) | Q(part_id=subject_id))


def waves_of_programme(user: User, programme: Programme) -> QuerySet[ReminderWave]:
    """What is planned for one programme, in time order."""
    return waves_visible_to(user).filter(programme=programme)


def narrowed(waves: QuerySet[ReminderWave], *, kind: str = "", fate: str = "") -> QuerySet[ReminderWave]:
    """Those of one kind, and those that came to this fate for somebody; all without either."""
    if kind:
        waves = waves.filter(kind=kind)
    if fate:
        reached = PlannedReminder.objects.annotate(outcome=FATE).filter(wave=OuterRef("pk"), outcome=fate)
        waves = waves.filter(Exists(reached))
    return waves


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
    return ReminderWave.objects.filter(Q(subject_id=subject_id) | Q(part_id=subject_id)).exists()


def recipients_of(wave: ReminderWave, *, fate: str = "") -> QuerySet[PlannedReminder]:
    """One row per recipient with person and message, by name. The caller has checked who may see the list."""
    rows = PlannedReminder.objects.filter(wave=wave).select_related("recipient", "message__digest")
    large = [f"{message}__{part}" for message in ("message", "message__digest") for part in ("frozen", "text", "html")]
    rows = rows.defer(*large).order_by("recipient__name", "pk")
    return rows.annotate(outcome=FATE).filter(outcome=fate) if fate else rows


def reminder_visible_to(user: User, reminder_id: UUID) -> PlannedReminder | None:
    """One reminder with its wave, place, person and message, for somebody who may see the wave."""
    rows = PlannedReminder.objects.filter(_in_sight_of(user, "wave__"), pk=reminder_id)
    return rows.select_related("wave__programme__scope", "wave__scope", "recipient", "message__digest").first()


def next_planned_reminder() -> PlannedReminder | None:
    """The reminder to somebody with an account in use that goes out next, with wave, programme and person."""
    planned = PlannedReminder.objects.filter(
        state=ReminderState.PLANNED, recipient__is_active=True, wave__cancelled_at=None, wave__programme__isnull=False
    )
    return planned.select_related("wave__programme", "recipient").order_by("due_at", "pk").first()


def oldest_overdue_reminder(*, now: datetime) -> datetime | None:
    """Since when the oldest planned reminder has been due, or None when none is."""
    due = PlannedReminder.objects.filter(Q(state=ReminderState.PLANNED), due_at__lte=now)
    found: datetime | None = due.aggregate(since=Min("due_at"))["since"]
    return found


def _in_sight_of(user: User, prefix: str = "") -> Q:
    seen = Q(**{f"{prefix}programme__in": programmes_visible_to(user).order_by().values("pk")})
    standing = standing_of(user)
    without_programme = Q(**{f"{prefix}programme": None})
    if not standing.everywhere & RUN_WITHOUT_PROGRAMME.roles:
        without_programme &= Q(**{f"{prefix}scope__in": standing.scopes_of(RUN_WITHOUT_PROGRAMME.roles)})
    return seen | without_programme
