from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from django.db.models import Q, QuerySet

from partners.calendar.queries import calendar_with, working_calendar
from partners.calendar.rules import ClosedDays, WorkingCalendar
from partners.clock.rules import end_of_day, instant
from programmes.register.models import Programme
from programmes.reviews.models import Review
from programmes.scheduling.models import Stage
from programmes.scheduling.queries.stages import stages_of
from programmes.scheduling.rules import MovedDate, PlanDays, fingerprint_of, replan_for_calendar


@dataclass(frozen=True, slots=True)
class ProgrammeMoves:
    """The planned days of one programme that other working days move."""

    programme_id: UUID
    programme_name: str
    moved: list[MovedDate]


@dataclass(frozen=True, slots=True)
class CalendarEffect:
    """What a change of closures moves, by the name of the programme; ``fingerprint`` of all of it."""

    programmes: list[ProgrammeMoves]
    fingerprint: str


def effect_of_closure(closure: ClosedDays | None, *, instead_of: UUID | None = None) -> CalendarEffect:
    """What planned stages a closure would move, or one taken out without another; four queries.

    Raises: Refused when the closure cannot join the calendar.
    """
    return effect_of_calendar(working_calendar(), calendar_with(closure, without=instead_of), running_programmes())


def effect_of_calendar(old: WorkingCalendar, new: WorkingCalendar, programmes: QuerySet[Programme]) -> CalendarEffect:
    """What moves in these programmes when other days are worked; two queries."""
    names = dict(programmes.values_list("pk", "name"))
    before, after = PlanDays(old), PlanDays(new)
    found = [
        ProgrammeMoves(programme_id, names[programme_id], moved)
        for programme_id, stages in stages_of(_planned(names)).items()
        if (moved := replan_for_calendar(stages, before, after))
    ]
    found.sort(key=lambda each: (each.programme_name.casefold(), str(each.programme_id)))
    return CalendarEffect(found, fingerprint_of(move for each in found for move in each.moved))


def running_programmes() -> QuerySet[Programme]:
    """Programmes whose stages are planned by the calendar. Unordered."""
    return Programme.objects.filter(ended_on=None)


def reviews_over(closures: Iterable[ClosedDays]) -> QuerySet[Review]:
    """Reviews that are open on one of these closed days and not cancelled, by their close."""
    over = Q(pk=None)
    for closure in closures:
        first = instant(closure.first_on, time.min)
        over |= Q(opens_at__lte=end_of_day(closure.last_on), closes_at__gt=first)
    rows = Review.objects.filter(over, cancelled_at=None).select_related("programme")
    return rows.order_by("closes_at", "pk")


def _planned(names: Iterable[UUID]) -> list[UUID]:
    """Those of the programmes that have planned an unfinished stage."""
    rows = Stage.objects.filter(programme__in=list(names), is_active=True, finished_on=None)
    return list(rows.exclude(planned_start_on=None).order_by().values_list("programme", flat=True).distinct())
