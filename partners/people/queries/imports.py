"""What an import would do: each row of a file beside what is there now."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from partners.people.enums import Outcome
from partners.people.models import PeopleImport, Unit, User
from partners.people.rules import units_in_a_circle
from partners.people.rules.csv_files import YES, ImportKind, Problem, Row, Table, table_of

Change = tuple[str, str, str]  # column, before, after


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row and what becomes of it. ``found_id`` is the person or unit that is there already."""

    line: int
    key: str
    name: str
    outcome: Outcome
    found_id: UUID | None
    values: dict[str, str]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. With problems nothing would. ``digest`` changes with the file and with what is there."""

    kind: ImportKind
    columns: tuple[str, ...]
    rows: list[PlannedRow]
    problems: list[Problem]
    digest: str

    def count(self, outcome: Outcome) -> int:
        return Counter(row.outcome for row in self.rows)[outcome]

    def with_outcome(self, outcome: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome == outcome]

    @property
    def does_something(self) -> bool:
        return any(row.outcome in (Outcome.ADDED, Outcome.CHANGED, Outcome.LEFT) for row in self.rows)


def import_with_id(import_id: UUID, *, by: User) -> PeopleImport | None:
    """A file that this person uploaded and has not confirmed yet."""
    return PeopleImport.objects.filter(pk=import_id, uploaded_by=by).first()


def plan_of(text: str, *, by: User) -> Plan:
    """What the file would do if ``by`` imported it now; two queries.

    Raises: UnreadableFile.
    """
    table = table_of(text)
    known = {unit.code: unit for unit in Unit.objects.select_related("parent").order_by("pk")}
    if table.kind is ImportKind.UNITS:
        rows, problems = _plan_units(table, known)
    else:
        rows, problems = _plan_people(table, known, by)
    problems = sorted([*table.problems, *problems], key=lambda problem: (problem.line, problem.column))
    seen = hashlib.sha256(text.encode())
    for row in rows:
        seen.update(repr((row.line, row.outcome.value, row.found_id, row.changes)).encode())
    return Plan(table.kind, table.columns, rows, problems, seen.hexdigest())


def _plan_units(table: Table, known: dict[str, Unit]) -> tuple[list[PlannedRow], list[Problem]]:
    problems = []
    named = {row.values["code"] for row in table.rows}
    by_lower_case = {code.lower(): code for code in known}
    parents: dict[str, str | None] = {code: unit.parent.code if unit.parent else None for code, unit in known.items()}
    for row in table.rows:
        code, parent = row.values["code"], row.values.get("parent", "")
        if (other := by_lower_case.get(code.lower(), code)) != code:
            problems.append(
                Problem(row.line, "code", f"differs from the code {other} only in capitals. Write {other}.")
            )
        if parent and parent not in named and parent not in known:
            problems.append(
                Problem(row.line, "parent", f"{parent} is no unit here or in the file. Add it, or mend it.")
            )
        if "parent" in table.columns:
            parents[code] = parent or None
    circle = set(units_in_a_circle(parents))
    problems += [
        Problem(row.line, "parent", "makes the unit part of itself. Name a unit that is not below it.")
        for row in table.rows
        if row.values["code"] in circle
    ]
    rows = []
    for row in table.rows:
        unit = known.get(row.values["code"])
        now = {"name": unit.name, "parent": unit.parent.code if unit.parent else ""} if unit else {}
        rows.append(_planned(row, "code", unit, now))
    return rows, problems


def _plan_people(table: Table, known: dict[str, Unit], by: User) -> tuple[list[PlannedRow], list[Problem]]:
    problems, rows = [], []
    there = _people_by_email(row.values["email"].lower() for row in table.rows)
    for row in table.rows:
        row.values["email"] = email = row.values["email"].lower()
        if email and not _is_email(email):
            problems.append(Problem(row.line, "email", "is not an email address. Write it like name@example.org."))
        unit = row.values.get("unit", "")
        if unit and unit not in known:
            problems.append(Problem(row.line, "unit", f"{unit} is no unit here. Import units first, or mend the code."))
        person = there.get(email)
        if person and person.is_partner:
            problems.append(
                Problem(row.line, "email", f"is the address of {person.name}, a partner's contact. Take the row out.")
            )
        if person == by and _has_left(row):
            problems.append(Problem(row.line, "left", "would shut you out. Ask another administrator to import this."))
        now = {"name": person.name, "unit": person.unit.code if person.unit else ""} if person else {}
        rows.append(_planned(row, "email", person, now))
    return rows, problems


def _planned(row: Row, key: str, found: User | Unit | None, now: dict[str, str]) -> PlannedRow:
    changes = tuple(
        (column, before, row.values[column])
        for column, before in now.items()
        if column in row.values and row.values[column] != before
    )
    return PlannedRow(
        line=row.line,
        key=row.values[key],
        name=row.values["name"],
        outcome=_outcome(row, found, changes),
        found_id=found.pk if found else None,
        values=row.values,
        changes=changes,
    )


def _outcome(row: Row, found: User | Unit | None, changes: tuple[Change, ...]) -> Outcome:
    if isinstance(found, User) and not found.is_active:
        return Outcome.STAYS_LEFT
    if _has_left(row):
        return Outcome.LEFT if found else Outcome.STAYS_LEFT
    if found is None:
        return Outcome.ADDED
    return Outcome.CHANGED if changes else Outcome.UNCHANGED


def _has_left(row: Row) -> bool:
    return row.values.get("left", "").lower() == YES


def _people_by_email(emails: Iterable[str]) -> dict[str, User]:
    found = User.objects.select_related("unit").filter(email__in=list(emails)).order_by("pk")
    return {person.email: person for person in found}


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
