from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from partners.calendar.queries import working_calendar
from partners.clock.rules import words_for_instant
from partners.people.models import Unit, User
from partners.people.queries import active_people
from programmes.consultations.enums import ConsultationState, TaskState
from programmes.consultations.models import (
    Answer,
    AudienceUnit,
    Consultation,
    ConsultationTask,
    DraftAnswer,
    Question,
    Response,
)
from programmes.consultations.rules import (
    Answered,
    Contact,
    Step,
    UnitProgress,
    contacts_of,
    is_answered,
    missing_for_launch,
    progress_by_unit,
    with_units_below,
)
from programmes.register.queries import programmes_visible_to
from programmes.reviews.enums import MilestoneState
from programmes.reviews.models import Review
from programmes.reviews.queries import milestones_of
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


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit that may be asked, with how many active people are directly in it."""

    id: UUID
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many have answered, in all and by unit; no unit below ten people stands alone."""

    asked: int
    answered: int
    units: tuple[UnitProgress, ...]


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """What a launch would do now: who is asked, what is missing, and the notices that would be planned."""

    people: int
    missing: tuple[str, ...]
    contacts: tuple[Contact, ...]


def consultations_visible_to(user: User) -> QuerySet[Consultation]:
    """Consultations of the programmes that the person may see, with review, programme and scope. Unordered."""
    return Consultation.objects.select_related("review__programme__scope").filter(
        review__programme__in=programmes_visible_to(user).order_by().values("pk")
    )


def consultations_of(review: Review) -> QuerySet[Consultation]:
    """The review's consultations by title, with the review."""
    return Consultation.objects.filter(review=review).select_related("review").order_by("title", "pk")


def questions_of(consultation: Consultation) -> QuerySet[Question]:
    """In the order in which they are asked."""
    return Question.objects.filter(consultation=consultation).order_by("position", "pk")


def question_of(consultation: Consultation, question_id: UUID) -> Question | None:
    """The question if it is one of this consultation's."""
    return Question.objects.filter(consultation=consultation, pk=question_id).first()


def audience_of(consultation: Consultation) -> QuerySet[Unit]:
    """The chosen units, by name."""
    chosen = AudienceUnit.objects.filter(consultation=consultation).values("unit_id")
    return Unit.objects.filter(pk__in=chosen).order_by("name", "pk")


def units_to_choose() -> list[UnitChoice]:
    """Every unit, by name; one query."""
    people = Count("people", filter=Q(people__is_active=True))
    rows = Unit.objects.annotate(count=people).order_by("name", "pk").values_list("pk", "name", "count")
    return [UnitChoice(*row) for row in rows]


def units_below(unit_ids: Collection[UUID]) -> set[UUID]:
    """The units and every unit below them; one query."""
    parents = dict(Unit.objects.order_by("pk").values_list("pk", "parent_id"))
    return with_units_below(unit_ids, parents)


def audience_with_units_below(consultation: Consultation) -> set[UUID]:
    """Every unit whose people are asked; two queries."""
    return units_below(list(audience_of(consultation).values_list("pk", flat=True)))


def launch_plan(consultation: Consultation, now: datetime) -> LaunchPlan:
    """What launching now would do; the consultation was read with its review."""
    review = consultation.review
    people = active_people().filter(unit_id__in=audience_with_units_below(consultation)).count()
    missing = missing_for_launch(
        is_launched=consultation.launched_at is not None,
        has_introduction=bool(consultation.introduction.strip()),
        questions=questions_of(consultation).count(),
        people=people,
        cancelled=review.cancelled_at is not None,
        closes_at=review.closes_at,
        now=now,
    )
    steps = [
        Step(step.key, step.due_at, step.due_reason)
        for step in milestones_of(review)
        if step.state == MilestoneState.PLANNED
    ]
    contacts = []
    if now < review.closes_at:
        contacts = contacts_of(
            steps, opens_at=review.opens_at, closes_at=review.closes_at, now=now, calendar=working_calendar()
        )
    return LaunchPlan(people=people, missing=tuple(missing), contacts=tuple(contacts))


def progress_of(consultation: Consultation) -> Progress:
    """How many of those on the roll have answered; one query. Never who said what."""
    rows = (
        ConsultationTask.objects.filter(consultation=consultation)
        .values("unit_name")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(state=TaskState.SUBMITTED)))
        .order_by("unit_name")
    )
    units = [UnitProgress(row["unit_name"] or "No unit", row["asked"], row["answered"]) for row in rows]
    return Progress(
        asked=sum(unit.asked for unit in units),
        answered=sum(unit.answered for unit in units),
        units=tuple(progress_by_unit(units)),
    )


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
