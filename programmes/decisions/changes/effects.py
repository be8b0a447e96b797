from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn

from django.db import models

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date, words_for_date
from partners.consortia.changes import bring_to
from partners.consortia.enums import RelationshipState
from partners.people.models import OfficeHolding, User
from programmes.decisions.enums import PartnerFate, WorkFate
from programmes.decisions.models import (
    Decision,
    EngagementFate,
    GateConditionToMeet,
    RelationshipFate,
    ReviewToOpen,
    SavingFate,
    WorkstreamFate,
)
from programmes.decisions.queries import Disposed, conditions_of, engagement_name, review_to_open
from programmes.decisions.rules import SOURCE_LENGTH
from programmes.engagements.changes import end_engagement
from programmes.raid.changes import add_action
from programmes.raid.enums import Origin
from programmes.raid.rules import TITLE_LENGTH as ACTION_LENGTH
from programmes.register.changes import change_delivery_model, end_programme
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.reminders.changes import end_needs_of_programme
from programmes.reviews.changes import set_up_review
from programmes.reviews.rules import plan_review
from programmes.savings.changes import drop_saving, move_saving
from programmes.scheduling.changes import record_gate_outcome
from programmes.scheduling.enums import GateResult
from programmes.workstreams.changes import close_by_decision, move_by_decision


@dataclass(frozen=True, slots=True)
class Taking:
    """A decision being taken: on which day, by whose holding of the office, recorded by whom and when."""

    on: date
    holding: OfficeHolding
    by: User
    now: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a decision does. ``will`` reads after "This decision will", ``did`` after "This decision"."""

    will: str
    did: str
    subject: models.Model
    apply: Callable[[Taking], object]

    def do(self, taking: Taking) -> None:
        """Raises: Refused, saying which effect cannot be and why."""
        try:
            self.apply(taking)
        except Refused as refused:
            self._refuse(refused)

    def _refuse(self, refused: Refused) -> NoReturn:
        raise Refused(f"It cannot {self.will}. {refused.sentence}") from refused


def effects_of(decision: Decision, disposed: Disposed) -> list[Effect]:
    """Everything that the decision does or did, in the order in which it is done.

    Before it is taken they say what will be, under lock they do it, afterwards they say what was done.
    """
    return [
        *_of_programme(decision),
        *(_of_workstream(row) for row in disposed.workstreams.values()),
        *(_of_engagement(row) for row in disposed.engagements.values()),
        *(_of_relationship(row) for row in disposed.relationships.values()),
        *(_of_saving(row) for row in disposed.savings.values()),
        *_of_stages_and_reviews(decision),
    ]


def _of_programme(decision: Decision) -> Iterator[Effect]:
    programme = decision.programme
    if decision.supersedes:
        taken_on = words_for_date(decision.supersedes.taken_on) if decision.supersedes.taken_on else ""
        words = f"the decision {decision.supersedes.title} of {taken_on}"
        yield Effect(f"supersede {words}", f"superseded {words}", decision.supersedes, lambda taking: None)
    if decision.ends_programme:
        yield Effect(
            f"end {programme.name}",
            f"ended {programme.name}",
            programme,
            lambda taking: _end(programme, decision, taking),
        )
    if decision.delivery_model:
        to = DeliveryModel(decision.delivery_model)
        words = f"the delivery model of {programme.name} to {to.label}"
        yield Effect(
            f"change {words}",
            f"changed {words}",
            programme,
            lambda taking: change_delivery_model(
                programme, to=to, from_on=taking.on, decision_id=decision.pk, by=taking.by, now=taking.now
            ),
        )


def _end(programme: Programme, decision: Decision, taking: Taking) -> None:
    end_programme(programme, on=taking.on, reason=f"By the decision {decision.title}", by=taking.by, now=taking.now)
    end_needs_of_programme(programme_id=programme.pk, reason=f"{programme.name} ended.", now=taking.now)


def _of_workstream(row: WorkstreamFate) -> Effect:
    workstream, words = row.workstream, f"the workstream {row.workstream.name}"
    if row.fate == WorkFate.STOP:
        reason = row.note or f"By the decision {row.decision.title}"
        return Effect(
            f"stop {words}",
            f"stopped {words}",
            workstream,
            lambda taking: close_by_decision([workstream], reason=reason, by=taking.by, now=taking.now),
        )
    if row.fate == WorkFate.MOVE and row.move_to:
        to = row.move_to

        def move(taking: Taking) -> None:
            check_runs(to)
            move_by_decision(workstream, to=to, on=taking.on, decision_id=row.decision_id, by=taking.by, now=taking.now)

        return Effect(f"move {words} to {to.name}", f"moved {words} to {to.name}", workstream, move)
    return Effect(f"keep {words} as it is", f"kept {words} as it was", workstream, lambda taking: None)


def _of_engagement(row: EngagementFate) -> Effect:
    words = f"the engagement of {engagement_name(row.engagement)} on {words_for_date(row.ends_on)}"
    reason = row.note or f"By the decision {row.decision.title}"
    return Effect(
        f"end {words}",
        f"ended {words}",
        row.engagement,
        lambda taking: end_engagement(
            row.engagement, on=row.ends_on, reason=reason, decision_id=row.decision_id, by=taking.by, now=taking.now
        ),
    )


def _of_relationship(row: RelationshipFate) -> Effect:
    def stand(taking: Taking) -> None:
        if row.owner and not row.owner.is_active:
            raise Refused(f"{row.owner.name} has left and cannot answer for it. Choose somebody else.")
        bring_to(
            row.relationship,
            RelationshipState(row.fate),
            since_on=taking.on,
            owner=row.owner,
            expires_on=row.expires_on,
            note=row.note,
            source=_source(row.decision),
            decision_id=row.decision_id,
            by=taking.by,
            now=taking.now,
        )

    party = row.relationship.party_name
    if row.fate == PartnerFate.AVAILABLE and row.owner and row.expires_on:
        words = f"{party} available until {words_for_date(row.expires_on)}, with {row.owner.name} to answer for it"
        return Effect(f"keep {words}", f"kept {words}", row.relationship, stand)
    if row.fate == PartnerFate.BARRED:
        return Effect(f"bar {party}", f"barred {party}", row.relationship, stand)
    words = f"the exit from the relationship with {party}"
    return Effect(f"begin {words}", f"began {words}", row.relationship, stand)


def _of_saving(row: SavingFate) -> Effect:
    saving, words = row.saving, f"the saving {row.saving.title}"
    if row.fate == WorkFate.STOP:
        stopped = f"{words}: nothing more is planned or expected of it"
        return Effect(
            f"stop {stopped}",
            f"stopped {stopped}",
            saving,
            lambda taking: drop_saving(
                saving,
                on=taking.on,
                decision_id=row.decision_id,
                source=_source(row.decision),
                by=taking.by,
                now=taking.now,
            ),
        )
    if row.fate == WorkFate.MOVE and row.move_to:
        to = row.move_to

        def move(taking: Taking) -> None:
            check_runs(to)
            move_saving(saving, to=to, on=taking.on, decision_id=row.decision_id, by=taking.by, now=taking.now)

        return Effect(f"move {words} to {to.name}", f"moved {words} to {to.name}", saving, move)
    return Effect(f"keep {words} as it is", f"kept {words} as it was", saving, lambda taking: None)


def _of_stages_and_reviews(decision: Decision) -> Iterator[Effect]:
    stage, review = decision.gate, review_to_open(decision)
    if stage:
        result, conditions = GateResult(decision.gate_result), conditions_of(decision)
        why = "; ".join(map(words_for_condition, conditions)) or decision.gate_waiver_reason
        words = f"“{result.label}” at the gate before {stage}{f': {why}' if why else ''}"

        def pass_gate(taking: Taking) -> None:
            record_gate_outcome(
                stage,
                result=result,
                decided_on=taking.on,
                decision_id=decision.pk,
                office_title=decision.office.title,
                holder_name=taking.holding.holder_name,
                conditions="\n".join(map(words_for_condition, conditions)),
                waiver_reason=decision.gate_waiver_reason,
                by=taking.by,
                now=taking.now,
            )
            for condition in conditions:
                _ask(condition, decision, taking)

        yield Effect(f"record {words}", f"recorded {words}", stage, pass_gate)
    if review:
        wanted = review

        def open_it(taking: Taking) -> None:
            wanted.review = set_up_review(
                decision.programme,
                title=wanted.title,
                purpose=wanted.purpose,
                starts_on=wanted.starts_on,
                weeks=wanted.weeks,
                request_key=decision.pk,
                by=taking.by,
                now=taking.now,
            )
            wanted.save(update_fields=["review"])

        words = f"the review {review.title}, {_words_for_window(review)}"
        yield Effect(f"open {words}", f"opened {words}", review.review or review, open_it)


def words_for_condition(condition: GateConditionToMeet) -> str:
    """Reads "Two suppliers are named (Ama Mensah, by Friday 2 October 2026)"."""
    return f"{condition.text.rstrip('.')} ({condition.owner.name}, by {words_for_date(condition.due_on)})"


def _ask(condition: GateConditionToMeet, decision: Decision, taking: Taking) -> None:
    """The condition as an action; where it is longer than the title of one, the whole stands in the description."""
    is_long = len(condition.text) > ACTION_LENGTH
    about = f"A condition at the gate before {decision.gate}, by the decision {decision.title}."
    add_action(
        decision.programme,
        title=f"{condition.text[: ACTION_LENGTH - 1]}…" if is_long else condition.text,
        owner=condition.owner,
        due_on=condition.due_on,
        origin=Origin.GATE_CONDITION,
        origin_id=condition.pk,
        description=f"{condition.text}\n\n{about}" if is_long else about,
        by=taking.by,
        now=taking.now,
    )


def _words_for_window(review: ReviewToOpen) -> str:
    """From when to when; the length alone where the days cannot be planned any more, as after a new closure."""
    if review.review:
        opens_at, closes_at = review.review.opens_at, review.review.closes_at
    else:
        try:
            plan = plan_review(review.starts_on, weeks=review.weeks, calendar=working_calendar())
        except Refused:
            return f"{review.weeks} weeks from {words_for_date(review.starts_on)}"
        opens_at, closes_at = plan.opens_at, plan.closes_at
    return f"from {words_for_date(local_date(opens_at))} to {words_for_date(local_date(closes_at))}"


def _source(decision: Decision) -> str:
    return f"Decision: {decision.title}"[:SOURCE_LENGTH]
