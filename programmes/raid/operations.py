from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import lines, one_line
from partners.post.changes import Draft, queue_messages
from programmes.raid.changes import add_entry, close_entry, fill, lock_programme, settle_reminders
from programmes.raid.enums import TURNS, RaidKind
from programmes.raid.models import RaidComment, RaidEntry, RaidMention
from programmes.raid.permissions import (
    check_can_change_entry,
    check_can_comment,
    check_can_raise,
    check_can_raise_this,
)
from programmes.raid.rules import COMMENT_LENGTH, OUTCOME_LENGTH, Facts, named_in
from programmes.register.permissions import check_runs
from programmes.register.queries import people_who_see

TEMPLATES = "programmes/raid/mail"
USED_ELSEWHERE = "This request was used for something else. Load the page again and send it once more."
PARTS = {
    "title": "the title",
    "description": "the description",
    "owner": "the owner",
    "workstream": "the workstream",
    "due_on": "the day",
    "likelihood": "the likelihood",
    "impact": "the impact",
    "residual_likelihood": "the likelihood after treatment",
    "residual_impact": "the impact after treatment",
    "response": "the response",
    "is_in_report": "whether it is shown in reports",
    "outcome": "the outcome",
}
REMINDED_OF = {"title", "owner", "due_on"}


@transaction.atomic(durable=True)
def raise_entry(
    *,
    programme_id: UUID,
    kind: RaidKind,
    facts: Facts,
    parent_id: UUID | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> RaidEntry:
    """Put a risk, an assumption, an issue or an action into the register; ``request_key`` becomes its id.

    ``parent_id`` is what an action treats. A repeat returns the first.

    Raises: NotPermitted; Refused when the programme ended, for a day that is over, a parent that is no open entry of the
    programme, and as in ``changes.add_entry``.
    """
    programme = lock_programme(programme_id)
    check_can_raise(by, programme)
    known = _known(request_key, programme_id)
    if known is not None:
        return known
    check_runs(programme)
    _check_ahead(facts, now=now)
    parent = _parent(kind, parent_id, programme_id)
    entry = add_entry(programme, kind=kind, facts=facts, parent=parent, entry_id=request_key, by=by, now=now)
    check_can_raise_this(by, entry)
    record(
        by=by,
        now=now,
        action="raid.raise_entry",
        subject=entry,
        scope_id=programme.scope_id,
        summary=f"raised {_named(entry)}",
        after={"version": entry.version, "parent": str(parent_id) if parent_id else None, **_values(entry)},
    )
    return entry


@transaction.atomic(durable=True)
def change_entry(*, entry_id: UUID, version: int, facts: Facts, by: User, now: datetime) -> RaidEntry:
    """Change what is said of an open entry, and plan its reminders anew where they say something else now.

    Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused when it is
    closed, the programme ended, the day is moved to one that is over, and as in ``changes.add_entry``.
    """
    entry = _locked(entry_id)
    check_can_change_entry(by, entry)
    saved, due_on = _values(entry), entry.due_on
    fill(entry, facts)
    wanted = _values(entry)
    changed = [part for part in PARTS if wanted.get(part) != saved.get(part)]
    if not changed:
        return entry
    check_runs(entry.programme)
    _check_version(entry, version)
    if entry.closed_at:
        raise Refused(f"{entry.reference} is closed. Reopen it first, and say why.")
    if facts.due_on != due_on:
        _check_ahead(facts, now=now)
    entry.version += 1
    entry.save()
    if REMINDED_OF & set(changed):
        settle_reminders(entry, now=now)
    record(
        by=by,
        now=now,
        action="raid.change_entry",
        subject=entry,
        scope_id=entry.programme.scope_id,
        summary=f"changed {listed([PARTS[part] for part in changed])} of {_named(entry)}",
        before={"version": version, **{part: saved[part] for part in changed}},
        after={"version": entry.version, **{part: wanted[part] for part in changed}},
    )
    return entry


@transaction.atomic(durable=True)
def finish_entry(*, entry_id: UUID, version: int, outcome: str, by: User, now: datetime) -> RaidEntry:
    """Close an entry with how it ended; its reminders end. Also in a programme that ended.

    Raises: NotPermitted; Conflict when ``version`` is not the latest; Refused when it is closed already, or without an
    outcome of one line.
    """
    entry = _locked(entry_id)
    check_can_change_entry(by, entry)
    outcome = one_line(outcome, limit=OUTCOME_LENGTH, field="outcome", named="how it ended")
    _check_open(entry)
    _check_version(entry, version)
    close_entry(entry, outcome=outcome, by=by, now=now)
    record(
        by=by,
        now=now,
        action="raid.close_entry",
        subject=entry,
        scope_id=entry.programme.scope_id,
        summary=f"closed {_named(entry)}: {outcome}",
        after={"version": entry.version, "outcome": outcome},
    )
    return entry


@transaction.atomic(durable=True)
def reopen_entry(*, entry_id: UUID, reason: str, by: User, now: datetime) -> RaidEntry:
    """Take a closed entry up again; its reminders are planned anew. The history keeps how it was closed, and the reason.

    Raises: NotPermitted; Refused when it is open, the programme ended, or no reason is given.
    """
    entry = _locked(entry_id)
    check_can_change_entry(by, entry)
    check_runs(entry.programme)
    reason = one_line(reason, limit=OUTCOME_LENGTH, field="reason", named="why it is reopened")
    if entry.closed_at is None:
        raise Refused(f"{entry.reference} is open already. There is nothing left to do.")
    before: dict[str, object] = {"outcome": entry.outcome}
    entry.closed_at, entry.closed_by, entry.outcome, entry.decision_id = None, None, "", None
    entry.version += 1
    entry.save(update_fields=["closed_at", "closed_by", "outcome", "decision_id", "version"])
    settle_reminders(entry, now=now)
    record(
        by=by,
        now=now,
        action="raid.reopen_entry",
        subject=entry,
        scope_id=entry.programme.scope_id,
        summary=f"reopened {_named(entry)}, because: {reason}",
        before=before,
        after={"version": entry.version, "outcome": "", "reason": reason},
    )
    return entry


@transaction.atomic(durable=True)
def turn_entry(
    *,
    entry_id: UUID,
    version: int,
    into: RaidKind,
    facts: Facts,
    keeps_open: bool = False,
    request_key: UUID,
    by: User,
    now: datetime,
) -> RaidEntry:
    """Make a new entry of an open one, which it names; ``request_key`` becomes its id. A repeat returns the first.

    The first is closed with the outcome "Became I4", unless it is kept open on purpose; an action then treats it.

    Raises: NotPermitted; Conflict when somebody changed, closed or turned it meanwhile; Refused when the programme ended,
    its kind does not turn into this one, and as when raising.
    """
    source = _locked(entry_id)
    check_can_change_entry(by, source)
    known = _known(request_key, source.programme_id)
    if known is not None:
        return known
    check_runs(source.programme)
    if into not in TURNS[RaidKind(source.kind)]:
        raise Refused(f"{_a(source.kind)} does not turn into {_a(into).lower()}.")
    _check_open(source)
    _check_version(source, version)
    _check_ahead(facts, now=now)
    made = add_entry(
        source.programme,
        kind=into,
        facts=facts,
        parent=source if keeps_open and into == RaidKind.ACTION else None,
        turned_from=source,
        entry_id=request_key,
        by=by,
        now=now,
    )
    if keeps_open:
        source.version += 1
        source.save(update_fields=["version"])
    else:
        close_entry(source, outcome=f"Became {made.reference}", by=by, now=now)
    record(
        by=by,
        now=now,
        action="raid.turn_entry",
        subject=source,
        scope_id=source.programme.scope_id,
        summary=f"turned {_named(source)} into {made.reference}",
        after={
            "version": source.version,
            **({} if keeps_open else {"outcome": source.outcome}),
            "became": str(made.pk),
            "made": _values(made),
        },
    )
    return made


@transaction.atomic(durable=True)
def comment_on_entry(
    *, entry_id: UUID, text: str, named_ids: Collection[UUID] = (), request_key: UUID, by: User, now: datetime
) -> RaidComment:
    """Say something of an entry; ``request_key`` becomes the comment's id. A repeat returns the first.

    Whoever is named, by "@" and their name or address in the text or by id, gets a mail at once. It names no programme
    and no entry, since they may lose sight of it before they read it.

    Raises: NotPermitted; Refused for text that is not allowed, or when somebody is named who may not see the programme.
    """
    entry = _locked(entry_id)
    check_can_comment(by, entry)
    known = RaidComment.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.entry_id, known.said_by_id) != (entry.pk, by.pk):
            raise Refused(USED_ELSEWHERE)
        return known
    text = lines(text, limit=COMMENT_LENGTH, field="text", named="what you want to say", required=True)
    named = _named_people(entry, text, named_ids)
    comment = RaidComment.objects.create(pk=request_key, entry=entry, text=text, said_at=now, said_by=by)
    RaidMention.objects.bulk_create(RaidMention(comment=comment, user=person) for person in named)
    told = [person for person in named if person.pk != by.pk]
    queue_messages([_mail(comment, person, by=by, now=now) for person in told], now=now)
    record(
        by=by,
        now=now,
        action="raid.comment_on_entry",
        subject=entry,
        scope_id=entry.programme.scope_id,
        summary=f"commented on {_named(entry)}",
        after={"comment": str(comment.pk), "named": [person.name for person in named]},
    )
    return comment


def _locked(entry_id: UUID) -> RaidEntry:
    """The entry with what permission asks for; the programme is locked first, so that it does not end meanwhile."""
    lock_programme(RaidEntry.objects.values_list("programme_id", flat=True).get(pk=entry_id))
    rows = RaidEntry.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("programme__scope", "workstream", "owner").get(pk=entry_id)


def _known(request_key: UUID, programme_id: UUID) -> RaidEntry | None:
    known = RaidEntry.objects.filter(pk=request_key).first()
    if known is not None and known.programme_id != programme_id:
        raise Refused(USED_ELSEWHERE)
    return known


def _parent(kind: RaidKind, parent_id: UUID | None, programme_id: UUID) -> RaidEntry | None:
    if parent_id is None:
        return None
    if kind != RaidKind.ACTION:
        raise Refused("Only an action treats something else. Leave that out.", field="parent")
    found = RaidEntry.objects.filter(pk=parent_id, programme=programme_id, closed_at=None).first()
    if found is None or found.kind == RaidKind.ACTION:
        raise Refused(
            "An action treats an open risk, assumption or issue of this programme. Choose another.", field="parent"
        )
    return found


def _check_ahead(facts: Facts, *, now: datetime) -> None:
    today = local_date(now)
    if facts.due_on is not None and facts.due_on < today:
        raise Refused(f"The day must be today or later. Today is {words_for_date(today)}.", field="due_on")


def _check_open(entry: RaidEntry) -> None:
    if entry.closed_at:
        raise Conflict(f"{entry.reference} is closed already: {entry.outcome}. Open it to see who closed it.")


def _check_version(entry: RaidEntry, version: int) -> None:
    if entry.version != version:
        events = changes_since(entry.pk, version)
        changes = [
            (event.actor_name, [words for part, words in PARTS.items() if part in (event.after or {})])
            for event in events
        ]
        raise changed_meanwhile(entry.reference, changes)


def _named_people(entry: RaidEntry, text: str, named_ids: Collection[UUID]) -> list[User]:
    people = {person.pk: person for person in people_who_see(entry.programme)}
    if any(person_id not in people for person_id in named_ids):
        raise Refused("Only people who may see this programme can be named. Choose them from the list.", field="named")
    in_text = named_in(text, {pk: (person.name, person.email) for pk, person in people.items()})
    return [people[pk] for pk in dict.fromkeys([*in_text, *named_ids])]


def _mail(comment: RaidComment, person: User, *, by: User, now: datetime) -> Draft:
    words = {
        "name": person.name,
        "author": by.name,
        "link": f"{settings.PUBLIC_URL}{reverse('raid_entry', args=[comment.entry_id])}#comment-{comment.pk}",
    }
    return Draft(
        dedup_key=f"raid-mention/{comment.pk}/{person.pk}",
        thread=f"raid-mention/{comment.entry_id}/{person.pk}",
        recipient_id=person.pk,
        subject=render_to_string(f"{TEMPLATES}/mention.subject.txt", words),
        text=render_to_string(f"{TEMPLATES}/mention.txt", words),
        html=render_to_string(f"{TEMPLATES}/mention.html", words),
        due_at=now,
        is_urgent=True,
    )


def _named(entry: RaidEntry) -> str:
    return f"{entry.get_kind_display().lower()} {entry.reference}, {entry.title}"


def _a(kind: str) -> str:
    return f"{'A' if kind == RaidKind.RISK else 'An'} {RaidKind(kind).label.lower()}"


def _values(entry: RaidEntry) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "title": entry.title,
        "description": entry.description,
        "owner": entry.owner.name if entry.owner else None,
        "workstream": entry.workstream.name if entry.workstream else None,
        "due_on": entry.due_on.isoformat() if entry.due_on else None,
        "likelihood": entry.likelihood,
        "impact": entry.impact,
        "residual_likelihood": entry.residual_likelihood,
        "residual_impact": entry.residual_impact,
        "response": str(entry.response),
        "is_in_report": entry.is_in_report,
    }
