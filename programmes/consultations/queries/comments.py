"""Comments: answers to shared questions, of which others read what a moderator has let through, and never whose it is.

A comment is current while its response is the latest of its task; a newer response brings its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import standing_of
from programmes.consultations.enums import SEALED, Ground, Verdict
from programmes.consultations.models import Answer, Consultation, Moderation, Question, Response
from programmes.consultations.queries.asking import consultations_visible_to


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as a moderator sees it. ``number`` counts the verdicts so far; none while it waits.

    ``text`` is what may be read: the original until it is sealed, then what others are shown of it.
    """

    id: int
    question: str
    text: str
    number: int
    verdict: Verdict | None
    ground: Ground | None

    @property
    def is_sealed(self) -> bool:
        return self.verdict in SEALED


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A consultation with how many of its comments wait for a moderator and how many are done."""

    consultation: Consultation
    waiting: int
    done: int


def has_shared_questions(consultation: Consultation) -> bool:
    return Question.objects.filter(consultation=consultation, is_shared=True).exists()


def comments_of(consultation: Consultation) -> QuerySet[Moderation]:
    """What others may read, with its question and without the original: by question, else in no order that tells anything.

    ``shown_text`` is the comment. Nobody's name, unit or time is in it.
    """
    later = Moderation.objects.filter(answer=OuterRef("answer"), number__gt=OuterRef("number"))
    current = _current([consultation.pk]).order_by().values("pk")
    shown = Moderation.objects.filter(~Exists(later), ~Q(verdict=Verdict.WITHHELD), answer__in=current)
    return shown.select_related("answer__question").defer("answer__value").order_by("answer__question__position", "pk")


def queues_of(user: User) -> list[QueueRow]:
    """Launched consultations with shared questions that the person moderates, those with most to do first; three queries."""
    places = standing_of(user).scopes_of({Role.MODERATOR})
    here = Q(review__programme__scope_id__in=places) | Q(review__programme__scope__parent_id__in=places)
    shared = Question.objects.filter(consultation=OuterRef("pk"), is_shared=True)
    found = list(
        consultations_visible_to(user).filter(here, Exists(shared), launched_at__isnull=False).order_by("title", "pk")
    )
    counts = _counts([each.pk for each in found])
    rows = [QueueRow(each, *counts.get(each.pk, (0, 0))) for each in found]
    return sorted(rows, key=lambda row: -row.waiting)


def queue_of(consultation: Consultation) -> QueueRow:
    return QueueRow(consultation, *_counts([consultation.pk]).get(consultation.pk, (0, 0)))


def waiting_comments(consultation: Consultation) -> QuerySet[Any]:
    """Those that no moderator has read yet, the oldest first; rows for ``comment_row``."""
    return _with_verdict([consultation.pk]).filter(verdicts=None).order_by("response__submitted_at", "pk")


def done_comments(consultation: Consultation) -> QuerySet[Any]:
    """Those with a verdict, the latest verdict first; rows for ``comment_row``."""
    return _with_verdict([consultation.pk]).exclude(verdicts=None).order_by("-moderated_at", "pk")


def comment_to_moderate(consultation: Consultation, answer_id: int) -> CommentRow | None:
    """The comment if it is a current one of this consultation."""
    found = _with_verdict([consultation.pk]).filter(pk=answer_id).first()
    return comment_row(found) if found else None


def comment_row(answer: Any) -> CommentRow:
    verdict = Verdict(answer.verdict) if answer.verdict else None
    return CommentRow(
        id=answer.pk,
        question=answer.question.text,
        text=answer.shown_text if verdict in SEALED else answer.value,
        number=answer.verdicts or 0,
        verdict=verdict,
        ground=Ground(answer.ground) if answer.ground else None,
    )


def verdicts_on(answer_id: int) -> list[Moderation]:
    """Every verdict on a comment, the latest first, with who gave it; what earlier ones showed is left out."""
    found = Moderation.objects.filter(answer=answer_id).select_related("recorded_by")
    return list(found.defer("shown_text").order_by("-number", "pk"))


def _current(consultation_ids: Collection[UUID]) -> QuerySet[Answer]:
    later = Response.objects.filter(task=OuterRef("response__task"), number__gt=OuterRef("response__number"))
    shared = Answer.objects.filter(question__consultation__in=consultation_ids, question__is_shared=True)
    return shared.filter(~Exists(later))


def _with_verdict(consultation_ids: Collection[UUID]) -> QuerySet[Any]:
    latest = Moderation.objects.filter(answer=OuterRef("pk")).order_by("-number")
    return (
        _current(consultation_ids)
        .select_related("question")
        .annotate(
            verdict=Subquery(latest.values("verdict")[:1]),
            verdicts=Subquery(latest.values("number")[:1]),
            ground=Subquery(latest.values("ground")[:1]),
            shown_text=Subquery(latest.values("shown_text")[:1]),
            moderated_at=Subquery(latest.values("recorded_at")[:1]),
        )
    )


def _counts(consultation_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Consultation to how many of its comments wait and are done; one query."""
    is_done = Exists(Moderation.objects.filter(answer=OuterRef("pk")))
    rows = (
        _current(consultation_ids)
        .annotate(is_done=is_done, consultation=F("question__consultation"))
        .values("consultation")
        .annotate(waiting=Count("pk", filter=Q(is_done=False)), done=Count("pk", filter=Q(is_done=True)))
        .order_by("consultation")
    )
    return {row["consultation"]: (row["waiting"], row["done"]) for row in rows}
