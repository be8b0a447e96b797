from datetime import date, datetime
from uuid import UUID, uuid4

from partners.audit.rules import Refused
from partners.people.models import User
from partners.people.rules.typed import check_day, one_line
from programmes.register.models import Programme
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent
from programmes.scheduling.rules import MILESTONE_NAME_LENGTH, check_forecast
from programmes.workstreams.models import Workstream


def add_milestone(
    programme: Programme,
    *,
    name: str,
    workstream: Workstream | None,
    is_critical: bool,
    baseline_on: date,
    by: User,
    now: datetime,
    forecast_on: date | None = None,
    milestone_id: UUID | None = None,
) -> DeliveryMilestone:
    """A milestone expected on its baseline unless another day is given; the caller has locked the programme. No event.

    Raises: Refused for a name that is not allowed or is taken there, or a day that must be a slip of the pen.
    """
    check_day(baseline_on, field="baseline_on", named="The day first agreed")
    if forecast_on:
        check_forecast(forecast_on)
    return DeliveryMilestone.objects.create(
        pk=milestone_id or uuid4(),
        programme=programme,
        workstream=workstream,
        name=free_milestone_name(programme, workstream, name),
        is_critical=is_critical,
        baseline_on=baseline_on,
        forecast_on=forecast_on or baseline_on,
        recorded_at=now,
        recorded_by=by,
    )


def forecast(milestone: DeliveryMilestone, forecast_on: date, *, reason: str, by: User, now: datetime) -> None:
    """Expect the milestone on another day; the caller has locked the programme and checked the rest. No audit event."""
    check_forecast(forecast_on)
    DeliveryMilestoneEvent.objects.create(
        milestone=milestone,
        forecast_from_on=milestone.forecast_on,
        forecast_to_on=forecast_on,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
    )
    milestone.forecast_on = forecast_on
    milestone.version += 1
    milestone.save(update_fields=["forecast_on", "version"])


def free_milestone_name(
    programme: Programme, workstream: Workstream | None, name: str, *, but: DeliveryMilestone | None = None
) -> str:
    """Raises: Refused for a name that is not allowed, or that another milestone there has."""
    name = one_line(name, limit=MILESTONE_NAME_LENGTH, field="name", named="a name")
    others = DeliveryMilestone.objects.filter(programme=programme, workstream=workstream, dropped_at=None, name=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        where = workstream.name if workstream else programme.name
        raise Refused(f"{where} has a milestone called {name} already. Choose another name.", field="name")
    return name
