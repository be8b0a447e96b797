"""What stands beside the statuses of a story: milestones, the register, gate reviews, assurance, leave, and who read what."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from config.demo.telling import Event, Telling, local
from partners.people.operations.leave import record_leave
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.operations import comment_on_entry, raise_entry
from programmes.raid.rules import Facts
from programmes.reporting.operations import acknowledge_status_update, answer_status_question
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import DeliveryMilestone, GateReview
from programmes.scheduling.operations import achieve_milestone, add_milestone, forecast_milestone
from programmes.scheduling.operations.gate_reviews import (
    add_evidence,
    add_recommendation,
    answer_check,
    complete_gate_review,
    open_gate_review,
)
from programmes.workstreams.enums import DeliveryConfidence, ExceptionKind, Scale
from programmes.workstreams.operations import link_provider, record_assurance, record_exception


class Delivery:
    """``managers`` are the keys of the programme managers by the keys of their programmes."""

    def __init__(self, story: Telling, *, managers: Mapping[str, str]) -> None:
        self.story = story
        self.managers = managers
        self.data = story.table("delivery.toml")
        self.entries: dict[str, RaidEntry] = {}

    def events(self) -> Iterator[Event]:
        """In no order."""
        for row in self.data["milestones"]:
            yield Event(local(row["recorded_at"]), partial(self._add_milestone, row))
            for move in row.get("moves", ()):
                yield Event(local(move["at"]), partial(self._forecast, row, move))
            if "achieved_on" in row:
                yield Event(
                    local(datetime.combine(row["achieved_on"], datetime.min.time()).replace(hour=16)),
                    partial(self._achieve, row),
                )
        for row in self.data["links"]:
            yield Event(local(row["recorded_at"]), partial(self._link, row))
        for row in self.data["raid"]:
            yield Event(local(row["at"]), partial(self._raise, row))
        for row in self.data["comments"]:
            yield Event(local(row["at"]), partial(self._comment, row))
        for row in self.data["gate_reviews"]:
            yield Event(local(row["opened_at"]), partial(self._open_review, row))
            yield Event(local(row["completed_at"]), partial(self._complete_review, row))
        for row in self.data["assurance"]:
            yield Event(local(row["recorded_at"]), partial(self._assure, row))
        for row in self.data["exceptions"]:
            yield Event(local(row["recorded_at"]), partial(self._except, row))
        for row in self.data["leave"]:
            yield Event(local(row["recorded_at"]), partial(self._leave, row))
        for row in self.data["acknowledgements"]:
            yield Event(local(row["at"]), partial(self._acknowledge, row))
            if "answer" in row:
                yield Event(local(row["answer"]["at"]), partial(self._answer, row))

    def _key(self, *parts: str) -> UUID:
        return self.story.key_of("delivery", *parts)

    def _acted(self, by: str, now: datetime) -> dict[str, Any]:
        return {"by": self.story.cast.person(by), "now": now}

    # Milestones

    def _add_milestone(self, row: Mapping[str, Any], now: datetime) -> None:
        add_milestone(
            programme_id=self.story.programmes[row["programme"]].pk,
            name=row["name"],
            workstream_id=self.story.workstreams[row["workstream"]].pk,
            is_critical=row.get("critical", False),
            baseline_on=row["baseline_on"],
            request_key=self._key("milestone", row["key"]),
            **self._acted(self.managers[row["programme"]], now),
        )

    def _milestone(self, row: Mapping[str, Any]) -> DeliveryMilestone:
        return DeliveryMilestone.objects.get(pk=self._key("milestone", row["key"]))

    def _forecast(self, row: Mapping[str, Any], move: Mapping[str, Any], now: datetime) -> None:
        milestone = self._milestone(row)
        forecast_milestone(
            milestone_id=milestone.pk,
            version=milestone.version,
            forecast_on=move["to_on"],
            reason=move["reason"],
            **self._acted(self.managers[row["programme"]], now),
        )

    def _achieve(self, row: Mapping[str, Any], now: datetime) -> None:
        by = self.managers[row["programme"]]
        achieve_milestone(milestone_id=self._milestone(row).pk, achieved_on=row["achieved_on"], **self._acted(by, now))

    # The register

    def _raise(self, row: Mapping[str, Any], now: datetime) -> None:
        first, stands = row.get("first", (None, row.get("impact"))), row.get("stands", (None, None))
        owner = self.story.cast.id_of(row["owner"])
        treated = self.entries.get(row.get("treats", ""))
        facts = Facts(
            title=row["title"],
            description=row.get("description", ""),
            owner_id=owner,
            workstream_id=self.story.workstreams[row["workstream"]].pk,
            is_in_report=row.get("in_report", False),
            due_on=row.get("due_on"),
            likelihood=first[0],
            impact=first[1],
            residual_likelihood=stands[0],
            residual_impact=stands[1],
            response=row.get("response", ""),
        )
        self.entries[row["key"]] = raise_entry(
            programme_id=self.story.programmes[row["programme"]].pk,
            kind=RaidKind(row["kind"]),
            facts=facts,
            parent_id=treated.pk if treated else None,
            request_key=self._key("raid", row["key"]),
            **self._acted(row["by"], now),
        )

    def _comment(self, row: Mapping[str, Any], now: datetime) -> None:
        comment_on_entry(
            entry_id=self.entries[row["entry"]].pk,
            text=row["text"],
            named_ids=[self.story.cast.id_of(name) for name in row["names"]],
            request_key=self._key("comment", row["entry"], row["by"]),
            **self._acted(row["by"], now),
        )

    # Gates and assurance

    def _open_review(self, row: Mapping[str, Any], now: datetime) -> None:
        acted, review_id = self._acted(row["by"], now), self._key("gate review", row["programme"], row["stage"])
        open_gate_review(
            programme_id=self.story.programmes[row["programme"]].pk,
            stage_id=self.story.stages(row["programme"])[row["stage"]].id,
            reviewers=row["reviewers"],
            planned_on=row["planned_on"],
            request_key=review_id,
            **acted,
        )
        for number, piece in enumerate(row["evidence"], 1):
            key = self._key("evidence", row["programme"], row["stage"], str(number))
            add_evidence(review_id=review_id, title=piece["title"], address=piece["address"], request_key=key, **acted)

    def _complete_review(self, row: Mapping[str, Any], now: datetime) -> None:
        acted = self._acted(row["by"], now)
        review = GateReview.objects.get(pk=self._key("gate review", row["programme"], row["stage"]))
        for check, answer, note in zip(review.checks.order_by("position"), row["answers"], row["notes"], strict=True):
            review = answer_check(
                review_id=review.pk,
                check_id=check.pk,
                version=review.version,
                answer=CheckAnswer(answer),
                note=note,
                **acted,
            )
        for number, found in enumerate(row["recommendations"], 1):
            add_recommendation(
                review_id=review.pk,
                text=found["text"],
                owner_id=self.story.cast.id_of(found["owner"]),
                due_on=found["due_on"],
                request_key=self._key("recommendation", row["programme"], row["stage"], str(number)),
                **acted,
            )
        review.refresh_from_db()
        complete_gate_review(
            review_id=review.pk,
            version=review.version,
            rating=DeliveryConfidence(row["rating"]),
            summary=row["summary"],
            follow_up_on=row.get("follow_up_on"),
            **acted,
        )

    def _assure(self, row: Mapping[str, Any], now: datetime) -> None:
        record_assurance(
            programme_id=self.story.programmes[row["programme"]].pk,
            scale=Scale(row["scale"]),
            rating=DeliveryConfidence(row["rating"]),
            words=row["words"],
            assured_by=row["assured_by"],
            assured_on=row["assured_on"],
            expires_on=row["expires_on"],
            request_key=self._key("assurance", row["programme"], row["assured_on"].isoformat()),
            **self._acted(row["by"], now),
        )

    # Workstreams

    def _link(self, row: Mapping[str, Any], now: datetime) -> None:
        link_provider(
            dependant_id=self.story.workstreams[row["dependant"]].pk,
            provider_id=self.story.workstreams[row["provider"]].pk,
            what=row["what"],
            request_key=self._key("link", row["dependant"], row["provider"]),
            **self._acted(row["by"], now),
        )

    def _except(self, row: Mapping[str, Any], now: datetime) -> None:
        record_exception(
            workstream_id=self.story.workstreams[row["workstream"]].pk,
            kind=ExceptionKind(row["kind"]),
            from_on=row["from_on"],
            to_on=row["to_on"],
            reason=row["reason"],
            request_key=self._key("exception", row["workstream"], row["from_on"].isoformat()),
            **self._acted(row["by"], now),
        )

    def _leave(self, row: Mapping[str, Any], now: datetime) -> None:
        record_leave(
            person_id=self.story.cast.id_of(row["person"]),
            from_on=row["from_on"],
            to_on=row["to_on"],
            delegate_id=self.story.cast.id_of(row["delegate"]),
            request_key=self._key("leave", row["person"], row["from_on"].isoformat()),
            **self._acted(row["person"], now),
        )

    # What was said of reports

    def _acknowledge(self, row: Mapping[str, Any], now: datetime) -> None:
        acknowledge_status_update(
            update_id=self.story.latest_update[row["workstream"]],
            question=row.get("question", ""),
            request_key=self._key("acknowledgement", row["workstream"], row["by"]),
            **self._acted(row["by"], now),
        )

    def _answer(self, row: Mapping[str, Any], now: datetime) -> None:
        answer_status_question(
            update_id=self.story.latest_update[row["workstream"]],
            text=row["answer"]["text"],
            request_key=self._key("answer", row["workstream"], row["answer"]["by"]),
            **self._acted(row["answer"]["by"], now),
        )
