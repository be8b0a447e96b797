"""What a review holds: answers to its checklist, evidence and recommendations."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from partners.audit.queries import changes_since
from partners.audit.rules import Refused, changed_meanwhile
from partners.clock.rules import local_date, words_for_date
from partners.files.changes import keep_document
from partners.people.models import User
from partners.people.rules.typed import check_day, one_line
from programmes.register.queries import people_who_see
from programmes.scheduling.enums import CheckAnswer
from programmes.scheduling.models import GateCheck, GateEvidence, GateRecommendation, GateReview
from programmes.scheduling.operations.gate_reviews.locking import USED_ALREADY, check_open, locked_review, record, save
from programmes.scheduling.rules.gates import (
    ADDRESS_LENGTH,
    MOST_EVIDENCE,
    MOST_RECOMMENDATIONS,
    NOTE_LENGTH,
    RECOMMENDATION_LENGTH,
    TITLE_LENGTH,
)

WEB_ADDRESS = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: what the sender calls it, and its bytes."""

    name: str
    content: bytes


@transaction.atomic(durable=True)
def answer_check(
    *, review_id: UUID, check_id: UUID, version: int, answer: CheckAnswer, note: str, by: User, now: datetime
) -> GateReview:
    """Answer one line of the checklist. Returns the review as it was when it says this already.

    ``version`` is the review's as it was read; other lines may have been answered since.

    Raises: NotPermitted; Conflict, naming who, when somebody answered this line since; Refused when the review is
    completed, the line is another review's, there is no answer, or one that is not met has no note.
    """
    review = locked_review(review_id, by=by)
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
    save(review)
    record(
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

    Raises: NotPermitted; Refused when the review is over or holds as much as it may, for neither or both of the two,
    a file that is not kept here (``partners.files``) or an address that is none.
    """
    review = locked_review(review_id, by=by, may_be_over=True)
    known = GateEvidence.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.review_id, known.added_by_id) != (review.pk, by.pk):
            raise Refused(USED_ALREADY)
        return known
    check_open(review)
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
    save(review)
    record(
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

    Raises: NotPermitted; Refused when the review is over or has no such evidence.
    """
    review = locked_review(review_id, by=by)
    found = GateEvidence.objects.filter(review=review, pk=evidence_id).first()
    if found is None:
        raise Refused("This review has no such evidence. Open it again.")
    found.delete()
    save(review)
    record(
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

    Raises: NotPermitted; Refused when the review is over or holds as many as it may, for words or a day that cannot
    be, or an owner who may not see the programme.
    """
    review = locked_review(review_id, by=by, may_be_over=True)
    known = GateRecommendation.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.review_id, known.added_by_id) != (review.pk, by.pk):
            raise Refused(USED_ALREADY)
        return known
    check_open(review)
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
    save(review)
    record(
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

    Raises: NotPermitted; Refused when the review is over or has no such recommendation.
    """
    review = locked_review(review_id, by=by)
    found = GateRecommendation.objects.filter(review=review, pk=recommendation_id).first()
    if found is None:
        raise Refused("This review has no such recommendation. Open it again.")
    found.delete()
    save(review)
    record(
        review,
        "remove_recommendation",
        f"took the recommendation “{found.text}” out of the review of the gate before {review.stage}",
        by=by,
        now=now,
        before={"recommendations": found.text},
        after={"recommendations": ""},
    )
    return review


def _check_address(address: str) -> None:
    try:
        WEB_ADDRESS(address)
    except ValidationError:
        raise Refused("Enter a whole address, such as https://example.org/plan.", field="address") from None
