"""The case of 2012, row by row: the page that shows it and the endpoint that returns it."""

from config.case.letters import balance
from tests.config.case.conftest import Told


def test_every_letter_arrives_once_and_on_its_day(told: Told) -> None:
    found = balance(told.letters)

    assert (found.lost, found.doubled, found.unexpected, found.on_closed_days) == ([], [], [], [])
    assert found.expected == found.taken > 0


def test_what_must_not_be_was_refused(told: Told) -> None:
    refusals = [said for _, said in told.said if said]

    assert refusals == []
