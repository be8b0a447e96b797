"""The portfolio as at an earlier day is what its page showed at the end of that day."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from partners.calendar.rules import AsAt, as_at
from partners.clock.operations import set_clock
from partners.clock.rules import UK, end_of_day, local_date
from portfolio.board.queries import Wanted, board_of
from programmes.register.changes import change_delivery_model, end_programme
from programmes.register.enums import DeliveryModel
from programmes.reviews.operations import cancel_review
from programmes.scheduling.operations import finish_stage, start_stage
from programmes.workstreams.changes import close_by_decision, move_by_decision
from programmes.workstreams.enums import Ask, Rating
from tests.builders import (
    correct,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_review,
    make_workstream,
    pass_gates,
    report,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 9, 14)


def noon_of(day):
    return datetime.combine(day, time(12), tzinfo=UK)


@pytest.fixture
def portfolio():
    return make_portfolio("The whole force")


@pytest.fixture
def story(portfolio):
    """A list of (day, act): what happens at noon of each day, every kind of act that a board can show."""
    made: dict[str, Any] = {}
    person = make_person()

    def set_up(name):
        def act(now):
            programme = make_programme(name, portfolio=portfolio)
            type(programme).objects.filter(pk=programme.pk).update(set_up_at=now)
            made[name] = programme

        return act

    def add(programme, name):
        return lambda now: made.update({name: make_workstream(made[programme], name, now=now)})

    def say(name, rating, **more):
        return lambda now: made.update({f"{name} said": report(made[name], rating, now=now, **more)})

    def put_right(now):
        correct(made["Tablets said"], Rating.RED, by=make_manager(made["One"]), now=now)

    def move(now):
        with transaction.atomic():
            made["Screens"].refresh_from_db()
            move_by_decision(
                made["Screens"], to=made["Two"], on=local_date(now), decision_id=uuid4(), by=person, now=now
            )

    def close(now):
        with transaction.atomic():
            made["Tablets"].refresh_from_db()
            close_by_decision([made["Tablets"]], reason="Not needed.", by=person, now=now)

    def change_model(now):
        made["Two"].refresh_from_db()
        change_delivery_model(
            made["Two"],
            to=DeliveryModel.INTERNALLY_SUPPORTED,
            from_on=local_date(now),
            decision_id=uuid4(),
            by=person,
            now=now,
        )

    def end(now):
        made["One"].refresh_from_db()
        end_programme(made["One"], on=local_date(now), reason="By decision.", by=person, now=now)

    def step(act):
        def done(now):
            programme = pass_gates(made["Two"]) if act is start_stage else made["Two"]
            act(
                programme_id=programme.pk,
                stage_id=programme.stages.get(position=1).pk,
                on=local_date(now),
                by=make_manager(programme),
                now=now,
            )

        return done

    def open_review(now):
        made["review"] = make_review(made["Two"], starts_on=date(2026, 10, 6), now=now)

    def cancel(now):
        cancel_review(review_id=made["review"].pk, reason="Later.", by=make_manager(made["Two"]), now=now)

    acts = [
        set_up("One"),
        add("One", "Tablets"),
        add("One", "Screens"),
        say("Tablets", Rating.AMBER, ask_kind=Ask.ADVICE, ask="Which model?"),
        say("Screens", Rating.GREEN),
        set_up("Two"),
        say("Tablets", Rating.GREEN),
        put_right,
        move,
        step(start_stage),
        change_model,
        open_review,
        close,
        say("Screens", Rating.RED),
        end,
        lambda now: None,
        cancel,
        step(finish_stage),
    ]
    return [(MONDAY + timedelta(days=2 * n), act) for n, act in enumerate(acts)]


def shown(portfolio, *, now, when=None):
    board = board_of(portfolio, Wanted(), now=now, when=when)
    return {row.name: row for row in board.shown}, board.glance


def test_each_day_reads_as_it_did_then(portfolio, story):
    then = {}
    for day, act in story:
        act(noon_of(day))
        then[day] = shown(portfolio, now=end_of_day(day))
    now = noon_of(story[-1][0] + timedelta(days=90))

    for day, expected in then.items():
        assert shown(portfolio, now=now, when=as_at(day, now=now)) == expected, day


def test_today_reads_the_same_by_both_ways(portfolio, story):
    for day, act in story:
        act(noon_of(day))
    day = story[-1][0]
    end = end_of_day(day)

    assert shown(portfolio, now=end, when=AsAt(day, end)) == shown(
        portfolio, now=end + timedelta(days=1), when=AsAt(day, end)
    )


def test_queries_as_at_a_day_do_not_grow(portfolio, story, django_assert_max_num_queries):
    for day, act in story:
        act(noon_of(day))
    now = noon_of(story[-1][0])

    with django_assert_max_num_queries(14):
        board_of(portfolio, Wanted(), now=now, when=as_at(story[4][0], now=now))


def test_the_page_says_which_day_it_shows(client, portfolio, story):
    for day, act in story:
        act(noon_of(day))
    set_clock(to=noon_of(story[-1][0]))
    client.force_login(make_cio(portfolio))
    address = f"/portfolios/{portfolio.pk}/"

    today = client.get(address).content.decode()
    earlier = client.get(address, {"on": story[0][0].isoformat()}).content.decode()
    before = client.get(address, {"on": "2026-09-01"}).content.decode()
    ahead = client.get(address, {"on": "2030-01-01"}).content.decode()
    nonsense = client.get(address, {"on_day": "31", "on_month": "2", "on_year": "2026"}).content.decode()

    assert "As it stands at" in today
    assert "1 programme ended" in today
    assert "Ended on Monday 12 October 2026" in today
    assert "As at the end of Monday 14 September 2026" in earlier
    assert "Two" not in earlier
    assert "No programme was set up by then" in before
    assert "As it stands at" in ahead
    assert "must be a real date" in nonsense


def test_the_api_answers_for_a_day(client, portfolio, story):
    for day, act in story:
        act(noon_of(day))
    set_clock(to=noon_of(story[-1][0]))
    client.force_login(make_cio(portfolio))
    address = f"/api/portfolios/{portfolio.pk}/"

    now = client.get(f"{address}board/").json()
    earlier = client.get(f"{address}board/", {"on": story[4][0].isoformat()}).json()
    ahead = client.get(f"{address}board/", {"on": "2030-01-01"})
    beside = client.get(f"{address}beside/", {"on": story[12][0].isoformat()}).json()

    assert (now["programmes"], now["ended"]) == (1, 1)
    assert [row["name"] for row in now["results"]] == ["Two", "One"]
    assert now["results"][1]["ended_on"] == "2026-10-12"
    assert [row["name"] for row in earlier["results"]] == ["One"]
    assert earlier["results"][0]["rating"] == "amber"
    assert ahead.status_code == 409
    assert [row["state"] for row in beside["reviews"]] == ["open"]
