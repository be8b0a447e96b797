"""The ladder of a status that is due: who is asked on which day, and never a step too soon."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.calendar.rules import ClosedDays, WorkingCalendar
from partners.clock.rules import UK, local_date
from programmes.workstreams.rules import ReportingPattern, ReportingRule
from programmes.workstreams.rules.chasing import (
    STEPS,
    Ask,
    Asked,
    Owing,
    People,
    Taken,
    key_of_wave,
    ladder_of,
    ladders_under_way,
    parts_of_key,
    settlement_of,
    whom_to_ask,
    words_for_wave,
)

CALENDAR = WorkingCalendar()
FRIDAYS = ReportingRule(ReportingPattern("weekly", 4), CALENDAR)
LEAD, REVIEWER, MANAGER, OWNER, CIO, DELEGATE, STRANGER = (UUID(int=n) for n in range(1, 8))
EVERYBODY = frozenset({LEAD, REVIEWER, MANAGER, OWNER, CIO, DELEGATE})
ALL = People(EVERYBODY, LEAD, REVIEWER, (MANAGER,), OWNER, (CIO,))
DAY = timedelta(days=1)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UK)


@pytest.mark.parametrize(
    ("period_on", "following_on", "days", "last_on"),
    [
        pytest.param(
            date(2026, 9, 25), date(2026, 10, 2), [date(2026, 9, 29), date(2026, 10, 1)], date(2026, 10, 2), id="usual"
        ),
        pytest.param(
            date(2026, 8, 28), date(2026, 9, 4), [date(2026, 9, 2), date(2026, 9, 4)], date(2026, 9, 4), id="August"
        ),
        pytest.param(
            date(2027, 3, 25), date(2027, 4, 2), [date(2027, 3, 31), date(2027, 4, 2)], date(2027, 4, 2), id="Easter"
        ),
        pytest.param(
            date(2026, 12, 24),
            date(2026, 12, 31),
            [date(2026, 12, 30), date(2027, 1, 4)],
            date(2027, 1, 4),
            id="Christmas",
        ),
    ],
)
def test_steps_are_two_working_days_apart_over_bank_holidays(period_on, following_on, days, last_on):
    ladder = ladder_of(period_on, following_on, CALENDAR)

    assert ladder.days == (period_on, *days)
    assert [ladder.due_at(step) for step in STEPS] == [at(period_on), at(days[0]), at(days[1])]
    assert ladder.ends_at == at(last_on + DAY, hour=0)


def test_a_closure_moves_the_steps_after_it():
    shut = WorkingCalendar(closures=(ClosedDays("Move", date(2026, 9, 28), date(2026, 9, 28)),))

    assert ladder_of(date(2026, 9, 25), date(2026, 10, 2), shut).days[1:] == (date(2026, 9, 30), date(2026, 10, 2))


def test_the_ladders_under_way_are_those_that_have_not_ended():
    on = lambda now: [ladder.period_on for ladder in ladders_under_way(FRIDAYS, now)]  # noqa: E731

    assert on(at(date(2026, 9, 23))) == [date(2026, 9, 18), date(2026, 9, 25)]
    assert on(at(date(2026, 9, 25), 23, 59)) == [date(2026, 9, 18), date(2026, 9, 25)]
    assert on(at(date(2026, 9, 26), 0)) == [date(2026, 9, 25), date(2026, 10, 2)]
    # The last step for 24 December is on 4 January, after the next reporting day.
    assert on(at(date(2027, 1, 4))) == [date(2026, 12, 24), date(2026, 12, 31), date(2027, 1, 8)]


def test_a_monthly_ladder_lasts_until_the_next_month():
    monthly = ReportingRule(ReportingPattern("monthly", 4), CALENDAR)

    [last, _] = ladders_under_way(monthly, at(date(2026, 9, 23)))

    assert (last.period_on, last.ends_at) == (date(2026, 8, 28), at(date(2026, 9, 26), 0))


@pytest.mark.parametrize(
    ("people", "away", "expected"),
    [
        (ALL, {}, [{LEAD}, {REVIEWER}, {OWNER}]),
        (People(EVERYBODY, None, REVIEWER, (MANAGER,), OWNER, (CIO,)), {}, [{MANAGER}, {REVIEWER}, {OWNER}]),
        (People(EVERYBODY, LEAD, None, (MANAGER,), OWNER, (CIO,)), {}, [{LEAD}, {MANAGER}, {OWNER}]),
        (People(EVERYBODY, LEAD, None, (MANAGER,), None, (CIO,)), {}, [{LEAD}, {MANAGER}, {CIO}]),
        # Nobody is asked at two steps: the next level is.
        (People(EVERYBODY, None, None, (MANAGER,), OWNER, (CIO,)), {}, [{MANAGER}, {OWNER}, {CIO}]),
        (People(EVERYBODY, LEAD, LEAD, (MANAGER,), OWNER, ()), {}, [{LEAD}, {MANAGER}, {OWNER}]),
        (People(EVERYBODY, LEAD, OWNER, (), OWNER, (CIO,)), {}, [{LEAD}, {OWNER}, {CIO}]),
        (People(EVERYBODY, OWNER, None, (OWNER,), OWNER, ()), {}, [{OWNER}, set(), set()]),
        (People(frozenset()), {}, [set(), set(), set()]),
        # Leave: the delegate, else the next level, else the person all the same.
        (ALL, {LEAD: DELEGATE}, [{DELEGATE}, {REVIEWER}, {OWNER}]),
        (ALL, {LEAD: None}, [{MANAGER}, {REVIEWER}, {OWNER}]),
        (ALL, {LEAD: STRANGER}, [{MANAGER}, {REVIEWER}, {OWNER}]),
        (ALL, {LEAD: REVIEWER}, [{REVIEWER}, {MANAGER}, {OWNER}]),
        (ALL, {REVIEWER: None, OWNER: None}, [{LEAD}, {MANAGER}, {CIO}]),
        (People(EVERYBODY, LEAD, None, (), None, ()), {LEAD: None}, [{LEAD}, set(), set()]),
    ],
)
def test_whom_to_ask(people, away, expected):
    assert [set(whom_to_ask(people, step, away)) for step in STEPS] == expected


def test_a_lead_or_reviewer_who_may_not_see_the_programme_is_passed_over():
    people = People(EVERYBODY - {LEAD}, managers=(MANAGER,), owner=OWNER).of(LEAD, REVIEWER)

    assert (people.lead, people.reviewer) == (None, REVIEWER)


def test_the_key_of_a_wave_says_its_day_and_step():
    key = key_of_wave(uuid4(), date(2026, 9, 25), 2)

    assert parts_of_key(key) == (date(2026, 9, 25), 2)


@pytest.mark.parametrize("step", STEPS)
def test_the_words_fit_and_name_the_programme_and_the_day(step):
    words = words_for_wave(step, ladder_of(date(2026, 9, 25), date(2026, 10, 2), CALENDAR), "Digital evidence")

    assert words.title.endswith(": Friday 25 September 2026")
    assert "Digital evidence" in words.mail_subject
    assert "Friday 25 September 2026" in words.mail_text
    assert words.title.count(": ") == 1  # what stands after it groups the list


class Play:
    """A world of one programme that is settled, and whose due reminders go out, whenever it is awake."""

    def __init__(self, owing, rule=FRIDAYS):
        self.owing, self.rule = owing, rule
        self.asked, self.letters = [], []

    def owed(self, now):
        return [Owing(one.programme_id, tuple(ladders_under_way(self.rule, now)), one.people) for one in self.owing]

    def settle(self, now, away=()):
        found = settlement_of(
            self.owed(now), self.asked, stopped=(), away_on=lambda day: dict(away), calendar=self.rule.calendar, now=now
        )
        moved = {one.id: due for one, due in found.to_move.items()}
        cancelled = {one.id for one in found.to_cancel}
        self.asked = [
            Asked(
                one.id,
                one.ask,
                Taken.TAKEN_BACK if one.id in cancelled else one.taken,
                moved.get(one.id, one.at),
            )
            for one in self.asked
        ] + [Asked(uuid4(), ask, Taken.WAITS, due) for ask, due in found.to_ask.items()]
        return found

    def send(self, now):
        self.letters += [(local_date(now), one.ask) for one in self.asked if one.taken is Taken.WAITS and one.at <= now]
        self.asked = [
            Asked(one.id, one.ask, Taken.TOLD, now) if one.taken is Taken.WAITS and one.at <= now else one
            for one in self.asked
        ]


PROGRAMME = uuid4()


@settings(deadline=None, max_examples=60)
@given(
    started=st.dates(date(2026, 1, 5), date(2027, 10, 1)),
    asleep=st.sets(st.integers(0, 20)),
    weekday=st.integers(0, 4),
    has=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_no_step_is_skipped_taken_twice_or_taken_within_two_working_days_of_the_one_before(
    started, asleep, weekday, has
):
    lead, reviewer, owner, chief = has
    people = People(
        EVERYBODY, LEAD if lead else None, REVIEWER if reviewer else None, (MANAGER,), OWNER if owner else None,
        (CIO,) if chief else (),
    )  # fmt: skip
    play = Play([Owing(PROGRAMME, (), people)], ReportingRule(ReportingPattern("weekly", weekday), CALENDAR))

    for n in range(21):
        if n in asleep:
            continue
        for hour in (0, 9, 17):
            now = at(started + n * DAY, hour)
            play.settle(now)
            play.send(now)
            play.settle(now)
            again = play.settle(now)
            assert again.total == 0

    by_step: dict[date, dict[int, list[tuple[date, UUID]]]] = {}
    for day, ask in play.letters:
        by_step.setdefault(ask.period_on, {}).setdefault(ask.step, []).append((day, ask.user_id))
    for period_on, steps in by_step.items():
        assert sorted(steps) == list(range(len(steps)))
        for step, letters in steps.items():
            assert {user for _, user in letters} == set(whom_to_ask(people, step, {}))
            assert len(letters) == len(set(letters)) == 1
            assert letters[0][0] >= CALENDAR.add(period_on, 2 * step)
            if step:
                assert letters[0][0] >= CALENDAR.add(steps[step - 1][0][0], 2)


def test_who_is_newly_wanted_is_asked_at_once_and_who_no_longer_is_is_not():
    play = Play([Owing(PROGRAMME, (), ALL)])
    play.settle(at(date(2026, 9, 24)))
    assert {(one.ask.period_on, one.ask.user_id) for one in play.asked} == {
        (date(2026, 9, 18), LEAD),
        (date(2026, 9, 25), LEAD),
    }

    found = play.settle(at(date(2026, 9, 24)), away={LEAD: DELEGATE})

    assert {one.ask.user_id for one in found.to_cancel} == {LEAD}
    assert found.to_ask == {
        Ask(PROGRAMME, date(2026, 9, 18), 0, DELEGATE): at(date(2026, 9, 24)),
        Ask(PROGRAMME, date(2026, 9, 25), 0, DELEGATE): at(date(2026, 9, 25)),
    }

    found = play.settle(at(date(2026, 9, 24)))

    assert {ask.user_id for ask in found.to_ask} == {LEAD}


def test_a_closure_on_the_day_of_a_planned_step_moves_it():
    play = Play([Owing(PROGRAMME, (), ALL)])
    for day in (date(2026, 9, 25), date(2026, 9, 26)):
        play.settle(at(day))
        play.send(at(day))
    play.settle(at(date(2026, 9, 26)))
    [planned] = [one for one in play.asked if one.ask.step == 1 and one.ask.period_on == date(2026, 9, 25)]
    assert planned.at == at(date(2026, 9, 29))
    shut = WorkingCalendar(closures=(ClosedDays("Move", date(2026, 9, 29), date(2026, 9, 29)),))
    play.rule = ReportingRule(FRIDAYS.pattern, shut)

    found = play.settle(at(date(2026, 9, 26)))

    assert found.to_move == {planned: at(date(2026, 9, 30))}


def test_a_step_that_somebody_cancelled_for_everybody_counts_as_taken_when_it_was_due():
    monday = at(date(2026, 9, 28))
    owing = [Owing(PROGRAMME, (ladder_of(date(2026, 9, 25), date(2026, 10, 2), CALENDAR),), ALL)]

    found = settlement_of(
        owing,
        [],
        stopped={(PROGRAMME, date(2026, 9, 25), 0)},
        away_on=lambda day: {},
        calendar=CALENDAR,
        now=monday,
    )

    assert found.to_ask == {Ask(PROGRAMME, date(2026, 9, 25), 1, REVIEWER): at(date(2026, 9, 29))}
