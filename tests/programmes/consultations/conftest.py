"""A consultation with one comment in it."""

import pytest

from partners.clock.operations import set_clock
from tests.builders import (
    LETTER,
    NOW,
    make_comments,
)


@pytest.fixture
def comment(db):
    """(consultation, the one comment in it)."""
    set_clock(to=NOW)
    consultation, [answer] = make_comments(LETTER)
    return consultation, answer
