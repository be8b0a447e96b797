from datetime import datetime

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.consultations.enums import SEALED, Ground, Verdict
from programmes.consultations.models import Answer, ConsultationTask, Moderation, Response
from programmes.consultations.permissions import check_can_moderate
from programmes.consultations.rules import REASON_LENGTH, shown_text_of

ANSWERED_ANEW = (
    "Whoever wrote this comment has sent other answers meanwhile, so it is not shown any more. "
    "Go back to the comments to read the new one."
)
VERDICT_WORDS = {
    Verdict.SHOWN: "showed a comment on {title}",
    Verdict.REDACTED: "showed a part of a comment on {title}: {ground}",
    Verdict.WITHHELD: "did not show a comment on {title}: {ground}",
}


@transaction.atomic(durable=True)
def moderate_comment(
    *,
    answer_id: int,
    verdict: Verdict,
    ground: Ground | None = None,
    reason: str = "",
    shown_text: str = "",
    seen_number: int,
    by: User,
    now: datetime,
) -> Moderation:
    """Say what others read of a comment: all, a part (``shown_text``) or nothing. Takes the place of earlier verdicts.

    ``seen_number`` is how many verdicts there were when the moderator read it. The same verdict again changes nothing.

    Raises: NotPermitted; Conflict when somebody else gave a verdict meanwhile or the person answered anew; Refused
    without a ground and a reason where not all is shown, or for a part that is not the original's words.
    """
    answer = _current_comment(answer_id, by=by)
    words: dict[str, str] = {"verdict": verdict, "ground": "", "reason": ""}
    if verdict != Verdict.SHOWN:
        if ground is None:
            raise Refused("Choose on which ground.", field="ground")
        words["ground"] = ground
        words["reason"] = one_line(reason, limit=REASON_LENGTH, field="reason", named="a reason")
    words["shown_text"] = shown_text_of(answer.value, verdict=verdict, edited=shown_text)
    latest = _latest_verdict(answer)
    number = latest.number if latest else 0
    if latest and latest.recorded_by == by and number == seen_number + 1 and _says(latest, words):
        return latest
    if number != seen_number:
        raise _moderated_meanwhile(latest)
    moderation = Moderation.objects.create(answer=answer, number=number + 1, recorded_at=now, recorded_by=by, **words)
    consultation = answer.question.consultation
    record(
        by=by,
        now=now,
        action="consultations.moderate_comment",
        subject=consultation,
        scope_id=consultation.review.programme.scope_id,
        summary=VERDICT_WORDS[verdict].format(title=consultation.title, ground=ground.label.lower() if ground else ""),
        after={"moderation": str(moderation.pk), "verdict": verdict, "ground": words["ground"]},
    )
    return moderation


@transaction.atomic(durable=True)
def open_sealed_comment(*, answer_id: int, reason: str, by: User, now: datetime) -> str:
    """The words of a comment that is not shown, or shown in part. That they were read, and why, is on record.

    Raises: NotPermitted; Conflict when the person answered anew; Refused without a reason, or when it is not sealed.
    """
    answer = _current_comment(answer_id, by=by)
    reason = one_line(reason, limit=REASON_LENGTH, field="reason", named="a reason")
    latest = _latest_verdict(answer)
    if latest is None or latest.verdict not in SEALED:
        raise Refused("This comment is not sealed: its words are on the page.")
    consultation = answer.question.consultation
    record(
        by=by,
        now=now,
        action="consultations.open_sealed_comment",
        subject=consultation,
        scope_id=consultation.review.programme.scope_id,
        summary=f"opened a sealed comment on {consultation.title}",
        after={"moderation": str(latest.pk), "reason": reason},
    )
    return str(answer.value)


def _current_comment(answer_id: int, *, by: User) -> Answer:
    """The comment with question, consultation and programme, its task locked so that verdicts and answers take turns."""
    shared = Answer.objects.filter(question__is_shared=True).select_related(
        "response", "question__consultation__review__programme__scope"
    )
    answer = shared.get(pk=answer_id)
    check_can_moderate(by, answer.question.consultation.review.programme)
    ConsultationTask.objects.select_for_update(no_key=True).get(pk=answer.response.task_id)
    if Response.objects.filter(task=answer.response.task_id, number__gt=answer.response.number).exists():
        raise Conflict(ANSWERED_ANEW)
    return answer


def _latest_verdict(answer: Answer) -> Moderation | None:
    return Moderation.objects.filter(answer=answer).select_related("recorded_by").order_by("-number").first()


def _says(moderation: Moderation, words: dict[str, str]) -> bool:
    return all(getattr(moderation, field) == value for field, value in words.items())


def _moderated_meanwhile(latest: Moderation | None) -> Conflict:
    if latest is None:
        return Conflict("This comment has no verdict yet. Read it again, then decide.")
    return Conflict(
        f"{latest.recorded_by.name} moderated this comment while you were reading it. It is now: "
        f"{latest.get_verdict_display().lower()}. Nothing of yours is saved: read it again, then decide."
    )
