from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, QuerySet, UUIDField, Value

from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.models import PortfolioReporting, ReportingSettings
from programmes.workstreams.rules import (
    YEAR_AHEAD,
    ReportingBook,
    ReportingDay,
    ReportingDays,
    ReportingPattern,
    ReportingRule,
)

DAYS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ExplainedChoice:
    """What one choice of frequency and weekday would mean: its words, its next days, and those that move."""

    frequency: Frequency
    weekday: Weekday
    words: str
    next_days: tuple[date, ...]
    moved: tuple[ReportingDay, ...]


def reporting_settings() -> ReportingSettings:
    """How often and on which day reports are due; what holds before anybody chose, when nobody has."""
    return ReportingSettings.objects.filter(pk=1).first() or ReportingSettings()


def portfolio_reporting(scope_id: UUID) -> PortfolioReporting | None:
    """What the portfolio has chosen for itself."""
    return PortfolioReporting.objects.filter(pk=scope_id).select_related("scope").first()


def reporting_rule(scope_id: UUID | None = None) -> ReportingRule:
    """What the portfolio of this scope follows, what holds for every portfolio without one; with the working calendar.
    Two queries."""
    usual, chosen = _patterns(PortfolioReporting.objects.filter(pk=scope_id))
    return ReportingRule(chosen.get(scope_id, usual) if scope_id else usual, working_calendar())


def reporting_days(now: datetime, scope_id: UUID | None = None) -> ReportingDays:
    """The reporting days about an instant, by ``reporting_rule``; two queries."""
    return reporting_rule(scope_id).around(now)


def reporting_by_portfolio(now: datetime) -> ReportingBook:
    """What each portfolio follows, for pages across them; two queries."""
    usual, chosen = _patterns(PortfolioReporting.objects.all())
    calendar = working_calendar()
    return ReportingBook(
        now,
        ReportingRule(usual, calendar),
        {scope_id: ReportingRule(pattern, calendar) for scope_id, pattern in chosen.items() if scope_id},
    )


def explained_choices(now: datetime) -> list[ExplainedChoice]:
    """Every weekly and monthly choice, with what it means from today on; one query."""
    calendar, today = working_calendar(), local_date(now)
    found = []
    for frequency in (Frequency.WEEKLY, Frequency.MONTHLY):
        for weekday in Weekday:
            found.append(explained(ReportingRule(ReportingPattern(frequency, int(weekday)), calendar), today))
    return found


def explained(rule: ReportingRule, today: date) -> ExplainedChoice:
    """What a rule means from a day on."""
    days = rule.between(today, today + YEAR_AHEAD)
    return ExplainedChoice(
        frequency=Frequency(rule.pattern.frequency),
        weekday=Weekday(str(rule.pattern.weekday)),
        words=rule.pattern.words,
        next_days=tuple(day.on for day in days[:DAYS_SHOWN]),
        moved=tuple(day for day in days if day.on != day.nominal_on),
    )


def pattern_of(choice: ReportingSettings | PortfolioReporting) -> ReportingPattern:
    """A saved choice as the rules take it."""
    return ReportingPattern(choice.frequency, int(choice.weekday), choice.first_on)


def _patterns(chosen: QuerySet[PortfolioReporting]) -> tuple[ReportingPattern, dict[UUID | None, ReportingPattern]]:
    """The usual pattern, and those chosen by the scope of the portfolio; one query."""
    usual = ReportingSettings.objects.order_by().annotate(of=Value(None, UUIDField()))
    rows = usual.values_list("of", "frequency", "weekday", "first_on").union(
        chosen.order_by().annotate(of=F("scope_id")).values_list("of", "frequency", "weekday", "first_on"), all=True
    )
    patterns = {of: ReportingPattern(frequency, int(day), first_on) for of, frequency, day, first_on in rows}
    return patterns.pop(None, None) or pattern_of(ReportingSettings()), patterns
