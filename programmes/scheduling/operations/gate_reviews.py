"""Acts on gate reviews. Each locks the programme, then the review: two who act at once come one after the other."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile
from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date, words_for_date
from partners.files.changes import keep_document
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from programmes.raid.changes import add_action, lock_programme
from programmes.raid.enums import Origin
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.queries import people_who_see
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import GateCheck, GateEvidence, GateRecommendation, GateReview, Stage
from programmes.scheduling.permissions import check_can_complete_gate_reviews, check_can_prepare_gate_reviews
from programmes.scheduling.queries.gate_reviews import checks_of, fingerprint_now
from programmes.scheduling.rules.gates import (
    ADDRESS_LENGTH,
    FOLLOW_UP_TITLE,
    FOLLOWED_UP,
    MOST_EVIDENCE,
    MOST_RECOMMENDATIONS,
    NOTE_LENGTH,
    RATING_STANDS,
    RECOMMENDATION_LENGTH,
    REVIEWERS_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    check_answered,
    check_follow_up,
)
from programmes.workstreams.changes import record_assurance
from programmes.workstreams.enums import DeliveryConfidence, Scale

PARTS = {
    "reviewers": "the reviewers",
    "planned_on": "the planned day",
    "answers": "the checklist",
    "evidence": "the evidence",
    "recommendations": "the recommendations",
    "completed_on": "whether it is completed",
}
USED_ALREADY = "This request was used for something else. Load the page again and send it once more."
WEB_ADDRESS = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: what the sender calls it, and its bytes."""

    name: str
    content: bytes


@transaction.atomic(durable=True)
def open_gate_review(
    *, programme_id: UUID, stage_id: UUID, reviewers: str, planned_on: date, request_key: UUID, by: User, now: datetime
) -> GateReview:
    """Open a review of the gate before a stage, with the checklist that the stage's definition asks for.

    ``request_key`` becomes its id, and the same one again returns the first.

    Raises: NotPermitted; Refused when the programme ended, the stage is another programme's, has started or is skipped, a
    review of its gate is under way, or for words or a day that cannot be.
    """
    programme = lock_programme(programme_id)
    check_can_prepare_gate_reviews(by, programme)
    known = GateReview.objects.filter(pk=request_key).select_related("stage").first()
    if known is not None:
        if (known.stage_id, known.opened_by_id) != (stage_id, by.pk):
            raise Refused(USED_ALREADY)
        return known
    check_runs(programme)
    stage = Stage.objects.filter(programme=programme, pk=stage_id).select_related("definition").first()
    if stage is None:
        raise Refused("Choose a stage of this programme.", field="stage")
    if stage.started_on:
        raise Refused(
            f"{stage} started on {words_for_date(stage.started_on)}, so its gate is behind it. Choose a later stage.",
            field="stage",
        )
    if not stage.is_active:
        raise Refused(f"{stage} is skipped, so nothing is decided at its gate. Choose another stage.", field="stage")
    if GateReview.objects.filter(stage=stage, completed_at=None).exists():
        raise Refused(f"A review of the gate before {stage} is under way. Complete that one first.", field="stage")
    review = GateReview(
        pk=request_key,
        stage=stage,
        number=GateReview.objects.filter(stage=stage).count() + 1,
        opened_at=now,
        opened_by=by,
    )
    _fill(review, reviewers=reviewers, planned_on=planned_on)
    review.save(force_insert=True)
    GateCheck.objects.bulk_create(
        GateCheck(review=review, position=position, question=question)
        for position, question in enumerate(stage.definition.checklist, 1)
    )
    _tell(
        review,
        "open_gate_review",
        f"opened a review of the gate before {stage}, by {review.reviewers}, planned for {words_for_date(planned_on)}",
        by=by,
        now=now,
        after=_planned(review),
    )
    return review


@transaction.atomic(durable=True)
def change_gate_review(
    *, review_id: UUID, version: int, reviewers: str, planned_on: date, by: User, now: datetime
) -> GateReview:
    """Say anew who reviews and when. Returns it as it was when it says all this already.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused when it is
    completed or for words or a day that cannot be.
    """
    review = _locked(review_id, by=by)
    before = _planned(review)
    _fill(review, reviewers=reviewers, planned_on=planned_on)
    if _planned(review) == before:
        return review
    if review.version != version:
        raise _conflict(review, version)
    _save(review, "reviewers", "planned_on")
    _tell(
        review,
        "change_gate_review",
        f"changed the review of the gate before {review.stage}: by {review.reviewers}, planned for "
        f"{words_for_date(planned_on)}",
        by=by,
        now=now,
        before={"version": version, **before},
        after=_planned(review),
    )
    return review


@transaction.atomic(durable=True)
def answer_check(
    *, review_id: UUID, check_id: UUID, version: int, answer: CheckAnswer, note: str, by: User, now: datetime
) -> GateReview:
    """Answer one line of the checklist. Returns the review as it was when it says this already.

    ``version`` is the review's as it was read; other lines may have been answered since.

    Raises: NotPermitted; Conflict, naming who, when somebody answered this line since; Refused when the review is
    completed, the line is another review's, there is no answer, or one that is not met has no note.
    """
    review = _locked(review_id, by=by)
    line = GateCheck.objects.filter(review=review, pk=check_id).first()
    if line is None:
        raise Refused("This review has no such line. Open its checklist again.")
    if not answer:
        raise Refused("Choose what was found.", field="answer")
    note = one_line(note, limit=NOTE_LENGTH, field="note", named="a note", required=False)
    if answer != CheckAnswer.MET and not note:
        raise Refused(f"Say why: an answer “{answer.label}” needs a note.", field="note")
    if (line.answer, line.note) == (answer, note):
        return review
    part = f"check_{line.position}"
    since = changes_since(review.pk, version, within=part)
    if since:
        raise changed_meanwhile("this line", [(event.actor_name, ["the answer"]) for event in since])
    before = {"answer": line.answer, "note": line.note}
    line.answer, line.note = answer, note
    line.save(update_fields=["answer", "note"])
    _save(review)
    _tell(
        review,
        "answer_check",
        f"answered “{line.question}” with “{answer.label}” in the review of the gate before {review.stage}",
        by=by,
        now=now,
        before={part: before},
        after={"answers": line.position, part: {"version": review.version, "answer": answer.value, "note": note}},
    )
    return review


@transaction.atomic(durable=True)
def add_evidence(
    *,
    review_id: UUID,
    title: str,
    address: str = "",
    upload: Upload | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> GateEvidence:
    """Add a document, or the address of something kept elsewhere. The same ``request_key`` again returns the first.

    Raises: NotPermitted; Refused when the review is completed or holds as much as it may, for neither or both of the two,
    a file that is not kept here (``partners.files``) or an address that is none.
    """
    review = _locked(review_id, by=by, may_be_complete=True)
    known = GateEvidence.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.review_id, known.added_by_id) != (review.pk, by.pk):
            raise Refused(USED_ALREADY)
        return known
    _check_open(review)
    title = one_line(title, limit=TITLE_LENGTH, field="title", named="what it is")
    address = one_line(address, limit=ADDRESS_LENGTH, field="address", named="the address", required=False)
    if bool(address) == (upload is not None):
        raise Refused("Choose a file or give an address, one of the two.", field="file")
    if GateEvidence.objects.filter(review=review).count() >= MOST_EVIDENCE:
        raise Refused(f"A review holds {MOST_EVIDENCE} pieces of evidence at most. Take one out first.")
    document, hashed = None, sha256(address.encode()).hexdigest()
    if upload is not None:
        document = keep_document(name=upload.name, content=upload.content, by=by, now=now)
        hashed = document.sha256
    else:
        _check_address(address)
    added = GateEvidence.objects.create(
        pk=request_key,
        review=review,
        title=title,
        document=document,
        address=address,
        sha256=hashed,
        added_at=now,
        added_by=by,
    )
    _save(review)
    _tell(
        review,
        "add_evidence",
        f"added the evidence {title} to the review of the gate before {review.stage}",
        by=by,
        now=now,
        after={"evidence": title, "sha256": hashed},
    )
    return added


@transaction.atomic(durable=True)
def remove_evidence(*, review_id: UUID, evidence_id: UUID, by: User, now: datetime) -> GateReview:
    """Take a piece of evidence out before the review is completed. Its document stays kept, and nothing shows it.

    Raises: NotPermitted; Refused when the review is completed or has no such evidence.
    """
    review = _locked(review_id, by=by)
    found = GateEvidence.objects.filter(review=review, pk=evidence_id).first()
    if found is None:
        raise Refused("This review has no such evidence. Open it again.")
    found.delete()
    _save(review)
    _tell(
        review,
        "remove_evidence",
        f"took the evidence {found.title} out of the review of the gate before {review.stage}",
        by=by,
        now=now,
        before={"evidence": found.title, "sha256": found.sha256},
        after={"evidence": ""},
    )
    return review


@transaction.atomic(durable=True)
def add_recommendation(
    *, review_id: UUID, text: str, owner_id: UUID, due_on: date, request_key: UUID, by: User, now: datetime
) -> GateRecommendation:
    """Recommend something to somebody, by a day. The same ``request_key`` again returns the first.

    Raises: NotPermitted; Refused when the review is completed or holds as many as it may, for words or a day that cannot
    be, or an owner who may not see the programme.
    """
    review = _locked(review_id, by=by, may_be_complete=True)
    known = GateRecommendation.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.review_id, known.added_by_id) != (review.pk, by.pk):
            raise Refused(USED_ALREADY)
        return known
    _check_open(review)
    text = one_line(text, limit=RECOMMENDATION_LENGTH, field="text", named="what is recommended")
    check_day(due_on, field="due_on", named="The day")
    if due_on < local_date(now):
        raise Refused("It cannot be done by a day that is over. Choose today or a later day.", field="due_on")
    owner = people_who_see(review.stage.programme).filter(pk=owner_id).first()
    if owner is None:
        raise Refused(
            f"Choose somebody who may see {review.stage.programme.name}, or give them a role on it first.",
            field="owner",
        )
    if GateRecommendation.objects.filter(review=review).count() >= MOST_RECOMMENDATIONS:
        raise Refused(f"A review makes {MOST_RECOMMENDATIONS} recommendations at most. Take one out first.")
    added = GateRecommendation.objects.create(
        pk=request_key, review=review, text=text, owner=owner, due_on=due_on, added_at=now, added_by=by
    )
    _save(review)
    _tell(
        review,
        "add_recommendation",
        f"recommended “{text}” to {owner.name} by {words_for_date(due_on)} in the review of the gate before "
        f"{review.stage}",
        by=by,
        now=now,
        after={"recommendations": text, "owner_id": str(owner.pk), "due_on": str(due_on)},
    )
    return added


@transaction.atomic(durable=True)
def remove_recommendation(*, review_id: UUID, recommendation_id: UUID, by: User, now: datetime) -> GateReview:
    """Take a recommendation out before the review is completed.

    Raises: NotPermitted; Refused when the review is completed or has no such recommendation.
    """
    review = _locked(review_id, by=by)
    found = GateRecommendation.objects.filter(review=review, pk=recommendation_id).first()
    if found is None:
        raise Refused("This review has no such recommendation. Open it again.")
    found.delete()
    _save(review)
    _tell(
        review,
        "remove_recommendation",
        f"took the recommendation “{found.text}” out of the review of the gate before {review.stage}",
        by=by,
        now=now,
        before={"recommendations": found.text},
        after={"recommendations": ""},
    )
    return review


@transaction.atomic(durable=True)
def complete_gate_review(
    *,
    review_id: UUID,
    version: int,
    rating: DeliveryConfidence,
    summary: str,
    follow_up_on: date | None = None,
    by: User,
    now: datetime,
) -> GateReview:
    """Complete a review: it is never changed again, and its fingerprint says what it held.

    Each recommendation becomes an action of its owner. A red or an amber/red rating is followed up: an assurance of the
    action plan by ``follow_up_on``, owned by the programme's owner, or by whoever completes where there is none. The
    rating is kept as the assurance of the programme.

    Raises: NotPermitted, also for who manages the programme; Conflict, naming who changed what, when ``version`` is not
    the latest; Refused when it is completed, the programme ended, a line of the checklist is not answered (naming it),
    or without a summary or the day of a follow-up.
    """
    review = _locked(review_id, by=by)
    programme = review.stage.programme
    check_can_complete_gate_reviews(by, programme)
    if review.version != version:
        raise _conflict(review, version)
    check_answered([(each.question, each.answer) for each in checks_of(review)])
    today = local_date(now)
    summary = lines(summary, limit=SUMMARY_LENGTH, field="summary", named="the summary", required=True)
    check_follow_up(rating, follow_up_on, today=today, calendar=working_calendar())
    for each in GateRecommendation.objects.filter(review=review).select_related("owner").order_by("due_on", "pk"):
        add_action(
            programme,
            title=each.text,
            owner=each.owner,
            due_on=each.due_on,
            origin=Origin.GATE_REVIEW,
            origin_id=each.pk,
            description=f"Recommended by {review}, by {review.reviewers}.",
            by=by,
            now=now,
        )
    if follow_up_on and rating in FOLLOWED_UP:
        add_action(
            programme,
            title=FOLLOW_UP_TITLE,
            owner=_who_follows_up(programme, by),
            due_on=follow_up_on,
            origin=Origin.ASSURANCE,
            origin_id=review.pk,
            description=f"{review} was rated {rating.label}: what is done about it is assured by this day.",
            by=by,
            now=now,
        )
    record_assurance(
        programme,
        scale=Scale.FIVE_POINT,
        rating=rating,
        words=summary,
        assured_by=review.reviewers,
        assured_on=today,
        expires_on=today + RATING_STANDS,
        by=by,
        now=now,
    )
    review.rating, review.summary = rating, summary
    review.completed_at, review.completed_by = now, by
    review.fingerprint = fingerprint_now(review)
    _save(review, "rating", "summary", "completed_at", "completed_by", "fingerprint")
    _tell(
        review,
        "complete_gate_review",
        f"completed the review of the gate before {review.stage}: {rating.label}",
        by=by,
        now=now,
        after={"completed_on": str(today), "rating": rating.value, "fingerprint": review.fingerprint},
    )
    return review


def _conflict(review: GateReview, version: int) -> Conflict:
    events = changes_since(review.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this review", changes)


def _locked(review_id: UUID, *, by: User, may_be_complete: bool = False) -> GateReview:
    """The review with its programme, both locked, by somebody who may prepare it.

    Raises: NotPermitted; Refused when it is completed or the programme ended.
    """
    programme = lock_programme(GateReview.objects.values_list("stage__programme", flat=True).get(pk=review_id))
    rows = GateReview.objects.select_for_update(of=("self",), no_key=True)
    review = rows.select_related("stage__definition", "completed_by").get(pk=review_id)
    review.stage.programme = programme
    check_can_prepare_gate_reviews(by, programme)
    if not may_be_complete:
        _check_open(review)
    return review


def _check_open(review: GateReview) -> None:
    if review.completed_at:
        raise Refused(
            f"This review was completed on {words_for_date(local_date(review.completed_at))} and is never changed. Open "
            "another one of the same gate."
        )
    check_runs(review.stage.programme)


def _fill(review: GateReview, *, reviewers: str, planned_on: date) -> None:
    review.reviewers = one_line(reviewers, limit=REVIEWERS_LENGTH, field="reviewers", named="who reviews")
    check_day(planned_on, field="planned_on", named="The planned day")
    review.planned_on = planned_on


def _planned(review: GateReview) -> dict[str, object]:
    return {"reviewers": review.reviewers, "planned_on": str(review.planned_on)}


def _save(review: GateReview, *fields: str) -> None:
    review.version += 1
    review.save(update_fields=[*fields, "version"])


def _check_address(address: str) -> None:
    try:
        WEB_ADDRESS(address)
    except ValidationError:
        raise Refused("Enter a whole address, such as https://example.org/plan.", field="address") from None


def _who_follows_up(programme: Programme, by: User) -> User:
    owner = people_who_see(programme).filter(pk=programme.owner_id).first() if programme.owner_id else None
    return owner or by


def _tell(
    review: GateReview,
    act: str,
    summary: str,
    *,
    by: User,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object],
) -> None:
    record(
        by=by,
        now=now,
        action=f"scheduling.{act}",
        subject=review,
        scope_id=review.stage.programme.scope_id,
        summary=f"{summary} of {review.stage.programme.name}",
        before=before,
        after={"version": review.version, **after},
    )
