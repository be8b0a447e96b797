"""The reading of the mailbox that `make case` goes by: every way in which a letter can be wrong is told."""

from datetime import date, datetime
from pathlib import Path

import pytest

from config.case.letters import Letter, Mailbag, balance, expected
from config.demo.mailbox import Mailbox

CLOSED_DAYS = [date(2012, 12, 25), date(2012, 12, 26), date(2013, 1, 1), date(2012, 12, 29), date(2013, 1, 27)]


def test_what_was_worked_out_by_hand_is_52_letters_on_working_days() -> None:
    letters = expected()

    assert len(letters) == len(set(letters)) == 52
    assert min(letters).on == date(2012, 12, 3)
    assert max(letters).on == date(2013, 1, 28)
    assert balance(letters).is_good


def test_the_last_reminder_goes_out_on_friday_and_only_to_those_who_have_not_answered() -> None:
    last = [letter for letter in expected() if letter.subject.startswith("Last reminder")]

    assert {letter.on for letter in last} == {date(2013, 1, 25)}
    assert sorted(letter.to.split("@")[0] for letter in last) == [
        "harbour-2",
        "lead-1",
        "lead-2",
        "wm-staff-4",
        "wm-staff-7",
    ]


def test_a_letter_that_did_not_come_is_lost() -> None:
    missing, *others = expected()

    found = balance(others)

    assert (found.lost, found.doubled, found.unexpected, found.on_closed_days) == ([missing], [], [], [])
    assert (found.expected, found.taken, found.is_good) == (52, 51, False)
    assert found.complaints() == [f"Lost: {missing.on:%-d %B %Y}, {missing.to}, {missing.subject}"]


def test_a_letter_that_came_three_times_is_doubled_twice() -> None:
    letters = expected()

    found = balance([*letters, letters[0], letters[0]])

    assert (found.lost, found.doubled, found.unexpected) == ([], [letters[0], letters[0]], [])
    assert not found.is_good


def test_a_letter_on_another_day_is_lost_and_not_expected() -> None:
    first, *others = expected()
    late = Letter(date(2012, 12, 4), first.to, first.subject)

    found = balance([late, *others])

    assert (found.lost, found.doubled, found.unexpected) == ([first], [], [late])
    assert not found.is_good


def test_a_letter_to_somebody_else_is_not_expected() -> None:
    stranger = Letter(date(2012, 12, 3), "bob@example.org", "Your views: anything")

    found = balance([*expected(), stranger])

    assert (found.unexpected, found.is_good) == ([stranger], False)


@pytest.mark.parametrize("day", CLOSED_DAYS)
def test_a_letter_on_a_day_on_which_nobody_works_is_told(day: date) -> None:
    letter = Letter(day, "lead-1@example.org", "Reminder: anything")

    found = balance([*expected(), letter])

    assert found.on_closed_days == [letter]
    assert any(line.startswith("On a day on which nobody works") for line in found.complaints())


def test_the_mailbag_reads_each_file_once_and_dates_it_by_the_case(tmp_path: Path) -> None:
    mailbox, mailbag = Mailbox(tmp_path), Mailbag(tmp_path)
    mailbox.keep(["a@example.org"], b"Subject: DEMO: First\r\n\r\ntext")

    first = mailbag.collect(datetime(2012, 12, 3, 10))
    mailbox.keep(["b@example.org"], b"Subject: Second\r\n\r\ntext")
    second = mailbag.collect(datetime(2012, 12, 4, 10))

    assert first == [Letter(date(2012, 12, 3), "a@example.org", "First")]
    assert second == [Letter(date(2012, 12, 4), "b@example.org", "Second")]
    assert mailbag.letters == first + second
    assert mailbag.collect(datetime(2012, 12, 5, 10)) == []
