from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile
from partners.clock.rules import words_for_instant
from partners.consortia.queries import consortia_visible_to
from partners.organisations.queries import organisations_visible_to
from partners.people.models import Unit, User
from partners.people.rules.typed import lines, one_line
from programmes.consultations.enums import WITH_OPTIONS, QuestionKind
from programmes.consultations.models import (
    AudienceConsortium,
    AudienceOrganisation,
    AudienceUnit,
    Consultation,
    Question,
)
from programmes.consultations.permissions import check_can_run_consultations
from programmes.consultations.queries import Audience, audience_of, question_of, questions_of
from programmes.consultations.rules import (
    HELP_LENGTH,
    INTRODUCTION_LENGTH,
    QUESTION_LENGTH,
    QUESTION_LIMIT,
    clean_options,
)
from programmes.register.rules import NAME_LENGTH
from programmes.reviews.enums import ReviewState
from programmes.reviews.models import Review

AUDIENCE_FIELDS = {"unit": "units", "organisation": "organisations", "consortium": "consortia"}
KEY_IS_USED = "This request was used for something else. Load the page again and send it once more."


@transaction.atomic(durable=True)
def draft_consultation(
    *, review_id: UUID, title: str, introduction: str, request_key: UUID, by: User, now: datetime
) -> Consultation:
    """Begin a consultation inside a review. The request key becomes its id, so a repeat returns the first one.

    Raises: NotPermitted; Refused when the review is over or the text is not allowed.
    """
    review = (
        Review.objects.select_for_update(of=("self",), no_key=True).select_related("programme__scope").get(pk=review_id)
    )
    check_can_run_consultations(by, review.programme)
    known = Consultation.objects.filter(pk=request_key).first()
    if known is not None:
        if known.review_id != review.pk:
            raise Refused(KEY_IS_USED)
        return known
    if review.state_at(now) in (ReviewState.CANCELLED, ReviewState.CLOSED):
        raise Refused("The review is over. Open another review first.")
    consultation = Consultation(pk=request_key, review=review)
    _describe(consultation, title, introduction)
    consultation.save(force_insert=True)
    _record(consultation, "draft_consultation", f"drafted the consultation {consultation.title}", by=by, now=now)
    return consultation


@transaction.atomic(durable=True)
def edit_consultation(
    *, consultation_id: UUID, title: str, introduction: str, version: int, by: User, now: datetime
) -> Consultation:
    """Change title and introduction of a draft.

    Raises: NotPermitted; Conflict when ``version`` is not the latest; Refused after launch.
    """
    consultation = _draft(consultation_id, by=by)
    _check_version(consultation, version)
    before: dict[str, object] = {"title": consultation.title, "introduction": consultation.introduction}
    _describe(consultation, title, introduction)
    after: dict[str, object] = {"title": consultation.title, "introduction": consultation.introduction}
    _record(
        consultation,
        "edit_consultation",
        f"changed what the consultation {consultation.title} is about",
        part="the title and introduction",
        before=before,
        after=after,
        by=by,
        now=now,
    )
    return consultation


@transaction.atomic(durable=True)
def add_question(
    *,
    consultation_id: UUID,
    kind: QuestionKind,
    text: str,
    help_text: str = "",
    is_required: bool = True,
    is_shared: bool = False,
    options: Sequence[str] = (),
    request_key: UUID,
    by: User,
    now: datetime,
) -> Question:
    """Add a question at the end. The request key becomes its id, so a repeat returns the first one.

    Raises: NotPermitted; Refused after launch, beyond the limit, or for words or options that are not allowed.
    """
    consultation = _draft(consultation_id, by=by)
    known = Question.objects.filter(pk=request_key).first()
    if known is not None:
        if known.consultation_id != consultation.pk:
            raise Refused(KEY_IS_USED)
        return known
    count = questions_of(consultation).count()
    if count >= QUESTION_LIMIT:
        raise Refused(f"A consultation has up to {QUESTION_LIMIT} questions. Remove one first.")
    question = Question(pk=request_key, consultation=consultation, position=count + 1)
    _word(question, kind, text, help_text, is_required, is_shared, options)
    question.save(force_insert=True)
    _record(
        consultation,
        "add_question",
        f"added a question to {consultation.title}: {question.text}",
        part="a question",
        after=_words_of(question),
        by=by,
        now=now,
    )
    return question


@transaction.atomic(durable=True)
def change_question(
    *,
    question_id: UUID,
    version: int,
    kind: QuestionKind,
    text: str,
    help_text: str = "",
    is_required: bool = True,
    is_shared: bool = False,
    options: Sequence[str] = (),
    by: User,
    now: datetime,
) -> Question:
    """Change a question of a draft; ``version`` is the consultation's.

    Raises: NotPermitted; Conflict when the consultation changed meanwhile; Refused after launch.
    """
    consultation, question = _draft_with_question(question_id, by=by)
    _check_version(consultation, version)
    before = _words_of(question)
    _word(question, kind, text, help_text, is_required, is_shared, options)
    question.save()
    _record(
        consultation,
        "change_question",
        f"changed a question of {consultation.title}: {question.text}",
        part="a question",
        before=before,
        after=_words_of(question),
        by=by,
        now=now,
    )
    return question


@transaction.atomic(durable=True)
def remove_question(*, question_id: UUID, by: User, now: datetime) -> Consultation:
    """Take a question out of a draft; those after it move up.

    Raises: NotPermitted; Conflict when it was removed meanwhile; Refused after launch.
    """
    consultation, question = _draft_with_question(question_id, by=by)
    before = _words_of(question)
    question.delete()
    questions_of(consultation).order_by().filter(position__gt=before["position"]).update(position=F("position") - 1)
    _record(
        consultation,
        "remove_question",
        f"removed a question from {consultation.title}: {before['text']}",
        part="a question",
        before=before,
        by=by,
        now=now,
    )
    return consultation


@transaction.atomic(durable=True)
def move_question(*, question_id: UUID, position: int, by: User, now: datetime) -> Question:
    """Put a question at another place, counted from 1; the others keep their order. Already there: nothing changes.

    Raises: NotPermitted; Conflict when it was removed meanwhile; Refused after launch or for a place that is not there.
    """
    consultation, question = _draft_with_question(question_id, by=by)
    questions = list(questions_of(consultation))
    if not 1 <= position <= len(questions):
        raise Refused(f"Choose a place from 1 to {len(questions)}.", field="position")
    if question.position == position:
        return question
    before = question.position
    questions = [q for q in questions if q.pk != question.pk]
    questions.insert(position - 1, question)
    for number, each in enumerate(questions, 1):
        each.position = number
    Question.objects.bulk_update(questions, ["position"])
    _record(
        consultation,
        "move_question",
        f"moved a question of {consultation.title} to place {position}",
        part="the order of questions",
        before={"position": before},
        after={"position": position},
        by=by,
        now=now,
    )
    return question


@transaction.atomic(durable=True)
def choose_audience(
    *,
    consultation_id: UUID,
    unit_ids: Collection[UUID],
    organisation_ids: Collection[UUID] = (),
    consortium_ids: Collection[UUID] = (),
    version: int,
    by: User,
    now: datetime,
) -> Consultation:
    """Say who is asked, as things stand on the day of launch: the active people of these units and of the units below
    them, and the contacts of these organisations and of the members of these consortia. Replaces what was chosen.

    Raises: NotPermitted; Conflict when ``version`` is not the latest; Refused after launch, or for a unit that is
    unknown or a partner that the person does not see.
    """
    consultation = _draft(consultation_id, by=by)
    _check_version(consultation, version)
    before = audience_of(consultation)
    _choose(AudienceUnit, "unit", Unit.objects.all(), unit_ids, consultation)
    _choose(AudienceOrganisation, "organisation", organisations_visible_to(by), organisation_ids, consultation)
    _choose(AudienceConsortium, "consortium", consortia_visible_to(by), consortium_ids, consultation)
    _record(
        consultation,
        "choose_audience",
        f"chose whose people are asked in {consultation.title}",
        part="the audience",
        before=_names_in(before),
        after=_names_in(audience_of(consultation)),
        by=by,
        now=now,
    )
    return consultation


def _draft(consultation_id: UUID, *, by: User) -> Consultation:
    """The consultation, locked. Raises: NotPermitted; Refused when it is frozen."""
    consultation = (
        Consultation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("review__programme__scope")
        .get(pk=consultation_id)
    )
    check_can_run_consultations(by, consultation.review.programme)
    if consultation.launched_at is not None:
        raise Refused(
            f"The questions and the audience are frozen, because the consultation was launched at "
            f"{words_for_instant(consultation.launched_at)}. Draft another consultation for other questions."
        )
    return consultation


def _draft_with_question(question_id: UUID, *, by: User) -> tuple[Consultation, Question]:
    consultation_id = Question.objects.filter(pk=question_id).values_list("consultation_id", flat=True).first()
    consultation = _draft(consultation_id, by=by) if consultation_id else None
    question = question_of(consultation, question_id) if consultation else None
    if consultation is None or question is None:
        raise Conflict("Somebody removed this question meanwhile. Go back to the consultation to see its questions.")
    return consultation, question


def _check_version(consultation: Consultation, version: int) -> None:
    if consultation.version != version:
        changes = changes_since(consultation.pk, version)
        raise changed_meanwhile(
            "this consultation",
            [(event.actor_name, [str(event.after["part"])] if event.after else []) for event in changes],
        )


def _choose(
    model: Any,
    kind: str,
    offered: QuerySet[Any],
    ids: Collection[UUID],
    consultation: Consultation,
) -> None:
    """Make these the chosen ones of their kind. Raises: Refused for one that is not offered."""
    chosen = set(offered.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if chosen != set(ids):
        raise Refused(f"Choose {AUDIENCE_FIELDS[kind]} from the list.", field=AUDIENCE_FIELDS[kind])
    rows = model.objects.filter(consultation=consultation)
    rows.exclude(**{f"{kind}_id__in": chosen}).delete()
    kept = set(rows.values_list(f"{kind}_id", flat=True))
    model.objects.bulk_create(model(consultation=consultation, **{f"{kind}_id": pk}) for pk in sorted(chosen - kept))


def _names_in(audience: Audience) -> dict[str, object]:
    return {
        "units": [each.name for each in audience.units],
        "organisations": [each.name for each in audience.organisations],
        "consortia": [each.name for each in audience.consortia],
    }


def _describe(consultation: Consultation, title: str, introduction: str) -> None:
    consultation.title = one_line(title, limit=NAME_LENGTH, field="title", named="a title")
    consultation.introduction = lines(
        introduction, limit=INTRODUCTION_LENGTH, field="introduction", named="the introduction", required=True
    )


def _word(
    question: Question,
    kind: QuestionKind,
    text: str,
    help_text: str,
    is_required: bool,
    is_shared: bool,
    options: Sequence[str],
) -> None:
    question.kind = QuestionKind(kind)
    question.text = one_line(text, limit=QUESTION_LENGTH, field="text", named="the question")
    question.help_text = one_line(
        help_text, limit=HELP_LENGTH, field="help_text", named="the help text", required=False
    )
    question.is_required = is_required
    if is_shared and question.kind in WITH_OPTIONS:
        raise Refused("Only what people write can be shown to others. Let them answer in words.", field="is_shared")
    question.is_shared = is_shared
    cleaned = clean_options(options, kind=question.kind)
    question.options = [one_line(each, limit=HELP_LENGTH, field="options", named="each option") for each in cleaned]


def _words_of(question: Question) -> dict[str, object]:
    return {
        "position": question.position,
        "kind": str(question.kind),
        "text": question.text,
        "help_text": question.help_text,
        "is_required": question.is_required,
        "is_shared": question.is_shared,
        "options": question.options,
    }


def _record(
    consultation: Consultation,
    action: str,
    summary: str,
    *,
    part: str = "",
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    by: User,
    now: datetime,
) -> None:
    """Store the consultation as a new version, with the one audit event of the act."""
    if part:
        consultation.version += 1
        consultation.save(update_fields=["title", "introduction", "version"])
    record(
        by=by,
        now=now,
        action=f"consultations.{action}",
        subject=consultation,
        scope_id=consultation.review.programme.scope_id,
        summary=summary,
        before=before,
        after=(after or {}) | {"version": consultation.version, "part": part},
    )
