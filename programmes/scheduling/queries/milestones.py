from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent
from programmes.scheduling.rules import MilestoneDates, MilestoneFact, PlanDays, late_first, slip_of
from programmes.workstreams.models import Workstream

OPEN = {"achieved_on": None, "dropped_at": None}


def milestones_of(
    programme_ids: Collection[UUID] | QuerySet, *, today: date, workstream_id: UUID | None = None
) -> list[MilestoneDates]:
    """Every milestone of these programmes, or of one workstream in them, late ones first; two queries."""
    rows = DeliveryMilestone.objects.filter(programme__in=programme_ids)
    chosen = rows.filter(workstream=workstream_id) if workstream_id else rows
    return _told(chosen.select_related("programme", "workstream"), today)


def milestones_due(programme_ids: Collection[UUID] | QuerySet, until: date, *, today: date) -> list[MilestoneDates]:
    """Open milestones expected by ``until`` (inclusive) or overdue, late ones first; two queries."""
    rows = DeliveryMilestone.objects.filter(programme__in=programme_ids, forecast_on__lte=until, **OPEN)
    return _told(rows.select_related("programme", "workstream"), today)


def critical_slipped(programme_id: UUID, workstream_id: UUID | None, today: date) -> list[MilestoneDates]:
    """Critical milestones that are overdue or expected after the day first agreed; two queries.

    Those of one workstream; without one, every one of the programme.
    """
    found = critical_slipped_of([programme_id], today=today).get(programme_id, [])
    return [one for one in found if workstream_id in (None, one.workstream_id)]


def critical_slipped_of(programme_ids: Collection[UUID] | QuerySet, *, today: date) -> dict[UUID, list[MilestoneDates]]:
    """``critical_slipped`` for many programmes, by programme; two queries."""
    found: dict[UUID, list[MilestoneDates]] = {}
    for milestone in _told(_CRITICAL.objects(programmes=programme_ids), today):
        if milestone.has_slipped:
            found.setdefault(milestone.programme_id, []).append(milestone)
    return found


def milestone_facts(
    programme_id: UUID, workstream_id: UUID | None, since: datetime | None, *, today: date | None = None
) -> list[MilestoneFact]:
    """What became of the milestones of a workstream (of the programme, without one) after ``since``, latest first.

    Achieved, forecast for another day, added or dropped; missed where ``today`` is given: the day expected passed
    since then and it is not achieved. Two queries.
    """
    rows = DeliveryMilestone.objects.filter(programme=programme_id)
    if workstream_id:
        rows = rows.filter(workstream=workstream_id)
    milestones = {row.pk: row for row in rows.order_by("forecast_on", "pk")}
    events = DeliveryMilestoneEvent.objects.filter(milestone__in=list(milestones)).order_by("-pk")
    found = [
        fact
        for event in (events.filter(recorded_at__gt=since) if since else events)
        if (fact := _fact_of_event(milestones[event.milestone_id], event))
    ]
    return found + [fact for row in milestones.values() if (fact := _fact_of_row(row, since, today))]


def milestones_visible_to(user: User) -> QuerySet[DeliveryMilestone]:
    """Milestones of the programmes that the person sees, with programme, scope and workstream. Unordered."""
    rows = DeliveryMilestone.objects.filter(programme__in=programmes_visible_to(user))
    return rows.select_related("programme__scope", "workstream")


def milestone_as_told(milestone: DeliveryMilestone, *, today: date) -> MilestoneDates:
    """How one milestone, which comes with programme and workstream, stands on a day; one query."""
    return _one(milestone, today, PlanDays(working_calendar()))


def open_workstreams_of(programme: Programme) -> list[Workstream]:
    """The workstreams that may have milestones, by name."""
    return list(Workstream.objects.filter(programme=programme, closed_at=None).order_by("name", "pk"))


def milestone_events(milestone_id: UUID) -> QuerySet[DeliveryMilestoneEvent]:
    """What became of one milestone, the latest first."""
    rows = DeliveryMilestoneEvent.objects.filter(milestone=milestone_id)
    return rows.select_related("recorded_by").order_by("-pk")


def _fact_of_event(row: DeliveryMilestone, event: DeliveryMilestoneEvent) -> MilestoneFact | None:
    because = f", because: {event.reason}" if event.reason else ""
    if event.achieved_on:
        return MilestoneFact(
            "milestone_achieved", f"{row.name} was achieved on {words_for_date(event.achieved_on)}", event.achieved_on
        )
    if event.forecast_from_on != event.forecast_to_on:
        return MilestoneFact(
            "milestone_moved",
            f"{row.name} is now expected on {words_for_date(event.forecast_to_on)} instead of "
            f"{words_for_date(event.forecast_from_on)}{because}",
            event.forecast_to_on,
        )
    return MilestoneFact("milestone_moved", f"{row.name} is not achieved after all{because}", event.forecast_to_on)


def _fact_of_row(row: DeliveryMilestone, since: datetime | None, today: date | None) -> MilestoneFact | None:
    if row.dropped_at:
        if since and row.dropped_at <= since:
            return None
        return MilestoneFact(
            "milestone_dropped", f"{row.name} was dropped, because: {row.drop_reason}", local_date(row.dropped_at)
        )
    if row.achieved_on:
        return None
    if today and row.forecast_on < today and (not since or local_date(since) <= row.forecast_on):
        return MilestoneFact(
            "milestone_missed", f"{row.name} was expected on {words_for_date(row.forecast_on)}", row.forecast_on
        )
    if since and row.recorded_at > since:
        return MilestoneFact(
            "milestone_added", f"{row.name} was added, for {words_for_date(row.baseline_on)}", row.baseline_on
        )
    return None


def _critical(programmes: RawSQL) -> QuerySet:
    rows = DeliveryMilestone.objects.filter(programme__in=programmes, is_critical=True, **OPEN)
    return rows.select_related("programme", "workstream")


_CRITICAL = Statement(_critical)


def _told(rows: Iterable[DeliveryMilestone], today: date) -> list[MilestoneDates]:
    """Of milestones that come with programme and workstream; one query beside that for them."""
    days = PlanDays(working_calendar())
    return late_first(_one(row, today, days) for row in rows)


def _one(row: DeliveryMilestone, today: date, days: PlanDays) -> MilestoneDates:
    return MilestoneDates(
        id=row.pk,
        programme_id=row.programme_id,
        programme_name=row.programme.name,
        workstream_id=row.workstream_id,
        workstream_name=row.workstream.name if row.workstream else "",
        name=row.name,
        is_critical=row.is_critical,
        baseline_on=row.baseline_on,
        forecast_on=row.forecast_on,
        achieved_on=row.achieved_on,
        is_dropped=row.dropped_at is not None,
        drop_reason=row.drop_reason,
        version=row.version,
        today=today,
        slip=slip_of(
            baseline_on=row.baseline_on,
            forecast_on=row.forecast_on,
            achieved_on=row.achieved_on,
            today=today,
            days=days,
        ),
    )
