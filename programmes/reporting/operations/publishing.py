from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.queries import active_people
from partners.people.rules.typed import one_line
from programmes.reporting.changes import keep_steps, tell_readers
from programmes.reporting.models import StatusContradiction, StatusDraft, StatusStep
from programmes.reporting.queries import contradictions, facts_since, open_steps_of
from programmes.reporting.rules import (
    DIMENSIONS,
    Contradiction,
    Ratings,
    Report,
    StepGiven,
    explained,
    report_of,
    with_carried,
)
from programmes.workstreams.changes import check_takes_reports, locked_workstream, publish, settle_chasing
from programmes.workstreams.enums import Ask, ExceptionKind, Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.permissions import check_can_report
from programmes.workstreams.queries import are_withheld, period_to_report, reporting_days, withheld_days
from programmes.workstreams.rules import REASON_LENGTH

WITHHELD = ExceptionKind.WITHHELD.value


class PublishedMeanwhile(Conflict):
    """Somebody published a status after the author opened the form."""


@transaction.atomic(durable=True)
def record_status_update(
    *,
    workstream_id: UUID,
    rating: Rating,
    schedule: Rating,
    cost: Rating,
    scope: Rating,
    benefits: Rating,
    changed: str,
    steps: Sequence[StepGiven] = (),
    ask_kind: Ask = Ask.NONE,
    ask: str = "",
    path_to_green: str = "",
    path_owner_id: UUID | None = None,
    path_due_on: date | None = None,
    explanations: Mapping[str, str] | None = None,
    based_on_id: UUID | None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> StatusUpdate:
    """Publish a status. It is never rewritten; the same ``request_key`` again returns the first one.

    ``based_on_id`` is the latest update that the author saw, or None where there was none; its steps that are not named
    stay open. ``explanations`` say, by kind of contradiction, why a rating holds beside what speaks against it. What
    happened since the last report is kept with it, the author's draft is removed, and whoever reads it is told.

    Raises: NotPermitted; PublishedMeanwhile; ClosedWorkstream; Refused for words that are missing or too long, for a path
    to green that is not whole, and for a contradiction that is not explained.
    """
    workstream = locked_workstream(workstream_id)
    check_can_report(by, workstream, now=now)
    first = _published_before(request_key, workstream, by)
    if first:
        return first
    check_takes_reports(workstream)
    ratings = Ratings(rating, schedule, cost, scope, benefits)
    text = report_of(
        rating=rating,
        changed=changed,
        steps=with_carried(steps, open_steps_of(workstream.current_update_id)),
        ask_kind=ask_kind,
        ask=ask,
        path_to_green=path_to_green,
        path_owner_id=path_owner_id,
        path_due_on=path_due_on,
        today=local_date(now),
    )
    if workstream.current_update_id != based_on_id:
        raise PublishedMeanwhile(
            "Somebody published a status while you were writing. Nothing of yours is lost. Read theirs, then publish "
            "yours after it or leave this page."
        )
    spoken_against = explained(contradictions(workstream, ratings, now), ratings, explanations or {})
    period_on, is_late = period_to_report(workstream, reporting_days(now, workstream.programme.scope.parent_id), now)
    since = workstream.current_reported_at or workstream.started_at
    rating_before = WITHHELD if workstream.current_is_withheld else workstream.current_rating
    is_withheld = are_withheld(withheld_days(workstream), period_on)
    update = _publish(
        workstream,
        StatusUpdate(
            period_on=period_on,
            is_late=is_late,
            facts=[fact.kept() for fact in facts_since(workstream, since, now)],
            path_owner=_owner(path_owner_id),
            path_due_on=path_due_on,
            ask_kind=ask_kind,
            reported_at=now,
            reported_by=by,
            request_key=request_key,
        ),
        ratings,
        text,
        spoken_against,
        is_withheld=is_withheld,
    )
    StatusDraft.objects.filter(workstream=workstream, author=by).delete()
    settle_chasing(workstream.programme, now=now)
    tell_readers(workstream, now=now)
    record(
        by=by,
        now=now,
        action="reporting.record_status_update",
        subject=update,
        scope_id=workstream.programme.scope_id,
        summary=_words_for_report(workstream, update, rating_before),
        before={"rating": rating_before},
        after={"rating": _told(update.rating, is_withheld), "ask_kind": update.ask_kind},
    )
    return update


@transaction.atomic(durable=True)
def correct_status_update(
    *,
    update_id: UUID,
    rating: Rating,
    schedule: Rating,
    cost: Rating,
    scope: Rating,
    benefits: Rating,
    changed: str,
    steps: Sequence[StepGiven] = (),
    ask_kind: Ask = Ask.NONE,
    ask: str = "",
    path_to_green: str = "",
    path_owner_id: UUID | None = None,
    path_due_on: date | None = None,
    explanations: Mapping[str, str] | None = None,
    reason: str,
    request_key: UUID,
    by: User,
    now: datetime,
) -> StatusUpdate:
    """Publish a correction in place of the latest update; what it corrects stays in the history.

    It counts from the day of the first report and for the same reporting day, so a correction does not end a silence.
    ``steps`` are all that it says; none is carried over. It is read and acknowledged anew.

    Raises: NotPermitted; Conflict when the update is not the latest any more; ClosedWorkstream; Refused as in
    ``record_status_update``, without a reason, or when nothing differs.
    """
    workstream = locked_workstream(StatusUpdate.objects.values_list("workstream_id", flat=True).get(pk=update_id))
    check_can_report(by, workstream, now=now)
    first = _published_before(request_key, workstream, by)
    if first:
        return first
    check_takes_reports(workstream)
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
    if workstream.current_update_id != update_id:
        raise Conflict(
            "A later status or correction was published, and only the latest can be corrected. Nothing of yours was "
            "saved. Read the latest; if it is still wrong, correct that one."
        )
    wrong = StatusUpdate.objects.get(pk=update_id)
    ratings = Ratings(rating, schedule, cost, scope, benefits)
    text = report_of(
        rating=rating,
        changed=changed,
        steps=steps,
        ask_kind=ask_kind,
        ask=ask,
        path_to_green=path_to_green,
        path_owner_id=path_owner_id,
        path_due_on=path_due_on,
        today=local_date(wrong.said_at),
    )
    if _said(ratings, text, ask_kind, path_owner_id, path_due_on) == _said_by(wrong):
        raise Refused("This says the same as the status that it corrects. Change what is wrong, or leave it as it is.")
    spoken_against = explained(contradictions(workstream, ratings, now), ratings, explanations or {})
    is_withheld = workstream.current_is_withheld
    update = _publish(
        workstream,
        StatusUpdate(
            period_on=wrong.period_on,
            is_late=wrong.is_late,
            facts=wrong.facts,
            path_owner=wrong.path_owner if path_owner_id == wrong.path_owner_id else _owner(path_owner_id),
            path_due_on=path_due_on,
            ask_kind=ask_kind,
            reported_at=now,
            reported_by=by,
            supersedes=wrong,
            correction_reason=reason,
            original_reported_at=wrong.said_at,
            request_key=request_key,
        ),
        ratings,
        text,
        spoken_against,
        is_withheld=is_withheld,
    )
    tell_readers(workstream, now=now)
    record(
        by=by,
        now=now,
        action="reporting.correct_status_update",
        subject=update,
        scope_id=workstream.programme.scope_id,
        summary=f"corrected the status of {workstream.name}"
        + ("" if is_withheld else _words_for_correction(wrong, update))
        + f": {reason}",
        before={"rating": _told(wrong.rating, is_withheld), "ask_kind": wrong.ask_kind},
        after={"rating": _told(update.rating, is_withheld), "ask_kind": update.ask_kind, "reason": reason},
    )
    return update


def _published_before(request_key: UUID, workstream: Workstream, by: User) -> StatusUpdate | None:
    first = StatusUpdate.objects.filter(request_key=request_key).first()
    if first and (first.workstream_id, first.reported_by_id) != (workstream.pk, by.pk):
        raise Refused("This request was used for something else. Open the form again and send it from there.")
    return first


def _owner(owner_id: UUID | None) -> User | None:
    if owner_id is None:
        return None
    owner = active_people().filter(pk=owner_id).first()
    if owner is None:
        raise Refused(
            "Whoever sees to the path to green has no account that can sign in. Name somebody else.", field="path_owner"
        )
    return owner


def _publish(
    workstream: Workstream,
    update: StatusUpdate,
    ratings: Ratings,
    text: Report,
    spoken_against: Sequence[tuple[Contradiction, str]],
    *,
    is_withheld: bool,
) -> StatusUpdate:
    update.workstream = workstream
    update.rating = ratings.overall
    for name in DIMENSIONS:
        setattr(update, name, getattr(ratings, name))
    update.changed, update.ask, update.path_to_green = text.changed, text.ask, text.path_to_green
    publish(workstream, update, is_withheld=is_withheld)
    keep_steps(update, text.steps)
    StatusContradiction.objects.bulk_create(
        StatusContradiction(update=update, kind=each.kind, words=each.words, explanation=explanation)
        for each, explanation in spoken_against
    )
    return update


def _said(
    ratings: Ratings, text: Report, ask_kind: str, path_owner_id: UUID | None, path_due_on: date | None
) -> tuple[object, ...]:
    return ratings, text, ask_kind, path_owner_id, path_due_on


def _said_by(update: StatusUpdate) -> tuple[object, ...]:
    steps = StatusStep.objects.filter(update=update).order_by("position").values_list("text", "is_done")
    text = Report(
        update.changed, tuple(StepGiven(text, done) for text, done in steps), update.ask, update.path_to_green
    )
    ratings = Ratings(update.rating, update.schedule, update.cost, update.scope, update.benefits)
    return _said(ratings, text, update.ask_kind, update.path_owner_id, update.path_due_on)


def _told(rating: str, is_withheld: bool) -> str:
    """The rating as the audit event keeps it: many may read that who may not see what is withheld."""
    return WITHHELD if is_withheld else rating


def _words_for_correction(wrong: StatusUpdate, update: StatusUpdate) -> str:
    if wrong.rating == update.rating:
        return ""
    return f" from {wrong.get_rating_display()} to {update.get_rating_display()}"


def _words_for_report(workstream: Workstream, update: StatusUpdate, before: str | None) -> str:
    is_withheld = workstream.current_is_withheld
    told = "a rating that is withheld" if is_withheld else update.get_rating_display()
    words = f"reported {told} for {workstream.name}"
    if update.is_late:
        words += ", late"
    if before and before not in (update.rating, WITHHELD) and not is_withheld:
        words += f", which was {Rating(before).label}"
    if update.ask_kind != Ask.NONE:
        words += f", and asks for {update.get_ask_kind_display().lower()}"
    return words
