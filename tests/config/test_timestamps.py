"""The fast reading of timestamps reads what Django's own loader reads."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection

pytestmark = pytest.mark.django_db


def read(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-16 09:00:00+00", datetime(2026, 9, 16, 9, tzinfo=UTC)),
        ("2026-09-16 10:00:00+01", datetime(2026, 9, 16, 9, tzinfo=UTC)),
        ("2026-03-29 01:30:00.000001+00", datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_timestamp_is_read_as_an_instant_in_utc(text, moment):
    found = read(text)

    assert (found, found and found.tzinfo) == (moment, moment and UTC)


@pytest.mark.parametrize("text", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00"])
def test_what_python_cannot_hold_is_refused(text):
    with pytest.raises(DataError):
        read(text)
