from datetime import date, datetime
from typing import cast
from uuid import UUID

from partners.audit.changes import Happening
from partners.people.models import User
from programmes.imports.changes.happenings import happening
from programmes.imports.enums import Outcome
from programmes.imports.models import ProgrammeImport
from programmes.imports.rules.plans import Plan, PlannedRow
from programmes.raid.changes import add_entry, fill, settle_reminders
from programmes.raid.enums import Origin, RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.rules import Facts
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream


def import_risks(
    programme: Programme, plan: Plan, *, kept: ProgrammeImport, by: User, now: datetime
) -> list[Happening]:
    """Add and change risks. The caller has locked the programme and found no problem in the plan."""
    new, changed = plan.with_outcome(Outcome.ADDED), plan.with_outcome(Outcome.CHANGED)
    emails = {str(row.values["owner"]) for row in (*new, *changed)} - {""}
    owners = dict(User.objects.filter(email__in=emails).values_list("email", "pk"))
    workstreams = dict(Workstream.objects.filter(programme=programme).values_list("name", "pk"))
    rows = RaidEntry.objects.filter(pk__in=[row.found_id for row in changed])
    found = {each.pk: each for each in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}
    touched = []
    for row in new:
        facts = _facts(row, owners, workstreams)
        added = add_entry(
            programme, kind=RaidKind.RISK, facts=facts, origin=Origin.IMPORT, origin_id=kept.pk, by=by, now=now
        )
        touched.append((row, added))
    for row in changed:
        entry = found[cast(UUID, row.found_id)]
        fill(entry, _facts(row, owners, workstreams))
        entry.version += 1
        entry.save()
        settle_reminders(entry, now=now)
        touched.append((row, entry))
    return [
        happening(
            programme,
            row,
            entry,
            named=f"the risk {entry.reference} {entry.title}",
            version=entry.version,
            source=kept.document.name,
        )
        for row, entry in touched
    ]


def _facts(row: PlannedRow, owners: dict[str, UUID], workstreams: dict[str, UUID]) -> Facts:
    said = row.values
    return Facts(
        title=str(said["title"]),
        description=str(said["description"]),
        owner_id=owners.get(str(said["owner"])),
        workstream_id=workstreams.get(str(said["workstream"])),
        is_in_report=bool(said["is_in_report"]),
        due_on=cast(date | None, said["due_on"]),
        likelihood=cast(int, said["likelihood"]),
        impact=cast(int, said["impact"]),
        residual_likelihood=cast(int | None, said["residual_likelihood"]),
        residual_impact=cast(int | None, said["residual_impact"]),
        response=str(said["response"]),
    )
