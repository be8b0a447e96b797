from dataclasses import dataclass
from datetime import date, datetime

from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.models import ReportingSettings
from programmes.workstreams.rules import (
    YEAR_AHEAD,
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


def reporting_rule() -> ReportingRule:
    """The settings with the working calendar; two queries."""
    settings = reporting_settings()
    return ReportingRule(ReportingPattern(settings.frequency, int(settings.weekday)), working_calendar())


def reporting_days(now: datetime) -> ReportingDays:
    """The reporting days about an instant, by the settings and the working calendar; two queries."""
    return reporting_rule().around(now)


def explained_choices(now: datetime) -> list[ExplainedChoice]:
    """Every choice there is, with what it means from today on; one query."""
    calendar, today = working_calendar(), local_date(now)
    found = []
    for frequency in Frequency:
        for weekday in Weekday:
            pattern = ReportingPattern(frequency, int(weekday))
            days = ReportingRule(pattern, calendar).between(today, today + YEAR_AHEAD)
            found.append(
                ExplainedChoice(
                    frequency=frequency,
                    weekday=weekday,
                    words=pattern.words,
                    next_days=tuple(day.on for day in days[:DAYS_SHOWN]),
                    moved=tuple(day for day in days if day.on != day.nominal_on),
                )
            )
    return found
