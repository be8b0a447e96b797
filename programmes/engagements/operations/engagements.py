from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.clock.rules import local_date, words_for_date
from partners.organisations.models import Organisation
from partners.organisations.queries import organisations_visible_to
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.engagements.changes import end_engagement, set_last_day
from programmes.engagements.models import Engagement
from programmes.engagements.operations.locking import USED_ELSEWHERE, locked_programme
from programmes.engagements.permissions import check_can_manage_engagements
from programmes.engagements.rules import REASON_LENGTH, TASK_LENGTH, WHO_LENGTH, Facts, check_period
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.rules import SOURCE_LENGTH
from programmes.workstreams.models import Workstream

PARTS = {
    "kind": "the kind",
    "who": "who it is",
    "organisation": "the organisation",
    "workstream": "the workstream",
    "task": "the task",
    "starts_on": "the first day",
    "planned_end_on": "the planned last day",
    "source": "the source",
}


@transaction.atomic(durable=True)
def add_engagement(*, programme_id: UUID, facts: Facts, request_key: UUID, by: User, now: datetime) -> Engagement:
    """Say who works on a programme from when on; the first day may lie ahead. ``request_key`` becomes the id.

    A repeat returns the first.

    Raises: NotPermitted; Refused when the programme ended, for words or days that are not allowed, an organisation that
    is not on record, or a workstream of another programme.
    """
    programme = locked_programme(programme_id)
    check_can_manage_engagements(by, programme)
    known = Engagement.objects.filter(pk=request_key).first()
    if known is not None:
        if known.programme_id != programme.pk:
            raise Refused(USED_ELSEWHERE)
        return known
    check_runs(programme)
    facts = _plain(facts)
    check_period(who=facts.who, starts_on=facts.starts_on, planned_end_on=facts.planned_end_on, ended_on=None)
    engagement = Engagement(pk=request_key, programme=programme, recorded_at=now, recorded_by=by)
    _set(engagement, facts, by=by)
    engagement.save(force_insert=True)
    record(
        by=by,
        now=now,
        action="engagements.add_engagement",
        subject=engagement,
        scope_id=programme.scope_id,
        summary=f"recorded that {_named(engagement)} works on {programme.name} from {words_for_date(facts.starts_on)}",
        after={"version": engagement.version, **_values(engagement)},
    )
    return engagement


@transaction.atomic(durable=True)
def change_engagement(*, engagement_id: UUID, version: int, facts: Facts, by: User, now: datetime) -> Engagement:
    """Correct what is said of an engagement. Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused as when adding,
    and for a first day after its last day.
    """
    engagement = _locked(engagement_id)
    check_can_manage_engagements(by, engagement.programme)
    saved = _values(engagement)
    facts = _plain(facts)
    check_period(
        who=facts.who,
        starts_on=facts.starts_on,
        planned_end_on=facts.planned_end_on,
        ended_on=engagement.ended_on if engagement.ended_on and engagement.ended_on >= engagement.starts_on else None,
    )
    _set(engagement, facts, by=by)
    wanted = _values(engagement)
    changed = [part for part in PARTS if wanted[part] != saved[part]]
    if not changed:
        return engagement
    if engagement.version != version:
        raise _changed_meanwhile(engagement, version)
    engagement.version += 1
    engagement.save()
    record(
        by=by,
        now=now,
        action="engagements.change_engagement",
        subject=engagement,
        scope_id=engagement.programme.scope_id,
        summary=f"changed {listed([PARTS[part] for part in changed])} of the engagement of {engagement.who}",
        before={"version": version, **{part: saved[part] for part in changed}},
        after={"version": engagement.version, **{part: wanted[part] for part in changed}},
    )
    return engagement


@transaction.atomic(durable=True)
def roll_off(*, engagement_id: UUID, ended_on: date, reason: str, by: User, now: datetime) -> Engagement:
    """Set the last day of an engagement, inclusive. It may lie ahead; before the start it calls off what has not begun.

    Raises: NotPermitted; Refused when a last day is set already, for a day before the start of what has begun, or
    without a reason.
    """
    engagement = _locked(engagement_id)
    check_can_manage_engagements(by, engagement.programme)
    if engagement.ended_on:
        raise Refused(
            f"The last day of {engagement.who} is {words_for_date(engagement.ended_on)} already. If that is a mistake, "
            "undo it first."
        )
    end_engagement(engagement, on=ended_on, reason=reason, by=by, now=now)
    record(
        by=by,
        now=now,
        action="engagements.roll_off",
        subject=engagement,
        scope_id=engagement.programme.scope_id,
        summary=_words_for_end(engagement, today=local_date(now)),
        after={"version": engagement.version, "ended_on": ended_on.isoformat(), "reason": engagement.end_reason},
    )
    return engagement


@transaction.atomic(durable=True)
def undo_roll_off(*, engagement_id: UUID, reason: str, by: User, now: datetime) -> Engagement:
    """Take back a last day that was set by mistake; the engagement goes on. Both stay on record.

    Raises: NotPermitted; Refused when no last day is set, the programme ended, or no reason is given.
    """
    engagement = _locked(engagement_id)
    check_can_manage_engagements(by, engagement.programme)
    check_runs(engagement.programme)
    if engagement.ended_on is None:
        raise Refused(f"No last day is set for {engagement.who}, so there is nothing to undo.")
    before: dict[str, object] = {"ended_on": engagement.ended_on.isoformat(), "reason": engagement.end_reason}
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
    set_last_day(engagement, on=None, reason=reason, by=by, now=now)
    record(
        by=by,
        now=now,
        action="engagements.undo_roll_off",
        subject=engagement,
        scope_id=engagement.programme.scope_id,
        summary=f"took back the last day of {engagement.who}, because: {reason}",
        before=before,
        after={"version": engagement.version, "reason": reason},
    )
    return engagement


def _locked(engagement_id: UUID) -> Engagement:
    """The engagement with its programme; the programme is locked first, so that it does not end meanwhile."""
    locked_programme(Engagement.objects.values_list("programme_id", flat=True).get(pk=engagement_id))
    rows = Engagement.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("programme__scope", "organisation", "workstream").get(pk=engagement_id)


def _plain(facts: Facts) -> Facts:
    return replace(
        facts,
        who=one_line(facts.who, limit=WHO_LENGTH, field="who", named="who it is"),
        task=one_line(facts.task, limit=TASK_LENGTH, field="task", named="what they do"),
        source=one_line(facts.source, limit=SOURCE_LENGTH, field="source", named="the source", required=False),
    )


def _set(engagement: Engagement, facts: Facts, *, by: User) -> None:
    engagement.kind, engagement.who, engagement.task = facts.kind, facts.who, facts.task
    engagement.starts_on, engagement.planned_end_on = facts.starts_on, facts.planned_end_on
    engagement.source = facts.source
    if facts.organisation_id != engagement.organisation_id:
        engagement.organisation = _organisation(facts.organisation_id, by)
    if facts.workstream_id != engagement.workstream_id:
        engagement.workstream = _workstream(facts.workstream_id, engagement.programme)


def _organisation(organisation_id: UUID | None, by: User) -> Organisation | None:
    if organisation_id is None:
        return None
    found = organisations_visible_to(by).filter(pk=organisation_id).first()
    if found is None:
        raise Refused("Choose an organisation that is on record, or none.", field="organisation")
    return found


def _workstream(workstream_id: UUID | None, programme: Programme) -> Workstream | None:
    if workstream_id is None:
        return None
    found = Workstream.objects.filter(pk=workstream_id, programme=programme).first()
    if found is None:
        raise Refused("Choose a workstream of this programme, or none.", field="workstream")
    return found


def _values(engagement: Engagement) -> dict[str, object]:
    """Values as audit events keep them."""
    planned = engagement.planned_end_on
    return {
        "kind": str(engagement.kind),
        "who": engagement.who,
        "organisation": engagement.organisation.name if engagement.organisation else None,
        "workstream": engagement.workstream.name if engagement.workstream else None,
        "task": engagement.task,
        "starts_on": engagement.starts_on.isoformat(),
        "planned_end_on": planned.isoformat() if planned else None,
        "source": engagement.source,
    }


def _named(engagement: Engagement) -> str:
    return f"{engagement.who} ({engagement.organisation})" if engagement.organisation else engagement.who


def _words_for_end(engagement: Engagement, *, today: date) -> str:
    last, why = engagement.ended_on, engagement.end_reason
    if last is None or last < engagement.starts_on:
        return f"called off the engagement of {_named(engagement)}, because: {why}"
    verb = "planned the roll-off of" if last > today else "rolled off"
    return f"{verb} {_named(engagement)}, last day {words_for_date(last)}, because: {why}"


def _changed_meanwhile(engagement: Engagement, version: int) -> Conflict:
    events = changes_since(engagement.pk, version)
    changes = [
        (
            e.actor_name,
            [words for part, words in {**PARTS, "ended_on": "the last day"}.items() if part in (e.after or {})],
        )
        for e in events
    ]
    return changed_meanwhile("this engagement", changes)
