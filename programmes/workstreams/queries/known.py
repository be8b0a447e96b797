"""What was known of workstreams at an earlier instant, as parts of larger queries."""

from datetime import datetime

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncDate

from partners.audit.models import AuditEvent
from partners.clock.rules import UK
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.models import ReportingException, StatusUpdate


def rating_known_at(workstream: str, known_at: datetime | RawSQL) -> Subquery:
    """For ``annotate``: what the workstream that this path names had said last; empty where its rating was withheld."""
    not_ended = Q(ended_at=None) | Q(ended_at__gt=known_at) | Q(ended_day__gt=OuterRef("period_on"))
    withheld = ReportingException.objects.alias(ended_day=TruncDate("ended_at", tzinfo=UK)).filter(
        not_ended,
        workstream=OuterRef("workstream"),
        kind=ExceptionKind.WITHHELD,
        recorded_at__lte=known_at,
        from_on__lte=OuterRef("period_on"),
        to_on__gte=OuterRef("period_on"),
    )
    said = StatusUpdate.objects.filter(workstream=OuterRef(workstream), reported_at__lte=known_at)
    rating = Case(When(Exists(withheld), then=Value("")), default=F("rating"))
    return Subquery(said.order_by("-reported_at", "-pk").annotate(told=rating).values("told")[:1])


def workstreams_open_at(known_at: datetime | RawSQL) -> Q:
    """Workstreams that were open: closed later if at all, and not reopened since then from an earlier closing."""
    reopened = AuditEvent.objects.alias(closed=Cast(KT("before__closed_at"), DateTimeField())).filter(
        subject_id=OuterRef("pk"),
        action="workstreams.reopen_workstream",
        happened_at__gt=known_at,
        closed__lte=known_at,
    )
    return (Q(closed_at=None) | Q(closed_at__gt=known_at)) & ~Q(Exists(reopened))
