"""The plan of a review: when it opens and closes, its milestones, and each date explained in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from partners.audit.rules import Refused, listed
from partners.calendar.rules import WEEKEND, BeyondCalendar, WorkingCalendar
from partners.clock.rules import end_of_day, instant, local_date, words_for_date, words_for_instant
from programmes.reviews.enums import ReviewState

DEFAULT_REVIEW_LIMIT_WEEKS = 8
OPENS_TIME = time(10)
CLOSES_TIME = time(17)
SENDS_TIME = time(10)
LAST_DAY_TIME = time(9, 30)
WORKING_DAYS_BETWEEN_CONTACTS = 5
USUAL_WORKING_DAYS = 40
GOOD_OPENING_DAYS = (1, 2, 3)
DAYS_USEFUL = 3
# Steps that somebody has to take; the reminders to those who are asked are a consultation's.
STEP_WORDS = {
    "heads_up": "Tell what is coming",
    "uptake": "Look at uptake",
    "midpoint": "Half of the time has passed",
    "organisations": "Ask partners what is outstanding",
    "closed_notice": "Thank people, and say what happens next",
}
STEP_ASKS = {
    "heads_up": "tell staff associations and the leads of consortia that it is about to open.",
    "uptake": "look at how many have answered in each unit, and talk to those from whom little has come.",
    "midpoint": "look at who has not been heard, and reach out to them.",
    "organisations": "ask the leads of the partner organisations what is still outstanding.",
    "closed_notice": "thank those who answered, and say what happens with what they said.",
}
STEPS_TO_TAKE = tuple(STEP_WORDS)
HOLIDAY_EXTENSION = timedelta(weeks=2)  # Source: Lords Secondary Legislation Scrutiny Committee on holiday periods.
LIMIT_SENTENCE = "A review runs for up to {words} weeks. Passing the limit needs a recorded decision."
DAYS_OF_HOLIDAYS = {"New Year's Day": (1, 1), "Christmas Day": (12, 25), "Boxing Day": (12, 26)}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
REASON_LENGTH = 300
PURPOSE_LENGTH = 5000


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A step of a plan. ``reason`` says in words why it falls on that day."""

    key: str
    title: str
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """``[opens_at, closes_at)`` with milestones in order of time; ``working_days`` are those of the window."""

    opens_at: datetime
    closes_at: datetime
    closes_reason: str
    working_days: int
    milestones: tuple[PlannedMilestone, ...]
    advice: tuple[str, ...]


def state_at(now: datetime, opens_at: datetime, closes_at: datetime, cancelled_at: datetime | None) -> ReviewState:
    """Where a review stands at an instant."""
    if cancelled_at is not None and cancelled_at <= now:
        return ReviewState.CANCELLED
    if now < opens_at:
        return ReviewState.SCHEDULED
    return ReviewState.OPEN if now < closes_at else ReviewState.CLOSED


def plan_review(
    starts_on: date,
    *,
    calendar: WorkingCalendar,
    weeks: int | None = None,
    closes_on: date | None = None,
    guarantee_working_days: int | None = None,
    opens_time: time = OPENS_TIME,
    closes_time: time = CLOSES_TIME,
    limit_weeks: int = DEFAULT_REVIEW_LIMIT_WEEKS,
) -> ReviewPlan:
    """The whole plan from a start day and either a length in weeks or a chosen closing day.

    After ``weeks`` it closes on the same weekday, local days added, moved later to a working day. A guarantee of
    working days may move the close past the limit.

    Raises: Refused when the start or the chosen close is not a working day (naming the next one), when the review
    would be too long or would not end after it starts, and outside the years of known bank holidays.
    """
    _check_working(starts_on, calendar, "A review cannot open")
    closing_day, closes_reason = _closing(starts_on, calendar, weeks, closes_on, limit_weeks)
    if guarantee_working_days and calendar.count(starts_on, closing_day) < guarantee_working_days:
        closing_day = calendar.add(starts_on, guarantee_working_days)
        closes_reason = f"{guarantee_working_days} working days after it opens, as guaranteed"
    steps = _Steps(calendar, starts_on, closing_day)
    opens = PlannedMilestone("opens", "The review opens", instant(starts_on, opens_time), "The chosen opening day")
    closes = PlannedMilestone("closes", "The review closes", instant(closing_day, closes_time), closes_reason)
    return ReviewPlan(
        opens_at=opens.due_at,
        closes_at=closes.due_at,
        closes_reason=closes_reason,
        working_days=calendar.count(starts_on, closing_day),
        milestones=tuple(sorted([*steps.all(), opens, closes], key=lambda m: (m.due_at, m.key == "closes"))),
        advice=tuple(_advice(starts_on, closing_day, calendar)),
    )


def steps_between(opens_at: datetime, closes_at: datetime, *, calendar: WorkingCalendar) -> list[PlannedMilestone]:
    """The steps of a window that is set already, as the calendar is now; opening and closing stay where they are.

    Raises: BeyondCalendar outside the years of known bank holidays.
    """
    return _Steps(calendar, local_date(opens_at), local_date(closes_at)).all()


def useful_until(due_at: datetime, *, calendar: WorkingCalendar) -> datetime:
    """The end of the third working day after a step; of as many days where bank holidays are not known so far ahead."""
    day = local_date(due_at)
    return end_of_day(_known(lambda: calendar.add(day, DAYS_USEFUL)) or day + timedelta(days=DAYS_USEFUL))


def skip_reason(milestone: PlannedMilestone, now: datetime) -> str:
    """Why a step is not taken: its time was past when the review was opened. Opening and closing are never skipped."""
    if milestone.due_at > now or milestone.key in ("opens", "closes"):
        return ""
    return f"Already past when the review was set up, {words_for_instant(now)}"


def words_for_time_left(until: datetime, now: datetime) -> str:
    """Reads "3 weeks left", "6 days left", "5 hours left", "12 minutes left", "closed"; rounded down."""
    left = until - now
    if left <= timedelta(0):
        return "closed"
    days, minutes = left.days, int(left.total_seconds() // 60)
    for amount, unit in ((days // 7 if days >= 14 else 0, "week"), (days, "day"), (minutes // 60, "hour")):
        if amount:
            return f"{amount} {unit}{'' if amount == 1 else 's'} left"
    return f"{minutes} minute{'' if minutes == 1 else 's'} left" if minutes else "less than a minute left"


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps around one window; one that would not fit into a short review is left out."""

    calendar: WorkingCalendar
    opens_on: date
    closes_on: date

    def all(self) -> list[PlannedMilestone]:
        steps = [
            self._from_opening("heads_up", "Heads-up to staff associations and consortium leads", -5),
            self._from_opening("uptake", "Look at uptake by unit", 5),
            *self._contacts(),
            self._from_closing("organisations", "Ask organisation leads what is outstanding", -10),
            self._from_closing("closes_tomorrow", "Last reminder: one working day left", -1),
            self._step("last_day", "Last day", self.closes_on, "The closing day", LAST_DAY_TIME),
        ]
        outside = {"heads_up", "last_day"}
        fitting = [s for s in steps if s.key in outside or self.opens_on < local_date(s.due_at) < self.closes_on]
        return [*fitting, self._from_closing("closed_notice", "Thanks, and what happens next", 1)]

    def _contacts(self) -> list[PlannedMilestone]:
        """Reminders, at least five working days apart; the last of them wins over those before it."""
        half = self.calendar.count(self.opens_on, self.closes_on) // 2
        kept = [self._from_closing("one_week_left", "Reminder 3: one week left", -5)]
        candidates = [
            self._from_opening("reminder_1", "Reminder 1", 10),
            self._from_opening("midpoint", "Reminder 2: midpoint, and who has not been heard", half, midpoint=True),
        ]
        previous = self.opens_on
        for step in candidates:
            day = local_date(step.due_at)
            if self._apart(previous, day) and self._apart(day, local_date(kept[0].due_at)):
                kept.append(step)
                previous = day
        return kept if self._apart(self.opens_on, local_date(kept[0].due_at)) else []

    def _apart(self, earlier: date, later: date) -> bool:
        return self.calendar.count(earlier, later) >= WORKING_DAYS_BETWEEN_CONTACTS

    def _from_opening(self, key: str, title: str, working_days: int, *, midpoint: bool = False) -> PlannedMilestone:
        day = self.calendar.add(self.opens_on, working_days)
        words = f"{_days(working_days)} the review opens"
        if midpoint:
            words = f"Half of the working days, rounded down: {words}"
        return self._step(key, title, day, words + self._not_counted(self.opens_on, day))

    def _from_closing(self, key: str, title: str, working_days: int) -> PlannedMilestone:
        day = self.calendar.add(self.closes_on, working_days)
        words = f"{_days(working_days)} the review closes"
        return self._step(key, title, day, words + self._not_counted(day, self.closes_on))

    def _step(self, key: str, title: str, day: date, reason: str, at: time = SENDS_TIME) -> PlannedMilestone:
        return PlannedMilestone(key, title, instant(day, at), reason[:REASON_LENGTH])

    def _not_counted(self, one: date, other: date) -> str:
        """Names the bank holidays and closures between two days, weekends aside."""
        first, last = sorted((one, other))
        names = dict.fromkeys(
            reason
            for n in range((last - first).days + 1)
            if (day := first + timedelta(days=n)).weekday() not in WEEKEND
            if (reason := self.calendar.reason_closed(day))
        )
        return f", not counting {listed(list(names))}" if names else ""


def _closing(
    starts_on: date, calendar: WorkingCalendar, weeks: int | None, closes_on: date | None, limit_weeks: int
) -> tuple[date, str]:
    limit = LIMIT_SENTENCE.format(words=_number(limit_weeks))
    if closes_on is not None:
        if closes_on <= starts_on:
            raise Refused(
                f"A review closes after it opens. Choose a day after {words_for_date(starts_on)}.", field="closes_on"
            )
        if closes_on > calendar.on_or_after(starts_on + timedelta(weeks=limit_weeks)):
            raise Refused(limit, field="closes_on")
        _check_working(closes_on, calendar, "A review cannot close", field="closes_on")
        return closes_on, "The chosen closing day"
    weeks = limit_weeks if weeks is None else weeks
    if weeks < 1:
        raise Refused("A review runs for at least one week.", field="weeks")
    if weeks > limit_weeks:
        raise Refused(limit, field="weeks")
    aim = starts_on + timedelta(weeks=weeks)
    day = calendar.on_or_after(aim)
    length = f"{_number(weeks).capitalize()} week{'' if weeks == 1 else 's'} after it opens"
    if day == aim:
        return day, length
    return day, f"{length}, moved from {words_for_date(aim)} because it is {_reason(aim, calendar)}"


def _check_working(day: date, calendar: WorkingCalendar, refusal: str, *, field: str = "starts_on") -> None:
    reason = calendar.reason_closed(day)
    if reason is None:
        return
    because = f", which is {_reason(day, calendar)}" if day.weekday() not in WEEKEND else ", which is not a working day"
    following = words_for_date(calendar.on_or_after(day))
    raise Refused(f"{refusal} on {words_for_date(day)}{because}. The next possible day is {following}.", field=field)


def _reason(day: date, calendar: WorkingCalendar) -> str:
    """Reads "Christmas Day", "a substitute day for Boxing Day", or a closure's name."""
    name = calendar.reason_closed(day) or ""
    fixed = DAYS_OF_HOLIDAYS.get(name, (day.month, day.day))
    return name if fixed == (day.month, day.day) else f"a substitute day for {name}"


def _advice(starts_on: date, closes_on: date, calendar: WorkingCalendar) -> list[str]:
    found = []
    if starts_on.weekday() not in GOOD_OPENING_DAYS:
        found.append(f"It opens on a {starts_on:%A}. A Tuesday, Wednesday or Thursday reaches more people.")
    if any(starts_on <= date(year, 12, 25) <= closes_on for year in {starts_on.year, closes_on.year}):
        later = _known(lambda: calendar.on_or_after(closes_on + HOLIDAY_EXTENSION))
        found.append(
            "Christmas falls inside it. Consider two more weeks"
            + (f", to close on {words_for_date(later)}" if later else "")
            + ". Passing the limit needs a recorded decision."
        )
    working_days = calendar.count(starts_on, closes_on)
    if working_days < USUAL_WORKING_DAYS:
        full = _known(lambda: calendar.add(starts_on, USUAL_WORKING_DAYS))
        found.append(
            f"It has {working_days} working days, fewer than {USUAL_WORKING_DAYS}."
            + (f" With {USUAL_WORKING_DAYS} it would close on {words_for_date(full)}." if full else "")
        )
    return found


def _known(day: Callable[[], date]) -> date | None:
    """The day, or None where it lies beyond the known bank holidays: advice never refuses a plan."""
    try:
        return day()
    except BeyondCalendar:
        return None


def _days(working_days: int) -> str:
    count = abs(working_days)
    return f"{count} working day{'' if count == 1 else 's'} {'after' if working_days > 0 else 'before'}"


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
