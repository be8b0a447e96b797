from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import check_day, one_line
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.rules import REASON_LENGTH
from programmes.scheduling.changes import add_milestone as add_row
from programmes.scheduling.changes import forecast, free_milestone_name
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent
from programmes.scheduling.operations.locking import locked_programme
from programmes.scheduling.permissions import check_can_manage_milestone, check_can_manage_milestone_of
from programmes.scheduling.rules import check_open
from programmes.workstreams.models import Workstream

PARTS = {
    "name": "the name",
    "workstream": "the workstream",
    "is_critical": "whether it is critical",
    "forecast_on": "the day expected",
    "achieved_on": "the day achieved",
    "dropped": "that it is wanted",
}


@transaction.atomic(durable=True)
def add_milestone(
    *,
    programme_id: UUID,
    name: str,
    workstream_id: UUID | None,
    is_critical: bool,
    baseline_on: date,
    request_key: UUID,
    by: User,
    now: datetime,
) -> DeliveryMilestone:
    """A milestone, expected on the day first agreed, which never changes. ``request_key`` becomes the id; a repeat
    returns the first.

    Raises: NotPermitted; Refused when the programme ended, for a workstream that is not of this programme or is closed,
    a name that is taken there, or a day that must be a slip of the pen.
    """
    programme = locked_programme(programme_id)
    workstream = _workstream(programme, workstream_id)
    check_can_manage_milestone_of(by, programme, workstream)
    known = DeliveryMilestone.objects.filter(pk=request_key).first()
    if known is not None:
        if known.programme_id != programme.pk:
            raise Refused("This form was used for another programme. Open it again.")
        return known
    check_runs(programme)
    milestone = add_row(
        programme,
        name=name,
        workstream=workstream,
        is_critical=is_critical,
        baseline_on=baseline_on,
        milestone_id=request_key,
        by=by,
        now=now,
    )
    record(
        by=by,
        now=now,
        action="scheduling.add_milestone",
        subject=milestone,
        scope_id=programme.scope_id,
        summary=f"added the milestone {milestone} to {programme.name}, for {words_for_date(baseline_on)}",
        after=_values(milestone),
    )
    return milestone


@transaction.atomic(durable=True)
def change_milestone(
    *,
    milestone_id: UUID,
    version: int,
    name: str,
    workstream_id: UUID | None,
    is_critical: bool,
    by: User,
    now: datetime,
) -> DeliveryMilestone:
    """Change what the milestone is called, whose it is, and whether it is critical. Returns it as it was when it says
    all this already.

    Raises: NotPermitted, for either workstream; Conflict; Refused as for ``add_milestone``, or when it is dropped.
    """
    milestone = _locked(milestone_id, by)
    before = _values(milestone)
    workstream = milestone.workstream if milestone.workstream_id == workstream_id else None
    if workstream_id and workstream is None:
        workstream = _workstream(milestone.programme, workstream_id)
    check_can_manage_milestone_of(by, milestone.programme, workstream)
    milestone.workstream, milestone.is_critical = workstream, is_critical
    milestone.name = free_milestone_name(milestone.programme, workstream, name, but=milestone)
    changed = _changed(before, milestone)
    if not changed:
        return milestone
    _check_version(milestone, version)
    if milestone.dropped_at:
        check_open(name=milestone.name, achieved_on=None, is_dropped=True)
    milestone.version += 1
    milestone.save(update_fields=["name", "workstream", "is_critical", "version"])
    told = f"changed {listed([PARTS[part] for part in changed])} of the milestone {milestone}"
    _record(milestone, "change_milestone", told, before, by=by, now=now)
    return milestone


@transaction.atomic(durable=True)
def forecast_milestone(
    *, milestone_id: UUID, version: int, forecast_on: date, reason: str, by: User, now: datetime
) -> DeliveryMilestone:
    """Expect the milestone on another day, with the reason. The day first agreed stays. A repeat changes nothing.

    Raises: NotPermitted; Conflict; Refused without a reason, when it is achieved or dropped or its programme ended, or
    for a day that must be a slip of the pen.
    """
    milestone = _locked(milestone_id, by)
    if milestone.forecast_on == forecast_on and milestone.achieved_on is None:
        return milestone
    _check_version(milestone, version)
    _check_open(milestone)
    why, before = _reason(reason), _values(milestone)
    forecast(milestone, forecast_on, reason=why, by=by, now=now)
    told = (
        f"expects the milestone {milestone} on {words_for_date(forecast_on)} instead of "
        f"{words_for_date(date.fromisoformat(str(before['forecast_on'])))}, because: {why}"
    )
    _record(milestone, "forecast_milestone", told, before, by=by, now=now)
    return milestone


@transaction.atomic(durable=True)
def achieve_milestone(*, milestone_id: UUID, achieved_on: date, by: User, now: datetime) -> DeliveryMilestone:
    """Record the day on which the milestone was achieved. A repeat for the same day changes nothing.

    Raises: NotPermitted; Refused when it is achieved or dropped already, or for a day in the future.
    """
    milestone = _locked(milestone_id, by)
    if milestone.achieved_on == achieved_on:
        return milestone
    check_day(achieved_on, field="achieved_on", named="The day", today=local_date(now))
    check_open(name=milestone.name, achieved_on=milestone.achieved_on, is_dropped=milestone.dropped_at is not None)
    before = _values(milestone)
    milestone.achieved_on = achieved_on
    _save_achieved(milestone, reason="", by=by, now=now)
    told = f"achieved the milestone {milestone} on {words_for_date(achieved_on)}"
    _record(milestone, "achieve_milestone", told, before, by=by, now=now)
    return milestone


@transaction.atomic(durable=True)
def take_back_milestone(*, milestone_id: UUID, reason: str, by: User, now: datetime) -> DeliveryMilestone:
    """Say that the milestone is not achieved after all, with the reason.

    Raises: NotPermitted; Refused without a reason, or when it is not achieved.
    """
    milestone = _locked(milestone_id, by)
    if milestone.achieved_on is None:
        raise Refused(f"{milestone} is not achieved, so there is nothing to take back.")
    why, before = _reason(reason), _values(milestone)
    milestone.achieved_on = None
    _save_achieved(milestone, reason=why, by=by, now=now)
    told = f"took back that the milestone {milestone} is achieved, because: {why}"
    _record(milestone, "take_back_milestone", told, before, by=by, now=now)
    return milestone


@transaction.atomic(durable=True)
def drop_milestone(*, milestone_id: UUID, version: int, reason: str, by: User, now: datetime) -> DeliveryMilestone:
    """Say that the milestone is not wanted any more, with the reason. It stays in the history.

    Raises: NotPermitted; Conflict; Refused without a reason, or when it is achieved or dropped already.
    """
    milestone = _locked(milestone_id, by)
    check_open(name=milestone.name, achieved_on=milestone.achieved_on, is_dropped=milestone.dropped_at is not None)
    _check_version(milestone, version)
    why, before = _reason(reason), _values(milestone)
    milestone.dropped_at, milestone.dropped_by, milestone.drop_reason = now, by, why
    milestone.version += 1
    milestone.save(update_fields=["dropped_at", "dropped_by", "drop_reason", "version"])
    told = f"dropped the milestone {milestone}, because: {why}"
    _record(milestone, "drop_milestone", told, before, by=by, now=now)
    return milestone


def _locked(milestone_id: UUID, by: User) -> DeliveryMilestone:
    """The milestone, its programme locked, once it is sure that the person may change it."""
    locked_programme(DeliveryMilestone.objects.values_list("programme_id", flat=True).get(pk=milestone_id))
    rows = DeliveryMilestone.objects.select_related("programme__scope", "workstream")
    milestone = rows.get(pk=milestone_id)
    check_can_manage_milestone(by, milestone)
    return milestone


def _workstream(programme: Programme, workstream_id: UUID | None) -> Workstream | None:
    if workstream_id is None:
        return None
    found = Workstream.objects.filter(pk=workstream_id, programme=programme, closed_at=None).first()
    if found is None:
        raise Refused("This programme has no such open workstream. Choose another.", field="workstream")
    return found


def _check_open(milestone: DeliveryMilestone) -> None:
    check_open(name=milestone.name, achieved_on=milestone.achieved_on, is_dropped=milestone.dropped_at is not None)
    check_runs(milestone.programme)


def _reason(reason: str) -> str:
    return one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")


def _save_achieved(milestone: DeliveryMilestone, *, reason: str, by: User, now: datetime) -> None:
    DeliveryMilestoneEvent.objects.create(
        milestone=milestone,
        forecast_from_on=milestone.forecast_on,
        forecast_to_on=milestone.forecast_on,
        achieved_on=milestone.achieved_on,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
    )
    milestone.version += 1
    milestone.save(update_fields=["achieved_on", "version"])


def _check_version(milestone: DeliveryMilestone, version: int) -> None:
    """Raises: Conflict, naming who changed what."""
    if milestone.version != version:
        raise _changed_meanwhile(milestone, version)


def _changed_meanwhile(milestone: DeliveryMilestone, version: int) -> Conflict:
    events = changes_since(milestone.pk, version)
    told = [(event.actor_name, [PARTS[part] for part in event.after or {} if part in PARTS]) for event in events]
    return changed_meanwhile(f"the milestone {milestone}", told)


def _values(milestone: DeliveryMilestone) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "name": milestone.name,
        "workstream": milestone.workstream.name if milestone.workstream else "",
        "is_critical": milestone.is_critical,
        "baseline_on": milestone.baseline_on.isoformat(),
        "forecast_on": milestone.forecast_on.isoformat(),
        "achieved_on": milestone.achieved_on.isoformat() if milestone.achieved_on else "",
        "dropped": milestone.drop_reason,
        "version": milestone.version,
    }


def _changed(before: dict[str, object], milestone: DeliveryMilestone) -> list[str]:
    return [part for part, value in _values(milestone).items() if before[part] != value]


def _record(
    milestone: DeliveryMilestone, act: str, summary: str, before: dict[str, object], *, by: User, now: datetime
) -> None:
    changed, after = _changed(before, milestone), _values(milestone)
    record(
        by=by,
        now=now,
        action=f"scheduling.{act}",
        subject=milestone,
        scope_id=milestone.programme.scope_id,
        summary=f"{summary} of {milestone.programme.name}" if act == "change_milestone" else summary,
        before={part: before[part] for part in changed},
        after={part: after[part] for part in changed},
    )
