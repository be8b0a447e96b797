from datetime import date, datetime
from hashlib import sha256
from typing import Final, Protocol

from partners.audit.queries import events_in
from partners.clock.rules import local_date
from partners.files.rules.tables import read_table
from partners.people.rules.csv_files import Problem
from programmes.imports.enums import ImportKind
from programmes.imports.models import ProgrammeImport
from programmes.imports.queries import milestones, risks, workstreams
from programmes.imports.rules.columns import Column, Given, given_in
from programmes.imports.rules.plans import Plan, PlannedRow, digest_of
from programmes.register.models import Programme


class Planning(Protocol):
    """Each row of a file beside what is there now, and what is to be mended."""

    def __call__(
        self, programme: Programme, given: Given, *, today: date
    ) -> tuple[list[PlannedRow], list[Problem]]: ...


COLUMNS: Final[dict[ImportKind, tuple[Column, ...]]] = {
    ImportKind.WORKSTREAMS: workstreams.COLUMNS,
    ImportKind.MILESTONES: milestones.COLUMNS,
    ImportKind.RISKS: risks.COLUMNS,
}
_PLANNING: Final[dict[ImportKind, Planning]] = {
    ImportKind.WORKSTREAMS: workstreams.planned_rows,
    ImportKind.MILESTONES: milestones.planned_rows,
    ImportKind.RISKS: risks.planned_rows,
}
_SUBJECTS = {
    ImportKind.WORKSTREAMS: "workstream",
    ImportKind.MILESTONES: "deliverymilestone",
    ImportKind.RISKS: "raidentry",
}
MOST_TOLD = 5


def plan_of(kept: ProgrammeImport, *, now: datetime) -> Plan:
    """What the file would do if it were imported now; a handful of queries for any number of rows.

    Raises: UnreadableFile when the file as a whole cannot be taken.
    """
    document = kept.document
    return plan_of_bytes(
        kept.programme, ImportKind(kept.kind), name=document.name, content=bytes(document.content), now=now
    )


def plan_of_bytes(programme: Programme, kind: ImportKind, *, name: str, content: bytes, now: datetime) -> Plan:
    """``plan_of`` for a file that is not kept. The caller has asked for permission.

    Raises: UnreadableFile.
    """
    table = read_table(name, content)
    given = given_in(table, COLUMNS[kind])
    rows, problems = _PLANNING[kind](programme, given, today=local_date(now))
    problems = sorted([*given.problems, *problems], key=lambda problem: (problem.line, problem.column))
    return Plan(kind, rows, problems, table.notes, digest_of(sha256(content).hexdigest(), rows, problems))


def what_moved(programme: Programme, plan: Plan, *, since: datetime) -> list[str]:
    """Who changed what of the plan's rows since then, newest first: "Ama Mensah changed the workstream Custody"."""
    about = {row.found_id for row in plan.rows if row.found_id}
    events = events_in([programme.scope_id], since=since).filter(subject_kind=_SUBJECTS[plan.kind])
    found = [event for event in events[:1000] if event.subject_id in about]
    return [f"{event.actor_name} {event.summary}" for event in found[:MOST_TOLD]]
