from datetime import datetime

from partners.audit.changes import Happening
from partners.people.models import User
from programmes.imports.changes.happenings import happening
from programmes.imports.enums import Outcome
from programmes.imports.models import ProgrammeImport
from programmes.imports.rules.plans import Plan, PlannedRow
from programmes.register.models import Programme
from programmes.workstreams.changes import settle_chasing
from programmes.workstreams.changes.filling import WorkstreamGiven, add_workstreams, change_workstreams
from programmes.workstreams.models import Workstream


def import_workstreams(
    programme: Programme, plan: Plan, *, kept: ProgrammeImport, by: User, now: datetime
) -> list[Happening]:
    """Add and change workstreams. The caller has locked the programme and found no problem in the plan."""
    new, changed = plan.with_outcome(Outcome.ADDED), plan.with_outcome(Outcome.CHANGED)
    emails = {str(row.values[key]) for row in (*new, *changed) for key in ("lead", "reviewer")} - {""}
    people = {person.email: person for person in User.objects.filter(email__in=emails)}
    rows = Workstream.objects.filter(programme=programme, pk__in=[row.found_id for row in changed])
    found = {each.pk: each for each in rows.select_related("lead").order_by("pk").select_for_update(of=("self",))}
    added = add_workstreams(programme, [_given(row, people) for row in new], by=by, now=now)
    pairs = [(found[row.found_id], _given(row, people)) for row in changed if row.found_id]
    change_workstreams(programme, pairs, by=by, now=now)
    settle_chasing(programme, now=now)
    touched = [*zip(new, added, strict=True), *zip(changed, [workstream for workstream, _ in pairs], strict=True)]
    return [
        happening(
            programme,
            row,
            workstream,
            named=f"the workstream {workstream.name}",
            version=workstream.version,
            source=kept.document.name,
        )
        for row, workstream in touched
    ]


def _given(row: PlannedRow, people: dict[str, User]) -> WorkstreamGiven:
    said = row.values
    return WorkstreamGiven(
        name=str(said["name"]),
        description=str(said["description"]),
        lead=people.get(str(said["lead"])),
        reviewer=people.get(str(said["reviewer"])),
    )
