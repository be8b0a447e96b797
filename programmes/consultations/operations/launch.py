from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.people.models import User
from programmes.consultations.changes import ask_contacts_of, ask_people_of, plan_contacts
from programmes.consultations.models import Consultation
from programmes.consultations.permissions import check_can_run_consultations
from programmes.consultations.queries import launch_plan
from programmes.consultations.rules import NotReady


@transaction.atomic(durable=True)
def launch_consultation(*, consultation_id: UUID, by: User, now: datetime) -> Consultation:
    """Freeze questions and audience, give everybody asked a task, and plan the invitation and the reminders.

    The roll is frozen too: whoever joins one of the units or organisations later, and whichever organisation joins one
    of the consortia, is not asked. Partners' contacts answer by a link of their own. Queries are the same for any number of
    people. Launching again is refused.

    Raises: NotPermitted; NotReady with a sentence for each missing thing.
    """
    consultation = (
        Consultation.objects.select_for_update(of=("self", "review"), no_key=True)
        .select_related("review__programme__scope")
        .get(pk=consultation_id)
    )
    review = consultation.review
    check_can_run_consultations(by, review.programme)
    plan = launch_plan(consultation, now)
    if plan.missing:
        raise NotReady(plan.missing)
    consultation.launched_at, consultation.launched_by = now, by
    consultation.version += 1
    consultation.save(update_fields=["launched_at", "launched_by", "version"])
    staff = ask_people_of(consultation, plan.unit_ids, now=now)
    partners = ask_contacts_of(consultation, plan.organisation_ids, now=now)
    plan_contacts(consultation, staff + partners, list(plan.contacts), now=now)
    record(
        by=by,
        now=now,
        action="consultations.launch_consultation",
        subject=consultation,
        scope_id=review.programme.scope_id,
        summary=f"launched the consultation {consultation.title} to {len(staff) + len(partners):,} people",
        after={
            "people": len(staff) + len(partners),
            "partners": len(partners),
            "contacts": [contact.key for contact in plan.contacts],
            "version": consultation.version,
            "part": "its state: it is launched",
        },
    )
    return consultation
