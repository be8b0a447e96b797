"""Who reads what was reported, what waits for them, and where each report stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import RoleHolding, User
from partners.people.permissions import standing_of as roles_of
from partners.people.queries import leave_between
from partners.people.rules.leave import stand_ins
from programmes.register.queries import programmes_visible_to
from programmes.reporting.models import StatusAcknowledgement
from programmes.reporting.queries.drafts import drafts_of
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import (
    READ_WITH,
    AnyDays,
    period_to_report,
    reviewers_of,
    reviewers_of_read,
    workstreams_visible_to,
)
from programmes.workstreams.rules import ReportingDays, ReportState, covers


@dataclass(frozen=True, slots=True)
class ToAcknowledge:
    """A status that waits for somebody to read it."""

    update_id: UUID
    workstream_id: UUID
    workstream_name: str
    programme_id: UUID
    programme_name: str
    rating: Rating
    changed: str
    reported_at: datetime
    reported_by: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class AskedOfAuthor:
    """A question about a status that its author has not answered."""

    update_id: UUID
    workstream_id: UUID
    workstream_name: str
    programme_id: UUID
    programme_name: str
    question: str
    asked_at: datetime
    asked_by: str


def readers_of(workstream: Workstream, *, author: User, on: date) -> list[User]:
    """Who is told when this author reports that day, by name: never the author themselves."""
    found = reviewers_of([workstream], on=on, is_owed=True).get(workstream.pk, [])
    if any(one.pk != author.pk for one in found):
        return [one for one in found if one.pk != author.pk]
    return [one for one in reviewers_of([workstream], on=on).get(workstream.pk, []) if one.pk != author.pk]


def unacknowledged_for(user: User, now: datetime) -> list[ToAcknowledge]:
    """The latest status of each open workstream that waits for this person, or for somebody they stand in for today, to
    read it; the longest waiting first. Six queries; more while they stand in for somebody."""
    today = local_date(now)
    people = _standing_in_for(user, today)
    waiting = (
        workstreams_visible_to(user)
        .filter(_may_wait_for(people), closed_at=None, current_update__isnull=False)
        .exclude(current_update__reported_by=user)
        .exclude(Exists(StatusAcknowledgement.objects.filter(update=OuterRef("current_update"))))
        .select_related(*READ_WITH, "current_update__reported_by")
        .order_by("current_update__reported_at", "pk")
    )
    rows = list(waiting)
    readers = reviewers_of_read(rows, on=today) if rows else {}
    return [_to_acknowledge(row) for row in rows if user in readers.get(row.pk, [])]


def questions_for(user: User) -> list[AskedOfAuthor]:
    """Questions about what this person reported that nobody has answered, the oldest first; at most two queries."""
    asked = (
        StatusAcknowledgement.objects.exclude(question="")
        .filter(
            update__reported_by=user,
            answer__isnull=True,
            update__workstream__programme__in=programmes_visible_to(user).order_by().values("pk"),
        )
        .select_related("update__workstream__programme", "acknowledged_by")
        .order_by("acknowledged_at", "pk")
    )
    return [
        AskedOfAuthor(
            update_id=one.update_id,
            workstream_id=one.update.workstream_id,
            workstream_name=one.update.workstream.name,
            programme_id=one.update.workstream.programme_id,
            programme_name=one.update.workstream.programme.name,
            question=one.question,
            asked_at=one.acknowledged_at,
            asked_by=one.acknowledged_by.name,
        )
        for one in asked
    ]


def report_states(
    workstreams: Collection[Workstream], user: User, days: AnyDays, now: datetime
) -> dict[UUID, ReportState]:
    """Where the report of each open workstream stands for the period under way; two queries.

    A draft is known to its author alone. With days of every portfolio, workstreams come with their programme and scope.
    """
    reports = {one.current_update_id: one.pk for one in workstreams if one.current_update_id}
    acknowledged = StatusAcknowledgement.objects.filter(update__in=reports).values_list("update_id", flat=True)
    read = {reports[update_id] for update_id in acknowledged}
    drafted = drafts_of([one.pk for one in workstreams], user)
    found = {}
    for one in workstreams:
        if one.closed_at is None:
            these = days if isinstance(days, ReportingDays) else days.days_of(one.programme.scope.parent_id)
            found[one.pk] = _state(one, these, now, is_read=one.pk in read, is_drafted=one.pk in drafted)
    return found


def in_report_state(
    workstreams: QuerySet[Workstream], state: ReportState, user: User, days: AnyDays, now: datetime
) -> QuerySet[Workstream]:
    """Those of the workstreams, of one programme or a few, whose report for the period under way stands so; three
    queries."""
    found = report_states(list(workstreams), user, days, now)
    return workstreams.filter(pk__in=[pk for pk, each in found.items() if each == state])


def _state(one: Workstream, days: ReportingDays, now: datetime, *, is_read: bool, is_drafted: bool) -> ReportState:
    period_on, is_late = period_to_report(one, days, now)
    if covers(one.exception_from_on, one.exception_to_on, period_on):
        return ReportState(one.exception_kind)
    if is_late:
        return ReportState.LATE
    if one.current_period_on and one.current_period_on >= period_on:
        return ReportState.ACKNOWLEDGED if is_read else ReportState.SUBMITTED
    return ReportState.DRAFT if is_drafted else ReportState.NOT_STARTED


def _standing_in_for(user: User, day: date) -> list[User]:
    """This person, and whoever they stand in for on the day."""
    away = [absent for absent, who in stand_ins(leave_between(day, day), day).items() if who == user.pk]
    return [user, *(User.objects.filter(pk__in=away).order_by("pk") if away else [])]


def _may_wait_for(people: Collection[User]) -> Q:
    """Where one of these people may be the first who is asked to read: in SQL, so that few workstreams are looked at.

    ``reviewers_of`` says of those that are left who it is.
    """
    manages = (
        RoleHolding.objects.filter(
            role=Role.PROGRAMME_MANAGER, scope=OuterRef("programme__scope"), ended_at=None, user__is_active=True
        )
        .exclude(user=OuterRef("lead"))
        .exclude(user=OuterRef("current_update__reported_by"))
    )
    has_no_reviewer = (
        Q(reviewer=None)
        | Q(reviewer__is_active=False)
        | Q(reviewer=F("lead"))
        | Q(reviewer=F("current_update__reported_by"))
    )
    found: Q = Q(reviewer__in=people)
    for person in people:
        roles = roles_of(person)
        managed = Q(programme__scope__in=roles.scopes_of({Role.PROGRAMME_MANAGER}))
        above = Q(programme__owner=person) | Q(programme__scope__parent__in=roles.scopes_of({Role.CIO}))
        found = found | (has_no_reviewer & (managed | (above & Q(~Exists(manages)))))
    return found


def _to_acknowledge(one: Workstream) -> ToAcknowledge:
    update = one.current_update
    if update is None:
        raise ValueError("Only a workstream with a status waits for somebody to read it")
    return ToAcknowledge(
        update_id=update.pk,
        workstream_id=one.pk,
        workstream_name=one.name,
        programme_id=one.programme_id,
        programme_name=one.programme.name,
        rating=Rating(update.rating),
        changed=update.changed,
        reported_at=update.reported_at,
        reported_by=update.reported_by.name,
        is_late=update.is_late,
    )
