"""The standing that the database says is the rule's; of now, of earlier days, and for portfolios with days of their own."""

from datetime import date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from partners.clock.rules import local_date
from programmes.workstreams.enums import ExceptionKind, Frequency, Rating, Weekday
from programmes.workstreams.models import PortfolioReporting, ReportingException, StatusUpdate, Workstream
from programmes.workstreams.operations import (
    change_workstream,
    close_workstream,
    end_exception,
    link_provider,
    record_exception,
    reopen_workstream,
)
from programmes.workstreams.queries import (
    needing_red_values,
    period_to_report,
    providers_in_red,
    reporting_by_portfolio,
    reporting_days,
    rollups_at,
    rollups_by_programme,
    statuses_due_for,
    with_standing,
)
from programmes.workstreams.rules import Rollup, covers, rollup_of, standing_of
from tests.builders import NOW, make_cio, make_manager, make_portfolio, make_programme, make_workstream, report

pytestmark = pytest.mark.django_db
MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+00:00")
LAST_ON, NEXT_ON = date(2026, 9, 11), date(2026, 9, 18)


def rows_of_every_kind(programme, days, *, reopened_at):
    """One workstream for each combination of what counts; in few statements."""
    kinds = [
        ("", None, None),
        ("exempt", days.last_on, days.next_on),
        ("withheld", days.last_on, days.last_on),
        ("withheld", days.next_on, days.next_on),
        ("withheld", days.previous_on, days.previous_on),
    ]
    periods = [None, days.previous_on, days.last_on, days.next_on]
    starts = [MONDAY - timedelta(days=200), days.last_deadline - timedelta(seconds=1), days.last_deadline]
    rows, updates, exceptions = [], [], []
    for n, (is_closed, (kind, from_on, to_on), period_on, started_at, rating) in enumerate(
        product([False, True], kinds, periods, starts, [Rating.GREEN, Rating.RED])
    ):
        one = Workstream(
            programme=programme,
            name=f"{n}",
            started_at=started_at,
            reopened_at=reopened_at,
            exception_kind=kind,
            exception_from_on=from_on,
            exception_to_on=to_on,
            **({"closed_at": MONDAY, "closed_by": programme.set_up_by, "close_reason": "Done"} if is_closed else {}),
        )
        rows.append(one)
        if period_on:
            update = StatusUpdate(
                workstream=one,
                period_on=period_on,
                rating=rating,
                changed="Moved.",
                reported_at=MONDAY,
                reported_by=programme.set_up_by,
                request_key=uuid4(),
            )
            updates.append(update)
        if kind:
            exceptions.append(
                ReportingException(
                    workstream=one,
                    kind=kind,
                    from_on=from_on,
                    to_on=to_on,
                    reason="Why",
                    recorded_at=MONDAY - timedelta(days=40),
                    recorded_by=programme.set_up_by,
                )
            )
    Workstream.objects.bulk_create(rows)
    StatusUpdate.objects.bulk_create(updates)
    ReportingException.objects.bulk_create(exceptions)
    for update in updates:
        one = update.workstream
        one.current_update, one.current_rating = update, update.rating
        one.current_reported_at, one.current_period_on = update.reported_at, update.period_on
        covered = covers(one.exception_from_on, one.exception_to_on, update.period_on)
        one.current_is_withheld = covered and one.exception_kind == ExceptionKind.WITHHELD
    columns = ["current_update", "current_rating", "current_reported_at", "current_period_on", "current_is_withheld"]
    Workstream.objects.bulk_update([update.workstream for update in updates], columns)


def expected_of(one, days):
    excepted = covers(one.exception_from_on, one.exception_to_on, days.last_on)
    standing = standing_of(
        started_at=one.started_at,
        period_on=one.current_period_on,
        days=days,
        exception=one.exception_kind if excepted else None,
        is_kept_back=one.current_is_withheld,
        closed_at=one.closed_at,
        reopened_at=one.reopened_at,
    )
    return standing, one.current_rating if standing == "reported" else standing.value


@pytest.mark.parametrize("now", [MONDAY, NOW])
@pytest.mark.parametrize("is_reopened", [False, True])
def test_with_standing_says_what_the_rule_says_of_every_combination(now, is_reopened):
    days, programme = reporting_days(now), make_programme()
    rows_of_every_kind(programme, days, reopened_at=days.last_deadline if is_reopened else None)

    found = list(with_standing(Workstream.objects.filter(programme=programme), days))

    assert len(found) == 240
    assert [(one.standing, one.shown) for one in found] == [expected_of(one, days) for one in found]
    assert len({one.shown for one in found}) == (6 if is_reopened else 7)
    rollup = rollups_by_programme([programme.pk], days)[programme.pk].rollup
    assert rollup == rollup_of([one.shown for one in found])
    if not is_reopened:
        was = rollups_at([programme.pk], on=local_date(now), known_at=now, days=days)
        assert was[programme.pk].rollup == rollup


def test_a_portfolio_follows_the_days_that_it_has_chosen():
    usual, own = make_portfolio(), make_portfolio()
    PortfolioReporting.objects.create(scope=own.scope, frequency=Frequency.WEEKLY, weekday=Weekday.MONDAY)
    programmes = [make_programme(portfolio=portfolio) for portfolio in (usual, own)]
    for programme in programmes:
        report(
            make_workstream(programme, now=NOW - timedelta(days=90)), now=datetime(2026, 9, 10, 9, tzinfo=NOW.tzinfo)
        )
    book = reporting_by_portfolio(NOW)

    found = rollups_by_programme([one.pk for one in programmes], book)

    assert [found[one.pk].rollup for one in programmes] == [Rollup(green=1), Rollup(green=1)]
    assert reporting_days(NOW, own.scope_id) == book.days_of(own.scope_id) != book.days_of(usual.scope_id)
    later = reporting_by_portfolio(datetime(2026, 9, 22, 9, tzinfo=NOW.tzinfo))
    found = rollups_by_programme([one.pk for one in programmes], later)
    assert [found[one.pk].rollup for one in programmes] == [Rollup(late=1), Rollup(late=1)]
    shown = with_standing(Workstream.objects.order_by("pk"), later).values_list("shown", flat=True)
    assert set(shown) == {"late"}


def test_an_exception_counts_from_its_first_reporting_day_and_can_be_ended():
    programme = make_programme()
    manager = make_manager(programme)
    workstream = make_workstream(programme, now=NOW - timedelta(days=90))
    exception = record_exception(
        workstream_id=workstream.pk,
        kind=ExceptionKind.EXEMPT,
        from_on=NEXT_ON,
        to_on=NEXT_ON + timedelta(weeks=2),
        reason="The site is shut.",
        request_key=uuid4(),
        by=manager,
        now=NOW,
    )
    saturdays = [datetime(2026, 9, 19, 9, tzinfo=NOW.tzinfo) + timedelta(weeks=n) for n in range(4)]

    def shown_at(now):
        return with_standing(Workstream.objects.filter(pk=workstream.pk), reporting_days(now)).get().shown

    assert shown_at(NOW) == "silent"
    assert [shown_at(now) for now in saturdays] == ["exempt", "exempt", "exempt", "late"]

    end_exception(exception_id=exception.pk, by=manager, now=saturdays[1])

    assert [shown_at(now) for now in saturdays[1:]] == ["exempt", "late", "late"]
    known = [
        rollups_at([programme.pk], on=local_date(now), known_at=now, days=reporting_days(now))[programme.pk].rollup
        for now in saturdays
    ]
    assert known == [Rollup(exempt=1), Rollup(exempt=1), Rollup(late=1), Rollup(late=1)]


def test_period_to_report_of_one_that_is_exempt_or_started_since_is_not_late():
    programme = make_programme()
    old = make_workstream(programme, now=NOW - timedelta(days=90))
    new = make_workstream(programme, now=MONDAY)
    exempt = make_workstream(programme, now=NOW - timedelta(days=90))
    exempt.exception_kind, exempt.exception_from_on, exempt.exception_to_on = "exempt", LAST_ON, LAST_ON
    days = reporting_days(MONDAY)

    found = [period_to_report(one, days, MONDAY) for one in (old, new, exempt)]

    assert found == [(LAST_ON, True), (NEXT_ON, False), (NEXT_ON, False)]


def test_a_late_report_makes_up_and_the_page_of_that_day_still_says_late():
    programme = make_programme()
    workstream = make_workstream(programme, now=NOW - timedelta(days=90))
    before = rollups_by_programme([programme.pk], reporting_days(MONDAY))[programme.pk].rollup
    later = MONDAY + timedelta(hours=3)

    update = report(workstream, Rating.AMBER, now=later)

    assert (update.period_on, update.is_late) == (LAST_ON, True)
    assert before == Rollup(late=1)
    assert rollups_by_programme([programme.pk], reporting_days(later))[programme.pk].rollup == Rollup(amber=1)
    was = rollups_at([programme.pk], on=local_date(MONDAY), known_at=MONDAY, days=reporting_days(MONDAY))
    assert was[programme.pk].rollup == before


def test_statuses_due_leave_out_what_is_exempt():
    programme = make_programme()
    workstream = make_workstream(programme, now=NOW - timedelta(days=90))
    manager = make_manager(programme)
    assert [(one.is_late, one.is_silent) for one in statuses_due_for(manager, MONDAY)] == [(True, False)]

    Workstream.objects.filter(pk=workstream.pk).update(
        exception_kind="exempt", exception_from_on=LAST_ON, exception_to_on=NEXT_ON
    )

    assert statuses_due_for(manager, MONDAY) == []


def test_rollups_at_a_day_between_a_closing_and_a_reopening_leave_the_workstream_out():
    programme = make_programme()
    manager = make_manager(programme)
    workstream = make_workstream(programme, now=NOW - timedelta(days=90))
    close_workstream(workstream_id=workstream.pk, reason="Paused", by=manager, now=NOW)
    reopen_workstream(workstream_id=workstream.pk, reason="Resumed", by=manager, now=NOW + timedelta(days=20))

    def known_at(now):
        return rollups_at([programme.pk], on=local_date(now), known_at=now, days=reporting_days(now))

    assert known_at(NOW - timedelta(days=1))[programme.pk].rollup == Rollup(late=1)
    assert known_at(NOW + timedelta(days=10)) == {}
    assert known_at(NOW + timedelta(days=21))[programme.pk].rollup == Rollup(not_due=1)


def test_a_provider_in_red_is_told_to_who_needs_it_and_only_while_it_is():
    portfolio = make_portfolio()
    one, other = make_programme(portfolio=portfolio), make_programme(portfolio=portfolio)
    dependant, provider = (make_workstream(each, now=NOW - timedelta(days=90)) for each in (one, other))
    link_provider(
        dependant_id=dependant.pk,
        provider_id=provider.pk,
        what="The network",
        request_key=uuid4(),
        by=make_cio(portfolio),
        now=NOW,
    )
    days = reporting_days(NOW)
    assert providers_in_red([dependant.pk], days) == {}

    report(provider, Rating.RED, now=NOW)

    assert [row.what for row in providers_in_red([dependant.pk], days)[dependant.pk]] == ["The network"]
    assert list(needing_red_values([one.pk, other.pk], days)) == [(one.pk, 1)]
    later = NOW + timedelta(minutes=1)
    assert rollups_at([one.pk], on=local_date(later), known_at=later, days=days)[one.pk].needing_red == 1
    assert providers_in_red([dependant.pk], reporting_days(NOW + timedelta(days=20))) == {}
    assert list(needing_red_values([one.pk], reporting_by_portfolio(NOW))) == [(one.pk, 1)]
    change_workstream(
        workstream_id=provider.pk,
        version=provider.version,
        name="Network",
        description="",
        lead_id=None,
        reviewer_id=None,
        by=make_manager(other),
        now=NOW,
    )
    assert [row.name for row in providers_in_red([dependant.pk], days)[dependant.pk]] == ["Network"]
