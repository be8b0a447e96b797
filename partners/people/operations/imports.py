"""Imports of people and units from a file: a preview first, then all of it or nothing."""

from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from partners.audit.changes import Happening, record_each
from partners.audit.rules import Conflict, Refused
from partners.people import changes
from partners.people.enums import Outcome
from partners.people.models import PeopleImport, Unit, User
from partners.people.permissions import check_can_manage_people
from partners.people.queries import other_administrators
from partners.people.queries.imports import Plan, PlannedRow, plan_of
from partners.people.rules import check_administrators_left
from partners.people.rules.csv_files import ImportKind

ROWS_AT_ONCE = 500
KEPT_FOR = timedelta(days=1)


class ImportRefused(Refused):
    """Some rows must be mended first; ``plan`` names them."""

    def __init__(self, plan: Plan) -> None:
        first = plan.problems[0]
        where = f"Line {first.line}" + (f", {first.column}" if first.column else "")
        match len(plan.problems) - 1:
            case 0:
                more = ""
            case 1:
                more = " 1 more problem needs mending too."
            case others:
                more = f" {others:,} more problems need mending too."
        super().__init__(f"Nothing was imported. {where}: {first.sentence}{more}")
        self.plan = plan


@transaction.atomic(durable=True)
def keep_import(*, text: str, file_name: str, by: User, now: datetime) -> PeopleImport:
    """Keep an uploaded file until its preview is confirmed or discarded, for a day at most.

    Raises: NotPermitted.
    """
    check_can_manage_people(by)
    PeopleImport.objects.filter(uploaded_by=by).delete()
    PeopleImport.objects.filter(uploaded_at__lt=now - KEPT_FOR).delete()
    return PeopleImport.objects.create(file_name=file_name[-100:], content=text, uploaded_at=now, uploaded_by=by)


@transaction.atomic(durable=True)
def discard_import(*, import_id: UUID, by: User) -> None:
    """Forget an uploaded file. Nothing was imported, so nothing is recorded.

    Raises: NotPermitted.
    """
    check_can_manage_people(by)
    PeopleImport.objects.filter(pk=import_id, uploaded_by=by).delete()


@transaction.atomic(durable=True)
def apply_import(*, import_id: UUID, digest: str, by: User, now: datetime) -> Plan:
    """Do what the preview with this digest showed, all of it.

    Raises: NotPermitted; Conflict when people or units changed since the preview, or the file was imported already;
    ImportRefused when rows need mending.
    """
    changes.lock_organisation()
    check_can_manage_people(by)
    kept = PeopleImport.objects.filter(pk=import_id, uploaded_by=by).select_for_update().first()
    if kept is None:
        raise Conflict("This file was imported or discarded already. Upload it again to see what it would do.")
    plan = plan_of(kept.content, by=by)
    if plan.digest != digest:
        raise Conflict("People or units have changed since this preview. Look at it again, then confirm.")
    _carry_out(plan, source=kept.file_name, by=by, now=now)
    kept.delete()
    return plan


@transaction.atomic(durable=True)
def import_file(*, text: str, source: str, by: User, now: datetime) -> Plan:
    """Import a file without a preview; ``source`` is what the audit trail calls it.

    Raises: NotPermitted; UnreadableFile; ImportRefused when rows need mending.
    """
    changes.lock_organisation()
    check_can_manage_people(by)
    plan = plan_of(text, by=by)
    _carry_out(plan, source=source, by=by, now=now)
    return plan


def _carry_out(plan: Plan, *, source: str, by: User, now: datetime) -> None:
    """One audit event for each person or unit that the import touches, so that each has its history."""
    if plan.problems:
        raise ImportRefused(plan)
    is_units = plan.kind is ImportKind.UNITS
    happenings = _import_units(plan) if is_units else _import_people(plan, by=by, now=now)
    for outcome, found in happenings.items():
        said = [
            Happening(h.subject, f"{h.summary} (import of {source})", before=h.before, after=h.after) for h in found
        ]
        record_each(by=by, now=now, action=f"people.import_{outcome.value}", happenings=said)


def _import_units(plan: Plan) -> dict[Outcome, list[Happening]]:
    """Names first and parents last, so that a file may name a parent below its parts."""
    added = [Unit(code=row.key, name=row.name) for row in plan.with_outcome(Outcome.ADDED)]
    Unit.objects.bulk_create(added, batch_size=ROWS_AT_ONCE)
    units = {unit.code: unit for unit in Unit.objects.order_by("pk").select_for_update(no_key=True)}
    touched = [row for row in plan.rows if row.outcome in (Outcome.ADDED, Outcome.CHANGED)]
    for row in touched:
        unit = units[row.key]
        unit.name = row.name
        if "parent" in plan.columns:
            unit.parent = units.get(row.values["parent"])
        unit.version += row.outcome == Outcome.CHANGED
    Unit.objects.bulk_update([units[row.key] for row in touched], ["name", "parent", "version"], ROWS_AT_ONCE)
    return _happenings(plan, {row.key: units[row.key] for row in touched}, "the unit ")


def _import_people(plan: Plan, *, by: User, now: datetime) -> dict[Outcome, list[Happening]]:
    units = {unit.code: unit for unit in Unit.objects.order_by("pk")}
    added = [
        User(
            email=row.key,
            name=row.name,
            unit=units.get(row.values.get("unit", "")),
            password=make_password(None),
            joined_at=now,
        )
        for row in plan.with_outcome(Outcome.ADDED)
    ]
    User.objects.bulk_create(added, batch_size=ROWS_AT_ONCE)
    EmailAddress.objects.bulk_create(
        (EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in added),
        batch_size=ROWS_AT_ONCE,
    )
    changed = _lock(plan.with_outcome(Outcome.CHANGED))
    for row in plan.with_outcome(Outcome.CHANGED):
        person = changed[row.key]
        person.name, person.version = row.name, person.version + 1
        if "unit" in plan.columns:
            person.unit = units.get(row.values["unit"])
    _write(list(changed.values()))
    leaving = _lock(plan.with_outcome(Outcome.LEFT))
    if leaving:
        check_administrators_left(other_administrators([person.pk for person in leaving.values()]))
        changes.close_accounts([person.pk for person in leaving.values()], by=by, now=now)
    return _happenings(plan, {person.email: person for person in added} | changed | leaving, "")


def _lock(rows: list[PlannedRow]) -> dict[str, User]:
    found = User.objects.filter(pk__in=[row.found_id for row in rows]).order_by("pk").select_for_update(no_key=True)
    return {person.email: person for person in found}


def _write(people: list[User]) -> None:
    """Names, units and versions of all of them in one statement; bulk_update takes half a minute for 20,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partners_user SET name = new.name, unit_id = new.unit_id, version = new.version"
            " FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::int[]) AS new (id, name, unit_id, version)"
            " WHERE partners_user.id = new.id",
            [
                [person.pk for person in people],
                [person.name for person in people],
                [person.unit_id for person in people],
                [person.version for person in people],
            ],
        )


def _happenings(plan: Plan, touched: dict[str, User] | dict[str, Unit], noun: str) -> dict[Outcome, list[Happening]]:
    words = {
        Outcome.ADDED: "added {}",
        Outcome.CHANGED: "changed {}" if noun else "changed the account of {}",
        Outcome.LEFT: "marked {} as left",
    }
    found: dict[Outcome, list[Happening]] = {}
    for row in plan.rows:
        subject = touched.get(row.key)
        if subject is None:
            continue
        before: dict[str, object] = {column: old or None for column, old, _ in row.changes}
        after: dict[str, object] = {column: new or None for column, _, new in row.changes}
        if row.outcome == Outcome.ADDED:
            after = {column: value or None for column, value in row.values.items()}
        version = subject.version + (row.outcome == Outcome.LEFT)
        found.setdefault(row.outcome, []).append(
            Happening(
                subject,
                words[row.outcome].format(f"{noun}{row.name}"),
                before=before or None,
                after={**after, "version": version},
            )
        )
    return found
