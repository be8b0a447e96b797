"""The demo's data files as dated events, each one act by one person through the operation that the pages use."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from config.demo.delivery import Delivery
from config.demo.gates import Gates
from config.demo.telling import Event, Telling, local, morning_of
from partners.clock.rules import UK
from partners.people.enums import Role
from partners.people.operations.imports import import_file
from programmes.register.enums import PositionKind
from programmes.register.operations import record_position
from programmes.scheduling.operations import StagePlan, add_closure, finish_stage, plan_stages, start_stage
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.operations import change_reporting_settings

DATA = Path(__file__).parent / "data"
DEMO_DAY = datetime(2026, 9, 30, 10, 15, tzinfo=UK)
BEGINNING = datetime(2024, 4, 2, 9, 0, tzinfo=UK)
MANAGERS = {"mco": "priya", "or": "tom", "cr": "grace", "ea": "owen"}
CONSULTATION = "contact"


class Story(Telling):
    """All events in order of time."""

    def __init__(self) -> None:
        super().__init__("demo", DATA, "organisation.toml")

    def events(self) -> list[Event]:
        """Sorted by time; events of one time keep the order in which they are told."""
        gates = Gates(self, drafted_by="helen").events(BEGINNING)
        delivery = Delivery(self, managers=MANAGERS).events()
        told = [*self._organisation(), *self._programmes(), *gates, *self._statuses(), *delivery, *self._consultation()]
        return sorted(told, key=lambda event: event.at)

    # The organisation

    def _organisation(self) -> Iterator[Event]:
        data, cast = self.cast.data, self.cast
        yield Event(BEGINNING, cast.enter_administrator)
        yield Event(BEGINNING, cast.enter_units)
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

    def _import_staff(self, now: datetime) -> None:
        import_file(text=(DATA / "staff.csv").read_text(), source="staff.csv", by=self.cast.administrator, now=now)

    # Programmes

    def _programmes(self) -> Iterator[Event]:
        data = self.table("programmes.toml")
        yield Event(BEGINNING, partial(self._create_portfolio, data["portfolio"]))
        names: dict[str, dict[str, str]] = data["workstreams"]
        starts = {row["workstream"]: row["at"] for row in reversed(list(self._status_rows()))}
        for row in data["programmes"]:
            yield from self._programme(row)
            for key, workstream in names.items():
                if key.startswith(f"{row['key']}-"):
                    first_report = local(datetime.fromisoformat(starts[key]))
                    began = first_report - timedelta(days=14)
                    manager = MANAGERS[row["key"]]
                    yield Event(began, partial(self.add_workstream, row["key"], key, workstream, manager))

    def _create_portfolio(self, row: dict[str, Any], now: datetime) -> None:
        self.create_portfolio(row, now)
        assert self.portfolio
        self.grant(row["cio"], Role.CIO, self.portfolio.scope_id, now)
        for reader in row["readers"]:
            self.grant(reader, Role.READER, self.portfolio.scope_id, now)

    def _programme(self, row: dict[str, Any]) -> Iterator[Event]:
        key, manager, at = row["key"], row["manager"], local(row["set_up_at"])
        yield Event(at, partial(self.set_up_programme, row, "helen"))
        yield Event(at, partial(self._plan_stages, key, manager, row["stages"]))
        for constraint in row["constraints"]:
            yield Event(at, partial(self.constrain, key, constraint, manager))
        for lesson in row.get("lessons", []):
            yield Event(morning_of(lesson["learned_on"]), partial(self.learn, key, lesson, manager))
        for position in row.get("positions", []):
            yield Event(morning_of(position["stated_on"]), partial(self._say, key, manager, position))
        for stage in row["stages"]:
            for day in ("started_on", "finished_on"):
                if day in stage:
                    yield Event(morning_of(stage[day]), partial(self._take_step, key, manager, stage, day))

    def _take_step(self, key: str, manager: str, row: dict[str, Any], day: str, now: datetime) -> None:
        act = start_stage if day == "started_on" else finish_stage
        act(
            programme_id=self.programmes[key].pk,
            stage_id=self.stages(key)[row["kind"]].id,
            on=row[day],
            by=self.cast.person(manager),
            now=now,
        )

    def _say(self, key: str, by: str, row: dict[str, Any], now: datetime) -> None:
        record_position(
            programme_id=self.programmes[key].pk,
            kind=PositionKind(row["kind"]),
            holder=row["holder"],
            text=row["text"],
            stated_on=row["stated_on"],
            source=row["source"],
            request_key=self.key_of("position", key, row["stated_on"].isoformat()),
            by=self.cast.person(by),
            now=now,
        )

    def _plan_stages(self, key: str, manager: str, rows: list[dict[str, Any]], now: datetime) -> None:
        stages = self.stages(key)
        plans = [StagePlan(stages[row["kind"]].id, stages[row["kind"]].version, *row["planned"]) for row in rows]
        plan_stages(programme_id=self.programmes[key].pk, plans=plans, by=self.cast.person(manager), now=now)

    # Workstreams and their statuses

    @staticmethod
    def _status_rows() -> Iterator[dict[str, str]]:
        rows: list[dict[str, str]] = []
        for path in sorted((DATA / "statuses").glob("*.csv")):
            with path.open(newline="") as file:
                rows += csv.DictReader(file)
        yield from sorted(rows, key=lambda row: row["at"])

    def _statuses(self) -> Iterator[Event]:
        for row in self._status_rows():
            yield Event(local(datetime.fromisoformat(row["at"])), partial(self.report, row))

    # The review and its consultation

    def _consultation(self) -> Iterator[Event]:
        data = self.table("consultation.toml")
        review, row = data["review"], data["consultation"] | {"key": CONSULTATION, "questions": data["questions"]}
        programme, by = review["programme"], review["by"]
        yield Event(local(review["opened_at"]), partial(self.open_review, review, by))
        yield Event(local(row["drafted_at"]), partial(self.draft_consultation, programme, row, by))
        yield Event(local(row["launched_at"]), partial(self.launch_consultation, CONSULTATION, by))
        for key, draft in data["drafts"].items():
            yield Event(local(draft["at"]), partial(self.save_answers, CONSULTATION, key, draft["answers"]))
        for response in data["responses"]:
            yield Event(local(response["at"]), partial(self.answer, CONSULTATION, response["by"], response["answers"]))
