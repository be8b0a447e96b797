"""What stands beside reports: exceptions, links, assurance, overrides, and the reporting day of one portfolio."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.operations import set_clock
from programmes.overview.queries import programme_rows
from programmes.register.models import Programme
from programmes.workstreams import operations
from programmes.workstreams.enums import DeliveryConfidence, ExceptionKind, Frequency, Rating, Scale, Weekday
from programmes.workstreams.models import AssuranceRating, ReportingException, WorkstreamLink
from programmes.workstreams.queries import (
    links_of,
    programme_trend,
    reporting_days,
    reporting_rule,
    reviewers_of,
)
from tests.builders import (
    NOW,
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

pytestmark = pytest.mark.django_db
LAST_ON, NEXT_ON, AFTER_ON = date(2026, 9, 11), date(2026, 9, 18), date(2026, 9, 25)
LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture(autouse=True)
def clock(db):
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Custody", portfolio=portfolio)


@pytest.fixture
def manager(programme):
    return make_manager(programme)


@pytest.fixture
def cio(portfolio):
    return make_cio(portfolio, "Cy Io")


@pytest.fixture
def workstream(programme):
    return make_workstream(programme, "Tablets", now=LONG_AGO)


def excepting(workstream, by, **more):
    said = {
        "kind": ExceptionKind.EXEMPT,
        "from_on": NEXT_ON,
        "to_on": AFTER_ON,
        "reason": "Shut",
        "request_key": uuid4(),
    }
    return operations.record_exception(**{"workstream_id": workstream.pk, "by": by, "now": NOW} | said | more)


def assuring(programme, by, **more):
    said = {
        "scale": Scale.FIVE_POINT,
        "rating": DeliveryConfidence.AMBER_RED,
        "words": "Two suppliers doubt the date.",
        "assured_by": "The Gateway team",
        "assured_on": NOW.date(),
        "expires_on": NOW.date() + timedelta(days=90),
        "request_key": uuid4(),
    }
    return operations.record_assurance(**{"programme_id": programme.pk, "by": by, "now": NOW} | said | more)


def overriding(programme, by, **more):
    said = {"rating": Rating.RED, "reason": "The supplier told us.", "request_key": uuid4()}
    return operations.override_rating(**{"programme_id": programme.pk, "by": by, "now": NOW} | said | more)


def row_of(programme, now=NOW):
    [row] = programme_rows(Programme.objects.filter(pk=programme.pk), days=reporting_days(now), now=now)
    return row


# Exceptions


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"from_on": AFTER_ON, "to_on": NEXT_ON}, "to_on"),
        ({"from_on": date(2026, 9, 4)}, "from_on"),
        ({"from_on": date(2026, 9, 17)}, "from_on"),
        ({"to_on": date(2026, 9, 24)}, "to_on"),
        ({"to_on": date(2028, 9, 22)}, "to_on"),
    ],
)
def test_an_exception_is_refused_at_its_field_and_nothing_is_kept(workstream, manager, more, field):
    with pytest.raises(Refused) as refused:
        excepting(workstream, manager, **more)

    assert refused.value.field == field
    assert not ReportingException.objects.exists()


def test_an_exception_is_refused_for_a_day_already_reported_for(workstream, manager):
    report(workstream)

    with pytest.raises(Refused, match="has reported for that day already"):
        excepting(workstream, manager)

    assert excepting(workstream, manager, from_on=AFTER_ON).from_on == AFTER_ON


def test_a_second_exception_waits_for_the_first(workstream, manager):
    first = excepting(workstream, manager)

    assert excepting(workstream, manager, request_key=first.pk) == first
    with pytest.raises(Refused, match="There is one already"):
        excepting(workstream, manager)
    operations.end_exception(exception_id=first.pk, by=manager, now=NOW)
    operations.end_exception(exception_id=first.pk, by=manager, now=NOW)  # again changes nothing
    assert excepting(workstream, manager).ended_at is None
    assert AuditEvent.objects.filter(action="workstreams.end_exception").count() == 1


def test_a_rating_that_is_withheld_is_shown_to_nobody_in_lists(client, programme, workstream, manager):
    excepting(workstream, manager, kind=ExceptionKind.WITHHELD, reason="A tender is open.")
    report(workstream, Rating.RED, changed="We talk to another supplier.")

    row = row_of(programme)

    assert (row.rollup.withheld, row.rollup.red, row.overall) == (1, 0, "not_known")
    client.force_login(make_reader(programme))
    for address in (f"/workstreams/{workstream.pk}/", f"/programmes/{programme.pk}/workstreams/"):
        page = client.get(address).text
        assert "Withheld" in page or "withheld" in page
        assert "app-rating--red" not in page
        assert "another supplier" not in page
    page = client.get(f"/workstreams/{workstream.pk}/exceptions/").text
    assert "A tender is open." in page
    assert manager.name in page


def test_exceptions_and_links_are_for_those_who_run_the_programme(workstream, programme):
    for person in (make_reader(programme), make_person()):
        with pytest.raises(NotPermitted):
            excepting(workstream, person)
        with pytest.raises(NotPermitted):
            operations.link_provider(
                dependant_id=workstream.pk,
                provider_id=workstream.pk,
                what="It",
                request_key=uuid4(),
                by=person,
                now=NOW,
            )


# Links


def test_a_link_needs_another_open_workstream_of_the_portfolio_that_may_be_seen(
    workstream, programme, manager, portfolio
):
    beside = make_workstream(programme)
    unseen, elsewhere = make_workstream(make_programme(portfolio=portfolio)), make_workstream()

    def link(provider, by=manager, what="The network"):
        return operations.link_provider(
            dependant_id=workstream.pk, provider_id=provider.pk, what=what, request_key=uuid4(), by=by, now=NOW
        )

    for provider in (workstream, unseen, elsewhere):
        with pytest.raises(Refused) as refused:
            link(provider)
        assert refused.value.field == "provider"
    kept = link(beside)
    with pytest.raises(Refused, match="on record already"):
        link(beside)
    link(unseen, by=make_cio(portfolio))

    found = links_of(workstream, user=manager, days=reporting_days(NOW))
    assert ([one.workstream for one in found.providers], found.unseen) == ([beside], 1)
    operations.end_link(link_id=kept.pk, by=manager, now=NOW)
    assert links_of(workstream, user=manager, days=reporting_days(NOW)).providers == []
    assert WorkstreamLink.objects.count() == 2


# Ratings beside the programme's own


def test_assurance_stands_before_the_office_before_the_own_rating_until_each_lapses(programme, workstream, cio):
    report(workstream, Rating.GREEN)
    assert (row_of(programme).overall, row_of(programme).stands.source) == ("green", "own")
    overriding(programme, cio, rating=Rating.AMBER)
    assert (row_of(programme).overall, row_of(programme).stands.source) == ("amber", "override")
    assurance = assuring(programme, cio)

    row = row_of(programme)

    assert (row.overall, row.stands.source, row.stands.is_diverging) == ("red", "assurance", True)
    assert row.assurance == "Amber/red by The Gateway team, Wednesday 16 September 2026"
    operations.withdraw_assurance(assurance_id=assurance.pk, reason="Wrong one", by=cio, now=NOW)
    assert row_of(programme).overall == "amber"
    assert row_of(programme, NOW + timedelta(days=3)).stands.source == "own"  # the reporting day is over


def test_assurance_lapses_when_it_expires(programme, workstream, cio):
    report(workstream, Rating.GREEN)
    assuring(programme, cio, expires_on=NOW.date())

    assert row_of(programme).overall == "red"
    assert row_of(programme, NOW + timedelta(days=1)).overall == "green"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"words": ""}, "words"),
        ({"assured_by": "x" * 201}, "assured_by"),
        ({"scale": Scale.THREE_POINT}, "rating"),
        ({"assured_on": NOW.date() + timedelta(days=1)}, "assured_on"),
        ({"expires_on": NOW.date() - timedelta(days=1)}, "expires_on"),
    ],
)
def test_assurance_is_refused_at_its_field(programme, cio, more, field):
    with pytest.raises(Refused) as refused:
        assuring(programme, cio, **more)

    assert refused.value.field == field
    assert not AssuranceRating.objects.exists()


def test_ratings_beside_are_for_the_cio(programme, manager):
    for person in (manager, make_reader(programme), make_administrator()):
        for act in (assuring, overriding):
            with pytest.raises(NotPermitted):
                act(programme, person)


def test_an_override_takes_the_place_of_the_one_before(programme, workstream, cio):
    report(workstream)
    first = overriding(programme, cio)
    assert overriding(programme, cio, request_key=first.pk) == first

    second = overriding(programme, cio, rating=Rating.AMBER)

    assert row_of(programme).overall == "amber"
    operations.withdraw_override(override_id=second.pk, by=cio, now=NOW)
    assert row_of(programme).overall == "green"


def test_the_trend_of_a_programme_breaks_where_assurance_begins(programme, workstream, cio, django_assert_num_queries):
    for weeks in (3, 2, 1):
        report(workstream, Rating.GREEN, now=NOW - timedelta(weeks=weeks))
    assuring(programme, cio)
    rule, later = reporting_rule(), NOW + timedelta(minutes=1)

    with django_assert_num_queries(3):
        marks = programme_trend(programme, rule, later)

    shown = [(mark.shown, mark.source, mark.breaks) for mark in marks]
    assert shown == [("red", "assurance", False)] or shown[-1] == ("red", "assurance", True)


# The reporting day of one portfolio


def choosing(portfolio, by, **more):
    said = {"frequency": Frequency.WEEKLY, "weekday": Weekday.MONDAY, "version": 0}
    return operations.choose_portfolio_reporting(**{"scope_id": portfolio.scope_id, "by": by, "now": NOW} | said | more)


def test_a_portfolio_chooses_its_reporting_day_once_at_a_time(portfolio, cio):
    choosing(portfolio, cio)

    assert reporting_rule(portfolio.scope_id).pattern.words == "Every Monday"
    assert reporting_rule(make_portfolio().scope_id).pattern.words == reporting_rule().pattern.words == "Every Friday"
    with pytest.raises(Conflict):
        choosing(portfolio, cio, weekday=Weekday.TUESDAY)
    with pytest.raises(Refused) as refused:
        choosing(portfolio, cio, frequency=Frequency.FORTNIGHTLY, version=1)
    assert refused.value.field == "first_on"
    choosing(portfolio, cio, frequency=Frequency.FORTNIGHTLY, first_on=NOW.date(), version=1)
    assert reporting_rule(portfolio.scope_id).pattern.words == "Every second Monday"


def test_the_reporting_day_of_a_portfolio_is_chosen_by_its_cio_or_an_administrator(portfolio, programme, manager):
    with pytest.raises(NotPermitted):
        choosing(portfolio, manager)
    with pytest.raises(NotPermitted):
        choosing(portfolio, make_cio(make_portfolio()))
    assert choosing(portfolio, make_administrator()).version == 1


# Reviewers


def test_reviewers_are_the_first_level_where_somebody_is_left_and_never_the_author(programme, workstream, cio):
    manager = make_manager(programme)
    assert reviewers_of([workstream], on=NOW.date())[workstream.pk] == [
        *sorted({manager, *_managers(programme)}, key=lambda one: (one.name, one.pk))
    ]
    report(workstream, by=manager)
    assert manager not in reviewers_of([workstream], on=NOW.date())[workstream.pk]
    assert manager in reviewers_of([workstream], on=NOW.date(), is_owed=True)[workstream.pk]


def _managers(programme):
    return [held.user for held in programme.scope.role_holdings.filter(role="programme_manager", ended_at=None)]


# Pages


def test_pages_record_what_is_typed(client, portfolio, programme, workstream, cio):
    client.force_login(cio)
    beside = make_workstream(programme, "Network")
    one, ratings, key = f"/workstreams/{workstream.pk}/", f"/programmes/{programme.pk}/ratings/", str(uuid4())
    day, later = {"_day": 16, "_month": 9, "_year": 2026}, {"_day": 16, "_month": 12, "_year": 2026}
    forms: dict[str, dict[str, Any]] = {
        f"{one}exceptions/": {"kind": "exempt", "from_on": "2026-09-18", "to_on": "2026-09-18", "reason": "Shut"},
        f"{one}links/": {"provider": str(beside.pk), "what": "The network"},
        f"{ratings}assure/": {"scale": "five_point", "rating": "red", "words": "Late.", "assured_by": "Audit"}
        | {f"assured_on{box}": n for box, n in day.items()}
        | {f"expires_on{box}": n for box, n in later.items()},
        f"{ratings}override/": {"rating": "amber", "reason": "They told us."},
        f"/reporting/{portfolio.scope_id}/": {"frequency": "weekly", "weekday": "0", "version": 0},
    }

    for address, typed in forms.items():
        assert client.get(address).status_code == 200, address
        assert client.post(address, {"request_key": key}).status_code == 200, address
        answer = client.post(address, typed | {"request_key": key})
        assert answer.status_code == 302, (address, answer.text.split("<main")[1][:3000])

    page = client.get(ratings).text
    assert "Off track" in page
    assert "They told us." in page
    assert "The network" in client.get(f"{one}links/").text
    assert reporting_rule(portfolio.scope_id).pattern.words == "Every Monday"


# Nothing leaks


def test_adding_what_a_person_may_not_see_changes_no_byte_of_their_pages(
    client, programme, workstream, manager, portfolio
):
    report(workstream)
    cio = make_cio(portfolio)
    client.force_login(manager)
    pages = [reverse("my_week"), f"/programmes/{programme.pk}/", f"/workstreams/{workstream.pk}/links/", "/search/?q=a"]

    def seen():
        return [_without_tokens(client.get(page).text) for page in pages]

    before = seen()
    other = make_programme("A secret", portfolio=portfolio)
    hidden = make_workstream(other, "A hidden one", now=LONG_AGO)
    report(hidden, Rating.RED)
    excepting(hidden, make_manager(other), from_on=AFTER_ON, to_on=AFTER_ON)
    assuring(other, cio)

    assert seen() == before
    client.force_login(cio)
    assert "A secret" in client.get(f"/portfolios/{portfolio.pk}/").text


def _without_tokens(page):
    parts = page.split('name="csrfmiddlewaretoken" value="')
    kept = [parts[0], *(part.split('"', 1)[1] for part in parts[1:])]
    lines = "".join(kept).splitlines()
    return [line for line in lines if "nonce" not in line and 'name="request_key"' not in line]
