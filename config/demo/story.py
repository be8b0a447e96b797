"""The demo's data files as dated events, each one act by one person through the operation that the pages use."""

import csv
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from config.demo.people import Cast
from partners.calendar.operations import add_closure
from partners.clock.rules import UK
from partners.people.enums import Role
from partners.people.operations.imports import import_file
from partners.people.operations.roles import grant_role
from partners.people.operations.units import add_unit
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
from programmes.reviews.models import Review
from programmes.reviews.operations import open_review
from programmes.scheduling.changes import record_gate_outcome
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import Stage
from programmes.scheduling.operations import StagePlan, finish_stage, plan_stages, start_stage
from programmes.scheduling.queries import stages_of
from programmes.workstreams.enums import Ask, Frequency, Rating, Weekday
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import add_workstream, change_reporting_settings, record_status_update

DATA = Path(__file__).parent / "data"
DEMO_DAY = datetime(2026, 9, 30, 10, 15, tzinfo=UK)
BEGINNING = datetime(2024, 4, 2, 9, 0, tzinfo=UK)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time; ``act`` is given that time."""

    at: datetime
    act: Callable[[datetime], Any]


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text())


def local(moment: datetime) -> datetime:
    """A time of the data files: UK wall clock."""
    return moment.replace(tzinfo=UK).astimezone(UTC)


def morning_of(day: date) -> datetime:
    return local(datetime.combine(day, time(9, 30)))


def key_of(*parts: str) -> UUID:
    """The request key of an act of the story, the same at every replay."""
    return uuid5(NAMESPACE_URL, "/".join(("demo", *parts)))


class Story:
    """All events in order of time. Rows made by earlier ones are found by the keys of the data files."""

    def __init__(self) -> None:
        self.cast = Cast(table("organisation.toml"))
        self.portfolio: Portfolio | None = None
        self.programmes: dict[str, Programme] = {}
        self.workstreams: dict[str, Workstream] = {}
        self.latest_update: dict[str, UUID] = {}
        self.review: Review | None = None
        self.consultation: Consultation | None = None
        self.questions: dict[str, Question] = {}

    def events(self) -> list[Event]:
        """Sorted by time; events of one time keep the order in which they are told."""
        told = [*self._organisation(), *self._programmes(), *self._statuses(), *self._consultation()]
        return sorted(told, key=lambda event: event.at)

    # The organisation

    def _organisation(self) -> Iterator[Event]:
        data, cast = self.cast.data, self.cast
        yield Event(BEGINNING, cast.enter_administrator)
        yield Event(BEGINNING, partial(self._add_units, data["units"]))
        yield Event(BEGINNING, cast.enter_everyone)
        yield Event(BEGINNING, self._import_staff)
        yield Event(BEGINNING, partial(self._choose_reporting_day, data["reporting"]))
        for closure in data["closures"]:
            yield Event(BEGINNING, partial(self._close, closure))

    def _choose_reporting_day(self, row: dict[str, str], now: datetime) -> None:
        change_reporting_settings(
            frequency=Frequency(row["frequency"]),
            weekday=Weekday(row["weekday"]),
            version=1,
            by=self.cast.administrator,
            now=now,
        )

    def _close(self, row: dict[str, Any], now: datetime) -> None:
        add_closure(**row, by=self.cast.administrator, now=now)

    def _add_units(self, units: list[dict[str, str]], now: datetime) -> None:
        for unit in units:
            parent = self.cast.units.get(unit.get("parent", ""))
            self.cast.units[unit["code"]] = add_unit(
                code=unit["code"],
                name=unit["name"],
                parent_id=parent.pk if parent else None,
                by=self.cast.administrator,
                now=now,
            )

    def _import_staff(self, now: datetime) -> None:
        import_file(text=(DATA / "staff.csv").read_text(), source="staff.csv", by=self.cast.administrator, now=now)

    # Programmes

    def _programmes(self) -> Iterator[Event]:
        data = table("programmes.toml")
        yield Event(BEGINNING, partial(self._create_portfolio, data["portfolio"]))
        names: dict[str, dict[str, str]] = data["workstreams"]
        starts = {row["workstream"]: row["at"] for row in reversed(list(self._status_rows()))}
        for row in data["programmes"]:
            yield from self._programme(row)
            for key, workstream in names.items():
                if key.startswith(f"{row['key']}-"):
                    first_report = local(datetime.fromisoformat(starts[key]))
                    began = first_report - timedelta(days=14)
                    yield Event(began, partial(self._add_workstream, row["key"], key, workstream))

    def _create_portfolio(self, row: dict[str, Any], now: datetime) -> None:
        admin = self.cast.administrator
        made = create_portfolio(name=row["name"], description=row["description"], by=admin, now=now)
        self.portfolio = made
        self._grant(row["cio"], Role.CIO, made.scope_id, now)
        for reader in row["readers"]:
            self._grant(reader, Role.READER, made.scope_id, now)

    def _grant(self, key: str, role: Role, scope_id: UUID, now: datetime) -> None:
        grant_role(user_id=self.cast.id_of(key), role=role, scope_id=scope_id, by=self.cast.administrator, now=now)

    def _programme(self, row: dict[str, Any]) -> Iterator[Event]:
        key, manager, at = row["key"], row["manager"], local(row["set_up_at"])
        yield Event(at, partial(self._set_up, row))
        yield Event(at, partial(self._plan_stages, key, manager, row["stages"]))
        for constraint in row["constraints"]:
            yield Event(at, partial(self._constrain, key, manager, constraint))
        for lesson in row.get("lessons", []):
            yield Event(morning_of(lesson["learned_on"]), partial(self._learn, key, manager, lesson))
        for stage in row["stages"]:
            for day in ("started_on", "finished_on"):
                if day in stage:
                    yield Event(morning_of(stage[day]), partial(self._take_step, key, manager, stage, day))

    def _constrain(self, key: str, manager: str, row: dict[str, str], now: datetime) -> None:
        record_constraint(programme_id=self.programmes[key].pk, by=self.cast.person(manager), now=now, **row)

    def _learn(self, key: str, manager: str, row: dict[str, Any], now: datetime) -> None:
        record_lesson(programme_id=self.programmes[key].pk, by=self.cast.person(manager), now=now, **row)

    def _take_step(self, key: str, manager: str, row: dict[str, Any], day: str, now: datetime) -> None:
        if day == "started_on":
            self._pass_gate(key, row, now)
        act = start_stage if day == "started_on" else finish_stage
        act(
            programme_id=self.programmes[key].pk,
            stage_id=self._stages(key)[row["kind"]].id,
            on=row[day],
            by=self.cast.person(manager),
            now=now,
        )

    def _pass_gate(self, key: str, row: dict[str, Any], now: datetime) -> None:
        record_gate_outcome(
            Stage.objects.get(pk=self._stages(key)[row["kind"]].id),
            result=GateResult.PROCEED,
            decided_on=row["started_on"],
            decision_id=key_of("gate", key, row["kind"]),
            office_title="Chief Constable",
            holder_name="Judith Marlowe",
            by=self.cast.administrator,
            now=now,
        )

    def _set_up(self, row: dict[str, Any], now: datetime) -> None:
        assert self.portfolio
        self.programmes[row["key"]] = set_up_programme(
            portfolio_id=self.portfolio.pk,
            name=row["name"],
            summary=row["summary"],
            delivery_model=DeliveryModel(row["delivery_model"]),
            owner_id=self.cast.id_of(row["owner"]),
            manager_id=self.cast.id_of(row["manager"]),
            by=self.cast.person("helen"),
            now=now,
        )

    def _stages(self, key: str) -> dict[str, Any]:
        programme = self.programmes[key]
        return {stage.kind: stage for stage in stages_of([programme.pk])[programme.pk]}

    def _plan_stages(self, key: str, manager: str, rows: list[dict[str, Any]], now: datetime) -> None:
        stages = self._stages(key)
        plans = [StagePlan(stages[row["kind"]].id, stages[row["kind"]].version, *row["planned"]) for row in rows]
        plan_stages(programme_id=self.programmes[key].pk, plans=plans, by=self.cast.person(manager), now=now)

    # Workstreams and their statuses

    def _add_workstream(self, programme: str, key: str, row: dict[str, str], now: datetime) -> None:
        self.workstreams[key] = add_workstream(
            programme_id=self.programmes[programme].pk,
            name=row["name"],
            lead_id=self.cast.id_of(row["lead"]),
            by=self.cast.manager_of(programme),
            now=now,
        )

    @staticmethod
    def _status_rows() -> Iterator[dict[str, str]]:
        rows: list[dict[str, str]] = []
        for path in sorted((DATA / "statuses").glob("*.csv")):
            with path.open(newline="") as file:
                rows += csv.DictReader(file)
        yield from sorted(rows, key=lambda row: row["at"])

    def _statuses(self) -> Iterator[Event]:
        for row in self._status_rows():
            yield Event(local(datetime.fromisoformat(row["at"])), partial(self._report, row))

    def _report(self, row: dict[str, str], now: datetime) -> None:
        key = row["workstream"]
        self.latest_update[key] = record_status_update(
            workstream_id=self.workstreams[key].pk,
            rating=Rating(row["rating"]),
            changed=row["changed"],
            next_steps=row["next_steps"],
            ask_kind=Ask(row["ask_kind"] or Ask.NONE),
            ask=row["ask"],
            based_on_id=self.latest_update.get(key),
            request_key=key_of("status", key, row["at"]),
            by=self.cast.person(row["by"]),
            now=now,
        ).pk

    # The review and its consultation

    def _consultation(self) -> Iterator[Event]:
        data = table("consultation.toml")
        review, consultation = data["review"], data["consultation"]
        yield Event(local(review["opened_at"]), partial(self._open_review, review))
        yield Event(local(consultation["drafted_at"]), partial(self._draft, data))
        yield Event(local(consultation["launched_at"]), self._launch)
        for key, draft in data["drafts"].items():
            yield Event(local(draft["at"]), partial(self._save, key, draft["answers"]))
        for response in data["responses"]:
            yield Event(local(response["at"]), partial(self._respond, response["by"], response["answers"]))

    def _open_review(self, row: dict[str, Any], now: datetime) -> None:
        self.review = open_review(
            programme_id=self.programmes[row["programme"]].pk,
            title=row["title"],
            purpose=row["purpose"],
            starts_on=row["starts_on"],
            weeks=row["weeks"],
            request_key=key_of("review", row["programme"]),
            by=self.cast.person(row["by"]),
            now=now,
        )

    def _draft(self, data: dict[str, Any], now: datetime) -> None:
        assert self.review
        by, row = self.cast.person(data["review"]["by"]), data["consultation"]
        drafted = draft_consultation(
            review_id=self.review.pk,
            title=row["title"],
            introduction=row["introduction"],
            request_key=key_of("consultation"),
            by=by,
            now=now,
        )
        for question in data["questions"]:
            self.questions[question["key"]] = add_question(
                consultation_id=drafted.pk,
                kind=QuestionKind(question["kind"]),
                text=question["text"],
                help_text=question.get("help_text", ""),
                is_required=question.get("required", True),
                options=question.get("options", ()),
                request_key=key_of("question", question["key"]),
                by=by,
                now=now,
            )
        drafted.refresh_from_db()
        self.consultation = choose_audience(
            consultation_id=drafted.pk,
            unit_ids=[self.cast.units[code].pk for code in row["audience"]],
            version=drafted.version,
            by=by,
            now=now,
        )

    def _launch(self, now: datetime) -> None:
        assert self.consultation
        launch_consultation(consultation_id=self.consultation.pk, by=self.cast.manager_of("cr"), now=now)

    def _save(self, key: str, answers: dict[str, object], now: datetime) -> UUID:
        assert self.consultation
        person = self.cast.person(key)
        task = tasks_belonging_to(person).get(consultation=self.consultation)
        for name, value in answers.items():
            save_draft_answer(task_id=task.pk, question_id=self.questions[name].pk, value=value, by=person, now=now)
        return task.pk

    def _respond(self, key: str, answers: dict[str, object], now: datetime) -> None:
        task_id = self._save(key, answers, now)
        submit_response(task_id=task_id, request_key=key_of("response", key), by=self.cast.person(key), now=lambda: now)
