from datetime import date, datetime
from typing import cast

from partners.audit.changes import Happening
from partners.people.models import User
from programmes.imports.changes.happenings import happening
from programmes.imports.enums import Outcome
from programmes.imports.models import ProgrammeImport
from programmes.imports.rules.plans import Plan, PlannedRow
from programmes.register.models import Programme
from programmes.scheduling.changes.filling import MilestoneGiven, add_milestones, change_milestones
from programmes.scheduling.models import DeliveryMilestone
from programmes.workstreams.models import Workstream


def import_milestones(
    programme: Programme, plan: Plan, *, kept: ProgrammeImport, by: User, now: datetime
) -> list[Happening]:
    """Add and change milestones. The caller has locked the programme and found no problem in the plan."""
    new, changed = plan.with_outcome(Outcome.ADDED), plan.with_outcome(Outcome.CHANGED)
    workstreams = {each.name: each for each in Workstream.objects.filter(programme=programme)}
    found = {each.pk: each for each in DeliveryMilestone.objects.filter(pk__in=[row.found_id for row in changed])}
    added = add_milestones(programme, [_given(row, workstreams) for row in new], by=by, now=now)
    pairs = [(found[row.found_id], _given(row, workstreams)) for row in changed if row.found_id]
    change_milestones(pairs, by=by, now=now)
    touched = [*zip(new, added, strict=True), *zip(changed, [milestone for milestone, _ in pairs], strict=True)]
    return [
        happening(
            programme,
            row,
            milestone,
            named=f"the milestone {milestone.name}",
            version=milestone.version,
            source=kept.document.name,
        )
        for row, milestone in touched
    ]


def _given(row: PlannedRow, workstreams: dict[str, Workstream]) -> MilestoneGiven:
    said = row.values
    return MilestoneGiven(
        name=str(said["name"]),
        workstream=workstreams.get(str(said["workstream"])),
        is_critical=bool(said["is_critical"]),
        baseline_on=cast(date, said["baseline_on"]),
        forecast_on=cast(date, said["forecast_on"]),
        achieved_on=cast(date | None, said["achieved_on"]),
        reason=str(said.get("reason") or ""),
    )
