from datetime import date

from partners.people.queries import active_people
from partners.people.rules.csv_files import Problem
from programmes.imports.enums import Outcome
from programmes.imports.queries.people import by_email, emails_in, unknown
from programmes.imports.rules.cells import Value
from programmes.imports.rules.columns import Given, columns_of_workstreams
from programmes.imports.rules.plans import PlannedRow, planned, repeats
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream
from programmes.workstreams.rules import DESCRIPTION_LENGTH, NAME_LENGTH, OWN_REVIEWER

COLUMNS = columns_of_workstreams(name=NAME_LENGTH, description=DESCRIPTION_LENGTH)
FIRST: dict[str, Value] = {"description": "", "lead": "", "reviewer": ""}
NOBODY = "is no address of somebody who can sign in. Mend it, or ask an administrator to add them."


def planned_rows(programme: Programme, given: Given, *, today: date) -> tuple[list[PlannedRow], list[Problem]]:
    """Each row beside the workstream of its name, open or closed; two queries."""
    there = {
        each.name.casefold(): each
        for each in Workstream.objects.filter(programme=programme).select_related("lead", "reviewer").order_by("pk")
    }
    known = by_email(active_people(), emails_in(given.rows, ("lead", "reviewer")))
    rows, problems = [], repeats(given.rows, keys=("name",), heading="Name")
    for row in given.rows:
        name = str(row.values.get("name") or "")
        found = there.get(name.casefold())
        current = _current(found) if found else None
        for key, heading in (("lead", "Lead"), ("reviewer", "Reviewer")):
            now = current[key] if current else ""
            problems += unknown(row, key, heading, known=known, current=now, why=NOBODY)
        plan = planned(
            row,
            name=name,
            columns=given.columns,
            current=current,
            found_id=found.pk if found else None,
            first=FIRST,
        )
        lead, reviewer = plan.values["lead"], plan.values["reviewer"]
        if lead and lead == reviewer and plan.outcome != Outcome.UNCHANGED:
            problems.append(Problem(row.line, "Reviewer", OWN_REVIEWER))
        if found and found.closed_at and plan.changes:
            problems.append(Problem(row.line, "Name", f"{found.name} is closed. Reopen it first, or take the row out."))
        rows.append(plan)
    return rows, problems


def _current(workstream: Workstream) -> dict[str, Value]:
    return {
        "name": workstream.name,
        "description": workstream.description,
        "lead": workstream.lead.email if workstream.lead else "",
        "reviewer": workstream.reviewer.email if workstream.reviewer else "",
    }
