"""One person's part: what they are asked, what they have said so far, and what they have sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from partners.clock.rules import words_for_instant
from partners.people.models import User
from programmes.consultations.enums import ConsultationState, TaskState
from programmes.consultations.models import (
    Answer,
    Consultation,
    ConsultationTask,
    DraftAnswer,
    Question,
    Response,
)
from programmes.consultations.queries.asking import questions_of
from programmes.consultations.rules import Answered, is_answered
from programmes.reviews.rules import words_for_time_left


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing that a person is asked, with their receipt where they have answered."""

    id: UUID
    title: str
    review_title: str
    programme_name: str
    opens_at: datetime
    closes_at: datetime
    state: TaskState
    consultation_state: ConsultationState
    receipt_code: str | None
    submitted_at: datetime | None
    has_unsent_answers: bool
    time_left: str

    @property
    def is_to_do(self) -> bool:
        """Open, and not answered or answered with changes that are not sent."""
        is_done = self.state == TaskState.SUBMITTED and not self.has_unsent_answers
        return self.consultation_state == ConsultationState.OPEN and not is_done

    @property
    def standing(self) -> tuple[str, str | None]:
        """The state in a word, and the colour of its tag; none where nothing is left to do."""
        if self.state == TaskState.SUBMITTED:
            return ("Changes not sent", "yellow") if self.is_to_do else ("Completed", None)
        if self.consultation_state == ConsultationState.OPEN:
            return (self.state.label, "blue" if self.state == TaskState.NOT_STARTED else "yellow")
        return (self.consultation_state.label, "grey")

    @property
    def words(self) -> str:
        """Until when there is time, or what became of it."""
        if self.receipt_code and self.submitted_at and not self.is_to_do:
            return f"Sent at {words_for_instant(self.submitted_at)}. Receipt {self.receipt_code}"
        if self.consultation_state == ConsultationState.SCHEDULED:
            return f"Opens at {words_for_instant(self.opens_at)}"
        if self.consultation_state == ConsultationState.OPEN:
            return f"Closes at {words_for_instant(self.closes_at)}: {self.time_left}"
        if self.consultation_state == ConsultationState.CANCELLED:
            return "Cancelled. There is nothing left for you to do."
        return f"Closed at {words_for_instant(self.closes_at)}"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question with the answer that stands now; ``is_unsent`` while it waits to be submitted."""

    question: Question
    value: Answered
    is_unsent: bool

    @property
    def is_answered(self) -> bool:
        return is_answered(self.value)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything one person has said so far: questions in order, drafts over what was submitted last."""

    rows: tuple[AnswerRow, ...]
    latest: Response | None

    @property
    def has_unsent_answers(self) -> bool:
        return any(row.is_unsent for row in self.rows)

    @property
    def has_shared_questions(self) -> bool:
        return any(row.question.is_shared for row in self.rows)

    @property
    def missing(self) -> list[AnswerRow]:
        """Required questions without an answer."""
        return [row for row in self.rows if row.question.is_required and not row.is_answered]

    @property
    def number_sent(self) -> int:
        return self.latest.number if self.latest else 0

    @property
    def next_question(self) -> Question | None:
        """The first question without an answer."""
        return next((row.question for row in self.rows if not row.is_answered), None)

    @property
    def is_begun(self) -> bool:
        return any(row.is_answered for row in self.rows)

    def place_of(self, question_id: UUID) -> int | None:
        """Where the question stands, counted from 0."""
        return next((n for n, row in enumerate(self.rows) if row.question.pk == question_id), None)


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """The answer of the latest response to one question; ``number`` is 0 before anything was sent."""

    number: int
    value: Answered


def tasks_of(user: User, now: datetime) -> list[TaskRow]:
    """What the person is asked: open and unanswered first, by close; then not open yet; then the rest. One query."""
    found = _with_standing(tasks_belonging_to(user)).order_by("consultation__review__closes_at", "pk")
    return sorted((_task_row(task, now) for task in found), key=_urgency)


def tasks_belonging_to(user: User) -> QuerySet[ConsultationTask]:
    """The person's own tasks with consultation, review and programme. Nobody else's, whatever their role. Unordered."""
    return ConsultationTask.objects.filter(person=user).select_related("consultation__review__programme")


def sheet_of(task: ConsultationTask) -> Sheet:
    """Questions with the answers that stand now; four queries."""
    latest = Response.objects.filter(task=task).order_by("-number").first()
    sent: dict[UUID, Answered] = {}
    if latest:
        sent = dict(Answer.objects.filter(response=latest).order_by("pk").values_list("question_id", "value"))
    drafts = dict(DraftAnswer.objects.filter(task=task).order_by("pk").values_list("question_id", "value"))
    return Sheet(
        rows=tuple(
            AnswerRow(question, drafts.get(question.pk, sent.get(question.pk, "")), question.pk in drafts)
            for question in questions_of(task.consultation)
        ),
        latest=latest,
    )


def empty_sheet_of(consultation: Consultation) -> Sheet:
    """The questions without answers, for a preview; one query."""
    return Sheet(rows=tuple(AnswerRow(question, "", False) for question in questions_of(consultation)), latest=None)


def sent_answer(task: ConsultationTask, question: Question) -> SentAnswer:
    """What was submitted last for one question, and how often the task was submitted; two queries at most."""
    latest = Response.objects.filter(task=task).order_by("-number").first()
    if latest is None:
        return SentAnswer(number=0, value="")
    value = Answer.objects.filter(response=latest, question=question).values_list("value", flat=True).first()
    return SentAnswer(number=latest.number, value="" if value is None else value)


def responses_of(task: ConsultationTask) -> QuerySet[Response]:
    """Every submission of the task with its answers, the latest first; two queries."""
    return Response.objects.filter(task=task).prefetch_related("answers").order_by("-number", "pk")


def task_row(task: ConsultationTask, now: datetime) -> TaskRow:
    """The row of one task; one query."""
    return _task_row(_with_standing(tasks_belonging_to(task.person)).get(pk=task.pk), now)


def _with_standing(tasks: QuerySet[ConsultationTask]) -> QuerySet[Any]:
    latest = Response.objects.filter(task=OuterRef("pk")).order_by("-number")
    return tasks.annotate(
        receipt_code=Subquery(latest.values("receipt_code")[:1]),
        submitted_at=Subquery(latest.values("submitted_at")[:1]),
        has_unsent_answers=Exists(DraftAnswer.objects.filter(task=OuterRef("pk"))),
    )


def _task_row(task: Any, now: datetime) -> TaskRow:
    review = task.consultation.review
    return TaskRow(
        id=task.pk,
        title=task.consultation.title,
        review_title=review.title,
        programme_name=review.programme.name,
        opens_at=review.opens_at,
        closes_at=review.closes_at,
        state=TaskState(task.state),
        consultation_state=task.consultation.state_at(now),
        receipt_code=task.receipt_code,
        submitted_at=task.submitted_at,
        has_unsent_answers=task.has_unsent_answers,
        time_left=words_for_time_left(review.closes_at, now),
    )


def _urgency(row: TaskRow) -> tuple[int, datetime]:
    if row.is_to_do:
        return 0, row.closes_at
    if row.consultation_state == ConsultationState.SCHEDULED:
        return 1, row.opens_at
    return (2 if row.consultation_state == ConsultationState.OPEN else 3), row.closes_at
