from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, F, Q, Value, When

from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import standing_of as roles_of
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries.settings import reporting_days
from programmes.workstreams.queries.standing import last_said, with_standing
from programmes.workstreams.rules import DUE_SOON, ReportingDays, Standing, words_for_due


@dataclass(frozen=True, slots=True)
class StatusDue:
    """A report that somebody owes. ``due_words`` reads "Due by the end of Friday 18 September 2026"."""

    workstream_id: UUID
    workstream_name: str
    programme_id: UUID
    programme_name: str
    is_lead: bool
    is_silent: bool
    due_at: datetime
    due_words: str
    last_words: str


def statuses_due_for(user: User, now: datetime) -> list[StatusDue]:
    """What this person should report on, as programme manager or as lead: silent ones first, then what is due within a
    week and not reported since the last reporting day; three queries."""
    roles, days = roles_of(user), reporting_days(now)
    managed = Q(programme__scope_id__in=roles.scopes_of({Role.PROGRAMME_MANAGER}))
    led = Q(programme__scope_id__in=roles.scopes_of({Role.WORKSTREAM_LEAD}), lead=user)
    owed = Q(current_reported_at=None) | Q(current_reported_at__lte=days.last_deadline)
    owing = Workstream.objects.filter(managed | led, owed, closed_at=None).select_related("programme", "lead")
    found = with_standing(owing, days)
    if days.next_deadline - now > DUE_SOON:
        found = found.filter(standing=Standing.SILENT.value)
    is_heard = Case(When(standing=Standing.SILENT.value, then=Value(0)), default=Value(1))
    rows = found.order_by(is_heard, F("current_reported_at").asc(nulls_first=True), "name", "pk")
    return [_due(workstream, user, days, now) for workstream in rows]


def _due(workstream: Workstream, user: User, days: ReportingDays, now: datetime) -> StatusDue:
    is_silent = workstream.standing == Standing.SILENT
    return StatusDue(
        workstream_id=workstream.pk,
        workstream_name=workstream.name,
        programme_id=workstream.programme_id,
        programme_name=workstream.programme.name,
        is_lead=workstream.lead_id == user.pk,
        is_silent=is_silent,
        due_at=days.last_deadline if is_silent else days.next_deadline,
        due_words=words_for_due(workstream.standing, days),
        last_words=last_said(workstream, now),
    )
