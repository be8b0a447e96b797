"""What the chase of statuses goes by: who owes one, who may be asked, and what is planned already."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from django.db.models import Q, QuerySet

from partners.clock.rules import local_date
from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding
from partners.people.queries import leave_between
from partners.people.rules.leave import stand_ins
from programmes.register.models import Programme
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.rules import STOPPABLE
from programmes.workstreams.models import ReportingException, Workstream
from programmes.workstreams.queries.settings import reporting_by_portfolio
from programmes.workstreams.rules.chasing import (
    KEY,
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
    parts_of_key,
    settlement_of,
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
    programmes = {one.pk: one for one in _running(programme_ids)}
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
        stopped={(wave.programme_id, *parts_of_key(wave.dedup_key)) for wave in waves if wave.cancelled_at},
        away_on=_away([local_date(now), *(day for ladder in ladders.values() for day in ladder.days)]),
        calendar=book.usual.calendar,
        now=now,
    )
    return Chase(settlement, programmes, ladders, Counter(one.ask for one in asked))


def _running(programme_ids: Collection[UUID] | None) -> QuerySet[Programme]:
    found = Programme.objects.filter(ended_at=None, scope__parent__is_record=False).select_related("scope", "owner")
    return (found if programme_ids is None else found.filter(pk__in=programme_ids)).order_by("pk")


def _waves(
    programme_ids: Collection[UUID] | None, ladders: Collection[tuple[UUID, date]], now: datetime
) -> QuerySet[ReminderWave]:
    """Those of the ladders, and others that may still go out: a ladder ends where the reporting day moves away."""
    keys = [key_of_wave(pk, period_on, step) for pk, period_on in ladders for step in STEPS]
    found = ReminderWave.objects.filter(Q(dedup_key__in=keys) | Q(dedup_key__contains=f"/{KEY}", valid_until__gt=now))
    found = found if programme_ids is None else found.filter(programme__in=programme_ids)
    return found.only("programme_id", "dedup_key", "cancelled_at").order_by("pk")


def _asked(waves: Collection[ReminderWave]) -> list[Asked]:
    parts = {wave.pk: (wave.programme_id, *parts_of_key(wave.dedup_key)) for wave in waves}
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
    places = {place for one in programmes for place in (one.scope_id, one.scope.parent_id)}
    holders: dict[tuple[str, UUID | None], list[UUID]] = defaultdict(list)
    in_sight: dict[UUID | None, set[UUID]] = defaultdict(set)
    everywhere: set[UUID] = set()
    held = RoleHolding.objects.filter(
        Q(scope__in=places) | Q(scope__kind=ScopeKind.ORGANISATION), ended_at=None, user__is_active=True
    )
    for role, place, kind, user in held.order_by("user_id").values_list("role", "scope_id", "scope__kind", "user_id"):
        holders[role, place].append(user)
        (everywhere if kind == ScopeKind.ORGANISATION else in_sight[place]).add(user)
    owners = {one.pk: one.owner_id if one.owner and one.owner.is_active else None for one in programmes}
    return {
        one.pk: People(
            frozenset(
                everywhere
                | in_sight[one.scope_id]
                | in_sight[one.scope.parent_id]
                | {owner for owner in (owners[one.pk],) if owner}
            ),
            managers=tuple(holders[Role.PROGRAMME_MANAGER, one.scope_id]),
            owner=owners[one.pk],
            chiefs=tuple(holders[Role.CIO, one.scope.parent_id]),
        )
        for one in programmes
    }


def _away(days: Collection[date]) -> Callable[[date], Mapping[UUID, UUID | None]]:
    """Who is away on one of the days or between them, by day."""
    leaves = leave_between(min(days), max(days)) if days else []
    return cache(lambda day: stand_ins(leaves, day))
