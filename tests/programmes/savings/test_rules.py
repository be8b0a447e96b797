from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.calendar.rules import as_at, first_day_of_year, last_day_of_year, parse_year, words_for_year, year_of
from programmes.savings.rules import (
    BAR_WIDTH,
    LARGEST_PENCE,
    Amounts,
    Cut,
    Figure,
    Move,
    Part,
    Range,
    Saved,
    Stated,
    Tally,
    bars_of,
    check_statement,
    lines_of,
    parse_pounds,
    place_at,
    saved_of,
    savings_of_programme,
    words_for_change,
    words_for_pounds,
    words_for_pounds_in_short,
    words_for_range,
)

NOW = datetime(2012, 11, 30, 14, tzinfo=UTC)
MILLION = 100_000_000


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("78m", 78 * MILLION),
        ("£78m", 78 * MILLION),
        (" £ 78 M ", 78 * MILLION),
        ("£78,000,000", 78 * MILLION),
        ("78000000", 78 * MILLION),
        ("1,250,000.50", 125_000_050),
        ("1.5m", 150_000_000),
        ("1.25k", 125_000),
        ("0.5", 50),
        ("0.1234567m", 12_345_670),
        ("10bn", LARGEST_PENCE),
        ("0", 0),
        ("", 0),
        ("0.500", 50),
    ],
)
def test_pounds_are_read_as_whole_pence(typed, pence):
    assert parse_pounds(typed, field="planned") == pence


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("-78m", "without a minus"),
        ("−1", "without a minus"),
        ("0.001", "whole pence"),
        ("1.234567891m", "whole pence"),
        ("10,000,000,000.01", "number of noughts"),
        ("11bn", "number of noughts"),
        ("99999999999999999999", "number of noughts"),
        ("78 million", "in pounds"),
        ("7,8m", "in pounds"),
        ("1 000", "in pounds"),
        ("1.2.3", "in pounds"),
        ("1e6", "in pounds"),
        ("٧", "in pounds"),
        ("£", "in pounds"),
        ("NaN", "in pounds"),
        ("$5", "in pounds"),
        (".5", "in pounds"),
        ("5.", "in pounds"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(typed, words):
    with pytest.raises(Refused) as refusal:
        parse_pounds(typed, field="planned", named="what is planned")

    assert words in refusal.value.sentence
    assert refusal.value.field == "planned"


@settings(deadline=None)
@given(st.integers(0, LARGEST_PENCE))
def test_an_amount_survives_being_shown_and_typed_again(pence):
    assert parse_pounds(words_for_pounds(pence), field="") == pence


@pytest.mark.parametrize(
    ("pence", "exact", "short"),
    [
        (0, "£0", "£0"),
        (50, "£0.50", "£0.50"),
        (99_999_999, "£999,999.99", "£999,999.99"),
        (78 * MILLION, "£78,000,000", "£78m"),
        (78 * MILLION + 1, "£78,000,000.01", "£78.0m"),
        (7_796_000_000, "£77,960,000", "£78.0m"),
        (1_244_999_999, "£12,449,999.99", "£12.4m"),
        (1_245_000_000, "£12,450,000", "£12.5m"),
        (-4 * MILLION, "−£4,000,000", "−£4m"),
        (LARGEST_PENCE, "£10,000,000,000", "£10,000m"),
    ],
)
def test_pounds_read_exactly_and_in_short(pence, exact, short):
    assert (words_for_pounds(pence), words_for_pounds_in_short(pence)) == (exact, short)


def test_a_range_reads_from_low_to_high():
    assert words_for_range(126 * MILLION, 142 * MILLION) == "£126m to £142m"
    assert words_for_range(126 * MILLION, 126 * MILLION) == "£126m"
    assert words_for_range(-4 * MILLION, 0, exact=True) == "−£4,000,000 to £0"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, Amounts(26 * MILLION, 0, 0), "planned £26m"),
        (None, Amounts(1 * MILLION, 2 * MILLION, 0), "planned £1m, expected £2m"),
        (Amounts(0, 78 * MILLION, 0), Amounts(0, 0, 78 * MILLION), "expected £78m → delivered £78m"),
        (Amounts(0, 78 * MILLION, 0), Amounts(0, 0, 70 * MILLION), "expected £78m → delivered £70m"),
        (
            Amounts(0, 78 * MILLION, 0),
            Amounts(0, 48 * MILLION, 30 * MILLION),
            "expected £78m → £48m, delivered nothing → £30m",
        ),
        (Amounts(5 * MILLION, 0, 0), Amounts(0, 0, 0), "planned £5m → nothing"),
        (Amounts(5 * MILLION, 0, 0), Amounts(5 * MILLION, 0, 0), "the same as before"),
    ],
)
def test_a_statement_says_what_it_changed(before, after, words):
    assert words_for_change(before, after) == words


@pytest.mark.parametrize(
    ("amounts", "confidence", "stated_on", "field"),
    [
        (Amounts(-1, 0, 0), "solid", date(2012, 11, 30), "planned"),
        (Amounts(0, LARGEST_PENCE + 1, 0), "", date(2012, 11, 30), "expected"),
        (Amounts(1, 0, 0), "", date(2012, 11, 30), "confidence"),
        (Amounts(1, 0, 0), "certain", date(2012, 11, 30), "confidence"),
        (Amounts(0, 1, 0), "solid", date(2012, 11, 30), "confidence"),
        (Amounts(0, 0, 1), "", date(2012, 3, 31), "delivered"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(amounts, confidence, stated_on, field):
    with pytest.raises(Refused) as refusal:
        check_statement(amounts, year=2012, confidence=confidence, stated_on=stated_on)

    assert refusal.value.field == field


def test_something_may_be_delivered_from_the_first_day_of_the_financial_year():
    check_statement(Amounts(0, 0, 1), year=2012, confidence="", stated_on=date(2012, 4, 1))


@pytest.mark.parametrize(("typed", "year"), [("2012-13", 2012), ("2012/13", 2012), ("2012–2013", 2012), ("1999-00", 0)])
def test_a_financial_year_is_read(typed, year):
    if not year:
        with pytest.raises(Refused, match="kept from 2000-01"):
            parse_year(typed, field="year")
    else:
        assert parse_year(typed, field="year") == year


@pytest.mark.parametrize("typed", ["2012", "2012-12", "2012-14", "12-13", "2012-2014", "", "2012-13x", "２０１２-13"])
def test_what_is_no_financial_year_is_refused(typed):
    with pytest.raises(Refused) as refusal:
        parse_year(typed, field="year")

    assert refusal.value.field == "year"


@settings(deadline=None)
@given(st.dates(date(2000, 4, 1), date(2098, 3, 31)))
def test_a_day_lies_in_its_financial_year(day):
    year = year_of(day)

    assert first_day_of_year(year) <= day <= last_day_of_year(year)
    assert parse_year(words_for_year(year), field="") == year


def test_a_day_in_the_future_is_refused_and_one_in_the_past_ends_at_midnight_in_the_uk():
    assert as_at(None, now=NOW).known_at == NOW
    assert as_at(date(2012, 11, 30), now=NOW).known_at == NOW
    assert as_at(date(2012, 7, 1), now=NOW).known_at == datetime(2012, 7, 1, 22, 59, 59, 999999, tzinfo=UTC)
    with pytest.raises(Refused, match="today or in the past"):
        as_at(date(2012, 12, 1), now=NOW)


FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("on", "known_at", "place"),
    [
        (date(2012, 11, 21), NOW, FIRST),
        (date(2012, 11, 22), NOW, SECOND),
        (date(2012, 11, 30), NOW, SECOND),
        (date(2012, 12, 1), NOW, THIRD),
        (date(2012, 12, 1), datetime(2012, 11, 22, 9, tzinfo=UTC), SECOND),
        (date(2012, 12, 1), datetime(2012, 11, 22, 8, tzinfo=UTC), FIRST),
    ],
)
def test_a_saving_stands_where_the_moves_known_then_put_it(on, known_at, place):
    moves = [
        Move(FIRST, SECOND, date(2012, 11, 22), datetime(2012, 11, 22, 9, tzinfo=UTC)),
        Move(SECOND, THIRD, date(2012, 12, 1), datetime(2012, 11, 30, 9, tzinfo=UTC)),
    ]

    assert place_at(THIRD, moves, on=on, known_at=known_at) == place
    assert place_at(THIRD, [], on=on, known_at=known_at) == THIRD


def stated(**parts: Any) -> Stated:
    whole: dict[str, Any] = {
        "planned_pence": 0,
        "expected_pence": 0,
        "delivered_pence": 0,
        "id": UUID(int=9),
        "saving_id": UUID(int=10),
        "saving": "Fewer buildings",
        "programme_id": FIRST,
        "programme": "Estates",
        "year": 2012,
        "number": 1,
        "confidence": "",
        "stated_on": date(2012, 11, 30),
        "source": "Paper",
        "note": "",
        "recorded_at": NOW,
        "recorded_by": "Ama",
    }
    return Stated(**(whole | parts))


STATEMENTS = st.lists(
    st.builds(
        lambda saving, year, planned, expected, delivered, confidence: stated(
            saving_id=UUID(int=100 + saving),
            programme_id=UUID(int=saving % 3),
            year=year,
            planned_pence=planned,
            expected_pence=expected,
            delivered_pence=delivered,
            confidence=confidence if planned else "",
        ),
        st.integers(0, 6),
        st.integers(2010, 2015),
        *[st.integers(0, LARGEST_PENCE)] * 3,
        st.sampled_from(["solid", "likely", "uncertain"]),
    ),
    max_size=12,
    unique_by=lambda each: (each.saving_id, each.year),
)


@settings(deadline=None)
@given(STATEMENTS)
def test_parts_sum_to_totals_and_figures_to_their_lines_in_every_cut(statements):
    tally = Tally(statements)
    places = [
        Cut(),
        *(Cut(programme_id=UUID(int=n)) for n in range(3)),
        *(Cut(saving_id=UUID(int=100 + n)) for n in range(7)),
    ]
    cuts = [replace(place, year=year) for year in (None, *range(2010, 2016)) for place in places]

    for cut in cuts:
        saved = saved_of(tally, cut)
        by_hand = sum(
            each.planned_pence + each.expected_pence + each.delivered_pence
            for each in statements
            if cut.year in (None, each.year)
            and cut.programme_id in (None, each.programme_id)
            and cut.saving_id in (None, each.saving_id)
        )
        assert saved.saved.low_pence == by_hand
        assert saved.planned.low_pence + saved.expected.low_pence + saved.delivered.low_pence == by_hand
        assert sum(figure.low_pence for _, figure in saved.planned_by_confidence) == saved.planned.low_pence
        for figure in (saved.saved, saved.planned, saved.expected, saved.delivered):
            assert sum(line.low_pence for line in lines_of(statements, figure.cut)) == figure.low_pence
        for confidence, figure in saved.planned_by_confidence:
            taken = list(lines_of(statements, figure.cut))
            assert sum(line.low_pence for line in taken) == figure.low_pence
            assert {line.stated.confidence for line in taken} <= {confidence}


@settings(deadline=None)
@given(STATEMENTS)
def test_years_and_savings_of_a_programme_sum_to_what_it_saves(statements):
    savings = [(pk, "Saving", "") for pk in {each.saving_id for each in statements}]

    money = savings_of_programme(statements, savings)

    for part in ("planned", "expected", "delivered", "saved"):
        whole = getattr(money.saved, part).low_pence
        assert sum(getattr(year.saved, part).low_pence for year in money.years) == whole
        assert sum(getattr(saving.saved, part).low_pence for saving in money.savings) == whole


def test_a_cut_says_how_an_address_asks_for_it():
    assert Cut(Part.PLANNED, 2012, "solid", FIRST).parameters == {
        "figure": "planned",
        "year": "2012-13",
        "confidence": "solid",
        "programme": str(FIRST),
    }
    assert Cut().parameters == {"figure": "saved"}


def saved(planned: int, expected: int, delivered: int) -> Saved:
    return saved_of(
        Tally(
            [
                stated(
                    planned_pence=planned,
                    expected_pence=expected,
                    delivered_pence=delivered,
                    confidence="solid" if planned else "",
                )
            ]
        ),
        Cut(),
    )


def test_bars_stand_on_one_scale_with_the_longest_across_the_whole_width():
    first, second = bars_of([("2011-12", saved(0, 10, 30), Range(32, 80)), ("2012-13", saved(5, 0, 0), None)])

    assert [(piece.part, piece.start, piece.width) for piece in first.pieces] == [
        (Part.DELIVERED, 0, 375),
        (Part.EXPECTED, 375, 125),
    ]
    assert first.required == (400, BAR_WIDTH)
    assert [(piece.part, piece.start, piece.width) for piece in second.pieces] == [(Part.PLANNED, 0, 62)]
    assert second.required is None


def test_a_chart_of_nothing_has_empty_bars():
    (bar,) = bars_of([("2011-12", saved(0, 0, 0), Range(0, 0))])

    assert (bar.pieces, bar.required) == ((), (0, 0))


def test_the_figure_of_a_cut_is_one_number():
    figure = Tally([stated(expected_pence=3)]).figure(Cut(Part.EXPECTED))

    assert figure == Figure(3, 3, replace(Cut(), part=Part.EXPECTED))
