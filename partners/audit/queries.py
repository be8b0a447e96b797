from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from partners.audit.models import AuditEvent


def events_about(subject_id: UUID) -> QuerySet[AuditEvent]:
    """Every act on one thing, newest first. The caller has checked that the reader may see the thing."""
    return AuditEvent.objects.filter(subject_id=subject_id).order_by("-happened_at", "-pk")


def events_in(scope_ids: Collection[UUID], *, since: datetime) -> QuerySet[AuditEvent]:
    """Every act in these scopes from ``since`` (inclusive), newest first."""
    return AuditEvent.objects.filter(scope_id__in=scope_ids, happened_at__gte=since).order_by("-happened_at", "-pk")


def changes_since(subject_id: UUID, version: int, *, within: str = "") -> list[AuditEvent]:
    """Acts that took a thing beyond ``version``, oldest first: those whose ``after`` holds a later one.

    ``within`` names the key of ``after`` that holds the version of a part, such as one stage of a programme.
    """
    later = {f"after__{within}__version__gt" if within else "after__version__gt": version}
    return list(AuditEvent.objects.filter(subject_id=subject_id, **later).order_by("happened_at", "pk"))


def latest_event_at() -> datetime | None:
    """When the latest act happened; None when nothing has."""
    latest: datetime | None = AuditEvent.objects.aggregate(latest=Max("happened_at"))["latest"]
    return latest
