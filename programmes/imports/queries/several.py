from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from partners.audit.models import AuditEvent
from partners.audit.queries import events_in
from partners.audit.rules import Refused
from partners.clock.rules import words_for_days
from partners.people.models import User
from partners.people.permissions import refusal_of
from partners.people.queries import active_person_with_id
from programmes.imports.enums import BulkAct
from programmes.imports.rules.several import Edit, EditedRow
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.models import Workstream
from programmes.workstreams.permissions import EXCEPT, MANAGE_WORKSTREAMS, can_except, can_manage_workstreams
from programmes.workstreams.queries import reporting_rule, workstreams_visible_to
from programmes.workstreams.rules import OWN_REVIEWER, ReportingRule
from programmes.workstreams.rules.exceptions import check_excepted_days

NOBODY = "Nobody"
CHANGED_SEVERAL = "imports.change_several"
UNDONE_WITHIN = timedelta(days=7)


def chosen_workstreams(ids: Collection[UUID], *, by: User) -> list[Workstream]:
    """Those of the ids that the person may see, by programme and name, with who leads and reviews them; one query."""
    found = workstreams_visible_to(by).filter(pk__in=ids).select_related("reviewer")
    return list(found.order_by("programme__name", "name", "pk"))


def edited_rows(workstreams: Sequence[Workstream], edit: Edit, *, by: User, now: datetime) -> list[EditedRow]:
    """What the edit would do to each, in their order; for exemptions two queries for each portfolio, else none."""
    rules: dict[UUID | None, ReportingRule] = {}

    def rule_of(workstream: Workstream) -> ReportingRule:
        place = workstream.programme.scope.parent_id
        if place not in rules:
            rules[place] = reporting_rule(place)
        return rules[place]

    return [_row(workstream, edit, rule_of, by=by, now=now) for workstream in workstreams]


def name_of(person_id: UUID) -> str:
    """The name of somebody who can sign in, as a form has found them."""
    person = active_person_with_id(person_id)
    return person.name if person else ""


def portfolio_scopes(*, by: User) -> list[tuple[UUID, str]]:
    """Id and name of the scope of each portfolio of which the person sees a programme, by name; one query."""
    rows = programmes_visible_to(by).order_by().values_list("scope__parent_id", "scope__parent__name").distinct()
    return sorted(((pk, name) for pk, name in rows if pk), key=lambda pair: pair[1])


def several_changed(bulk_id: UUID, *, by: User, now: datetime) -> list[AuditEvent]:
    """What this person did to each workstream in one change of several, where it can still be undone."""
    scopes = list(programmes_visible_to(by).order_by().values_list("scope_id", flat=True))
    events = events_in(scopes, since=now - UNDONE_WITHIN).filter(action=CHANGED_SEVERAL, actor_id=by.pk)
    return list(events.filter(after__several=str(bulk_id)))


def part_changed(events: Sequence[AuditEvent]) -> str | None:
    """Whether the lead or the reviewer was changed, which can be put back; None for anything else."""
    for part in ("lead", "reviewer"):
        key = f"{part}_id"
        if any((event.before or {}).get(key) != (event.after or {}).get(key) for event in events):
            return part
    return None


def _row(
    workstream: Workstream,
    edit: Edit,
    rule_of: Callable[[Workstream], ReportingRule],
    *,
    by: User,
    now: datetime,
) -> EditedRow:
    before, after = _values(workstream, edit)
    return EditedRow(
        id=workstream.pk,
        version=workstream.version,
        name=workstream.name,
        programme_name=workstream.programme.name,
        before=before,
        after=after,
        refusal=_refusal(workstream, edit, rule_of, by=by, now=now),
    )


def _values(workstream: Workstream, edit: Edit) -> tuple[str, str]:
    match edit.act:
        case BulkAct.LEAD:
            return _name(workstream.lead), edit.person_name or NOBODY
        case BulkAct.REVIEWER:
            return _name(workstream.reviewer), edit.person_name or NOBODY
        case BulkAct.CLOSE:
            return "Closed" if workstream.closed_at else "Open", "Closed"
        case _:
            return _exception(workstream), f"Exempt, {_days(edit)}"


def _refusal(
    workstream: Workstream,
    edit: Edit,
    rule_of: Callable[[Workstream], ReportingRule],
    *,
    by: User,
    now: datetime,
) -> str:
    """Why this one cannot be changed so, as somebody would be told who tried it by hand; empty when it can."""
    programme = workstream.programme
    if edit.act == BulkAct.EXEMPT:
        if not can_except(by, programme):
            return refusal_of(EXCEPT)
    elif not can_manage_workstreams(by, programme):
        return refusal_of(MANAGE_WORKSTREAMS)
    if workstream.closed_at:
        return "It is closed."
    if edit.person_id is not None:
        other = workstream.reviewer_id if edit.act == BulkAct.LEAD else workstream.lead_id
        if edit.person_id == other:
            return OWN_REVIEWER
    if edit.act == BulkAct.EXEMPT and edit.from_on and edit.to_on:
        try:
            check_excepted_days(
                edit.from_on,
                edit.to_on,
                name=workstream.name,
                rule=rule_of(workstream),
                reported_for_on=workstream.current_period_on,
                excepted_from_on=workstream.exception_from_on,
                excepted_to_on=workstream.exception_to_on,
                now=now,
            )
        except Refused as refused:
            return refused.sentence
    return ""


def _name(person: User | None) -> str:
    return person.name if person else NOBODY


def _exception(workstream: Workstream) -> str:
    if not workstream.exception_from_on or not workstream.exception_to_on:
        return "Reports"
    words = words_for_days(workstream.exception_from_on, workstream.exception_to_on)
    return f"{workstream.get_exception_kind_display()}, {words}"


def _days(edit: Edit) -> str:
    return words_for_days(edit.from_on, edit.to_on) if edit.from_on and edit.to_on else ""
