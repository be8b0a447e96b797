from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from partners.audit.changes import Happening, record_each
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused
from partners.clock.rules import words_for_days
from partners.people.models import User
from partners.people.queries import active_people
from partners.people.rules.typed import one_line
from programmes.imports.enums import BulkAct
from programmes.imports.queries.several import (
    CHANGED_SEVERAL,
    chosen_workstreams,
    edited_rows,
    part_changed,
    several_changed,
)
from programmes.imports.rules.several import Edit
from programmes.register.models import Programme
from programmes.workstreams.changes import close_by_decision, settle_chasing
from programmes.workstreams.changes.excepting import except_workstream
from programmes.workstreams.changes.filling import WorkstreamGiven, change_workstreams
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.models import Workstream
from programmes.workstreams.permissions import check_can_manage_workstreams
from programmes.workstreams.rules import REASON_LENGTH

PARTS = {BulkAct.LEAD: "lead", BulkAct.REVIEWER: "reviewer"}


@transaction.atomic(durable=True)
def change_several(*, versions: Mapping[UUID, int], edit: Edit, several_id: UUID, by: User, now: datetime) -> int:
    """Do one thing to all of these workstreams (version by id) or to none; returns how many it changed.

    ``several_id`` names the change, so that it can be undone. Those that say so already stay as they are.

    Raises: Conflict, naming who changed what, when one has another version by now; Refused when one cannot be changed
    so, is not there, or nothing is chosen; when the person has no active account; without a reason where one is needed.
    """
    if not versions:
        raise Refused("Choose at least one workstream.")
    workstreams = _locked(versions, by=by)
    person = _person(edit)
    needs_reason = edit.act in (BulkAct.CLOSE, BulkAct.EXEMPT)
    reason = one_line(edit.reason, limit=REASON_LENGTH, field="reason", named="the reason", required=needs_reason)
    if edit.act == BulkAct.EXEMPT and not (edit.from_on and edit.to_on):
        raise Refused("Enter the first and the last reporting day.", field="from_on")
    rows = edited_rows(workstreams, edit, by=by, now=now)
    for row in rows:
        if row.refusal:
            raise Refused(f"Nothing was changed, because of {row.name}: {row.refusal}")
    wanted = {row.id: row for row in rows if row.is_changed}
    changing = [each for each in workstreams if each.pk in wanted]
    for each in changing:
        if each.version != versions[each.pk]:
            raise _moved(each, versions[each.pk])
    before = {each.pk: _values(each) for each in changing}
    match edit.act:
        case BulkAct.CLOSE:
            close_by_decision(changing, reason=reason, by=by, now=now)
        case BulkAct.EXEMPT if edit.from_on and edit.to_on:
            for each in changing:
                except_workstream(
                    each,
                    kind=ExceptionKind.EXEMPT,
                    from_on=edit.from_on,
                    to_on=edit.to_on,
                    reason=reason,
                    by=by,
                    now=now,
                )
        case _:
            _set_people(dict.fromkeys(changing, person), PARTS[edit.act], by=by, now=now)
    settle_chasing(*{each.programme for each in changing}, now=now)
    happenings = [
        Happening(
            each,
            _summary(each, edit, reason),
            scope_id=each.programme.scope_id,
            before=before[each.pk],
            after={**_values(each), "reason": reason, "several": str(several_id)},
        )
        for each in changing
    ]
    record_each(by=by, now=now, action=CHANGED_SEVERAL, happenings=happenings)
    return len(changing)


@transaction.atomic(durable=True)
def undo_several(*, several_id: UUID, by: User, now: datetime) -> int:
    """Give the workstreams of an earlier change of several back who led or reviewed them; returns how many.

    Raises: NotPermitted; Conflict when one was changed since; Refused when there is no such change, when it was no
    change of people, or when somebody has no active account any more.
    """
    events = {event.subject_id: event for event in several_changed(several_id, by=by, now=now)}
    workstreams = _locked(events, by=by) if events else []
    part = part_changed(list(events.values()))
    if part is None:
        raise Refused("There is nothing here that can be put back. Change the workstreams themselves.")
    people = {person.pk: person for person in active_people()}
    wanted: dict[Workstream, User | None] = {}
    for each in workstreams:
        check_can_manage_workstreams(by, each.programme)
        event = events[each.pk]
        if each.version != (event.after or {})["version"]:
            raise _moved(each, int((event.after or {})["version"]))
        old = (event.before or {}).get(f"{part}_id")
        if old and UUID(str(old)) not in people:
            raise Refused(f"Who was the {part} of {each.name} has no account any more. Choose somebody else.")
        wanted[each] = people[UUID(str(old))] if old else None
    before = {each.pk: _values(each) for each in workstreams}
    _set_people(wanted, part, by=by, now=now)
    settle_chasing(*{each.programme for each in workstreams}, now=now)
    happenings = [
        Happening(
            each,
            f"put back the {part} of the workstream {each.name}: {getattr(each, part) or 'nobody'}",
            scope_id=each.programme.scope_id,
            before=before[each.pk],
            after=_values(each),
        )
        for each in workstreams
    ]
    record_each(by=by, now=now, action="imports.undo_several", happenings=happenings)
    return len(workstreams)


def _locked(ids: Collection[UUID], *, by: User) -> list[Workstream]:
    """Programmes first, then workstreams, each by id; then as ``chosen_workstreams`` has them."""
    seen = {each.pk: each.programme_id for each in chosen_workstreams(ids, by=by)}
    if len(seen) != len(set(ids)):
        raise Refused("One of the workstreams is not there any more. Choose them again.")
    list(Programme.objects.filter(pk__in=set(seen.values())).order_by("pk").select_for_update(no_key=True))
    list(Workstream.objects.filter(pk__in=seen).order_by("pk").select_for_update().values_list("pk"))
    return chosen_workstreams(ids, by=by)


def _person(edit: Edit) -> User | None:
    if edit.person_id is None:
        return None
    person = active_people().filter(pk=edit.person_id).first()
    if person is None:
        raise Refused("This person has no account that can sign in. Choose somebody else, or nobody.", field="person")
    return person


def _set_people(wanted: Mapping[Workstream, User | None], part: str, *, by: User, now: datetime) -> None:
    of_programme = attrgetter("programme_id")
    for _, group in groupby(sorted(wanted, key=of_programme), key=of_programme):
        changed = [(each, _given(each, part, wanted[each])) for each in group]
        change_workstreams(changed[0][0].programme, changed, by=by, now=now)


def _given(workstream: Workstream, part: str, person: User | None) -> WorkstreamGiven:
    return WorkstreamGiven(
        name=workstream.name,
        description=workstream.description,
        lead=person if part == "lead" else workstream.lead,
        reviewer=person if part == "reviewer" else workstream.reviewer,
    )


def _values(workstream: Workstream) -> dict[str, object]:
    """Values as audit events keep them."""
    days = (workstream.exception_from_on, workstream.exception_to_on)
    return {
        "version": workstream.version,
        "lead": workstream.lead.name if workstream.lead else None,
        "lead_id": str(workstream.lead_id) if workstream.lead_id else None,
        "reviewer": workstream.reviewer.name if workstream.reviewer else None,
        "reviewer_id": str(workstream.reviewer_id) if workstream.reviewer_id else None,
        "is_closed": workstream.closed_at is not None,
        "exempt": [day.isoformat() if day else None for day in days],
    }


def _summary(workstream: Workstream, edit: Edit, reason: str) -> str:
    match edit.act:
        case BulkAct.CLOSE:
            return f"closed the workstream {workstream.name}, with others: {reason}"
        case BulkAct.EXEMPT if edit.from_on and edit.to_on:
            days = words_for_days(edit.from_on, edit.to_on)
            return f"exempted {workstream.name}, with others, {days}: {reason}"
        case _:
            part = PARTS[edit.act]
            return f"changed the workstream {workstream.name}, with others: the {part} is now {edit.person_name or 'nobody'}"


def _moved(workstream: Workstream, version: int) -> Conflict:
    told = [f"{event.actor_name} {event.summary}" for event in changes_since(workstream.pk, version)]
    what = f" {'. '.join(told)}." if told else ""
    return Conflict(
        f"{workstream.name} was changed while you were working on it.{what} Nothing of yours is saved: look at what would "
        "change now, then confirm."
    )
