"""UK wall-clock times and the wording of dates and times. Plain values in, plain values out."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


def instant(day: date, at: time) -> datetime:
    """The UTC instant of a UK wall-clock time. Days are added in local time first, never as 24 hours."""
    return datetime.combine(day, at, tzinfo=UK).astimezone(UTC)


def local_date(moment: datetime) -> date:
    """The UK date of an instant."""
    return moment.astimezone(UK).date()


def end_of_day(day: date) -> datetime:
    """The last instant of a UK day, for what was known by its end."""
    return instant(day + timedelta(days=1), time.min) - timedelta(microseconds=1)


def words_for_date(day: date) -> str:
    """Reads "Tuesday 3 November 2026"."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def words_for_days(first: date, last: date) -> str:
    """Reads "Tuesday 3 November 2026" or "Monday 2 to Tuesday 3 November 2026", no month or year said twice."""
    if first == last:
        return words_for_date(first)
    begin = f"{first:%A} {first.day}"
    if (first.month, first.year) != (last.month, last.year):
        begin += f" {first:%B}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin} to {words_for_date(last)}"


def words_for_time(at: time) -> str:
    """Reads "10am", "5:30pm", "midday", "midnight" as GOV.UK writes times."""
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "midnight" if at.hour == 0 else "midday"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def words_for_instant(moment: datetime) -> str:
    """Reads "10am on Tuesday 3 November 2026, UK time"."""
    return f"{words_for_moment(moment)}, UK time"


def words_for_moment(moment: datetime) -> str:
    """Reads "10am on Tuesday 3 November 2026", where what stands above says that times are UK times."""
    local = moment.astimezone(UK)
    return f"{words_for_time(local.time())} on {words_for_date(local.date())}"


def words_for_age(days: int) -> str:
    """Reads "today", "yesterday", "6 days ago", "5 weeks ago"."""
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 21 else f"{days // 7} weeks ago"
