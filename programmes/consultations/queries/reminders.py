"""What those who are asked in a consultation are reminded of: the rules of its contacts, over the roll as it stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from partners.calendar.queries import working_calendar
from partners.calendar.rules import BeyondCalendar, WorkingCalendar
from partners.clock.rules import instant, local_date, words_for_instant
from partners.people.queries import leave_between
from partners.post.rules import placeholder_of
from programmes.consultations.enums import TaskState
from programmes.consultations.models import AnswerLink, Consultation, ConsultationTask
from programmes.consultations.rules import (
    MAIL_WORDS,
    Contact,
    Step,
    answer_path,
    contacts_of,
    need_of,
    task_path,
)
from programmes.reminders.rules import Recipient, Wanted, WaveWords, Within, away_until
from programmes.reviews.enums import MilestoneState
from programmes.reviews.models import Milestone, Review
from programmes.reviews.queries import reviews_that_go_on, steps_by_review
from programmes.reviews.rules import SENDS_TIME

KIND = "consultation"


def path_in_mail(link: AnswerLink) -> str:
    """Where the link leads, with a placeholder that becomes the secret as the mail is handed over."""
    return answer_path(link.pk, placeholder_of(link.pk))


def key_of_contact(consultation: Consultation, contact: Contact) -> str:
    """Names one contact of a consultation within its review."""
    return f"consultation-{consultation.pk}/{contact.key}/1"


def words_of_contact(consultation: Consultation, contact: Contact) -> WaveWords:
    """What a contact says, and when; the consultation was read with review and programme."""
    review, words = consultation.review, MAIL_WORDS[contact.key]
    closes = words_for_instant(review.closes_at)
    return WaveWords(
        title=f"{words.title}: {consultation.title}",
        mail_subject=words.subject.format(title=consultation.title, closes=closes),
        mail_text=words.text.format(title=consultation.title, programme=review.programme.name, closes=closes),
        due_at=contact.due_at,
        due_reason=contact.due_reason,
        valid_until=contact.valid_until,
    )


def with_leave(
    recipients: Collection[Recipient], contacts: Iterable[Contact], *, calendar: WorkingCalendar
) -> dict[str, list[Recipient]]:
    """For each contact, by its key, those who are asked; who is away then gets it on the first working day back.

    Nobody stands in for an answer. Where the day back is past the use of a contact, it stays where it is and ends as too
    late, so whoever returns gets the latest one alone. One query.
    """
    contacts = list(contacts)
    if not contacts:
        return {}
    days = [local_date(contact.due_at) for contact in contacts]
    leaves: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for leave in leave_between(min(days), max(days)):
        leaves[leave.user_id].append((leave.from_on, leave.to_on))
    found = {}
    for contact in contacts:
        found[contact.key] = [
            Recipient(one.user_id, one.need, one.link_path, _day_back(one.user_id, contact, leaves, calendar))
            if one.user_id in leaves
            else one
            for one in recipients
        ]
    return found


def consultation_reminders_wanted(within: Within, now: datetime) -> Iterator[Wanted]:
    """The contacts of consultations that are launched and not over, to those who have not answered."""
    reviews = {one.pk: one for one in reviews_that_go_on(within).filter(closes_at__gt=now)}
    launched = Consultation.objects.filter(review__in=reviews, launched_at__isnull=False).order_by("pk")
    consultations = list(launched)
    if not consultations:
        return
    calendar, steps = working_calendar(), _steps(reviews.values())
    for consultation in consultations:
        consultation.review = reviews[consultation.review_id]
        contacts = _contacts(consultation, steps[consultation.review_id], calendar)
        coming = [contact for contact in contacts if contact.valid_until > now]
        asked = with_leave(_roll(consultation), coming, calendar=calendar)
        for contact in coming:
            yield Wanted(
                kind=KIND,
                key=f"{consultation.review_id}/{key_of_contact(consultation, contact)}",
                subject_id=consultation.review_id,
                part_id=consultation.pk,
                programme_id=consultation.review.programme_id,
                words=words_of_contact(consultation, contact),
                recipients=tuple(asked[contact.key]),
                is_urgent=contact.is_urgent,
            )


def _contacts(consultation: Consultation, steps: list[Step], calendar: WorkingCalendar) -> list[Contact]:
    review = consultation.review
    if consultation.launched_at is None:
        return []
    try:
        return contacts_of(
            steps,
            opens_at=review.opens_at,
            closes_at=review.closes_at,
            now=consultation.launched_at,
            calendar=calendar,
        )
    except BeyondCalendar:
        return []


def _steps(reviews: Collection[Review]) -> dict[UUID, list[Step]]:
    """The steps of each review that were not skipped, as the calendar gives them now."""
    by_review = steps_by_review(reviews)
    found: dict[UUID, list[Step]] = {review.pk: [] for review in reviews}
    rows = Milestone.objects.filter(review__in=found, state=MilestoneState.PLANNED).order_by("due_at", "pk")
    for review_id, key in rows.values_list("review_id", "key"):
        step = by_review[review_id].get(key)
        if step:
            found[review_id].append(Step(step.key, step.due_at, step.reason))
    return found


def _roll(consultation: Consultation) -> list[Recipient]:
    """Those who have not answered and can: staff by their task, partners by their live link. Two queries."""
    tasks = ConsultationTask.objects.filter(consultation=consultation, person__is_active=True)
    waiting = tasks.exclude(state=TaskState.SUBMITTED).order_by("pk")
    links = {link.task_id: link for link in AnswerLink.objects.filter(task__consultation=consultation, revoked_at=None)}
    found = []
    for task_id, person_id, is_partner in waiting.values_list("pk", "person_id", "person__is_partner"):
        if not is_partner:
            found.append(Recipient(person_id, need_of(task_id), task_path(task_id)))
        elif task_id in links:
            found.append(Recipient(person_id, need_of(task_id), path_in_mail(links[task_id])))
    return found


def _day_back(
    user_id: UUID, contact: Contact, leaves: dict[UUID, list[tuple[date, date]]], calendar: WorkingCalendar
) -> datetime | None:
    last_on = away_until(user_id, local_date(contact.due_at), leaves)
    if last_on is None:
        return None
    try:
        back_at = instant(calendar.on_or_after(last_on + timedelta(days=1)), SENDS_TIME)
    except BeyondCalendar:
        return None
    return back_at if back_at < contact.valid_until else contact.valid_until
