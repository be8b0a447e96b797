from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from partners.clock.rules import local_date
from partners.people.models import User
from partners.post.changes import Draft, queue_messages
from programmes.reporting.models import StatusAcknowledgement, StatusAnswer, StatusStep
from programmes.reporting.rules import StepGiven
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.queries import reviewers_of


@dataclass(frozen=True, slots=True)
class Notice:
    """The words of a mail. It names no workstream: who gets it may have lost sight of it before they read it."""

    subject: str
    sentence: str
    invitation: str
    because: str


HEADING = "Statuses"  # in a daily mail; names no programme, as the words of a notice name none
TO_READ = Notice(
    "Status updates wait for you to acknowledge them",
    "A status update has been published that you are asked to read.",
    "Read what waits and acknowledge it",
    "You get this at most once a day, however many wait.",
)


def keep_steps(update: StatusUpdate, steps: Collection[StepGiven]) -> None:
    """The next steps of a new update, in the order given."""
    StatusStep.objects.bulk_create(
        StatusStep(update=update, position=position, text=step.text, is_done=step.is_done)
        for position, step in enumerate(steps)
    )


def tell_readers(workstream: Workstream, *, now: datetime) -> None:
    """At most one mail a day to each reviewer, whatever the number of updates; none in a portfolio kept as a record."""
    portfolio = workstream.programme.scope.parent
    if portfolio and portfolio.is_record:
        return
    link, day = reverse("to_acknowledge"), local_date(now)
    readers = reviewers_of([workstream], on=day).get(workstream.pk, [])
    drafts = [_draft(f"status-to-read/{reader.pk}", str(day), reader, TO_READ, link, now) for reader in readers]
    queue_messages(drafts, now=now)


def tell_author(asked: StatusAcknowledgement, *, now: datetime) -> None:
    """The mail that somebody asks the author something."""
    notice = Notice(
        "A question about your status",
        f"{asked.acknowledged_by.name} has read a status that you published, and asks you something.",
        "Read the question and answer it",
        "You get this because you wrote the status.",
    )
    _tell(asked.update, asked.update.reported_by, "status-question", asked.pk, notice, now)


def tell_asker(answer: StatusAnswer, *, now: datetime) -> None:
    """The mail that a question has been answered."""
    asked = answer.acknowledgement
    notice = Notice(
        "Your question about a status is answered",
        f"{answer.answered_by.name} has answered what you asked about a status.",
        "Read the answer",
        "You get this because you asked.",
    )
    _tell(asked.update, asked.acknowledged_by, "status-answer", answer.pk, notice, now)


def _tell(update: StatusUpdate, person: User, thread: str, key: UUID, notice: Notice, now: datetime) -> None:
    link = reverse("status_update", args=[update.workstream_id, update.pk])
    queue_messages([_draft(f"{thread}/{key}", "1", person, notice, link, now)], now=now)


def _draft(thread: str, key: str, person: User, notice: Notice, link: str, now: datetime) -> Draft:
    words: dict[str, Any] = {
        "name": person.name,
        "subject": notice.subject,
        "sentence": notice.sentence,
        "invitation": notice.invitation,
        "because": notice.because,
        "link": settings.PUBLIC_URL + link,
    }
    subject, text, html = (
        render_to_string(f"programmes/reporting/mail/notice.{part}", words).strip()
        for part in ("subject.txt", "txt", "html")
    )
    return Draft(f"{thread}/{key}", thread, person.pk, subject, text, html, due_at=now, heading=HEADING)
