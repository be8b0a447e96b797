"""Many milestones of one programme at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent
from programmes.workstreams.models import Workstream

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MilestoneGiven:
    """What is said of a milestone, checked by the caller. ``reason``: why it is not expected on the day it was."""

    name: str
    workstream: Workstream | None
    is_critical: bool
    baseline_on: date
    forecast_on: date
    achieved_on: date | None
    reason: str


def add_milestones(
    programme: Programme, given: Sequence[MilestoneGiven], *, by: User, now: datetime
) -> list[DeliveryMilestone]:
    """These milestones, in their order, with what became of them so far. The caller has locked the programme.

    The audit events are the caller's.
    """
    added = DeliveryMilestone.objects.bulk_create(
        (
            DeliveryMilestone(
                programme=programme,
                workstream=each.workstream,
                name=each.name,
                is_critical=each.is_critical,
                baseline_on=each.baseline_on,
                forecast_on=each.forecast_on,
                achieved_on=each.achieved_on,
                recorded_at=now,
                recorded_by=by,
            )
            for each in given
        ),
        batch_size=ROWS_AT_ONCE,
    )
    events = [
        _event(milestone, each, since=each.baseline_on, by=by, now=now)
        for milestone, each in zip(added, given, strict=True)
        if each.achieved_on or (each.reason and each.forecast_on != each.baseline_on)
    ]
    DeliveryMilestoneEvent.objects.bulk_create(events, batch_size=ROWS_AT_ONCE)
    return added


def change_milestones(changed: Sequence[tuple[DeliveryMilestone, MilestoneGiven]], *, by: User, now: datetime) -> None:
    """Let these milestones say what is given; the baseline and the workstream stay. The caller has locked the programme.

    The audit events are the caller's.
    """
    events = []
    for milestone, given in changed:
        if (milestone.forecast_on, milestone.achieved_on) != (given.forecast_on, given.achieved_on):
            events.append(_event(milestone, given, since=milestone.forecast_on, by=by, now=now))
        milestone.name, milestone.is_critical = given.name, given.is_critical
        milestone.forecast_on, milestone.achieved_on = given.forecast_on, given.achieved_on
        milestone.version += 1
    parts = ["name", "is_critical", "forecast_on", "achieved_on", "version"]
    DeliveryMilestone.objects.bulk_update([milestone for milestone, _ in changed], parts, ROWS_AT_ONCE)
    DeliveryMilestoneEvent.objects.bulk_create(events, batch_size=ROWS_AT_ONCE)


def _event(
    milestone: DeliveryMilestone, given: MilestoneGiven, *, since: date, by: User, now: datetime
) -> DeliveryMilestoneEvent:
    return DeliveryMilestoneEvent(
        milestone=milestone,
        forecast_from_on=since,
        forecast_to_on=given.forecast_on,
        achieved_on=given.achieved_on,
        reason=given.reason if since != given.forecast_on else "",
        recorded_at=now,
        recorded_by=by,
    )
