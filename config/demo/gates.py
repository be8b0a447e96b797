"""Who decides in the force, and what was decided at the gates before the stages of its programmes."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from config.demo.telling import Event, Telling, local
from partners.people.enums import HoldingKind
from partners.people.models import Office
from partners.people.operations.offices import add_holding, add_office, end_holding
from programmes.decisions.models import Decision
from programmes.decisions.operations import draft_decision, propose_decision, take_decision
from programmes.decisions.rules import ConditionDraft, Draft


class Gates:
    """Drafted and proposed by the chief information officer, recorded by the clerk of the office."""

    def __init__(self, story: Telling, *, drafted_by: str) -> None:
        self.story = story
        self.drafted_by = drafted_by
        self.data = story.table("gates.toml")
        self.office: Office | None = None
        self.holdings: dict[str, UUID] = {}

    def events(self, beginning: datetime) -> Iterator[Event]:
        """The office from the ``beginning`` on; each decision is drafted, and taken where it was."""
        yield Event(beginning, self._add_office)
        for row in self.data["holders"]:
            yield Event(local(row["recorded_at"]) if "recorded_at" in row else beginning, partial(self._hold, row))
            if "ended_at" in row:
                yield Event(local(row["ended_at"]), partial(self._end, row))
        for row in self.data["decisions"]:
            yield Event(local(row["drafted_at"]), partial(self._propose, row))
            if "taken_on" in row:
                yield Event(local(row["recorded_at"]), partial(self._take, row))

    def _add_office(self, now: datetime) -> None:
        story, row = self.story, self.data["office"]
        assert story.portfolio
        admin, clerk_id = story.cast.administrator, story.cast.id_of(row["clerk"])
        said = {"title": row["title"], "body": row["body"], "source": row["source"]}
        self.office = add_office(scope_id=story.portfolio.scope_id, clerk_id=clerk_id, **said, by=admin, now=now)

    def _hold(self, row: Mapping[str, Any], now: datetime) -> None:
        assert self.office
        self.holdings[row["name"]] = add_holding(
            office_id=self.office.pk,
            holder_name=row["name"],
            kind=HoldingKind(row.get("kind", HoldingKind.SUBSTANTIVE)),
            from_on=row["from_on"],
            source=row["source"],
            by=self.story.cast.administrator,
            now=now,
        ).pk

    def _end(self, row: Mapping[str, Any], now: datetime) -> None:
        by = self.story.cast.administrator
        end_holding(holding_id=self.holdings[row["name"]], to_on=row["to_on"], by=by, now=now)

    def _id(self, row: Mapping[str, Any]) -> UUID:
        return self.story.key_of("gate", row["programme"], row["stage"])

    def _propose(self, row: Mapping[str, Any], now: datetime) -> None:
        assert self.office
        by = self.story.cast.person(self.drafted_by)
        draft = Draft(
            title=row["title"],
            question=row["question"],
            rationale=row["rationale"],
            office_id=self.office.pk,
            gate_id=self.story.stages(row["programme"])[row["stage"]].id,
            gate_result=row["result"],
            gate_conditions=tuple(
                ConditionDraft(each["text"], self.story.cast.id_of(each["owner"]), each["due_on"])
                for each in row.get("conditions", ())
            ),
        )
        programme_id = self.story.programmes[row["programme"]].pk
        drafted = draft_decision(programme_id=programme_id, draft=draft, request_key=self._id(row), by=by, now=now)
        propose_decision(decision_id=drafted.pk, version=drafted.version, by=by, now=now)

    def _take(self, row: Mapping[str, Any], now: datetime) -> None:
        clerk = self.story.cast.person(self.data["office"]["clerk"])
        version = Decision.objects.get(pk=self._id(row)).version
        take_decision(decision_id=self._id(row), version=version, taken_on=row["taken_on"], by=clerk, now=now)
