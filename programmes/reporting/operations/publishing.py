from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.workstreams.changes import check_takes_reports, locked_workstream, publish
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.permissions import check_can_report
from programmes.workstreams.queries import reporting_days
from programmes.workstreams.rules import REASON_LENGTH, ReportText, report_text


class PublishedMeanwhile(Conflict):
    """Somebody published a status after the author opened the form."""


@transaction.atomic(durable=True)
def record_status_update(
    *,
    workstream_id: UUID,
    rating: Rating,
    changed: str,
    next_steps: str,
    ask_kind: Ask,
    ask: str,
    based_on_id: UUID | None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> StatusUpdate:
    """Publish a status. It is never rewritten; the same ``request_key`` again returns the first one.

    ``based_on_id`` is the latest update that the author saw, or None where there was none.

    Raises: NotPermitted; PublishedMeanwhile; ClosedWorkstream; Refused when an ask has no words or words have no kind.
    """
    workstream = locked_workstream(workstream_id)
    check_can_report(by, workstream)
    first = _published_before(request_key, workstream, by)
    if first:
        return first
    check_takes_reports(workstream)
    text = report_text(changed=changed, next_steps=next_steps, ask_kind=ask_kind, ask=ask)
    if workstream.current_update_id != based_on_id:
        raise PublishedMeanwhile(
            "Somebody published a status while you were writing. Nothing of yours is lost. Read theirs, then publish "
            "yours after it or leave this page."
        )
    rating_before = workstream.current_rating
    update = publish(
        workstream,
        StatusUpdate(
            workstream=workstream,
            period_on=reporting_days(now).next_on,
            rating=rating,
            ask_kind=ask_kind,
            **_columns(text),
            reported_at=now,
            reported_by=by,
            request_key=request_key,
        ),
    )
    record(
        by=by,
        now=now,
        action="reporting.record_status_update",
        subject=update,
        scope_id=workstream.programme.scope_id,
        summary=_words_for_report(workstream, update, rating_before),
        before={"rating": rating_before},
        after={"rating": update.rating, "ask_kind": update.ask_kind},
    )
    return update


@transaction.atomic(durable=True)
def correct_status_update(
    *,
    update_id: UUID,
    rating: Rating,
    changed: str,
    next_steps: str,
    ask_kind: Ask,
    ask: str,
    reason: str,
    request_key: UUID,
    by: User,
    now: datetime,
) -> StatusUpdate:
    """Publish a correction in place of the latest update; what it corrects stays in the history.

    It counts from the day of the first report, so a correction does not end a silence.

    Raises: NotPermitted; Conflict when the update is not the latest any more; ClosedWorkstream; Refused as in
    ``record_status_update``, without a reason, or when nothing differs.
    """
    workstream = locked_workstream(StatusUpdate.objects.values_list("workstream_id", flat=True).get(pk=update_id))
    check_can_report(by, workstream)
    first = _published_before(request_key, workstream, by)
    if first:
        return first
    check_takes_reports(workstream)
    text = report_text(changed=changed, next_steps=next_steps, ask_kind=ask_kind, ask=ask)
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
    if workstream.current_update_id != update_id:
        raise Conflict(
            "A later status or correction was published, and only the latest can be corrected. Nothing of yours was "
            "saved. Read the latest; if it is still wrong, correct that one."
        )
    wrong = StatusUpdate.objects.get(pk=update_id)
    if (rating, ask_kind, text) == (
        wrong.rating,
        wrong.ask_kind,
        ReportText(wrong.changed, wrong.next_steps, wrong.ask),
    ):
        raise Refused("This says the same as the status that it corrects. Change what is wrong, or leave it as it is.")
    update = publish(
        workstream,
        StatusUpdate(
            workstream=workstream,
            period_on=wrong.period_on,
            is_late=wrong.is_late,
            rating=rating,
            ask_kind=ask_kind,
            **_columns(text),
            reported_at=now,
            reported_by=by,
            supersedes=wrong,
            correction_reason=reason,
            original_reported_at=wrong.said_at,
            request_key=request_key,
        ),
    )
    record(
        by=by,
        now=now,
        action="reporting.correct_status_update",
        subject=update,
        scope_id=workstream.programme.scope_id,
        summary=f"corrected the status of {workstream.name}"
        + (f" from {wrong.get_rating_display()} to {update.get_rating_display()}" if wrong.rating != rating else "")
        + f": {reason}",
        before={"rating": wrong.rating, "ask_kind": wrong.ask_kind},
        after={"rating": update.rating, "ask_kind": update.ask_kind, "reason": reason},
    )
    return update


def _published_before(request_key: UUID, workstream: Workstream, by: User) -> StatusUpdate | None:
    first = StatusUpdate.objects.filter(request_key=request_key).first()
    if first and (first.workstream_id, first.reported_by_id) != (workstream.pk, by.pk):
        raise Refused("This request was used for something else. Open the form again and send it from there.")
    return first


def _columns(text: ReportText) -> dict[str, str]:
    return {"changed": text.changed, "next_steps": text.next_steps, "ask": text.ask}


def _words_for_report(workstream: Workstream, update: StatusUpdate, before: str | None) -> str:
    words = f"reported {update.get_rating_display()} for {workstream.name}"
    if before and before != update.rating:
        words += f", which was {Rating(before).label}"
    if update.ask_kind != Ask.NONE:
        words += f", and asks for {update.get_ask_kind_display().lower()}"
    return words
