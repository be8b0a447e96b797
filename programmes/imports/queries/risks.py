from datetime import date

from partners.clock.rules import words_for_date
from partners.people.rules.csv_files import Problem
from programmes.imports.queries.people import by_email, emails_in, unknown
from programmes.imports.rules.cells import Value
from programmes.imports.rules.columns import Given, GivenRow, columns_of_risks
from programmes.imports.rules.plans import PlannedRow, planned, repeats
from programmes.raid.enums import Impact, Likelihood, RaidKind, RiskResponse
from programmes.raid.models import RaidEntry
from programmes.raid.rules import DESCRIPTION_LENGTH, TITLE_LENGTH
from programmes.register.models import Programme
from programmes.register.queries import people_who_see
from programmes.workstreams.models import Workstream

COLUMNS = columns_of_risks(
    title=TITLE_LENGTH,
    description=DESCRIPTION_LENGTH,
    likelihoods=dict(Likelihood.choices),
    impacts=dict(Impact.choices),
    ways=dict(RiskResponse.choices),
)
FIRST: dict[str, Value] = {
    "description": "",
    "workstream": "",
    "owner": "",
    "residual_likelihood": None,
    "residual_impact": None,
    "response": "",
    "due_on": None,
    "is_in_report": False,
}
NOBODY = "is no address of somebody who may see this programme. Mend it, or give them a role on it first."
AFTER = ("residual_likelihood", "residual_impact")
HEADINGS = {column.key: column.heading for column in COLUMNS}


def planned_rows(programme: Programme, given: Given, *, today: date) -> tuple[list[PlannedRow], list[Problem]]:
    """Each row beside the risk of its reference, else of its title; three queries."""
    there = list(
        RaidEntry.objects.filter(programme=programme, kind=RaidKind.RISK)
        .select_related("owner", "workstream")
        .order_by("number")
    )
    by_reference = {risk.reference.casefold(): risk for risk in there}
    by_title: dict[str, list[RaidEntry]] = {}
    for risk in there:
        by_title.setdefault(risk.title.casefold(), []).append(risk)
    names = {
        name.casefold(): name for name in Workstream.objects.filter(programme=programme).values_list("name", flat=True)
    }
    known = by_email(people_who_see(programme), emails_in(given.rows, ("owner",)))
    rows: list[PlannedRow] = []
    problems = repeats(given.rows, keys=("reference", "title"), heading="Title")
    taken: dict[RaidEntry, int] = {}
    for row in given.rows:
        reference, title = str(row.values.get("reference") or ""), str(row.values.get("title") or "")
        called = by_title.get(title.casefold(), [])
        found = by_reference.get(reference.casefold()) if reference else called[0] if len(called) == 1 else None
        if reference and not found:
            sentence = f"{reference} is no risk of this programme. Leave it empty for a new one."
            problems.append(Problem(row.line, "Reference", sentence))
        if not reference and len(called) > 1:
            which = " or ".join(risk.reference for risk in called[:5])
            problems.append(Problem(row.line, "Title", f"is that of several risks. Write the reference: {which}."))
        if found and taken.setdefault(found, row.line) != row.line:
            sentence = f"{found.reference} is on line {taken[found]} too. Keep one of the two rows."
            problems.append(Problem(row.line, "Reference", sentence))
        current = _current(found) if found else None
        filled, more = _filled(row, names)
        problems += more
        problems += unknown(row, "owner", "Owner", known=known, current=current["owner"] if current else "", why=NOBODY)
        plan = planned(
            filled,
            name=title,
            columns=given.columns,
            current=current,
            found_id=found.pk if found else None,
            first=FIRST
            | {"residual_likelihood": row.values.get("likelihood"), "residual_impact": row.values.get("impact")},
        )
        if found and found.closed_at and plan.changes:
            sentence = f"{found.reference} is closed. Reopen it first, or take the row out."
            problems.append(Problem(row.line, "Title", sentence))
        due_on = plan.values.get("due_on")
        if isinstance(due_on, date) and due_on < today and due_on != (current["due_on"] if current else None):
            problems.append(Problem(row.line, "Review on", f"{words_for_date(due_on)} is over. Give a day to come."))
        rows.append(plan)
    return rows, problems


def _filled(row: GivenRow, names: dict[str, str]) -> tuple[GivenRow, list[Problem]]:
    """The row as it is kept: the workstream's name as written here, and what its empty cells mean."""
    values, problems = dict(row.values), []
    values.pop("reference", None)
    if said := str(values.get("workstream") or ""):
        values["workstream"] = names.get(said.casefold(), said)
        if said.casefold() not in names:
            sentence = f"{said} is no workstream of this programme. Add it first, mend the name, or leave it empty."
            problems.append(Problem(row.line, "Workstream", sentence))
    if "response" in values:
        values["response"] = values["response"] or ""
    if "is_in_report" in values:
        values["is_in_report"] = bool(values["is_in_report"])
    if all(part in values and values[part] is None for part in AFTER):
        values |= {"residual_likelihood": values.get("likelihood"), "residual_impact": values.get("impact")}
    for part in AFTER:
        if part in values and values[part] is None:
            problems.append(
                Problem(row.line, HEADINGS[part], "is empty. Fill in both scores after treatment, or neither.")
            )
    return GivenRow(row.line, values), problems


def _current(risk: RaidEntry) -> dict[str, Value]:
    return {
        "title": risk.title,
        "description": risk.description,
        "workstream": risk.workstream.name if risk.workstream else "",
        "owner": risk.owner.email if risk.owner else "",
        "likelihood": risk.likelihood,
        "impact": risk.impact,
        "residual_likelihood": risk.residual_likelihood,
        "residual_impact": risk.residual_impact,
        "response": risk.response,
        "due_on": risk.due_on,
        "is_in_report": risk.is_in_report,
    }
