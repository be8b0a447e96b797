"""What the chase of statuses goes by: who owes one, who may be asked, and what is planned already."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from django.db.models import Q, QuerySet

from partners.clock.rules import local_date
from programmes.register.models import Programme
from programmes.register.queries import programmes_that_are_asked
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.queries import away_by_day, people_of
from programmes.reminders.rules import (
    STOPPABLE,
    Difference,
    Missing,
    Move,
    Present,
    Recipient,
    Wanted,
    WaveWords,
    Within,
)
from programmes.workstreams.models import ReportingException, Workstream
from programmes.workstreams.queries.settings import reporting_by_portfolio
from programmes.workstreams.rules.chasing import (
    KEY,
    KIND,
    NOT_WANTED,
    STEPS,
    Ask,
    Asked,
    Ladder,
    Owing,
    People,
    Settlement,
    Taken,
    key_of_wave,
    ladders_under_way,
    need_of,
    parts_of_key,
    path_for,
    settlement_of,
    words_for_wave,
)
from programmes.workstreams.rules.periods import end_of
from programmes.workstreams.rules.standing import covers

PLANNED = ReminderState.PLANNED


@dataclass(frozen=True, slots=True)
class Chase:
    """What there is to change, the programmes by id, and their ladders by programme and reporting day.

    ``times_asked`` counts the reminders that there are already, the cancelled ones too; 0 where there is none.
    """

    settlement: Settlement
    programmes: Mapping[UUID, Programme]
    ladders: Mapping[tuple[UUID, date], Ladder]
    times_asked: Mapping[Ask, int]


def chase(programme_ids: Collection[UUID] | None = None, *, now: datetime) -> Chase:
    """What is to be asked of whom, against what is planned, in these programmes (in all without ids); nine queries.

    Nothing is asked in a programme that has ended or whose portfolio is kept as a record.
    """
    programmes = {one.pk: one for one in programmes_that_are_asked(programme_ids)}
    book = reporting_by_portfolio(now)
    followed = cache(lambda scope_id: tuple(ladders_under_way(book.rule_of(scope_id), now)))
    ladders = {
        (pk, ladder.period_on): ladder for pk, one in programmes.items() for ladder in followed(one.scope.parent_id)
    }
    waves = list(_waves(programme_ids, ladders, now))
    owing = _owing(programmes, {pk: followed(one.scope.parent_id) for pk, one in programmes.items()})
    asked = _asked(waves)
    settlement = settlement_of(
        owing,
        asked,
        stopped={
            (wave.programme_id, *parts_of_key(wave.dedup_key))
            for wave in waves
            if wave.cancelled_at and wave.programme_id
        },
        away_on=away_by_day([local_date(now), *(day for ladder in ladders.values() for day in ladder.days)]),
        calendar=book.usual.calendar,
        now=now,
    )
    return Chase(settlement, programmes, ladders, Counter(one.ask for one in asked))


def _waves(
    programme_ids: Collection[UUID] | None, ladders: Collection[tuple[UUID, date]], now: datetime
) -> QuerySet[ReminderWave]:
    """Those of the ladders, and others that may still go out: a ladder ends where the reporting day moves away."""
    keys = [key_of_wave(pk, period_on, step) for pk, period_on in ladders for step in STEPS]
    found = ReminderWave.objects.filter(Q(dedup_key__in=keys) | Q(dedup_key__contains=f"/{KEY}", valid_until__gt=now))
    found = found if programme_ids is None else found.filter(programme__in=programme_ids)
    return found.filter(programme__isnull=False).only("programme_id", "dedup_key", "cancelled_at").order_by("pk")


def _asked(waves: Collection[ReminderWave]) -> list[Asked]:
    parts = {wave.pk: (wave.programme_id, *parts_of_key(wave.dedup_key)) for wave in waves if wave.programme_id}
    rows = PlannedReminder.objects.filter(wave__in=parts).order_by("pk")
    values = rows.values_list(
        "pk",
        "wave_id",
        "recipient_id",
        "state",
        "state_reason",
        "due_at",
        "settled_at",
        "message__state",
        "message__state_reason",
    )
    return [
        Asked(pk, Ask(*parts[wave], user), _taken(state, reason, sent, why), settled_at or due_at)
        for pk, wave, user, state, reason, due_at, settled_at, sent, why in values
    ]


def _taken(state: str, reason: str, message_state: str | None, message_reason: str | None) -> Taken:
    if state == PLANNED:
        return Taken.WAITS
    if NOT_WANTED in (reason, message_reason):
        return Taken.TAKEN_BACK
    return Taken.HANDED_OVER if message_state in STOPPABLE else Taken.TOLD


def _owing(programmes: Mapping[UUID, Programme], ladders: Mapping[UUID, tuple[Ladder, ...]]) -> Iterator[Owing]:
    """The workstreams that owe a status for one of the reporting days."""
    exceptions, people = _exceptions(programmes), _people(programmes.values())
    rows = Workstream.objects.filter(programme__in=programmes, closed_at=None).order_by("programme", "pk")
    for pk, programme_id, lead, reviewer, started_at, reopened_at, period_on in rows.values_list(
        "pk", "programme_id", "lead_id", "reviewer_id", "started_at", "reopened_at", "current_period_on"
    ):
        since = max(started_at, reopened_at or started_at)
        owed = tuple(
            ladder
            for ladder in ladders[programme_id]
            if since < end_of(ladder.period_on)
            and (period_on is None or period_on < ladder.period_on)
            and not _is_excepted(exceptions.get(pk, []), ladder.period_on)
        )
        if owed:
            yield Owing(programme_id, owed, people[programme_id].of(lead, reviewer))


def _exceptions(programmes: Collection[UUID]) -> dict[UUID, list[tuple[date, date, datetime | None]]]:
    found: dict[UUID, list[tuple[date, date, datetime | None]]] = defaultdict(list)
    rows = ReportingException.objects.filter(workstream__programme__in=programmes, workstream__closed_at=None)
    days = rows.order_by("pk").values_list("workstream_id", "from_on", "to_on", "ended_at")
    for pk, from_on, to_on, ended_at in days:
        found[pk].append((from_on, to_on, ended_at))
    return found


def _is_excepted(exceptions: Collection[tuple[date, date, datetime | None]], day: date) -> bool:
    """Of one that ended early the days count that were over by then."""
    return any(
        covers(from_on, to_on, day) and (ended_at is None or ended_at >= end_of(day))
        for from_on, to_on, ended_at in exceptions
    )


def _people(programmes: Collection[Programme]) -> dict[UUID, People]:
    """Who may be asked in each programme, but for lead and reviewer."""
    return {
        pk: People(found.in_sight, managers=found.managers, owner=found.owner, chiefs=found.chiefs)
        for pk, found in people_of(programmes).items()
    }


def statuses_difference(within: Within, now: datetime) -> Difference:
    """What the chase has to change; what it takes back or moves it settles by itself within a tick."""
    if within.subject_ids is not None and within.programme_ids is not None:
        within = Within(programme_ids=within.programme_ids & within.subject_ids)
    found = chase(within.programme_ids, now=now)
    settlement = found.settlement
    return Difference(
        missing=[
            Missing(
                _wanted(found, ask, at), Recipient(ask.user_id, need_of(ask), path_for(ask), at), found.times_asked[ask]
            )
            for ask, at in settlement.to_ask.items()
        ],
        moved=[
            Move(_present(one), _wanted(found, one.ask, at), at, is_personal=True)
            for one, at in settlement.to_move.items()
        ],
        unwanted=[_present(one) for one in settlement.to_cancel],
    )


def _present(asked: Asked) -> Present:
    ask = asked.ask
    key = key_of_wave(ask.programme_id, ask.period_on, ask.step)
    return Present(asked.id, key, ask.user_id, asked.at, ReminderState.PLANNED)


def _wanted(found: Chase, ask: Ask, due_at: datetime) -> Wanted:
    programme, ladder = found.programmes[ask.programme_id], found.ladders[ask.programme_id, ask.period_on]
    words = words_for_wave(ask.step, ladder, programme.name)
    return Wanted(
        kind=KIND,
        key=key_of_wave(ask.programme_id, ask.period_on, ask.step),
        subject_id=programme.pk,
        programme_id=programme.pk,
        words=WaveWords(words.title, words.mail_subject, words.mail_text, due_at, words.due_reason, ladder.ends_at),
        recipients=(),
        needs_sight=True,
    )
