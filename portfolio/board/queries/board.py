"""The portfolio at a glance: one row per programme, and what the rows say together."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import QuerySet

from partners.calendar.rules import AsAt
from partners.clock.rules import local_date
from partners.people.models import User
from portfolio.board.enums import FINISHED, OVERALLS, STAGES, UNRATED
from portfolio.board.queries.exceptions import raised_by
from portfolio.board.rules import SIGNALS, Raised, words_of
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to, programme_ids_in
from programmes.overview.queries import ProgrammeRow, programme_rows, programme_rows_at, worst_first
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.queries import reporting_by_portfolio, reporting_rule
from programmes.workstreams.rules import COUNTED, Overall, ReportingRule, Rollup

_LONG_AGO, _FAR_AWAY = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_STAGE_ORDER = {key: place for place, key in enumerate(STAGES) if key != FINISHED} | {FINISHED: len(STAGES) + 1}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader wants to see of the board; empty is everything. Keys are those of ``rules`` and ``enums``."""

    q: str = ""
    stage: str = ""
    rating: str = ""
    delivery_model: str = ""
    only: str = ""
    sort: str = "worst"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.stage or self.rating or self.delivery_model or self.only)


@dataclass(frozen=True, slots=True)
class Glance:
    """What all programmes that run say together. ``rollup`` counts workstreams, ``overalls`` programmes."""

    programmes: int
    ended: int
    rollup: Rollup
    overalls: dict[Overall, int]
    asks: int
    reviews: int
    late: int


@dataclass(frozen=True, slots=True)
class StageStrip:
    """How many programmes of one stage show which rating, worst first. What no programme shows is left out
    unless it is a rating."""

    key: str
    title: str
    counts: list[tuple[Overall, int]]
    total: int


@dataclass(frozen=True, slots=True)
class Board:
    """``rows`` are all programmes in no order, ``shown`` those wanted in the order wanted; ``raised`` says why each
    exception is one."""

    rows: list[ProgrammeRow]
    shown: list[ProgrammeRow]
    raised: dict[UUID, list[Raised]]
    glance: Glance
    strip: list[StageStrip]
    reporting: ReportingRule

    @property
    def exceptions(self) -> list[tuple[str, str, int]]:
        """Each signal that any programme raises: its key, what it says, and how many raise it; the worst first."""
        counts = Counter(one.key for raised in self.raised.values() for one in raised)
        return [(key, title, counts[key]) for key, title in SIGNALS.items() if counts[key]]

    @property
    def quiet(self) -> int:
        """How many programmes that run raise nothing."""
        return self.glance.programmes - len(self.raised)


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A portfolio in the list of portfolios."""

    portfolio: Portfolio
    glance: Glance


def programmes_in(portfolio: Portfolio) -> QuerySet[Programme]:
    """The portfolio's programmes: who may see a portfolio may see each of them. Unordered."""
    return Programme.objects.filter(scope__parent=portfolio.scope_id)


def board_of(portfolio: Portfolio, wanted: Wanted, *, now: datetime, when: AsAt | None = None) -> Board:
    """The board of a portfolio that the caller has scoped, now or as at a day; eight queries, as at a day fourteen."""
    reporting, programmes = reporting_rule(portfolio.scope_id), programmes_in(portfolio)
    if when is None or when.known_at == now:
        today, rows = local_date(now), programme_rows(programmes, days=reporting.around(now), now=now)
    else:
        today, days = when.on, reporting.around(when.known_at)
        rows = programme_rows_at(programmes, days=days, on=when.on, known_at=when.known_at)
    raised = raised_by(
        programme_ids_in(portfolio),
        rows,
        on=today,
        known_at=when.known_at if when else now,
        calendar=reporting.calendar,
    )
    return Board(
        rows=rows,
        shown=in_order(_wanted(rows, wanted, raised), wanted.sort),
        raised=raised,
        glance=glance_at(rows, today),
        strip=strip_of(rows),
        reporting=reporting,
    )


def portfolio_rows(user: User, *, now: datetime) -> list[PortfolioRow]:
    """Every portfolio that the person may see, by name; seven queries for any number."""
    portfolios = portfolios_visible_to(user).order_by("name", "pk")
    programmes = programmes_visible_to(user).filter(scope__parent__in=portfolios.order_by().values("scope"))
    found = programme_rows(programmes, days=reporting_by_portfolio(now), now=now)
    places = dict(programmes.order_by().values_list("pk", "scope__parent"))
    rows: dict[object, list[ProgrammeRow]] = {}
    for row in found:
        rows.setdefault(places[row.id], []).append(row)
    return [PortfolioRow(one, glance_at(rows.get(one.scope_id, []), local_date(now))) for one in portfolios]


def glance_at(rows: Sequence[ProgrammeRow], today: date) -> Glance:
    """What these programmes say together. A review of a programme that has ended counts, nothing else of it."""
    running = [row for row in rows if not row.ended_on]
    counts = Counter(row.overall for row in running)
    return Glance(
        programmes=len(running),
        ended=len(rows) - len(running),
        rollup=Rollup(*(sum(getattr(row.rollup, name) for row in running) for name in COUNTED)),
        overalls={overall: counts[overall] for overall in OVERALLS},
        asks=sum(row.asks for row in running),
        reviews=sum(row.review_closes_at is not None for row in rows),
        late=sum(row.is_late(today) for row in running),
    )


def strip_of(rows: Sequence[ProgrammeRow]) -> list[StageStrip]:
    """Programmes that run by stage and rating: the usual stages even where there are none, others where there are."""
    running = [row for row in rows if not row.ended_on]
    counts = Counter((row.stage_key, row.overall) for row in running)
    shown = {overall for _, overall in counts}
    columns = [overall for overall in OVERALLS if overall in shown or overall not in UNRATED]
    return [
        StageStrip(
            key,
            title,
            [(overall, counts[key, overall]) for overall in columns],
            sum(counts[key, overall] for overall in columns),
        )
        for key, title in _stages_in(running).items()
    ]


def _stages_in(rows: Sequence[ProgrammeRow]) -> dict[str, str]:
    """The usual stages, then those of other life cycles by title, then that all are finished."""
    others = {row.stage: row.stage_title or "" for row in rows if row.stage and row.stage not in STAGES}
    named = {key: title for key, title in STAGES.items() if key != FINISHED}
    return {**named, **dict(sorted(others.items(), key=lambda each: each[1])), FINISHED: STAGES[FINISHED]}


def in_order(rows: list[ProgrammeRow], sort: str) -> list[ProgrammeRow]:
    """The rows in one of the orders of ``rules.SORTS``, those that have ended last; by name where it leaves a choice."""
    if sort not in _ORDERS:
        return worst_first(rows)
    key = _ORDERS[sort]
    return sorted(rows, key=lambda row: (bool(row.ended_on), key(row), row.name.casefold(), row.id))


_ORDERS: dict[str, Callable[[ProgrammeRow], object]] = {
    "name": lambda row: 0,
    "stage": lambda row: (_STAGE_ORDER.get(row.stage_key, len(_STAGE_ORDER)), row.stage_title or ""),
    "silent": lambda row: -row.rollup.silent,
    "oldest": lambda row: row.last_reported_at or _LONG_AGO,
    "asks": lambda row: -row.asks,
    "review": lambda row: row.review_closes_at or _FAR_AWAY,
}


def _wanted(rows: list[ProgrammeRow], wanted: Wanted, raised: dict[UUID, list[Raised]]) -> list[ProgrammeRow]:
    if not wanted.is_narrowed:
        return rows
    words = words_of(wanted.q)
    return [
        row
        for row in rows
        if wanted.stage in ("", row.stage_key)
        and wanted.rating in ("", row.overall)
        and wanted.delivery_model in ("", row.delivery_model)
        and (not wanted.only or _is_among(row, wanted.only, raised.get(row.id, [])))
        and all(word in row.name.casefold() for word in words)
    ]


def _is_among(row: ProgrammeRow, only: str, raised: list[Raised]) -> bool:
    if only in _ONLY:
        return _ONLY[only](row)
    return bool(raised) if only == "exceptions" else any(one.key == only for one in raised)


_ONLY: dict[str, Callable[[ProgrammeRow], bool]] = {
    "asks": lambda row: row.asks > 0,
    "review": lambda row: row.review_closes_at is not None,
    "ended": lambda row: row.ended_on is not None,
}
