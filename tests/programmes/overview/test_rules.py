from datetime import UTC, date, datetime, timedelta

import pytest

from programmes.overview.rules import AskedChanges, open_steps, words_for_stage

TODAY = date(2026, 9, 16)
NOW = datetime(2026, 9, 16, 9, tzinfo=UTC)


def days(count):
    return TODAY + timedelta(days=count)


@pytest.mark.parametrize(
    ("planned_start", "planned_finish", "started", "words"),
    [
        (None, None, None, ("Not started", "no planned dates")),
        (None, None, days(-3), ("Under way", "no planned dates")),
        (days(1), days(9), None, ("Not started", "")),
        (days(0), days(9), None, ("Not started", "")),
        (days(-1), days(9), None, ("Not started", "1 day late to start")),
        (days(-9), days(0), None, ("Not started", "9 days late to start")),
        (days(-9), days(-2), None, ("Not started", "2 days late to finish")),
        (days(-9), days(0), days(-9), ("Under way", "")),
        (days(-9), days(-1), days(-9), ("Under way", "1 day late to finish")),
    ],
)
def test_words_for_stage_say_how_late(planned_start, planned_finish, started, words):
    assert words_for_stage(planned_start, planned_finish, started, today=TODAY) == words


@pytest.mark.parametrize(
    ("planned_start", "planned_finish", "started", "steps"),
    [
        (None, None, None, []),
        (days(1), days(9), None, [("start", days(1)), ("finish", days(9))]),
        (days(1), days(9), days(2), [("finish", days(9))]),
    ],
)
def test_open_steps_are_planned_and_not_recorded(planned_start, planned_finish, started, steps):
    assert open_steps(planned_start, planned_finish, started) == steps


def test_asked_changes_look_back_thirty_days_unless_told_otherwise():
    assert AskedChanges().since(NOW) == NOW - timedelta(days=30)
    assert not AskedChanges().is_narrowed
    assert AskedChanges(7).since(NOW) == NOW - timedelta(days=7)
    assert AskedChanges(7).is_narrowed
    assert AskedChanges(with_routine=True).is_narrowed
