"""Who is asked for a status that is due, when, and what has to change in what is planned already.

A ladder has three steps: those who report, the reviewer, one level up. A step is taken two working days after the one
before it was, for those who still owe a status: so none is skipped, and after an outage they do not fall together.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import chain
from uuid import UUID

from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import instant, local_date, words_for_date
from programmes.workstreams.rules.periods import ReportingRule, end_of, last_day_of_grace

ASKED_AT = time(9)
KEY = "status/"
KIND = "status"
MY_WEEK = "/my-week/"
WORKSTREAMS = "/programmes/{programme_id}/workstreams/"
DUE, REVIEWER, LEVEL_UP = STEPS = (0, 1, 2)
NOT_WANTED = "The status has been given, or nobody asks this person for it any more."


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps for one reporting day: on which days they are to be taken. Nothing goes out after ``ends_at``."""

    period_on: date
    days: tuple[date, date, date]
    ends_at: datetime

    def due_at(self, step: int) -> datetime:
        return instant(self.days[step], ASKED_AT)


def ladder_of(period_on: date, following_on: date, calendar: WorkingCalendar) -> Ladder:
    """It ends with the reporting day that follows, or with its own last step where that is later."""
    reviewer_on = last_day_of_grace(period_on, calendar)
    level_up_on = last_day_of_grace(reviewer_on, calendar)
    return Ladder(period_on, (period_on, reviewer_on, level_up_on), end_of(max(following_on, level_up_on)))


def ladders_under_way(rule: ReportingRule, now: datetime) -> list[Ladder]:
    """Those of the next reporting day and of the last two while they last, oldest first."""
    days = rule.around(now)
    after_next = rule.around(end_of(days.next_on)).next_on
    periods = ((days.previous_on, days.last_on), (days.last_on, days.next_on), (days.next_on, after_next))
    ladders = [ladder_of(period_on, following_on, rule.calendar) for period_on, following_on in periods]
    return [ladder for ladder in ladders if ladder.ends_at > now]


def key_of_wave(programme_id: UUID, period_on: date, step: int) -> str:
    """Names one step for one reporting day of one programme."""
    return f"{programme_id}/{KEY}{period_on}/{step}"


def parts_of_key(key: str) -> tuple[date, int]:
    """The reporting day and the step of a wave by its whole key."""
    period_on, step = key.rsplit("/", 2)[1:]
    return date.fromisoformat(period_on), int(step)


@dataclass(frozen=True, slots=True)
class People:
    """Who may be asked about a workstream. All have accounts in use and may see the programme, as all ``in_sight`` do."""

    in_sight: frozenset[UUID]
    lead: UUID | None = None
    reviewer: UUID | None = None
    managers: tuple[UUID, ...] = ()
    owner: UUID | None = None
    chiefs: tuple[UUID, ...] = ()

    def of(self, lead: UUID | None, reviewer: UUID | None) -> "People":
        """With the lead and the reviewer of one workstream, if they may still see the programme."""
        return replace(
            self,
            lead=lead if lead in self.in_sight else None,
            reviewer=reviewer if reviewer in self.in_sight else None,
        )


def whom_to_ask(people: People, step: int, away: Mapping[UUID, UUID | None]) -> frozenset[UUID]:
    """The lead, else the programme managers; then the reviewer, else they; then the owner, else the CIOs.

    Nobody is asked at two steps: whoever was asked at an earlier one is passed over for the next level. ``away`` holds
    who is away, each with who stands in for them. That person is asked instead; the next level where nobody stands in
    who may see the programme; and they themselves where there is no next level.
    """
    lead, reviewer, owner = ((one,) if one else () for one in (people.lead, people.reviewer, people.owner))
    levels = (
        (lead, people.managers, owner, people.chiefs),
        (reviewer, people.managers, owner, people.chiefs),
        (owner, people.chiefs),
    )
    before: frozenset[UUID] = frozenset()
    asked: frozenset[UUID] = frozenset()
    for level in levels[: step + 1]:
        here = (frozenset(_here(group, people, away)) - before for group in level)
        anyhow = (frozenset(group) - before for group in level)
        asked = next(filter(None, chain(here, anyhow)), frozenset())
        before |= asked
    return asked


def _here(group: Iterable[UUID], people: People, away: Mapping[UUID, UUID | None]) -> Iterator[UUID]:
    for one in group:
        stands_in = away.get(one, one)
        if stands_in in people.in_sight:
            yield stands_in


class Taken(StrEnum):
    """How far a planned reminder of a ladder is."""

    WAITS = "waits"
    HANDED_OVER = "handed_over"  # with the post room, and may still be stopped there
    TOLD = "told"
    TAKEN_BACK = "taken_back"  # by the chase itself, before it was told, so that the person may be asked again


@dataclass(frozen=True, slots=True)
class Owing:
    """A workstream, for which reporting days it owes a status, and who may be asked."""

    programme_id: UUID
    ladders: tuple[Ladder, ...]
    people: People


@dataclass(frozen=True, slots=True)
class Ask:
    """Whom to ask at which step for which reporting day."""

    programme_id: UUID
    period_on: date
    step: int
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """A reminder that is planned, or what became of it; ``at`` is when it is due, or when it was taken."""

    id: UUID
    ask: Ask
    taken: Taken
    at: datetime


@dataclass(slots=True)
class Settlement:
    """What has to change: whom to ask and when, which reminders to move to another time and which to cancel."""

    to_ask: dict[Ask, datetime] = field(default_factory=dict)
    to_move: dict[Asked, datetime] = field(default_factory=dict)
    to_cancel: list[Asked] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.to_ask) + len(self.to_move) + len(self.to_cancel)

    @property
    def programme_ids(self) -> set[UUID]:
        """Where something changes."""
        asks = {*self.to_ask, *(one.ask for one in (*self.to_move, *self.to_cancel))}
        return {ask.programme_id for ask in asks}


def settlement_of(
    owing: Iterable[Owing],
    asked: Collection[Asked],
    *,
    stopped: Collection[tuple[UUID, date, int]],
    away_on: Callable[[date], Mapping[UUID, UUID | None]],
    calendar: WorkingCalendar,
    now: datetime,
) -> Settlement:
    """Compares what is owed with what is planned. The same again, once it is done, changes nothing.

    ``stopped`` are the waves, by programme, reporting day and step, that somebody cancelled for everybody: their step
    counts as taken when it was due.
    """
    live = {one.ask: one for one in asked if one.taken is not Taken.TAKEN_BACK}
    told = {ask: one.at for ask, one in live.items() if one.taken in (Taken.TOLD, Taken.HANDED_OVER)}
    wanted: dict[Ask, datetime] = {}
    for workstream in owing:
        for ladder in workstream.ladders:
            for ask, due_at in _asks(workstream, ladder, told, stopped, away_on, calendar, now):
                wanted[ask] = min(due_at, wanted.get(ask, due_at))
    found = Settlement()
    for ask, due_at in wanted.items():
        planned = live.get(ask)
        if planned is None:
            found.to_ask[ask] = max(due_at, now)
        elif planned.taken is Taken.WAITS and planned.at != due_at and max(planned.at, due_at) > now:
            found.to_move[planned] = max(due_at, now)
    found.to_cancel = [
        one for ask, one in live.items() if ask not in wanted and one.taken in (Taken.WAITS, Taken.HANDED_OVER)
    ]
    return found


def _asks(
    workstream: Owing,
    ladder: Ladder,
    told: Mapping[Ask, datetime],
    stopped: Collection[tuple[UUID, date, int]],
    away_on: Callable[[date], Mapping[UUID, UUID | None]],
    calendar: WorkingCalendar,
    now: datetime,
) -> Iterator[tuple[Ask, datetime]]:
    """Every step up to the first that has not been taken."""
    due_at = ladder.due_at(DUE)
    for step in STEPS:
        if due_at >= ladder.ends_at:
            return
        whom = whom_to_ask(workstream.people, step, away_on(local_date(max(due_at, now))))
        asks = [Ask(workstream.programme_id, ladder.period_on, step, one) for one in whom]
        if (workstream.programme_id, ladder.period_on, step) in stopped:
            taken_at = due_at if due_at <= now else None
        else:
            yield from ((ask, due_at) for ask in asks)
            taken_at = min((told[ask] for ask in asks if ask in told), default=None)
        if taken_at is None or step == LEVEL_UP:
            return
        next_day = last_day_of_grace(local_date(taken_at), calendar)
        due_at = max(ladder.due_at(step + 1), instant(next_day, ASKED_AT))


def need_of(ask: Ask) -> str:
    """A newer mail about the same takes the place of one that waits, whichever reporting day each is about."""
    return f"{'status' if ask.step == DUE else 'missing-status'}:{ask.programme_id}"


def path_for(ask: Ask) -> str:
    """Where the mail leads: to where a status is given, or to the workstreams, those that have not reported marked."""
    return MY_WEEK if ask.step == DUE else WORKSTREAMS.format(programme_id=ask.programme_id)


@dataclass(frozen=True, slots=True)
class WaveWords:
    """What the list of reminders and the mail say."""

    title: str
    mail_subject: str
    mail_text: str
    due_reason: str


def words_for_wave(step: int, ladder: Ladder, programme: str) -> WaveWords:
    """The words of one step for one programme. The mail gives the day to report by, and what comes after."""
    period, reviewer = words_for_date(ladder.period_on), words_for_date(ladder.days[REVIEWER])
    if step == DUE:
        return WaveWords(
            title=f"Status due: {period}",
            mail_subject=f"Status due by the end of {period}: {programme}",
            mail_text=(
                f"{period} is the reporting day of {programme}. Say by the end of that day how your workstreams stand; "
                "where nothing has changed, say that.\n\n"
                f"Where no status has come, the reviewer is told on {reviewer}."
            ),
            due_reason="The reporting day",
        )
    if step == REVIEWER:
        return WaveWords(
            title=f"Status late, the reviewer is told: {period}",
            mail_subject=f"Status late since {period}: {programme}",
            mail_text=(
                f"At least one status of {programme} that you review was due by the end of {period} and has not come. "
                "The page shows which, and who leads it.\n\n"
                f"Until the end of {reviewer} it still counts for that day. Where none comes, the next level is told "
                "two working days after this mail."
            ),
            due_reason="Two working days after those who report were asked",
        )
    return WaveWords(
        title=f"Status missing, one level up is told: {period}",
        mail_subject=f"Status missing since {period}: {programme}",
        mail_text=(
            f"At least one status of {programme} was due by the end of {period} and has not come, although those who "
            "report and the reviewer were asked. The page shows which, and who leads it.\n\n"
            "Nobody further is told of it for that day."
        ),
        due_reason="Two working days after the reviewer was told",
    )
