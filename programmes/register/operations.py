from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.clock.rules import local_date, words_for_date
from partners.people.changes import rename_scope
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from programmes.register.changes import claim_name, named_person
from programmes.register.enums import PositionKind
from programmes.register.models import Lesson, Position, Programme, ProgrammeConstraint
from programmes.register.permissions import check_can_edit_programme
from programmes.register.rules import (
    CONSTRAINT_LENGTH,
    LESSON_LENGTH,
    NAME_LENGTH,
    POSITION_LENGTH,
    SOURCE_LENGTH,
    SUMMARY_LENGTH,
)

PARTS = {
    "name": "the name",
    "summary": "the summary",
    "owner_id": "the owner",
}


@transaction.atomic(durable=True)
def change_programme(
    *,
    programme_id: UUID,
    version: int,
    name: str,
    summary: str,
    owner_id: UUID | None,
    by: User,
    now: datetime,
) -> Programme:
    """Change what is said of a programme. Returns it as it was when it says all this already, whatever the version.

    An owner may be replaced, not removed. Only a decision changes how the programme is delivered.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused for text that
    is not allowed, a name that is taken or an owner without an account.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    saved = _parts(programme)
    wanted = {
        "name": one_line(name, limit=NAME_LENGTH, field="name", named="a name"),
        "summary": lines(summary, limit=SUMMARY_LENGTH, field="summary", named="the summary"),
        "owner_id": str(owner_id or ""),
    }
    changed = [part for part in wanted if wanted[part] != saved[part]]
    if not changed:
        return programme
    if programme.version != version:
        raise _changed_meanwhile(programme, version)
    before: dict[str, object] = {"version": version, **{part: saved[part] for part in changed}}
    after: dict[str, object] = {"version": version + 1, **{part: wanted[part] for part in changed}}
    if "name" in changed:
        claim_name(wanted["name"], portfolio_scope_id=programme.scope.parent_id, programme_id=programme.pk)
        rename_scope(programme.scope_id, wanted["name"])
    if "owner_id" in changed:
        if owner_id is None:
            raise Refused("A programme keeps an owner. Choose another person.", field="owner")
        before["owner"] = programme.owner.name if programme.owner else ""
        programme.owner = named_person(owner_id, field="owner", named="The owner")
        after["owner"] = programme.owner.name
    programme.name, programme.summary = wanted["name"], wanted["summary"]
    programme.version += 1
    programme.save(update_fields=["name", "summary", "owner", "version"])
    record(
        by=by,
        now=now,
        action="register.change_programme",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"changed {listed([PARTS[part] for part in changed])} of {programme.name}",
        before=before,
        after=after,
    )
    return programme


@transaction.atomic(durable=True)
def record_constraint(
    *, programme_id: UUID, text: str, source: str = "", by: User, now: datetime
) -> ProgrammeConstraint:
    """Record what a programme must not become, or must keep to.

    Raises: NotPermitted; Refused when the text is not allowed or the same constraint holds already.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    text = lines(text, limit=CONSTRAINT_LENGTH, field="text", named="the constraint", required=True)
    source = one_line(source, limit=SOURCE_LENGTH, field="source", named="the source", required=False)
    live = ProgrammeConstraint.objects.filter(programme=programme, withdrawn_at=None)
    if live.filter(Exact(Lower("text"), Lower(Value(text)))).exists():
        raise Refused("This constraint is recorded already. Change its words, or leave it as it is.", field="text")
    constraint = ProgrammeConstraint.objects.create(
        programme=programme, text=text, source=source, recorded_at=now, recorded_by=by
    )
    record(
        by=by,
        now=now,
        action="register.record_constraint",
        subject=constraint,
        scope_id=programme.scope_id,
        summary=f"recorded a constraint of {programme.name}: {text}",
        after={"text": text, "source": source},
    )
    return constraint


@transaction.atomic(durable=True)
def withdraw_constraint(*, programme_id: UUID, constraint_id: UUID, by: User, now: datetime) -> ProgrammeConstraint:
    """End a constraint; the row stays.

    Raises: NotPermitted; Refused when it is withdrawn already.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    constraint = ProgrammeConstraint.objects.select_related("withdrawn_by").get(pk=constraint_id, programme=programme)
    _check_not_withdrawn(constraint, "constraint")
    constraint.withdrawn_at, constraint.withdrawn_by = now, by
    constraint.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        by=by,
        now=now,
        action="register.withdraw_constraint",
        subject=constraint,
        scope_id=programme.scope_id,
        summary=f"withdrew a constraint of {programme.name}: {constraint.text}",
        before={"text": constraint.text, "source": constraint.source},
    )
    return constraint


@transaction.atomic(durable=True)
def record_lesson(*, programme_id: UUID, title: str, text: str, learned_on: date, by: User, now: datetime) -> Lesson:
    """Record something learned, for this programme and for later ones delivered the same way.

    Raises: NotPermitted; Refused when the words are not allowed, the day lies in the future, or a lesson of the
    programme has this title already.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    title = one_line(title, limit=NAME_LENGTH, field="title", named="a title")
    text = lines(text, limit=LESSON_LENGTH, field="text", named="what was learned", required=True)
    check_day(learned_on, field="learned_on", named="The day", today=local_date(now))
    live = Lesson.objects.filter(programme=programme, withdrawn_at=None)
    if live.filter(Exact(Lower("title"), Lower(Value(title)))).exists():
        raise Refused("This programme has a lesson with this title already. Choose another title.", field="title")
    lesson = Lesson.objects.create(
        programme=programme, title=title, text=text, learned_on=learned_on, recorded_at=now, recorded_by=by
    )
    record(
        by=by,
        now=now,
        action="register.record_lesson",
        subject=lesson,
        scope_id=programme.scope_id,
        summary=f"recorded a lesson of {programme.name}: {title}",
        after={"title": title, "text": text, "learned_on": learned_on.isoformat()},
    )
    return lesson


@transaction.atomic(durable=True)
def withdraw_lesson(*, programme_id: UUID, lesson_id: UUID, by: User, now: datetime) -> Lesson:
    """Take a lesson out of the lists; the row stays.

    Raises: NotPermitted; Refused when it is withdrawn already.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    lesson = Lesson.objects.select_related("withdrawn_by").get(pk=lesson_id, programme=programme)
    _check_not_withdrawn(lesson, "lesson")
    lesson.withdrawn_at, lesson.withdrawn_by = now, by
    lesson.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        by=by,
        now=now,
        action="register.withdraw_lesson",
        subject=lesson,
        scope_id=programme.scope_id,
        summary=f"withdrew a lesson of {programme.name}: {lesson.title}",
        before={"title": lesson.title, "text": lesson.text, "learned_on": lesson.learned_on.isoformat()},
    )
    return lesson


@transaction.atomic(durable=True)
def record_position(
    *,
    programme_id: UUID,
    kind: PositionKind,
    holder: str,
    text: str,
    stated_on: date,
    source: str,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Position:
    """Record what somebody said of where a programme should go. It is a view: nothing follows from it.

    ``holder`` names who said it and in which role; ``request_key`` becomes the id, and the same one again returns the
    first.

    Raises: NotPermitted; Refused when the words are not allowed, the source is missing or the day lies in the future.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    known = Position.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.programme_id, known.recorded_by_id) != (programme.pk, by.pk):
            raise Refused("This request was used for another position. Load the page again and send it once more.")
        return known
    position = Position(pk=request_key, programme=programme, kind=kind, recorded_at=now, recorded_by=by)
    position.holder = one_line(holder, limit=NAME_LENGTH, field="holder", named="who said it")
    position.text = lines(text, limit=POSITION_LENGTH, field="text", named="what was said", required=True)
    position.source = one_line(source, limit=SOURCE_LENGTH, field="source", named="the source")
    check_day(stated_on, field="stated_on", named="The day", today=local_date(now))
    position.stated_on = stated_on
    position.save(force_insert=True)
    record(
        by=by,
        now=now,
        action="register.record_position",
        subject=position,
        scope_id=programme.scope_id,
        summary=f"recorded {_with_article(position)} of {position.holder} on {programme.name}",
        after=_said(position),
    )
    return position


@transaction.atomic(durable=True)
def withdraw_position(*, programme_id: UUID, position_id: UUID, by: User, now: datetime) -> Position:
    """Take a position out of the lists; the row stays.

    Raises: NotPermitted; Refused when it is withdrawn already.
    """
    programme = _locked(programme_id)
    check_can_edit_programme(by, programme)
    position = Position.objects.select_related("withdrawn_by").get(pk=position_id, programme=programme)
    _check_not_withdrawn(position, "position")
    position.withdrawn_at, position.withdrawn_by = now, by
    position.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        by=by,
        now=now,
        action="register.withdraw_position",
        subject=position,
        scope_id=programme.scope_id,
        summary=f"withdrew {_with_article(position)} of {position.holder} on {programme.name}",
        before=_said(position),
    )
    return position


def _locked(programme_id: UUID) -> Programme:
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope", "owner")
    return rows.get(pk=programme_id)


def _parts(programme: Programme) -> dict[str, str]:
    """Values as audit events keep them."""
    return {
        "name": programme.name,
        "summary": programme.summary,
        "owner_id": str(programme.owner_id or ""),
    }


def _changed_meanwhile(programme: Programme, version: int) -> Conflict:
    events = changes_since(programme.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this programme", changes)


def _check_not_withdrawn(row: ProgrammeConstraint | Lesson | Position, noun: str) -> None:
    if row.withdrawn_at:
        who = row.withdrawn_by.name if row.withdrawn_by else "Somebody"
        raise Refused(f"{who} withdrew this {noun} on {words_for_date(local_date(row.withdrawn_at))} already.")


def _with_article(position: Position) -> str:
    return "an expectation" if position.kind == PositionKind.EXPECTATION else "a position"


def _said(position: Position) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "kind": str(position.kind),
        "holder": position.holder,
        "text": position.text,
        "stated_on": position.stated_on.isoformat(),
        "source": position.source,
    }
