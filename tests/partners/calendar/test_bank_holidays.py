"""Every bank holiday of England and Wales from 2011 to 2013, typed from its source and not from the package.

Source: gov.uk/bank-holidays (England and Wales), whose archive begins in 2012; for 2011 the Banking and Financial Dealings
Act 1971, schedule 1, with the substitute days of its section 1 and the royal proclamations in the London Gazette (29 April
2011, the royal wedding; 4 and 5 June 2012, the spring bank holiday moved and the Diamond Jubilee).
"""

from datetime import date, timedelta

from partners.calendar.rules import WorkingCalendar, bank_holidays

IN_2011 = {
    date(2011, 1, 3): "New Year's Day",
    date(2011, 4, 22): "Good Friday",
    date(2011, 4, 25): "Easter Monday",
    date(2011, 4, 29): "Royal wedding",
    date(2011, 5, 2): "Early May bank holiday",
    date(2011, 5, 30): "Spring bank holiday",
    date(2011, 8, 29): "Summer bank holiday",
    date(2011, 12, 26): "Boxing Day",
    date(2011, 12, 27): "Christmas Day",
}
IN_2012 = {
    date(2012, 1, 2): "New Year's Day",
    date(2012, 4, 6): "Good Friday",
    date(2012, 4, 9): "Easter Monday",
    date(2012, 5, 7): "Early May bank holiday",
    date(2012, 6, 4): "Spring bank holiday",
    date(2012, 6, 5): "Queen's Diamond Jubilee",
    date(2012, 8, 27): "Summer bank holiday",
    date(2012, 12, 25): "Christmas Day",
    date(2012, 12, 26): "Boxing Day",
}
IN_2013 = {
    date(2013, 1, 1): "New Year's Day",
    date(2013, 3, 29): "Good Friday",
    date(2013, 4, 1): "Easter Monday",
    date(2013, 5, 6): "Early May bank holiday",
    date(2013, 5, 27): "Spring bank holiday",
    date(2013, 8, 26): "Summer bank holiday",
    date(2013, 12, 25): "Christmas Day",
    date(2013, 12, 26): "Boxing Day",
}


def test_the_bank_holidays_of_three_years_are_those_of_their_sources() -> None:
    known = {day: name for day, name in bank_holidays().items() if 2011 <= day.year <= 2013}

    assert known == IN_2011 | IN_2012 | IN_2013


def test_easter_and_the_mondays_fall_where_the_rules_put_them() -> None:
    """An independent check of the lists above: good friday and easter monday by the computus, the others by weekday."""
    for year in (2011, 2012, 2013):
        days = {day for day in IN_2011 | IN_2012 | IN_2013 if day.year == year}
        easter = _easter(year)
        assert {easter - timedelta(days=2), easter + timedelta(days=1)} <= days
        assert {_first_monday(year, 5), _last_monday(year, 8)} <= days
        assert all(day.weekday() < 5 for day in days)


def test_the_review_of_the_case_has_37_working_days() -> None:
    calendar = WorkingCalendar()
    first, last = date(2012, 12, 3), date(2013, 1, 28)

    assert calendar.count(first, last) == 37

    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    assert [day for day in days if day.weekday() < 5 and not calendar.is_working(day)] == [
        date(2012, 12, 25),
        date(2012, 12, 26),
        date(2013, 1, 1),
    ]


def _easter(year: int) -> date:
    """Source: the anonymous Gregorian algorithm (Nature, 20 April 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=last.weekday())
