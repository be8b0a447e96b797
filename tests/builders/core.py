"""Small builders of real rows for tests. Each takes what matters to the test and fills in the rest."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from partners.people.changes import add_person, hold_role, make_scope
from partners.people.enums import HoldingKind, Role, ScopeKind
from partners.people.models import Office, OfficeHolding, Scope, Unit, User
from partners.people.queries import organisation
from partners.post.changes import queue_message
from partners.post.models import Message
from portfolio.groups.models import Portfolio
from programmes.consultations.enums import QuestionKind
from programmes.consultations.models import Consultation, ConsultationTask, Question
from programmes.consultations.operations.design import add_question, choose_audience, draft_consultation
from programmes.consultations.operations.launch import launch_consultation
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.register.changes import create_programme
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.reminders.changes import Recipient, plan_wave
from programmes.reminders.models import ReminderWave
from programmes.reviews.models import Review
from programmes.reviews.operations import open_review
from programmes.scheduling.changes import add_default_stages, record_gate_outcome
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome, Stage
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import add_workstream

NOW = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)  # a Wednesday, 10am in the UK
_number = count(1)


def make_unit(name: str = "") -> Unit:
    n = next(_number)
    return Unit.objects.create(code=f"U{n}", name=name or f"Unit {n}")


def make_person(name: str = "", *, unit: Unit | None = None) -> User:
    n = next(_number)
    return add_person(email=f"person{n}@example.org", name=name or f"Person {n}", unit=unit, now=NOW)


def give_role(user: User, role: Role, scope: Scope | None = None) -> User:
    """The role at the scope (the organisation without one); returns the person read afresh."""
    hold_role(user=user, role=role, scope=scope or organisation(), by=user, now=NOW)
    return User.objects.get(pk=user.pk)


def make_administrator(name: str = "") -> User:
    return give_role(make_person(name), Role.ADMINISTRATOR)


def make_portfolio(name: str = "") -> Portfolio:
    name = name or f"Portfolio {next(_number)}"
    return Portfolio.objects.create(name=name, scope=make_scope(kind=ScopeKind.PORTFOLIO, name=name))


def make_cio(portfolio: Portfolio, name: str = "") -> User:
    return give_role(make_person(name), Role.CIO, portfolio.scope)


@transaction.atomic
def make_programme(
    name: str = "",
    *,
    portfolio: Portfolio | None = None,
    delivery_model: DeliveryModel = DeliveryModel.TASKFORCE,
    owner: User | None = None,
    by: User | None = None,
) -> Programme:
    """A programme with its three stages, nothing planned, and nobody with a role on it."""
    programme = create_programme(
        portfolio_scope=(portfolio or make_portfolio()).scope,
        name=name or f"Programme {next(_number)}",
        summary="",
        delivery_model=delivery_model,
        owner=owner,
        by=by or make_person(),
        now=NOW,
    )
    add_default_stages(programme)
    return programme


def pass_gates(programme: Programme, *, on: date = date(2000, 1, 1)) -> Programme:
    """Every stage of the programme may start from that day on, as far as its gate is concerned."""
    for stage in programme.stages.all():
        decide_gate(stage, on=on)
    return programme


@transaction.atomic
def decide_gate(
    stage: Stage,
    result: GateResult = GateResult.PROCEED,
    *,
    on: date,
    office_title: str = "Chief Constable",
    conditions: str = "",
    waiver_reason: str = "",
) -> GateOutcome:
    """What an office decided at the gate before a stage, with the decision as it stands once it is taken."""
    by = stage.programme.set_up_by
    office, _ = Office.objects.get_or_create(
        title=office_title, body="Gates", scope=organisation(), defaults={"recorded_at": NOW, "recorded_by": by}
    )
    holding, _ = OfficeHolding.objects.get_or_create(
        office=office,
        defaults={"holder_name": "Ola Brand", "kind": HoldingKind.SUBSTANTIVE, "recorded_at": NOW, "recorded_by": by},
    )
    decision = Decision.objects.create(
        programme=stage.programme,
        title=f"The gate before {stage}",
        question="May it start?",
        rationale="The review says so.",
        office=office,
        state=DecisionState.TAKEN,
        gate=stage,
        gate_result=result,
        gate_waiver_reason=waiver_reason,
        drafted_at=NOW,
        drafted_by=by,
        proposed_at=NOW,
        proposed_by=by,
        taken_on=on,
        holding=holding,
        recorded_at=NOW,
        recorded_by=by,
    )
    return record_gate_outcome(
        stage,
        result=result,
        conditions=conditions,
        waiver_reason=waiver_reason,
        decided_on=on,
        decision_id=decision.pk,
        office_title=office_title,
        holder_name=holding.holder_name,
        by=by,
        now=NOW,
    )


def make_manager(programme: Programme, name: str = "") -> User:
    return give_role(make_person(name), Role.PROGRAMME_MANAGER, programme.scope)


def make_reader(programme: Programme, name: str = "") -> User:
    return give_role(make_person(name), Role.READER, programme.scope)


@transaction.atomic
def queue_mail(recipient: User, *, key: str = "", thread: str = "", **more: Any) -> Message:
    """A message in the outbox, due now."""
    key = key or f"test/{next(_number)}"
    words = {"subject": "Your views", "text": "Five questions.\n", "html": "<p>Five questions.</p>"}
    return queue_message(
        dedup_key=key,
        thread=thread or key,
        recipient_id=recipient.pk,
        **({"due_at": NOW, "now": NOW, "valid_until": NOW + timedelta(days=7)} | words | more),
    )


@transaction.atomic
def plan_reminder(
    programme: Programme,
    people: Iterable[User],
    *,
    subject_id: UUID | None = None,
    key: str = "last-week/1/0",
    due_at: datetime = NOW,
    **more: Any,
) -> ReminderWave:
    """A wave to these people; each person's need is ``task:<their id>``."""
    words: dict[str, Any] = {
        "title": "One week left",
        "mail_subject": "Your views on custody tablets",
        "mail_text": "We ask for your views on custody tablets.\n\nYou have until 5pm on Friday 2 October 2026.",
        "due_reason": "Five working days before the close.",
        "valid_until": due_at + timedelta(days=7),
        "now": NOW,
    }
    return plan_wave(
        programme=programme,
        subject_id=subject_id or uuid4(),
        key=key,
        due_at=due_at,
        recipients=[Recipient(person.pk, f"task:{person.pk}", "/my-tasks/") for person in people],
        **(words | more),
    )


def make_review(
    programme: Programme | None = None, *, starts_on: date = date(2026, 9, 15), weeks: int = 8, now: datetime = NOW
) -> Review:
    """A review of eight weeks that has been open for a day at ``NOW``."""
    programme = programme or make_programme()
    return open_review(
        programme_id=programme.pk,
        title=f"Review {next(_number)}",
        purpose="To look at the work done so far.",
        starts_on=starts_on,
        weeks=weeks,
        request_key=uuid4(),
        by=make_manager(programme),
        now=now,
    )


def make_consultation(review: Review | None = None, *, units: Iterable[Unit | None] = ()) -> Consultation:
    """A draft without questions, for the people of these units."""
    review = review or make_review()
    by = make_manager(review.programme)
    consultation = draft_consultation(
        review_id=review.pk,
        title=f"Consultation {next(_number)}",
        introduction="Nothing is decided yet.",
        request_key=uuid4(),
        by=by,
        now=review.opened_at,
    )
    return choose_audience(
        consultation_id=consultation.pk,
        unit_ids=[unit.pk for unit in units if unit],
        version=consultation.version,
        by=by,
        now=review.opened_at,
    )


def make_question(
    consultation: Consultation,
    text: str = "",
    *,
    kind: QuestionKind = QuestionKind.LONG_TEXT,
    options: Sequence[str] = (),
    is_required: bool = True,
) -> Question:
    return add_question(
        consultation_id=consultation.pk,
        kind=kind,
        text=text or f"Question {next(_number)}?",
        options=options,
        is_required=is_required,
        request_key=uuid4(),
        by=make_manager(consultation.review.programme),
        now=NOW,
    )


def launch(consultation: Consultation, *, now: datetime = NOW) -> Consultation:
    return launch_consultation(consultation_id=consultation.pk, by=make_manager(consultation.review.programme), now=now)


def make_task(person: User | None = None, *, consultation: Consultation | None = None) -> ConsultationTask:
    """The person's task in a launched consultation; without one it asks for a text, and for a choice that is optional."""
    person = person or make_person(unit=make_unit())
    if consultation is None:
        consultation = make_consultation(units=[person.unit])
        make_question(consultation, "What should we keep?")
        make_question(
            consultation, "Is it better?", kind=QuestionKind.SCALE, options=["Worse", "Better"], is_required=False
        )
    if not ConsultationTask.objects.filter(consultation=consultation).exists():
        launch(consultation)
    return ConsultationTask.objects.get(consultation=consultation, person=person)


def make_workstream(
    programme: Programme | None = None, name: str = "", *, lead: User | None = None, now: datetime = NOW
) -> Workstream:
    """A workstream that has reported nothing; its lead has the role."""
    programme = programme or make_programme()
    return add_workstream(
        programme_id=programme.pk,
        name=name or f"Workstream {next(_number)}",
        lead_id=lead.pk if lead else None,
        by=make_manager(programme),
        now=now,
    )
