"""Reads: the rule in SQL, scoped, in a constant number of queries, and without a scan of the history."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.clock.rules import instant
from programmes.workstreams.enums import Ask, Frequency, Rating, Weekday
from programmes.workstreams.models import ReportingSettings, StatusUpdate, Workstream
from programmes.workstreams.operations import close_workstream, reopen_workstream
from programmes.workstreams.queries import (
    asks_open,
    corrected_by,
    latest_update_of,
    narrowed,
    recent_updates,
    reporting_days,
    reporting_rule,
    rollups_by_programme,
    standing_updates_of,
    statuses_due_for,
    trend,
    updates_of,
    with_standing,
    workstreams_of,
    workstreams_visible_to,
    worst_first,
)
from programmes.workstreams.rules import Rollup, TrendMark
from tests.builders import (
    NOW,
    correct,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
    report,
)

DAYS_AGO = {n: NOW - timedelta(days=n) for n in range(100)}
LONG_AGO = NOW - timedelta(days=200)
# NOW is Wednesday 16 September 2026: the last reporting days are Friday 4 and Friday 11 September.


@pytest.fixture
def programme(db):
    return make_programme("Mobile officer")


def stream(programme, name, *, started=LONG_AGO, **more):
    return make_workstream(programme, name, now=started, **more)


@pytest.fixture
def five(programme):
    """One of each: off track, at risk, on track, silent (last said on track) and not due yet."""
    found = {name: stream(programme, name) for name in ("red", "amber", "green", "silent")}
    found["not_due"] = stream(programme, "not_due", started=DAYS_AGO[1])
    for name in ("red", "amber", "green"):
        report(found[name], Rating(name), now=DAYS_AGO[6])
    report(found["silent"], Rating.GREEN, now=DAYS_AGO[37])
    return found


# Settings


def test_reporting_days_follow_the_settings_and_closures(db):
    before = reporting_days(NOW)
    ReportingSettings.objects.create(pk=1, frequency=Frequency.MONTHLY, weekday=Weekday.THURSDAY)

    after = reporting_days(NOW)

    assert (before.last_on, before.next_on) == (date(2026, 9, 11), date(2026, 9, 18))
    assert (after.last_on, after.next_on) == (date(2026, 8, 27), date(2026, 9, 24))


# Standing


def test_with_standing_never_shows_a_silent_one_as_green(programme, five):
    found = worst_first(with_standing(Workstream.objects.all(), reporting_days(NOW)))

    assert [(one.name, one.standing, one.shown) for one in found] == [
        ("red", "reported", "red"),
        ("silent", "silent", "silent"),
        ("amber", "reported", "amber"),
        ("not_due", "not_due", "not_due"),
        ("green", "reported", "green"),
    ]


@pytest.mark.parametrize(
    ("show", "text", "names"),
    [
        ("open", "", ["amber", "green", "not_due", "red", "silent"]),
        ("green", "", ["green"]),
        ("silent", "", ["silent"]),
        ("not_due", "", ["not_due"]),
        ("closed", "", ["closed"]),
        ("all", "GREE", ["green"]),
        ("all", "fiona", ["amber"]),
        ("all", "amber FIONA", ["amber"]),
        ("all", "amber nobody", []),
        ("all", "%", []),
    ],
)
def test_narrowed_finds_by_what_is_shown_and_by_name_or_lead(programme, five, show, text, names):
    Workstream.objects.filter(name="amber").update(lead=make_person("Fiona Reid"))
    done = stream(programme, "closed")
    close_workstream(workstream_id=done.pk, reason="Done", by=make_manager(programme), now=NOW)

    found = narrowed(with_standing(Workstream.objects.all(), reporting_days(NOW)), show=show, text=text)

    assert sorted(one.name for one in found) == names


def test_workstreams_of_tell_age_and_what_was_last_said(programme, five):
    rows = workstreams_of(programme.pk, days=reporting_days(NOW), now=NOW)

    assert [(row.name, row.shown, row.words) for row in rows] == [
        ("red", "red", "6 days ago"),
        ("silent", "silent", "last said: On track, 5 weeks ago"),
        ("amber", "amber", "6 days ago"),
        ("not_due", "not_due", "nothing reported yet"),
        ("green", "green", "6 days ago"),
    ]


# What one may see


def test_workstreams_visible_to_are_those_of_visible_programmes(db):
    portfolio = make_portfolio()
    here, there = make_programme(portfolio=portfolio), make_programme()
    lead = make_person()
    mine, other = make_workstream(here, lead=lead), make_workstream(there)

    def seen(person):
        return set(workstreams_visible_to(type(person).objects.get(pk=person.pk)))

    assert seen(make_administrator()) == {mine, other}
    for person in (make_cio(portfolio), make_manager(here), make_reader(here), lead):
        assert seen(person) == {mine}
    assert seen(make_person()) == set()


# Roll-up


def test_rollups_by_programme_count_each_programme_in_one_query(programme, five, django_assert_num_queries):
    other, empty = make_programme(), make_programme()
    report(stream(other, "amber"), Rating.AMBER, now=DAYS_AGO[3])
    closed = stream(other, "closed")
    report(closed, Rating.RED, now=DAYS_AGO[1])
    close_workstream(workstream_id=closed.pk, reason="Done", by=make_manager(other), now=NOW)
    days = reporting_days(NOW)

    with django_assert_num_queries(1):
        found = rollups_by_programme([programme.pk, other.pk, empty.pk], days)

    assert {pk: (one.rollup, one.last_reported_at) for pk, one in found.items()} == {
        programme.pk: (Rollup(red=1, amber=1, green=1, silent=1, not_due=1), DAYS_AGO[6]),
        other.pk: (Rollup(amber=1), DAYS_AGO[3]),
    }


def test_a_correction_does_not_end_a_silence(programme):
    workstream = stream(programme, "old")
    wrong = report(workstream, Rating.GREEN, now=DAYS_AGO[37])
    manager = make_manager(programme)
    days = reporting_days(NOW)

    correct(wrong, Rating.AMBER, by=manager)

    assert rollups_by_programme([programme.pk], days)[programme.pk].rollup == Rollup(silent=1)


def test_reopening_owes_nothing_until_the_next_reporting_day(programme):
    workstream, manager = stream(programme, "back"), make_manager(programme)
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=DAYS_AGO[30])

    reopen_workstream(workstream_id=workstream.pk, reason="Not done", by=manager, now=DAYS_AGO[1])

    assert rollups_by_programme([programme.pk], reporting_days(NOW))[programme.pk].rollup == Rollup(not_due=1)
    later = NOW + timedelta(days=7)
    assert rollups_by_programme([programme.pk], reporting_days(later))[programme.pk].rollup == Rollup(silent=1)


# Who owes a report


def test_statuses_due_for_a_manager_are_silent_ones_first(programme, five, django_assert_num_queries):
    manager = make_manager(programme)
    report(five["green"], now=NOW)  # for this Friday already
    stream(make_programme(), "elsewhere")

    with django_assert_num_queries(5):  # roles, settings, closures, leave, workstreams
        due = statuses_due_for(manager, NOW)

    assert [(one.workstream_name, one.is_silent, one.due_words, one.last_words) for one in due] == [
        ("silent", True, "Silent since the end of Friday 11 September 2026", "On track, 5 weeks ago"),
        ("not_due", False, "Due by the end of Friday 18 September 2026", "nothing yet"),
        ("amber", False, "Due by the end of Friday 18 September 2026", "At risk, 6 days ago"),
        ("red", False, "Due by the end of Friday 18 September 2026", "Off track, 6 days ago"),
    ]
    assert due[0].due_at == instant(date(2026, 9, 12), time.min)


def test_statuses_due_for_a_lead_are_their_own(programme):
    lead = make_person()
    mine = stream(programme, "mine", lead=lead)
    stream(programme, "theirs", lead=make_person())

    due = statuses_due_for(type(lead).objects.get(pk=lead.pk), NOW)

    assert [(one.workstream_id, one.is_lead) for one in due] == [(mine.pk, True)]


def test_statuses_due_for_others_are_none(programme, five):
    portfolio_scope = programme.scope.parent

    assert statuses_due_for(make_person(), NOW) == []
    assert statuses_due_for(make_reader(programme), NOW) == []
    assert statuses_due_for(make_cio(portfolio_scope.portfolio), NOW) == []
    assert statuses_due_for(make_administrator(), NOW) == []


def test_statuses_due_by_month_are_told_a_week_before(programme):
    ReportingSettings.objects.create(pk=1, frequency=Frequency.MONTHLY, weekday=Weekday.FRIDAY)
    manager = make_manager(programme)
    workstream = stream(programme, "monthly")
    report(workstream, now=instant(date(2026, 8, 28), time(9)))

    def names(now):
        return [one.workstream_name for one in statuses_due_for(manager, now)]

    deadline = instant(date(2026, 9, 26), time.min)
    assert names(deadline - timedelta(days=7, seconds=1)) == []
    assert names(deadline - timedelta(days=7)) == ["monthly"]


# What was said


def test_asks_open_are_those_of_the_latest_updates(programme, django_assert_num_queries):
    asking, answered, closed = (stream(programme, name) for name in ("asking", "answered", "closed"))
    report(asking, now=DAYS_AGO[3], ask_kind=Ask.DECISION, ask="Which site first?")
    report(answered, now=DAYS_AGO[3], ask_kind=Ask.ADVICE, ask="How?")
    report(answered, now=DAYS_AGO[2])
    report(closed, now=DAYS_AGO[3], ask_kind=Ask.ADVICE, ask="How?")
    close_workstream(workstream_id=closed.pk, reason="Done", by=make_manager(programme), now=NOW)
    report(stream(make_programme(), "elsewhere"), now=NOW, ask_kind=Ask.ADVICE, ask="Who?")

    with django_assert_num_queries(1):
        asks = asks_open([programme.pk])

    assert [(one.workstream_name, one.kind, one.text, one.reported_at) for one in asks] == [
        ("asking", Ask.DECISION, "Which site first?", DAYS_AGO[3])
    ]


def corrected(update, rating, now):
    return correct(update, rating, by=make_manager(update.workstream.programme), now=now)


def test_recent_updates_leave_out_what_was_corrected(programme, django_assert_num_queries):
    workstream = stream(programme, "one")
    report(workstream, now=DAYS_AGO[31])
    wrong = report(workstream, now=DAYS_AGO[10])
    right = corrected(wrong, Rating.RED, DAYS_AGO[9])
    report(stream(make_programme(), "elsewhere"), now=NOW)

    with django_assert_num_queries(1):
        found = recent_updates([programme.pk], DAYS_AGO[30])

    assert [(one.id, one.rating, one.is_correction) for one in found] == [(right.pk, Rating.RED, True)]
    assert len(recent_updates([programme.pk], DAYS_AGO[40], limit=1)) == 1


def test_history_folds_every_correction_under_what_stands(programme):
    workstream = stream(programme, "one")
    first = report(workstream, now=DAYS_AGO[20])
    second = corrected(first, Rating.AMBER, DAYS_AGO[19])
    third = corrected(second, Rating.RED, DAYS_AGO[18])
    latest = report(workstream, now=DAYS_AGO[5])

    standing = list(standing_updates_of(workstream.pk))

    assert standing == [latest, third]
    assert corrected_by(standing) == {third.pk: [second, first]}
    assert corrected_by([latest]) == {}
    assert list(updates_of(workstream.pk)) == [latest, third, second, first]
    assert latest_update_of(workstream.pk) == latest


def test_trend_puts_a_correction_on_the_day_of_what_it_corrects(programme):
    workstream = stream(programme, "one", started=DAYS_AGO[15])
    wrong = report(workstream, now=DAYS_AGO[13])  # Thursday 3 September
    corrected(wrong, Rating.AMBER, DAYS_AGO[6])  # in the week after
    workstream.refresh_from_db()

    assert trend(workstream, reporting_rule(), NOW) == [
        TrendMark(date(2026, 9, 4), "amber"),
        TrendMark(date(2026, 9, 11), "silent"),
    ]


# Size


@pytest.fixture
def years_of_reports(programme):
    """40 workstreams with 300 updates each, written in bulk; only plans are asked of it."""
    people = [make_person(), make_manager(programme)]
    programmes = [programme, *(make_programme() for _ in range(3))]
    Workstream.objects.bulk_create(
        Workstream(programme=programmes[n % 4], name=f"Stream {n}", lead=people[0], started_at=LONG_AGO)
        for n in range(40)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_statusupdate (id, workstream_id, rating, changed, ask_kind, ask,"
            " period_on, reported_at, reported_by_id, correction_reason, request_key)"
            " SELECT gen_random_uuid(), id, 'green', 'Done.', 'none', '', started_at::date,"
            " started_at + make_interval(hours => n),"
            " %s, '', gen_random_uuid() FROM programmes_workstream, generate_series(0, 299) n",
            [people[1].pk],
        )
        cursor.execute(
            "UPDATE programmes_workstream w SET current_update_id = s.id, current_rating = s.rating,"
            " current_reported_at = s.reported_at, current_period_on = s.period_on, current_ask_kind = s.ask_kind"
            " FROM (SELECT DISTINCT ON (workstream_id) * FROM programmes_statusupdate"
            " ORDER BY workstream_id, reported_at DESC) s WHERE s.workstream_id = w.id"
        )
        cursor.execute("ANALYZE programmes_workstream, programmes_statusupdate")
    return people[1]


def scans_of_history(read):
    """Sequential scans of the updates in the plans of what ``read`` asks."""
    with CaptureQueriesContext(connection) as captured:
        read()
    scans = []
    for query in captured.captured_queries:
        if "SELECT" in query["sql"] and "EXPLAIN" not in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"])
                scans += [row[0] for row in cursor.fetchall() if "Seq Scan on programmes_statusupdate" in row[0]]
    return scans


def test_no_list_scans_the_history(years_of_reports, programme):
    manager = years_of_reports
    days, since = reporting_days(NOW), LONG_AGO + timedelta(hours=290)
    workstream = Workstream.objects.filter(programme=programme)[0]
    everyone = list(Workstream.objects.values_list("programme_id", flat=True).distinct())

    assert scans_of_history(lambda: list(StatusUpdate.objects.filter(rating="red"))) != []
    for read in (
        lambda: rollups_by_programme(everyone, days),
        lambda: workstreams_of(programme.pk, days=days, now=NOW),
        lambda: statuses_due_for(manager, NOW),
        lambda: asks_open(everyone),
        lambda: recent_updates(everyone, since),
        lambda: list(standing_updates_of(workstream.pk)[:10]),
        lambda: list(updates_of(workstream.pk)[:10]),
        lambda: trend(workstream, reporting_rule(), NOW),
        lambda: latest_update_of(workstream.pk),
    ):
        assert scans_of_history(read) == []
