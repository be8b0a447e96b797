from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from partners.clock.rules import words_for_instant
from partners.post.changes import queue_message
from programmes.consultations.enums import TaskState
from programmes.consultations.models import Consultation, Response
from programmes.consultations.rules import MAIL_WORDS, Contact, task_path
from programmes.reminders.changes import Recipient, plan_wave

ASK = """
    INSERT INTO programmes_consultationtask (id, consultation_id, person_id, unit_name, state, asked_at)
    SELECT gen_random_uuid(), %(consultation)s, person.id, unit.name, %(state)s, %(now)s
    FROM partners_user AS person JOIN partners_unit AS unit ON unit.id = person.unit_id
    WHERE person.is_active AND person.unit_id = ANY(%(units)s)
    ORDER BY person.id
    ON CONFLICT (consultation_id, person_id) DO NOTHING
    RETURNING id, person_id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A task made by a launch."""

    task_id: UUID
    person_id: UUID


def need_of(task_id: UUID) -> str:
    """What a person owes while they have not answered, as reminders name it."""
    return f"consultation-task:{task_id}"


def ask_people_of(consultation: Consultation, unit_ids: Collection[UUID], *, now: datetime) -> list[Asked]:
    """Freeze the roll: one task for each active person directly in these units. One query whatever the number."""
    with connection.cursor() as cursor:
        cursor.execute(
            ASK,
            {"consultation": consultation.pk, "state": TaskState.NOT_STARTED, "now": now, "units": list(unit_ids)},
        )
        return [Asked(*row) for row in cursor.fetchall()]


def plan_contacts(consultation: Consultation, asked: list[Asked], contacts: list[Contact], *, now: datetime) -> None:
    """One wave for each contact, to everybody asked. The waves serve the review, whose cancelling cancels them."""
    review = consultation.review
    closes = words_for_instant(review.closes_at)
    recipients = [
        Recipient(user_id=each.person_id, need=need_of(each.task_id), link_path=task_path(each.task_id))
        for each in asked
    ]
    for contact in contacts:
        words = MAIL_WORDS[contact.key]
        plan_wave(
            programme=review.programme,
            subject_id=review.pk,
            key=f"consultation-{consultation.pk}/{contact.key}/1",
            title=f"{words.title}: {consultation.title}"[:200],
            mail_subject=words.subject.format(title=consultation.title, closes=closes)[:200],
            mail_text=words.text.format(title=consultation.title, programme=review.programme.name, closes=closes),
            due_at=contact.due_at,
            due_reason=contact.due_reason,
            valid_until=contact.valid_until,
            recipients=recipients,
            now=now,
            is_urgent=contact.is_urgent,
        )


def queue_receipt(response: Response, *, now: datetime) -> None:
    """The mail that proves a submission. A service notice: it goes out at once and counts as no reminder."""
    task = response.task
    review = task.consultation.review
    context = {
        "person": task.person,
        "consultation": task.consultation,
        "programme": review.programme,
        "response": response,
        "closes_at": review.closes_at,
        "link": settings.PUBLIC_URL + task_path(task.pk),
    }
    subject, text, html = (
        render_to_string(f"programmes/consultations/mail/receipt.{part}", context).strip()
        for part in ("subject.txt", "txt", "html")
    )
    queue_message(
        dedup_key=f"receipt/{response.pk}",
        thread=f"receipt/{task.pk}",
        recipient_id=task.person_id,
        subject=subject,
        text=text,
        html=html,
        due_at=now,
        now=now,
        is_urgent=True,
    )
