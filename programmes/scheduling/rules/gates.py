"""What a gate review holds, its fingerprint, and what is said of a gate. Plain values in, plain values out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from partners.audit.rules import Refused, listed
from partners.calendar.rules import BeyondCalendar, WorkingCalendar
from partners.clock.rules import words_for_date

TITLE_LENGTH = 200
REVIEWERS_LENGTH = 200
NOTE_LENGTH = 500
SUMMARY_LENGTH = 2000
ADDRESS_LENGTH = 500
RECOMMENDATION_LENGTH = 200
CANCEL_LENGTH = 300
MOST_EVIDENCE = 20
MOST_RECOMMENDATIONS = 50
FOLLOW_UP_WEEKS = 12
FOLLOW_UP_TITLE = "Assurance of the action plan"
# Source: Gateway reviews, delivery confidence: red and amber/red are followed by an assurance of action plan.
FOLLOWED_UP = ("red", "amber_red")
# How long a rating given at a gate stands for the programme where no later one takes its place.
RATING_STANDS = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class GateDue:
    """The gate before the next stage of a programme, planned to start and not let through."""

    programme_id: UUID
    stage_id: UUID
    stage_title: str
    gate_title: str
    planned_start_on: date
    has_review: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far the gate before a stage is prepared, by its latest completed review, or else by the one under way.

    ``met`` counts the lines of the checklist that are met, of the ``asked`` that apply; ``rating`` is empty while
    nothing is completed.
    """

    words: str = "No gate review yet"
    met: int = 0
    asked: int = 0
    rating: str = ""
    has_evidence: bool = False
    review_id: UUID | None = None
    is_complete: bool = False
    evidence: int = 0
    open_recommendations: int = 0


def readiness_words(
    *, met: int, asked: int, answered: int, rating: str, evidence: int, open_recommendations: int, is_complete: bool
) -> str:
    """Reads "4 of 5 met, Amber/green, 2 pieces of evidence, 1 recommendation open"."""
    if not is_complete:
        return f"Under review: {answered} of {asked} answered, {_count(evidence, 'piece')} of evidence"
    open_words = f", {_count(open_recommendations, 'recommendation')} open" if open_recommendations else ""
    return f"{met} of {asked} met, {rating}, {_count(evidence, 'piece')} of evidence{open_words}"


def check_answered(questions: Sequence[tuple[str, str]]) -> None:
    """``questions`` as (question, answer) in order.

    Raises: Refused, naming every question without an answer.
    """
    silent = [f"“{question.rstrip('.')}”" for question, answer in questions if not answer]
    if silent:
        raise Refused(f"Not answered yet: {listed(silent)}. Answer every line of the checklist first.")


def follow_up_on(today: date, calendar: WorkingCalendar) -> date:
    """The day offered for the follow-up of a poor rating: twelve weeks ahead, on a working day."""
    day = today + timedelta(weeks=FOLLOW_UP_WEEKS)
    try:
        return calendar.on_or_after(day)
    except BeyondCalendar:
        return day


def check_follow_up(rating: str, due_on: date | None, *, today: date, calendar: WorkingCalendar) -> None:
    """Raises: Refused at ``follow_up_on`` for a poor rating without a day of the follow-up, a day that lies in the past or
    is no working day, or a day that nothing asks for."""
    if rating not in FOLLOWED_UP:
        if due_on:
            raise Refused("Only a red or an amber/red rating is followed up. Take the day out.", field="follow_up_on")
        return
    if due_on is None:
        raise Refused("Say by when the action plan is assured.", field="follow_up_on")
    if due_on <= today:
        raise Refused("The action plan is assured after today. Choose a later day.", field="follow_up_on")
    try:
        why = calendar.reason_closed(due_on)
    except BeyondCalendar:
        why = None
    if why:
        raise Refused(f"{words_for_date(due_on)} is no working day: {why}. Choose another one.", field="follow_up_on")


def fingerprint_of(content: Mapping[str, object]) -> str:
    """The SHA-256, in hexadecimal, of what a review holds: JSON with sorted keys, no spaces, in UTF-8."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(canonical.encode()).hexdigest()


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
