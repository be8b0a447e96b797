from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import standing_of as roles_of
from partners.people.queries import away_for_whom_stands_in
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries.settings import reporting_by_portfolio
from programmes.workstreams.queries.standing import last_said, with_standing
from programmes.workstreams.rules import DUE_SOON, ReportingDays, Standing, covers, words_for_due

MISSING = (Standing.LATE, Standing.SILENT)


@dataclass(frozen=True, slots=True)
class StatusDue:
    """A report that somebody owes. ``due_words`` reads "Due by the end of Friday 18 September 2026"."""

    workstream_id: UUID
    workstream_name: str
    programme_id: UUID
    programme_name: str
    is_lead: bool
    is_silent: bool
    is_late: bool
    due_at: datetime
    due_words: str
    last_words: str


def statuses_due_for(user: User, now: datetime) -> list[StatusDue]:
    """What this person should report on, as programme manager, as lead or for a lead who is away: what is missing
    first, then what is due within a week and not reported yet; five queries."""
    roles, book = roles_of(user), reporting_by_portfolio(now)
    managed = Q(programme__scope_id__in=roles.scopes_of({Role.PROGRAMME_MANAGER}))
    led = Q(programme__scope_id__in=roles.scopes_of({Role.WORKSTREAM_LEAD}), lead=user)
    led |= Q(
        programme__in=programmes_visible_to(user).order_by().values("pk"),
        lead__in=away_for_whom_stands_in(user, local_date(now)),
    )
    theirs = Workstream.objects.filter(managed | led, closed_at=None).select_related("programme__scope", "lead")
    found = with_standing(theirs, book).order_by(F("current_reported_at").asc(nulls_first=True), "name", "pk")
    due = [
        _due(workstream, user, days, now)
        for workstream in found
        if _is_due(workstream, days := book.days_of(workstream.programme.scope.parent_id), now)
    ]
    return sorted(due, key=lambda one: (not one.is_silent, not one.is_late))


def _is_due(workstream: Workstream, days: ReportingDays, now: datetime) -> bool:
    if workstream.standing in MISSING:
        return True
    is_made = workstream.current_period_on is not None and workstream.current_period_on >= days.next_on
    is_excepted = covers(workstream.exception_from_on, workstream.exception_to_on, days.next_on)
    return not is_made and not is_excepted and days.next_deadline - now <= DUE_SOON


def _due(workstream: Workstream, user: User, days: ReportingDays, now: datetime) -> StatusDue:
    is_missing = workstream.standing in MISSING
    return StatusDue(
        workstream_id=workstream.pk,
        workstream_name=workstream.name,
        programme_id=workstream.programme_id,
        programme_name=workstream.programme.name,
        is_lead=workstream.lead_id == user.pk,
        is_silent=workstream.standing == Standing.SILENT,
        is_late=workstream.standing == Standing.LATE,
        due_at=days.last_deadline if is_missing else days.next_deadline,
        due_words=words_for_due(workstream.standing, days),
        last_words=last_said(workstream, now),
    )
