"""What happened to the programme itself and to its work."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.calendar.rules import words_for_year
from partners.clock.rules import local_date, words_for_date
from programmes.consultations.models import Consultation
from programmes.decisions.queries import decisions_taken
from programmes.overview.queries.timeline.asked import Asked, Events
from programmes.overview.rules import Event, EventKind
from programmes.register.models import DeliveryModelPeriod
from programmes.reviews.models import Review
from programmes.savings.models import Saving, SavingMove, SavingStatement
from programmes.savings.rules import Move, place_at, words_for_change
from programmes.scheduling.models import GateOutcome, GateReview, Stage
from programmes.workstreams.models import Workstream, WorkstreamMove

STAGE_STEPS = ("scheduling.start_stage", "scheduling.finish_stage", "scheduling.undo_stage_step")
STEP_WORDS = ("started", "finished")


def decisions(asked: Asked) -> Events:
    """One query."""
    until, known_at = asked.when.on, asked.when.known_at
    for row in decisions_taken([asked.programme.pk], until=until, known_at=known_at):
        later = ". A later decision took its place" if row.is_superseded else ""
        yield Event(
            row.taken_on,
            EventKind.DECISION,
            f"{row.office} decided: {row.title}",
            row.recorded_at,
            page=reverse("decision", args=[row.id]),
            detail=f"Taken by {row.holder_name}{later}",
        )


def programme(asked: Asked) -> Events:
    """Set up, delivered in another way, ended; one query."""
    told, kind = asked.programme, EventKind.PROGRAMME
    first, *later = DeliveryModelPeriod.objects.filter(programme=told).order_by("from_on", "recorded_at", "pk")
    set_up_on = local_date(told.set_up_at)
    yield Event(set_up_on, kind, "The programme was set up", told.set_up_at, detail=f"Delivery model: {first}")
    for period in later:
        page = reverse("decision", args=[period.decision_id]) if period.decision_id else ""
        yield Event(period.from_on, kind, f"The delivery model became: {period}", period.recorded_at, page)
    if told.ended_on and told.ended_at:
        yield Event(told.ended_on, kind, "The programme ended", told.ended_at, detail=told.end_reason)


def stages(asked: Asked) -> Events:
    """Starts, finishes, gates and completed gate reviews; four queries."""
    page, kind = asked.page("stages_of_programme"), EventKind.STAGE
    by_kind = {stage.kind: stage for stage in Stage.objects.filter(programme=asked.programme).order_by("position")}
    for (stage_kind, word), (on, recorded_at) in _steps(asked, by_kind.values()).items():
        yield Event(on, kind, f"{by_kind[stage_kind]} {word}", recorded_at, page)
    gates = GateOutcome.objects.filter(stage__programme=asked.programme).select_related("stage")
    for gate in gates.order_by("stage_id", "number"):
        yield Event(
            gate.decided_on,
            kind,
            f"Gate before {gate.stage}: {gate.get_result_display().lower()}",
            gate.recorded_at,
            page,
            detail=gate.conditions,
            source=f"{gate.office_title}, {gate.holder_name}",
        )
    reviews = GateReview.objects.filter(stage__programme=asked.programme, completed_at__isnull=False)
    for review in reviews.select_related("stage").order_by("completed_at", "pk"):
        assert review.completed_at  # filtered above
        yield Event(
            local_date(review.completed_at),
            kind,
            f"Gate review before {review.stage}: {review.get_rating_display().lower()}",
            review.completed_at,
            reverse("gate_review", args=[review.pk]),
            detail=review.summary,
            source=review.reviewers,
        )


def reviews(asked: Asked) -> Events:
    """One query."""
    kind = EventKind.REVIEW
    for review in Review.objects.filter(programme=asked.programme).order_by("opens_at", "pk"):
        page, closes_on = reverse("review", args=[review.pk]), local_date(review.closes_at)
        cancelled_at = review.cancelled_at if asked.knew(review.cancelled_at) else None
        if cancelled_at is None or review.opens_at < cancelled_at:
            until = f"Until {words_for_date(closes_on)}"
            opens_on = local_date(review.opens_at)
            yield Event(opens_on, kind, f"Review opened: {review}", review.opened_at, page, detail=until)
        if cancelled_at:
            words, why = f"Review cancelled: {review}", review.cancel_reason
            yield Event(local_date(cancelled_at), kind, words, cancelled_at, page, detail=why)
        else:
            yield Event(closes_on, kind, f"Review closed: {review}", review.closes_at, page)


def consultations(asked: Asked) -> Events:
    """One query."""
    kind, found = EventKind.CONSULTATION, Consultation.objects.select_related("review")
    for consultation in found.filter(review__programme=asked.programme).order_by("pk"):
        launched_at, review = consultation.launched_at, consultation.review
        if launched_at is None:
            continue
        page, part = reverse("consultation", args=[consultation.pk]), f"Part of the review: {review}"
        launched_on = local_date(launched_at)
        yield Event(launched_on, kind, f"Consultation launched: {consultation}", launched_at, page, detail=part)
        if not asked.knew(review.cancelled_at):
            closed_on = local_date(review.closes_at)
            yield Event(closed_on, kind, f"Consultation closed: {consultation}", review.closes_at, page)


def workstreams(asked: Asked) -> Events:
    """Added, closed, reopened, moved; three queries."""
    here, kind = asked.programme.pk, EventKind.WORKSTREAM
    moves = asked.moves(WorkstreamMove.objects.all())
    came_from: dict[UUID, UUID] = {}
    for move in moves:
        came_from.setdefault(move.workstream_id, move.from_programme_id)
    found = Workstream.objects.filter(Q(programme=here) | Q(pk__in=came_from)).order_by("pk")
    by_id = {workstream.pk: workstream for workstream in found}
    for workstream in by_id.values():
        page, started_at = _page_of_workstream(asked, workstream), workstream.started_at
        if came_from.get(workstream.pk, here) == here:
            yield Event(local_date(started_at), kind, f"Workstream added: {workstream}", started_at, page)
        if workstream.closed_at and workstream.programme_id == here:
            yield _closed(workstream, workstream.closed_at, workstream.close_reason, page)
    for move in moves:
        workstream = by_id[move.workstream_id]
        words, page = asked.words_for_move(f"Workstream {workstream}", move), _page_of_workstream(asked, workstream)
        yield Event(move.moved_on, kind, words, move.recorded_at, page)
    reopened = AuditEvent.objects.filter(action="workstreams.reopen_workstream", scope_id=asked.programme.scope_id)
    for act in reopened.order_by("pk"):
        workstream, before, after = by_id[act.subject_id], act.before or {}, act.after or {}
        page, words = _page_of_workstream(asked, workstream), f"Workstream reopened: {workstream}"
        yield _closed(workstream, datetime.fromisoformat(before["closed_at"]), before["reason"], page)
        yield Event(local_date(act.happened_at), kind, words, act.happened_at, page, detail=after["reason"])


def savings(asked: Asked) -> Events:
    """What was stated of each saving while it stood here, and where it went; two queries."""
    here, page, kind = asked.programme.pk, asked.page("savings_of_programme"), EventKind.SAVING
    moves: dict[UUID, list[Move]] = {}
    for move in asked.moves(SavingMove.objects.select_related("saving")):
        words = asked.words_for_move(f"Saving {move.saving}", move)
        yield Event(move.moved_on, kind, words, move.recorded_at, page)
        passed = Move(move.from_programme_id, move.to_programme_id, move.moved_on, move.recorded_at)
        moves.setdefault(move.saving_id, []).append(passed)
    was_here = Saving.objects.filter(Q(programme=here) | Q(pk__in=moves))
    rows = SavingStatement.objects.filter(saving__in=was_here.values("pk")).select_related("saving")
    before: dict[tuple[UUID, int], SavingStatement] = {}
    ordered = rows.order_by("saving_id", "recorded_at", "number", "year")
    for (saving, on, recorded_at, source), together in groupby(ordered, key=_act):
        changes = []
        for row in together:
            earlier = before.get((saving.pk, row.year))
            words = words_for_change(earlier.amounts if earlier else None, row.amounts)
            changes.append(f"{words_for_year(row.year)}: {words}")
            before[saving.pk, row.year] = row
        if place_at(saving.programme_id, moves.get(saving.pk, ()), on=on, known_at=recorded_at) == here:
            said = "\n".join(changes)
            yield Event(on, kind, f"Saving stated: {saving}", recorded_at, page, detail=said, source=source)


def _steps(asked: Asked, stages: Iterable[Stage]) -> dict[tuple[str, str], tuple[date, datetime]]:
    """The days of starts and finishes as known then, and when each was recorded, by kind of stage and word.

    A stage says what holds now; audit events tell when each step was recorded or taken back. One that no event tells of
    was set up with its programme.
    """
    acts = AuditEvent.objects.filter(subject_id=asked.programme.pk, action__in=STAGE_STEPS)
    found: dict[tuple[str, str], tuple[date, datetime]] = {}
    told = set()
    for act in acts.order_by("pk"):
        for stage_kind, after in (act.after or {}).items():
            for word in STEP_WORDS:
                step, day = (stage_kind, word), after[f"{word}_on"]
                told.add(step)
                if not asked.knew(act.happened_at):
                    continue
                if day is None:
                    found.pop(step, None)
                elif step not in found or found[step][0].isoformat() != day:
                    found[step] = (date.fromisoformat(day), act.happened_at)
    for stage in stages:
        for word, on in zip(STEP_WORDS, (stage.started_on, stage.finished_on), strict=True):
            if on and (stage.kind, word) not in told:
                found[stage.kind, word] = (on, asked.programme.set_up_at)
    return found


def _page_of_workstream(asked: Asked, workstream: Workstream) -> str:
    return reverse("workstream", args=[workstream.pk]) if workstream.programme_id == asked.programme.pk else ""


def _closed(workstream: Workstream, at: datetime, reason: str, page: str) -> Event:
    return Event(local_date(at), EventKind.WORKSTREAM, f"Workstream closed: {workstream}", at, page, detail=reason)


def _act(statement: SavingStatement) -> tuple[Saving, date, datetime, str]:
    """Statements of one act share these."""
    return statement.saving, statement.stated_on, statement.recorded_at, statement.source
