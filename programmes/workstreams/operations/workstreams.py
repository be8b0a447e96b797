from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.people.changes import hold_role
from partners.people.enums import Role
from partners.people.models import User
from partners.people.queries import active_people
from partners.people.rules.typed import lines, one_line
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.workstreams.changes import (
    ClosedWorkstream,
    check_name_is_free,
    check_takes_reports,
    close_by_decision,
    hand_over,
    locked_workstream,
    settle_chasing,
)
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations.locking import reason_given
from programmes.workstreams.permissions import check_can_manage_workstreams
from programmes.workstreams.rules import DESCRIPTION_LENGTH, NAME_LENGTH, check_reviewer

PARTS = {"name": "the name", "description": "the description", "lead_id": "the lead", "reviewer_id": "the reviewer"}
PEOPLE = ("lead", "reviewer")


@transaction.atomic(durable=True)
def add_workstream(
    *,
    programme_id: UUID,
    name: str,
    description: str = "",
    lead_id: UUID | None = None,
    reviewer_id: UUID | None = None,
    by: User,
    now: datetime,
) -> Workstream:
    """Start a workstream; its first report is due on the first reporting day that ends after ``now``.

    Whoever leads it becomes workstream lead of the programme. Without a reviewer the programme manager reads its reports.

    Raises: NotPermitted; Refused when the programme ended, the name is taken, somebody has no active account, or one
    person would lead and review it.
    """
    programme = _locked_programme(programme_id)
    check_can_manage_workstreams(by, programme)
    check_runs(programme)
    name = _free_name(programme, name)
    check_reviewer(reviewer_id, lead_id=lead_id)
    lead = _person(lead_id, "lead")
    workstream = Workstream.objects.create(
        programme=programme,
        name=name,
        description=_description(description),
        lead=lead,
        reviewer=_person(reviewer_id, "reviewer"),
        started_at=now,
    )
    if lead:
        hold_role(user=lead, role=Role.WORKSTREAM_LEAD, scope=programme.scope, by=by, now=now)
    settle_chasing(programme, now=now)
    record(
        by=by,
        now=now,
        action="workstreams.add_workstream",
        subject=workstream,
        scope_id=programme.scope_id,
        summary=_words_for_addition(workstream),
        after={"version": workstream.version, **_values(workstream)},
    )
    return workstream


@transaction.atomic(durable=True)
def change_workstream(
    *,
    workstream_id: UUID,
    version: int,
    name: str,
    description: str,
    lead_id: UUID | None,
    reviewer_id: UUID | None,
    by: User,
    now: datetime,
) -> Workstream:
    """Rename, describe, hand over, let somebody else review. The new lead gets the role; the old one loses it when they lead nothing else here.

    Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused when it is
    closed, the name is taken, a new lead or reviewer has no active account, or one person would lead and review it.
    """
    workstream = _locked_with_programme(workstream_id)
    programme, saved, old_lead = workstream.programme, _values(workstream), workstream.lead
    check_can_manage_workstreams(by, programme)
    check_takes_reports(workstream)
    workstream.name = _free_name(programme, name, but=workstream)
    workstream.description = _description(description)
    if (lead_id, reviewer_id) != (workstream.lead_id, workstream.reviewer_id):
        check_reviewer(reviewer_id, lead_id=lead_id)
    if lead_id != workstream.lead_id:
        workstream.lead = _person(lead_id, "lead")
    if reviewer_id != workstream.reviewer_id:
        workstream.reviewer = _person(reviewer_id, "reviewer")
    wanted = _values(workstream)
    changed = [part for part in PARTS if wanted[part] != saved[part]]
    if not changed:
        return workstream
    if workstream.version != version:
        raise _changed_meanwhile(workstream, version)
    workstream.version += 1
    workstream.save(update_fields=["name", "description", *PEOPLE, "version"])
    if workstream.lead != old_lead:
        hand_over(programme, old_lead, workstream.lead, by=by, now=now)
    people = [part for part in PEOPLE if f"{part}_id" in changed]
    if people:
        settle_chasing(programme, now=now)
    told = [*changed, *people]
    before = {"version": version, **{part: saved[part] for part in told}}
    after = {"version": workstream.version, **{part: wanted[part] for part in told}}
    record(
        by=by,
        now=now,
        action="workstreams.change_workstream",
        subject=workstream,
        scope_id=programme.scope_id,
        summary=_words_for_change(workstream, before, after),
        before=before,
        after=after,
    )
    return workstream


@transaction.atomic(durable=True)
def close_workstream(*, workstream_id: UUID, reason: str, by: User, now: datetime) -> Workstream:
    """End the reports of a workstream. Its history stays; its lead loses the role when they lead nothing else here.

    Raises: NotPermitted; Refused when it is closed already or no reason is given.
    """
    workstream = _locked_with_programme(workstream_id)
    programme = workstream.programme
    check_can_manage_workstreams(by, programme)
    if workstream.closed_at:
        raise ClosedWorkstream(f"{workstream.name} is closed already. Nothing was changed.")
    close_by_decision([workstream], reason=reason_given(reason), by=by, now=now)
    settle_chasing(programme, now=now)
    record(
        by=by,
        now=now,
        action="workstreams.close_workstream",
        subject=workstream,
        scope_id=programme.scope_id,
        summary=f"closed the workstream {workstream.name}: {workstream.close_reason}",
        after={"version": workstream.version, "reason": workstream.close_reason},
    )
    return workstream


@transaction.atomic(durable=True)
def reopen_workstream(*, workstream_id: UUID, reason: str, by: User, now: datetime) -> Workstream:
    """Let it report again, from the next reporting day on. Its lead, if still here, gets the role back.

    Raises: NotPermitted; Refused when the programme ended, it is open or no reason is given.
    """
    workstream = _locked_with_programme(workstream_id)
    programme = workstream.programme
    check_can_manage_workstreams(by, programme)
    check_runs(programme)
    if not workstream.closed_at:
        raise Refused(f"{workstream.name} is open already. Nothing was changed.")
    before: dict[str, object] = {"reason": workstream.close_reason, "closed_at": workstream.closed_at.isoformat()}
    reason = reason_given(reason)
    workstream.closed_at, workstream.closed_by, workstream.close_reason = None, None, ""
    workstream.reopened_at = now
    workstream.version += 1
    workstream.save(update_fields=["closed_at", "closed_by", "close_reason", "reopened_at", "version"])
    if workstream.lead and workstream.lead.is_active:
        hand_over(programme, None, workstream.lead, by=by, now=now)
    settle_chasing(programme, now=now)
    record(
        by=by,
        now=now,
        action="workstreams.reopen_workstream",
        subject=workstream,
        scope_id=programme.scope_id,
        summary=f"reopened the workstream {workstream.name}: {reason}",
        before=before,
        after={"version": workstream.version, "reason": reason},
    )
    return workstream


def _locked_programme(programme_id: UUID) -> Programme:
    """Acts that move roles take the programme first, so that two of them cannot each spare the other's lead."""
    return Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope").get(pk=programme_id)


def _locked_with_programme(workstream_id: UUID) -> Workstream:
    _locked_programme(Workstream.objects.values_list("programme_id", flat=True).get(pk=workstream_id))
    return locked_workstream(workstream_id)


def _free_name(programme: Programme, name: str, *, but: Workstream | None = None) -> str:
    name = one_line(name, limit=NAME_LENGTH, field="name", named="a name")
    check_name_is_free(programme, name, but=but)
    return name


def _person(person_id: UUID | None, part: str) -> User | None:
    if person_id is None:
        return None
    person = active_people().filter(pk=person_id).first()
    if person is None:
        raise Refused(f"The {part} has no account that can sign in. Choose somebody else, or nobody yet.", field=part)
    return person


def _description(description: str) -> str:
    return lines(description, limit=DESCRIPTION_LENGTH, field="description", named="the description")


def _values(workstream: Workstream) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "name": workstream.name,
        "description": workstream.description,
        "lead": workstream.lead.name if workstream.lead else None,
        "lead_id": str(workstream.lead_id) if workstream.lead_id else None,
        "reviewer": workstream.reviewer.name if workstream.reviewer else None,
        "reviewer_id": str(workstream.reviewer_id) if workstream.reviewer_id else None,
    }


def _changed_meanwhile(workstream: Workstream, version: int) -> Conflict:
    events = changes_since(workstream.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this workstream", changes)


def _words_for_addition(workstream: Workstream) -> str:
    people = (
        (f"led by {workstream.lead}", workstream.lead),
        (f"reviewed by {workstream.reviewer}", workstream.reviewer),
    )
    return ", ".join([f"added the workstream {workstream.name}", *(words for words, person in people if person)])


def _words_for_change(workstream: Workstream, before: dict[str, object], after: dict[str, object]) -> str:
    words = []
    if "name" in after:
        words.append(f"renamed from {before['name']}")
    words += [f"the {part} is now {after[part] or 'nobody'}" for part in PEOPLE if part in after]
    if "description" in after:
        words.append("described anew")
    return f"changed the workstream {workstream.name}: {listed(words)}"
