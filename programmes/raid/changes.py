from datetime import date, datetime
from uuid import UUID, uuid4

from django.db.models import Max

from partners.audit.rules import Refused
from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from programmes.raid.enums import Origin, RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.queries import KIND
from programmes.raid.rules import DESCRIPTION_LENGTH, TITLE_LENGTH, Facts, check_score
from programmes.register.models import Programme
from programmes.register.queries import people_who_see
from programmes.reminders import changes as planning
from programmes.reminders.changes import end_needs_of_subject
from programmes.reminders.rules import within_programme
from programmes.workstreams.models import Workstream

BECAME_A_DECISION = "Became a decision"


def lock_programme(programme_id: UUID) -> Programme:
    """With its scope. Whoever writes in the register of a programme takes turns here, and it does not end meanwhile."""
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    return rows.get(pk=programme_id)


def add_entry(
    programme: Programme,
    *,
    kind: RaidKind,
    facts: Facts,
    parent: RaidEntry | None = None,
    turned_from: RaidEntry | None = None,
    origin: Origin | None = None,
    origin_id: UUID | None = None,
    entry_id: UUID | None = None,
    by: User,
    now: datetime,
) -> RaidEntry:
    """An entry with the next number of its kind, and its reminders. The audit event is the caller's.

    Raises: Refused at the part to mend for words, days or scores that cannot be, an owner who may not see the
    programme, or a workstream of another one.
    """
    programme = lock_programme(programme.pk)
    entry = RaidEntry(
        pk=entry_id or uuid4(),
        programme=programme,
        kind=kind,
        parent=parent,
        turned_from=turned_from,
        origin=origin or "",
        origin_id=origin_id,
        raised_on=local_date(now),
        recorded_at=now,
        recorded_by=by,
    )
    fill(entry, facts)
    last = RaidEntry.objects.filter(programme=programme, kind=kind).aggregate(last=Max("number"))["last"]
    entry.number = (last or 0) + 1
    entry.save(force_insert=True)
    settle_reminders(entry, now=now)
    return entry


def add_action(
    programme: Programme,
    *,
    title: str,
    owner: User,
    due_on: date,
    origin: Origin,
    origin_id: UUID,
    description: str = "",
    workstream: Workstream | None = None,
    parent: RaidEntry | None = None,
    by: User,
    now: datetime,
) -> RaidEntry:
    """An action that comes out of something else: ``origin_id`` is its id. The audit event is the caller's.

    Raises: Refused as in ``add_entry``.
    """
    facts = Facts(
        title=title,
        description=description,
        owner_id=owner.pk,
        workstream_id=workstream.pk if workstream else None,
        due_on=due_on,
    )
    return add_entry(
        programme,
        kind=RaidKind.ACTION,
        facts=facts,
        parent=parent,
        origin=origin,
        origin_id=origin_id,
        by=by,
        now=now,
    )


def close_entry(entry: RaidEntry, *, outcome: str, by: User, now: datetime) -> None:
    """End an open entry that the caller has locked, and its reminders. The audit event is the caller's."""
    entry.closed_at, entry.closed_by, entry.outcome = now, by, outcome
    entry.version += 1
    entry.save(update_fields=["closed_at", "closed_by", "outcome", "decision_id", "version"])
    end_needs_of_subject(subject_id=entry.pk, reason=f"{entry.reference} was closed.", now=now)


def link_decision(
    programme: Programme, *, entry_id: UUID, decision_id: UUID, keeps_open: bool, by: User, now: datetime
) -> RaidEntry:
    """An open issue of the programme goes to a decision, which closes it unless it is kept open on purpose.

    The audit event is the caller's.

    Raises: Refused when there is no such open issue, or it was taken to a decision already.
    """
    lock_programme(programme.pk)
    rows = RaidEntry.objects.select_for_update(of=("self",), no_key=True)
    entry = rows.filter(pk=entry_id, programme=programme, kind=RaidKind.ISSUE, closed_at=None).first()
    if entry is None:
        raise Refused(
            "There is no such open issue in this programme. Open the register and start from the issue again."
        )
    if entry.decision_id:
        raise Refused(f"{entry.reference} was taken to a decision already. Open the issue to find it.")
    entry.decision_id = decision_id
    if keeps_open:
        entry.version += 1
        entry.save(update_fields=["decision_id", "version"])
    else:
        close_entry(entry, outcome=BECAME_A_DECISION, by=by, now=now)
    return entry


def fill(entry: RaidEntry, facts: Facts) -> None:
    """Put what is said on an entry that is not saved yet, or is locked.

    Raises: Refused as in ``add_entry``.
    """
    check_score(entry.kind, facts)
    entry.title = one_line(facts.title, limit=TITLE_LENGTH, field="title", named="a title")
    entry.description = lines(facts.description, limit=DESCRIPTION_LENGTH, field="description", named="the description")
    if facts.due_on is not None:
        check_day(facts.due_on, field="due_on", named="The day")
    elif entry.kind == RaidKind.ACTION:
        raise Refused("Enter the day by which it is to be done.", field="due_on")
    if facts.owner_id != entry.owner_id:
        entry.owner = _owner(facts.owner_id, entry.programme)
    if entry.kind == RaidKind.ACTION and entry.owner is None:
        raise Refused("An action needs an owner: choose who does it.", field="owner")
    if facts.workstream_id != entry.workstream_id:
        entry.workstream = _workstream(facts.workstream_id, entry.programme)
    entry.is_in_report, entry.due_on, entry.response = facts.is_in_report, facts.due_on, facts.response
    entry.likelihood, entry.impact = facts.likelihood, facts.impact
    entry.residual_likelihood = facts.residual_likelihood or facts.likelihood
    is_risk = entry.kind == RaidKind.RISK
    entry.residual_impact = facts.residual_impact or (facts.impact if is_risk else None)


def settle_reminders(entry: RaidEntry, *, now: datetime) -> None:
    """Plan the reminders of the entry's due day anew, as its owner, day and title are now; what was planned ends."""
    within = within_programme(entry.programme_id, entry.pk)
    planning.settle_reminders(KIND, within, now=now, reason=f"{entry.reference} was changed.")


def _owner(owner_id: UUID | None, programme: Programme) -> User | None:
    if owner_id is None:
        return None
    found = people_who_see(programme).select_for_update(of=("self",), no_key=True).filter(pk=owner_id).first()
    if found is None:
        raise Refused(
            "The owner must be somebody who may see this programme. Choose another person, or give them a role on it "
            "first.",
            field="owner",
        )
    return found


def _workstream(workstream_id: UUID | None, programme: Programme) -> Workstream | None:
    if workstream_id is None:
        return None
    found = Workstream.objects.filter(pk=workstream_id, programme=programme).first()
    if found is None:
        raise Refused("Choose a workstream of this programme, or none.", field="workstream")
    return found
