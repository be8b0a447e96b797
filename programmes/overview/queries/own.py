"""One's own page: what one owes, what is asked of one, what others have not read yet, and what changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import standing_of
from programmes.consultations.queries import TaskRow, tasks_of
from programmes.overview.queries.changes import Change, newest_changes
from programmes.overview.queries.due import Due, due_in
from programmes.overview.queries.rows import ProgrammeRow, programme_rows, steps_planned, worst_first
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS
from programmes.raid.models import RaidEntry
from programmes.raid.queries import Mention, actions_due_for, entries_mentioning
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reporting.queries import (
    AskedOfAuthor,
    ToAcknowledge,
    drafts_of,
    questions_for,
    report_states,
    unacknowledged_for,
)
from programmes.reviews.enums import ReviewState
from programmes.reviews.queries import ReviewRow, reviews_of
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import (
    AnyDays,
    OpenAsk,
    StatusDue,
    asks_open,
    reporting_by_portfolio,
    statuses_due_for,
    workstreams_visible_to,
)
from programmes.workstreams.rules import ReportState

CHANGES_SHOWN = 20
ACTIONS_AHEAD = timedelta(days=14)
MENTIONS_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Running:
    """A review that is open or about to open, with what comes next in it."""

    review: ReviewRow
    next_step: Due | None


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody's own page shows. ``drafts`` are the workstreams in ``statuses`` of which they keep one; ``unread``
    are their own latest reports that nobody has acknowledged. ``days`` are the reporting days of every portfolio."""

    as_of: datetime
    days: AnyDays
    statuses: list[StatusDue]
    drafts: set[UUID]
    to_acknowledge: list[ToAcknowledge]
    questions: list[AskedOfAuthor]
    actions: list[RaidEntry]
    mentions: list[Mention]
    unread: list[Workstream]
    tasks: list[TaskRow]
    asks: list[OpenAsk]
    programmes: list[ProgrammeRow]
    running: list[Running]
    due: list[Due]
    changes: list[Change]

    @property
    def is_empty(self) -> bool:
        return not (self.programmes or self.statuses or self.to_acknowledge or self.questions or self.actions)


def programmes_run_by(user: User) -> QuerySet[Programme]:
    """Programmes that the person owns, manages or leads a part of. Unordered."""
    places = standing_of(user).scopes_of({Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD})
    return programmes_visible_to(user).filter(Q(scope__in=places) | Q(owner=user))


def own_programmes(user: User, *, now: datetime) -> Own:
    """Everything on the page but ``reports_on``; the same number of queries for any number of programmes."""
    book = reporting_by_portfolio(now)
    programmes = programmes_run_by(user)
    rows = programme_rows(programmes, days=book, now=now)
    ids = [row.id for row in rows]
    steps = steps_planned(rows, until=local_date(now) + timedelta(days=max(DUE_DAYS)))
    portfolios = programmes.order_by().values_list("scope__parent_id", flat=True).distinct()
    rules = list({(rule := book.rule_of(scope_id)).pattern: rule for scope_id in portfolios}.values())
    due = due_in(ids, steps, reporting=rules, now=now, days=max(DUE_DAYS))
    reviews = [row for row in reviews_of(ids, now) if row.state in (ReviewState.OPEN, ReviewState.SCHEDULED)]
    since = now - timedelta(days=min(CHANGE_DAYS))
    statuses = statuses_due_for(user, now)
    return Own(
        as_of=now,
        days=book,
        statuses=statuses,
        drafts=drafts_of([each.workstream_id for each in statuses], user),
        to_acknowledge=unacknowledged_for(user, now),
        questions=questions_for(user),
        actions=list(actions_due_for(user, local_date(now) + ACTIONS_AHEAD)),
        mentions=entries_mentioning(user, now - MENTIONS_BACK),
        unread=_unread(user),
        tasks=[task for task in tasks_of(user, now) if task.is_to_do],
        asks=_asks(user, programmes, ids),
        programmes=worst_first([row for row in rows if row.ended_on is None]),
        running=[Running(row, next((item for item in due if item.page_id == row.id), None)) for row in reviews],
        due=due,
        changes=newest_changes(programmes.order_by().values("scope"), since=since, limit=CHANGES_SHOWN),
    )


def reports_on(statuses: Iterable[StatusDue], user: User, *, days: AnyDays, now: datetime) -> dict[UUID, ReportState]:
    """Where the report of each workstream that owes a status stands; three queries."""
    owed = workstreams_visible_to(user).filter(pk__in=[each.workstream_id for each in statuses])
    return report_states(list(owed.order_by("pk")), user, days, now)


def _unread(user: User) -> list[Workstream]:
    """Workstreams whose latest report is this person's and was acknowledged by nobody, the longest waiting first."""
    mine = workstreams_visible_to(user).filter(current_update__reported_by=user, closed_at=None)
    return list(mine.filter(current_update__acknowledgement=None).order_by("current_reported_at", "pk"))


def _asks(user: User, programmes: QuerySet[Programme], ids: list[UUID]) -> list[OpenAsk]:
    """Open asks of the programmes that the person manages or owns, and of the workstreams that they lead."""
    managed = Q(scope__in=standing_of(user).scopes_of({Role.PROGRAMME_MANAGER})) | Q(owner=user)
    answerable = set(programmes.filter(managed).order_by().values_list("pk", flat=True))
    led = set(workstreams_visible_to(user).filter(lead=user, closed_at=None).order_by().values_list("pk", flat=True))
    return [ask for ask in asks_open(ids) if ask.programme_id in answerable or ask.workstream_id in led]
