"""What the rooms below know of a workstream: what happened since its last report, and what speaks against a rating."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from partners.clock.rules import local_date, words_for_date
from programmes.consultations.models import Consultation
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.raid.queries import overdue_actions, raid_facts
from programmes.reporting.enums import ContradictionKind
from programmes.reporting.rules import WORDS_LENGTH, Contradiction, Fact, Ratings, joined
from programmes.reviews.models import Review
from programmes.savings.models import SavingStatement
from programmes.savings.rules import words_for_pounds_in_short
from programmes.scheduling.queries import critical_slipped, milestone_facts
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import assurance_at, providers_in_red, reporting_days

GREEN, AMBER = Rating.GREEN.value, Rating.AMBER.value


def facts_since(workstream: Workstream, since: datetime, now: datetime) -> list[Fact]:
    """What happened after ``since`` until ``now``, latest first.

    Of the workstream: milestones, risks, issues and actions; of its programme: decisions, savings, reviews and
    consultations. Seven queries or eight.
    """
    programme_id = workstream.programme_id
    found = [
        *(Fact(one.kind, one.words, one.on) for one in _milestones(workstream, since, now)),
        *(Fact(one.kind, one.words, one.on) for one in raid_facts(programme_id, workstream.pk, since)),
        *_decisions(programme_id, since, now),
        *_savings(programme_id, since, now),
        *_reviews(programme_id, since, now),
    ]
    return sorted(found, key=lambda fact: (fact.on, fact.words), reverse=True)


def contradictions(workstream: Workstream, ratings: Ratings | None, now: datetime) -> list[Contradiction]:
    """What is known and speaks against these ratings, one for each kind; against any rating, without them.

    The workstream comes with its programme and scope.
    """
    found = [each for each in _against_any(workstream, now) if ratings is None or each.contradicts(ratings)]
    return sorted(found, key=lambda each: list(ContradictionKind).index(each.kind))


def _against_any(workstream: Workstream, now: datetime) -> Iterator[Contradiction]:
    programme, today = workstream.programme, local_date(now)
    slipped = critical_slipped(programme.pk, workstream.pk, today)
    if slipped:
        named = [
            f"{one.name} ({words_for_date(max(one.forecast_on, today) if one.forecast_on < today else one.forecast_on)} "
            f"instead of {words_for_date(one.baseline_on)})"
            if one.forecast_on >= today
            else f"{one.name} (was expected on {words_for_date(one.forecast_on)})"
            for one in slipped
        ]
        words = f"{_plural(slipped, 'a critical milestone', 'critical milestones')} slipped: {joined(named)}"
        yield _one(ContradictionKind.MILESTONE, words, overall=GREEN, schedule=GREEN)
    days = reporting_days(now, programme.scope.parent_id)
    providers = providers_in_red([workstream.pk], days).get(workstream.pk, [])
    if providers:
        words = f"what it needs is off track: {joined([one.name for one in providers])}"
        yield _one(ContradictionKind.PROVIDER, words, overall=GREEN, schedule=GREEN)
    short = _short_of_plan(programme.pk, now)
    if short:
        words = f"savings of the programme are stated {words_for_pounds_in_short(short)} below what was first planned"
        yield _one(ContradictionKind.SAVINGS, words, overall=GREEN, benefits=GREEN)
    late = list(overdue_actions(programme.pk, workstream.pk, today))
    if late:
        named = [f"{one.title} (due on {words_for_date(one.due_on)})" for one in late if one.due_on]
        words = f"{_plural(late, 'an action is', 'actions are')} overdue: {joined(named)}"
        yield _one(ContradictionKind.ACTION, words, overall=GREEN)
    assured = assurance_at([programme.pk], on=today, known_at=now).get(programme.pk)
    if assured and assured.overall.badness:
        worst = AMBER if assured.overall.badness > 1 else GREEN
        yield _one(ContradictionKind.ASSURANCE, f"assurance says {assured.words}", overall=worst)


def _one(kind: ContradictionKind, words: str, **against: str) -> Contradiction:
    return Contradiction(kind, words[:WORDS_LENGTH], against)


def _plural(found: Iterable[object], one: str, more: str) -> str:
    return one if len(list(found)) == 1 else more


def _milestones(workstream: Workstream, since: datetime, now: datetime) -> Iterable[Fact]:
    found = milestone_facts(workstream.programme_id, workstream.pk, since, today=local_date(now))
    return (Fact(one.kind, one.words, one.on) for one in found)


def _decisions(programme_id: UUID, since: datetime, now: datetime) -> Iterator[Fact]:
    taken = Decision.objects.filter(
        programme=programme_id, state=DecisionState.TAKEN, recorded_at__gt=since, recorded_at__lte=now
    )
    for decision in taken.select_related("office").order_by("recorded_at", "pk"):
        if decision.taken_on:
            yield Fact("decision_taken", f"{decision.office.title} decided: {decision.title}", decision.taken_on)


def _savings(programme_id: UUID, since: datetime, now: datetime) -> Iterator[Fact]:
    stated = SavingStatement.objects.filter(
        saving__programme=programme_id, recorded_at__gt=since, recorded_at__lte=now
    ).select_related("saving")
    for one in stated.order_by("recorded_at", "pk"):
        total = one.planned_pence + one.expected_pence + one.delivered_pence
        words = (
            f"{one.saving.title}: {words_for_pounds_in_short(total)} stated for {one.year}/{(one.year + 1) % 100:02}"
        )
        if one.delivered_pence:
            words += f", of which {words_for_pounds_in_short(one.delivered_pence)} delivered"
        yield Fact("saving_stated", words, one.stated_on)


def _reviews(programme_id: UUID, since: datetime, now: datetime) -> Iterator[Fact]:
    reviews = Review.objects.filter(programme=programme_id).filter(
        Q(opens_at__gt=since) | Q(closes_at__gt=since) | Q(cancelled_at__gt=since)
    )
    for review in reviews.order_by("opens_at", "pk"):
        if review.cancelled_at and since < review.cancelled_at <= now:
            words = f"The review {review.title} was cancelled: {review.cancel_reason}"
            yield Fact("review_cancelled", words, local_date(review.cancelled_at))
        if review.cancelled_at:
            continue
        if since < review.opens_at <= now:
            yield Fact("review_opened", f"The review {review.title} opened", local_date(review.opens_at))
        if since < review.closes_at <= now:
            yield Fact("review_closed", f"The review {review.title} closed", local_date(review.closes_at))
    launched = Consultation.objects.filter(
        review__programme=programme_id, launched_at__gt=since, launched_at__lte=now
    ).order_by("launched_at", "pk")
    for consultation in launched:
        if consultation.launched_at:
            words = f"The consultation {consultation.title} was launched"
            yield Fact("consultation_launched", words, local_date(consultation.launched_at))


def _short_of_plan(programme_id: UUID, now: datetime) -> int:
    """By how many pence the latest statements of the programme's savings come to less than the first ones."""
    stated = SavingStatement.objects.filter(saving__programme=programme_id, recorded_at__lte=now)
    first: dict[tuple[UUID, int], int] = {}
    latest: dict[tuple[UUID, int], int] = {}
    for row in stated.order_by("saving_id", "year", "number"):
        total = row.planned_pence + row.expected_pence + row.delivered_pence
        first.setdefault((row.saving_id, row.year), total)
        latest[row.saving_id, row.year] = total
    return max(0, sum(first.values()) - sum(latest.values()))
