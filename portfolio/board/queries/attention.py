"""What needs attention in a portfolio: what is due, what changed, what is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from partners.audit.models import AuditEvent
from partners.audit.queries import Statement
from partners.clock.rules import local_date
from partners.people.models import Scope
from portfolio.board.queries.board import Board, programmes_in
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import programme_ids_in
from programmes.overview.queries import (
    Change,
    Due,
    ProgrammeRow,
    changes_in,
    due_in,
    newest_changes,
    programme_rows,
    steps_planned,
)
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS
from programmes.workstreams.queries import OpenAsk, asks_open, reporting_rule
from programmes.workstreams.rules import ReportingRule

FIRST_FEW = 8


@dataclass(frozen=True, slots=True)
class Attention:
    """The first few of each."""

    due: list[Due]
    changes: list[Change]
    asks: list[OpenAsk]


def attention_of(portfolio: Portfolio, board: Board, *, now: datetime) -> Attention:
    """What stands beside the board; three queries for any number of programmes."""
    since = now - timedelta(days=max(CHANGE_DAYS))
    return Attention(
        due=_due(portfolio, board.rows, board.reporting, now=now, days=min(DUE_DAYS), most=FIRST_FEW),
        changes=newest_changes(_SCOPES.part(scope=portfolio.scope_id), since=since, limit=FIRST_FEW),
        asks=portfolio_asks(portfolio, limit=FIRST_FEW),
    )


def portfolio_due(portfolio: Portfolio, *, now: datetime, days: int) -> list[Due]:
    """Everything late or due in a portfolio that the caller has scoped; four queries."""
    reporting = reporting_rule(portfolio.scope_id)
    rows = programme_rows(programmes_in(portfolio), days=reporting.around(now), now=now)
    return _due(portfolio, rows, reporting, now=now, days=days)


def portfolio_changes(portfolio: Portfolio, *, since: datetime, with_routine: bool = False) -> QuerySet[AuditEvent]:
    """Acts in the portfolio and its programmes, newest first."""
    return changes_in(_SCOPES.part(scope=portfolio.scope_id), since=since, with_routine=with_routine)


def portfolio_asks(portfolio: Portfolio, *, limit: int | None = None) -> list[OpenAsk]:
    """What workstreams of the portfolio need from above, the longest waiting first; one query."""
    return asks_open(programme_ids_in(portfolio), limit=limit)


def _due(
    portfolio: Portfolio,
    rows: list[ProgrammeRow],
    reporting: ReportingRule,
    *,
    now: datetime,
    days: int,
    most: int | None = None,
) -> list[Due]:
    ids = programme_ids_in(portfolio)
    steps = steps_planned(rows, until=local_date(now) + timedelta(days=days))
    return due_in(ids, steps, reporting=[reporting], now=now, days=days, most=most)


def _scopes(scope: RawSQL) -> QuerySet:
    return Scope.objects.filter(Q(pk=scope) | Q(parent=scope)).order_by().values_list("pk")


_SCOPES = Statement(_scopes)
