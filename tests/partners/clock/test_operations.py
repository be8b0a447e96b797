from datetime import UTC, datetime, timedelta

import pytest

from partners.audit.rules import Refused
from partners.clock import operations
from partners.clock.queries import business_now
from tests.builders import NOW


def test_the_clock_can_be_set_and_runs_on(db):
    there = datetime(2026, 9, 30, 9, 0, tzinfo=UTC)

    operations.set_clock(to=there)
    operations.set_clock(to=there)

    first = business_now()
    assert there <= first < there + timedelta(seconds=30)
    assert business_now() >= first


def test_the_clock_of_production_cannot_be_set_and_minds_no_offset(db, settings):
    operations.set_clock(to=datetime(2020, 1, 1, tzinfo=UTC))
    moved = business_now()
    settings.MODE = "production"

    assert business_now() - moved > timedelta(days=365)
    with pytest.raises(Refused, match="demo and test only"):
        operations.set_clock(to=NOW)
