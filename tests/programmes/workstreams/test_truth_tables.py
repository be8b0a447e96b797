"""Every standing, every roll-up of three, and every rating beside them: what is shown, and that silence never helps."""

from datetime import date, datetime, time
from itertools import combinations_with_replacement, product

import pytest

from partners.calendar.rules import WorkingCalendar
from partners.clock.rules import instant
from programmes.workstreams.enums import DeliveryConfidence, Rating, Scale
from programmes.workstreams.rules import (
    AssuranceRow,
    Overall,
    OverrideRow,
    ReportingPattern,
    Source,
    Standing,
    Stands,
    programme_marks,
    reporting_days_around,
    rollup_of,
    standing_of,
    stands,
)

RATINGS = ["green", "amber", "red"]
MISSING = ["late", "silent", "withheld"]
EVERY = [*RATINGS, *MISSING, "not_due", "exempt", "closed"]
WHEN = {
    "in_grace": datetime.fromisoformat("2026-09-14T09:00:00+00:00"),
    "after_grace": datetime.fromisoformat("2026-09-16T09:00:00+00:00"),
}


def assured(rating):
    return AssuranceRow(Scale.FIVE_POINT, rating, "The Gateway team", date(2026, 9, 1), date(2026, 12, 1))


def overridden(rating):
    return OverrideRow(rating, "They told us.", date(2026, 9, 18), "Cy Io")


GIVEN = [None, *map(assured, DeliveryConfidence)]
SHOWN_BY_OFFICE = [None, *map(overridden, Rating)]


def what_stands(shown, assurance, override):
    rollup = rollup_of(shown)
    return stands(rollup.overall, assurance, override, is_whole=not rollup.unheard)


@pytest.mark.parametrize(
    ("when", "is_closed", "exception", "has_last", "is_kept_back", "is_new"),
    list(product(WHEN, [False, True], [None, "exempt", "withheld"], [False, True], [False, True], [False, True])),
)
def test_standing_of_every_combination(when, is_closed, exception, has_last, is_kept_back, is_new):
    days = reporting_days_around(WHEN[when], ReportingPattern("weekly", 4), WorkingCalendar())
    expected = (
        "closed"
        if is_closed
        else exception
        or ("withheld" if is_kept_back else "reported") * has_last
        or ("not_due" if is_new else "late" if when == "in_grace" else "silent")
    )

    found = standing_of(
        started_at=days.last_deadline if is_new else instant(date(2026, 1, 5), time(9)),
        period_on=days.last_on if has_last else days.previous_on,
        days=days,
        exception=exception,
        is_kept_back=is_kept_back,
        closed_at=WHEN[when] if is_closed else None,
    )

    assert found == Standing(expected)


def worst_said_of(shown):
    """The rule in words, written a second time: see how each answer follows from who said what."""
    due = [one for one in shown if one in RATINGS + MISSING]
    said = [one for one in due if one in RATINGS]
    if "red" in said:
        return "red"
    if not due:
        return "not_due" if {"not_due", "exempt"} & set(shown) else "none"
    if len(said) < len(due) / 2:
        return "not_known"
    if len(said) < len(due):
        return "amber_or_worse"
    return "amber" if "amber" in said else "green"


def test_overall_of_every_four_is_what_the_words_say():
    for shown in combinations_with_replacement(EVERY, 4):
        assert rollup_of(shown).overall == worst_said_of(shown), shown


@pytest.mark.parametrize(
    ("own", "assurance", "override", "expected", "source"),
    [
        ("green", None, None, "green", "own"),
        ("green", "red", None, "red", "assurance"),
        ("red", "green", None, "green", "assurance"),
        ("green", "amber_green", None, "amber", "assurance"),
        ("green", "amber_red", None, "red", "assurance"),
        ("green", "amber", "red", "amber", "assurance"),  # assurance before the office
        ("green", None, "red", "red", "override"),
        ("amber", None, "green", "green", "override"),
        ("not_known", "green", None, "not_known", "own"),  # never better than what is missing
        ("amber_or_worse", "amber", None, "amber_or_worse", "own"),
        ("not_known", "red", None, "red", "assurance"),
        ("not_known", None, "green", "not_known", "own"),
        ("none", "amber", None, "amber", "assurance"),
        ("not_due", None, "amber", "amber", "override"),
        ("ended", "red", "red", "ended", "own"),
    ],
)
def test_stands_by_stated_precedence(own, assurance, override, expected, source):
    found = stands(Overall(own), assured(assurance) if assurance else None, overridden(override) if override else None)

    assert (found.overall, found.source) == (expected, source)


def test_nothing_better_stands_while_a_report_is_missing_beside_a_red_one():
    assert what_stands(["red", "silent"], assured("green"), None).overall == Overall.RED
    assert what_stands(["red", "red"], assured("green"), None).overall == Overall.GREEN


def test_removing_a_report_that_is_owed_never_improves_what_stands():
    for shown in combinations_with_replacement(EVERY, 3):
        for place, missing, assurance, override in product(range(3), MISSING, GIVEN, SHOWN_BY_OFFICE):
            if shown[place] not in RATINGS:
                continue
            without = [*shown[:place], missing, *shown[place + 1 :]]

            before, after = (what_stands(each, assurance, override).overall for each in (shown, without))

            assert after.badness >= before.badness, (shown, without, assurance, override)
            assert after != Overall.GREEN


@pytest.mark.parametrize(
    ("own", "rating", "is_diverging"),
    [
        ("green", "green", False),
        ("green", "amber_green", True),
        ("red", "amber_red", False),
        ("amber", "red", True),
        ("not_known", "red", False),  # nobody knows what it says
        ("amber_or_worse", "green", False),
        ("ended", "red", False),
    ],
)
def test_divergence_needs_two_ratings_that_are_known(own, rating, is_diverging):
    assert stands(Overall(own), assured(rating), None).is_diverging == is_diverging


def test_a_trend_breaks_where_source_or_scale_changes():
    three = AssuranceRow(Scale.THREE_POINT, "green", "Audit", date(2026, 9, 1), date(2026, 12, 1))
    days = [date(2026, 9, day) for day in (4, 11, 18, 25)]
    stood: list[Stands] = [
        stands(Overall.GREEN, None, None),
        stands(Overall.GREEN, assured("green"), None),
        stands(Overall.RED, assured("red"), None),
        stands(Overall.RED, three, None),
    ]

    marks = programme_marks(list(zip(days, stood, strict=True)))

    assert [mark.breaks for mark in marks] == [False, True, False, True]
    assert [mark.source for mark in marks] == [Source.OWN, *[Source.ASSURANCE] * 3]
