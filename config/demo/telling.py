"""What every story of the demo is told with: dated events, and the acts that several stories have."""

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from config.demo.people import Cast
from partners.audit.rules import Refused
from partners.clock.rules import UK, local_date
from partners.people.enums import Role
from partners.people.models import User
from partners.people.operations.roles import grant_role
from portfolio.groups.models import Portfolio
from portfolio.groups.operations import create_portfolio, set_up_programme
from programmes.consultations.enums import QuestionKind
from programmes.consultations.models import Consultation, Question
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.consultations.operations.design import add_question, choose_audience, draft_consultation
from programmes.consultations.operations.launch import launch_consultation
from programmes.consultations.queries import tasks_belonging_to
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.register.operations import record_constraint, record_lesson
from programmes.reporting.enums import ContradictionKind
from programmes.reporting.operations import record_status_update
from programmes.reporting.rules import StepGiven
from programmes.reviews.models import Review
from programmes.reviews.operations import open_review
from programmes.scheduling.queries import stages_of
from programmes.scheduling.rules import StageDates
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import add_workstream

# What a report says where its row says nothing of it.
PATH = "What is named as next brings it back."
PATH_TAKES = timedelta(weeks=6)
EXPLANATION = "It is known, and the plan allows for it."


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time; ``act`` is given that time, and may return a sentence on what came of it."""

    at: datetime
    act: Callable[[datetime], object]


def local(moment: datetime) -> datetime:
    """A time of the data files: UK wall clock."""
    return moment.replace(tzinfo=UK).astimezone(UTC)


def morning_of(day: date) -> datetime:
    return local(datetime.combine(day, time(9, 30)))


def refused(act: Callable[[datetime], object]) -> Callable[[datetime], str]:
    """The act, which has to be refused; tells with which words it was.

    Raises: RuntimeError when it is not.
    """

    def tried(now: datetime) -> str:
        try:
            act(now)
        except Refused as refusal:
            return f"refused: {refusal.sentence}"
        raise RuntimeError(f"What had to be refused at {now} was done.")

    return tried


class Telling(ABC):
    """A story in the making. Rows made by earlier acts are found by the keys of its data files."""

    def __init__(self, name: str, data: Path, people: str) -> None:
        self.name = name
        self.data = data
        self.cast = Cast(self.table(people))
        self.portfolio: Portfolio | None = None
        self.programmes: dict[str, Programme] = {}
        self.workstreams: dict[str, Workstream] = {}
        self.latest_update: dict[str, UUID] = {}
        self.open_steps: dict[str, list[str]] = {}
        self.reviews: dict[str, Review] = {}
        self.consultations: dict[str, Consultation] = {}
        self.questions: dict[str, dict[str, Question]] = {}

    @abstractmethod
    def events(self) -> list[Event]:
        """Everything that happened, in order of time."""

    def up_again(self, at: datetime) -> datetime:
        """When the workers next send mail that falls due ``at``: then, unless they are down in this story."""
        return at

    def table(self, name: str) -> dict[str, Any]:
        return tomllib.loads((self.data / name).read_text())

    def key_of(self, *parts: str) -> UUID:
        """The request key of an act of the story, the same at every replay."""
        return uuid5(NAMESPACE_URL, "/".join((self.name, *parts)))

    def stages(self, programme: str) -> dict[str, StageDates]:
        """By kind, as they are now."""
        pk = self.programmes[programme].pk
        return {stage.kind: stage for stage in stages_of([pk])[pk]}

    def task_id(self, person: User, consultation: str) -> UUID:
        return tasks_belonging_to(person).get(consultation=self.consultations[consultation]).pk

    def create_portfolio(self, row: Mapping[str, Any], now: datetime, **kept: Any) -> None:
        self.portfolio = create_portfolio(
            name=row["name"], description=row["description"], by=self.cast.administrator, now=now, **kept
        )

    def grant(self, key: str, role: Role, scope_id: UUID, now: datetime) -> None:
        grant_role(user_id=self.cast.id_of(key), role=role, scope_id=scope_id, by=self.cast.administrator, now=now)

    def set_up_programme(self, row: Mapping[str, Any], by: str, now: datetime) -> None:
        assert self.portfolio
        self.programmes[row["key"]] = set_up_programme(
            portfolio_id=self.portfolio.pk,
            name=row["name"],
            summary=row["summary"],
            delivery_model=DeliveryModel(row["delivery_model"]),
            owner_id=self.cast.id_of(row["owner"]),
            manager_id=self.cast.id_of(row["manager"]),
            by=self.cast.person(by),
            now=now,
        )

    def add_workstream(self, programme: str, key: str, row: Mapping[str, str], by: str, now: datetime) -> None:
        self.workstreams[key] = add_workstream(
            programme_id=self.programmes[programme].pk,
            name=row["name"],
            lead_id=self.cast.id_of(row["lead"]),
            by=self.cast.person(by),
            now=now,
        )

    def report(self, row: Mapping[str, Any], now: datetime) -> None:
        """A status: what was to happen before is done, unless it is said again. A row may name ratings of its own for
        dimensions, a path to green and explanations; without them a threat is one to the schedule."""
        key, rating, by = row["workstream"], Rating(row["rating"]), row["by"]
        steps = [step.strip() for step in row["next_steps"].splitlines() if step.strip()]
        dimensions = {"schedule": rating, "cost": Rating.GREEN, "scope": Rating.GREEN, "benefits": Rating.GREEN}
        is_green = rating == Rating.GREEN
        self.latest_update[key] = record_status_update(
            workstream_id=self.workstreams[key].pk,
            rating=rating,
            **{name: Rating(row.get(name) or usual) for name, usual in dimensions.items()},
            changed=row["changed"],
            steps=[
                *(StepGiven(step, is_done=True) for step in self.open_steps.get(key, []) if step not in steps),
                *map(StepGiven, steps),
            ],
            ask_kind=Ask(row.get("ask_kind") or Ask.NONE),
            ask=row.get("ask", ""),
            path_to_green="" if is_green else row.get("path_to_green") or row["next_steps"] or PATH,
            path_owner_id=None if is_green else self.cast.id_of(row.get("path_owner") or by),
            path_due_on=None if is_green else row.get("path_due_on") or local_date(now) + PATH_TAKES,
            explanations=dict.fromkeys(ContradictionKind, row.get("explanation") or EXPLANATION),
            based_on_id=self.latest_update.get(key),
            request_key=self.key_of("status", key, str(row["at"])),
            by=self.cast.person(by),
            now=now,
        ).pk
        self.open_steps[key] = steps

    def constrain(self, programme: str, row: Mapping[str, str], by: str, now: datetime) -> None:
        record_constraint(
            programme_id=self.programmes[programme].pk,
            text=row["text"],
            source=row["source"],
            by=self.cast.person(by),
            now=now,
        )

    def learn(self, programme: str, row: Mapping[str, Any], by: str, now: datetime) -> None:
        record_lesson(
            programme_id=self.programmes[programme].pk,
            title=row["title"],
            text=row["text"],
            learned_on=row["learned_on"],
            by=self.cast.person(by),
            now=now,
        )

    def open_review(self, row: Mapping[str, Any], by: str, now: datetime) -> None:
        self.reviews[row["programme"]] = open_review(
            programme_id=self.programmes[row["programme"]].pk,
            title=row["title"],
            purpose=row["purpose"],
            starts_on=row["starts_on"],
            weeks=row["weeks"],
            request_key=self.key_of("review", row["programme"]),
            by=self.cast.person(by),
            now=now,
        )

    def draft_consultation(
        self,
        programme: str,
        row: Mapping[str, Any],
        by: str,
        now: datetime,
        *,
        organisation_ids: Sequence[UUID] = (),
        consortium_ids: Sequence[UUID] = (),
    ) -> None:
        """With its questions and its audience."""
        key, person = row["key"], self.cast.person(by)
        drafted = draft_consultation(
            review_id=self.reviews[programme].pk,
            title=row["title"],
            introduction=row["introduction"],
            request_key=self.key_of("consultation", key),
            by=person,
            now=now,
        )
        self.questions[key] = {
            question["key"]: add_question(
                consultation_id=drafted.pk,
                kind=QuestionKind(question["kind"]),
                text=question["text"],
                help_text=question.get("help_text", ""),
                is_required=question.get("required", True),
                is_shared=question.get("shared", False),
                options=question.get("options", ()),
                request_key=self.key_of("question", key, question["key"]),
                by=person,
                now=now,
            )
            for question in row["questions"]
        }
        drafted.refresh_from_db()
        self.consultations[key] = choose_audience(
            consultation_id=drafted.pk,
            unit_ids=[self.cast.units[code].pk for code in row.get("units", ())],
            organisation_ids=organisation_ids,
            consortium_ids=consortium_ids,
            version=drafted.version,
            by=person,
            now=now,
        )

    def launch_consultation(self, key: str, by: str, now: datetime) -> None:
        launch_consultation(consultation_id=self.consultations[key].pk, by=self.cast.person(by), now=now)

    def save_answers(self, consultation: str, by: str, answers: Mapping[str, object], now: datetime) -> None:
        person = self.cast.person(by)
        task_id = self.task_id(person, consultation)
        for key, value in answers.items():
            question = self.questions[consultation][key]
            save_draft_answer(task_id=task_id, question_id=question.pk, value=value, by=person, now=now)

    def send_answers(self, consultation: str, by: str, now: datetime) -> None:
        person = self.cast.person(by)
        key = self.key_of("response", consultation, by)
        submit_response(task_id=self.task_id(person, consultation), request_key=key, by=person, now=lambda: now)

    def answer(self, consultation: str, by: str, answers: Mapping[str, object], now: datetime) -> None:
        self.save_answers(consultation, by, answers, now)
        self.send_answers(consultation, by, now)
