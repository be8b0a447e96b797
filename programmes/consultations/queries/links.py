"""Answer links: whose they are, and which task one opens."""

from uuid import UUID

from django.db.models import F, QuerySet

from partners.post.queries import is_secret_of
from programmes.consultations.models import AnswerLink, Consultation, ConsultationTask


def task_by_link(link_id: UUID, secret: str) -> ConsultationTask | None:
    """The task with person, consultation, review and programme, if this is the secret of a live link to it; one query."""
    tasks = ConsultationTask.objects.select_related("person", "consultation__review__programme")
    task = tasks.filter(
        answer_links__pk=link_id, answer_links__revoked_at=None, person__is_active=True, person__is_partner=True
    ).first()
    return task if task and is_secret_of(link_id, secret, holder_id=task.person_id) else None


def live_link_of(task: ConsultationTask) -> AnswerLink | None:
    return AnswerLink.objects.filter(task=task, revoked_at=None).first()


def answer_links_of(consultation: Consultation) -> QuerySet[AnswerLink]:
    """The latest link of each task that ever had one, by person, with task, person and who revoked it."""
    latest = AnswerLink.objects.filter(task__consultation=consultation).order_by(
        "task_id", F("revoked_at").desc(nulls_first=True), "-made_at", "pk"
    )
    found = AnswerLink.objects.filter(pk__in=latest.distinct("task_id").values("pk"))
    return found.select_related("task__person", "revoked_by").order_by("task__person__name", "pk")


def answer_link_of(consultation: Consultation, link_id: UUID) -> AnswerLink | None:
    """The link, with task and person, if it is or was to one of this consultation's tasks."""
    links = AnswerLink.objects.filter(task__consultation=consultation, pk=link_id)
    return links.select_related("task__person").first()
