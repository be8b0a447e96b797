"""A person's dates for a calendar program: the secret, the dates, and how a reader takes them."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from config.logs import WithoutSecrets
from partners.clock.operations import set_clock
from partners.people.models import User
from partners.post.models import CalendarFeed
from partners.post.operations.feeds import make_feed
from programmes.overview.queries.dates import CalendarDate, calendar_dates, calendar_of, tag_of
from tests.builders import NOW, make_person, make_world

pytestmark = pytest.mark.django_db


def events(content):
    return {str(event["uid"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def one(**more: Any) -> CalendarDate:
    said: dict[str, Any] = {"uid": "a", "when": date(2026, 9, 18), "title": "T", "place": "P", "page": "/p/"}
    return CalendarDate(**said | more)


@pytest.fixture
def feed(client):
    person = make_person("Ama Mensah")
    return make_feed(by=person, now=NOW)


def address(secret):
    return f"/feeds/{secret}.ics"


@pytest.mark.parametrize(
    "when",
    [
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
)
def test_an_instant_survives_both_nights_of_clock_change(when):
    [event] = events(calendar_of([one(when=when)], now=NOW)).values()

    assert event.decoded("dtstart") == when
    assert event.decoded("dtstart").utcoffset() == timedelta(0)


def test_a_day_is_a_day_and_words_arrive_as_they_were_written(settings):
    title, place = "Tablets, “custody”; £3\\n\nnext 🚓", "Seán’s – programme, " + "ß" * 200
    content = calendar_of([one(title=title, place=place)], now=NOW)

    [event] = events(content).values()
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2026, 9, 18), date(2026, 9, 19))
    assert str(event["summary"]) == title
    assert str(event["description"]) == f"{place}\n{settings.PUBLIC_URL}/p/"
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\r\nDTSTART;VALUE=DATE:20260918\r\n" in content


def test_a_moved_date_keeps_its_uid_and_a_later_reading_has_a_higher_sequence():
    first = events(calendar_of([one()], now=NOW))
    later = events(calendar_of([one(when=date(2026, 9, 25))], now=NOW + timedelta(hours=1)))

    assert first.keys() == later.keys()
    [before], [after] = first.values(), later.values()
    assert after["sequence"] > before["sequence"]
    assert after.decoded("last-modified") > before.decoded("last-modified")
    assert tag_of([one()]) != tag_of([one(when=date(2026, 9, 25))])


def test_the_feed_needs_no_sign_in_and_says_what_is_due(client):
    a_month_on = NOW + timedelta(days=30)  # statuses are owed by then
    set_clock(to=a_month_on)
    person = make_world()
    made = make_feed(by=person, now=NOW)

    answer = client.get(address(made.secret))

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    found = events(answer.content)
    assert {uid.split("-")[0] for uid in found} >= {"status", "action"}
    assert len(found) == len(calendar_dates(person, now=a_month_on))
    assert made.secret.encode() not in answer.content
    assert b"/answer/" not in answer.content


def test_what_did_not_change_is_not_sent_again(client, feed):
    first = client.get(address(feed.secret))

    again = client.get(address(feed.secret), headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_a_reading_is_noted(client, feed):
    client.get(address(feed.secret))

    feed.feed.refresh_from_db()
    assert feed.feed.last_read_at is not None


@pytest.mark.parametrize("why", ["wrong", "revoked", "left"])
def test_what_is_wrong_revoked_or_of_a_leaver_is_not_found(client, feed, why):
    assert client.get(address(feed.secret)).status_code == 200
    CalendarFeed.objects.filter(user_id=feed.feed.user_id).update(revoked_at=NOW if why == "revoked" else None)
    User.objects.filter(pk=feed.feed.user_id).update(is_active=why != "left")

    assert client.get(address("wrong" if why == "wrong" else feed.secret)).status_code == 404


def test_the_secret_is_kept_as_a_hash_and_in_no_log(feed):
    assert feed.secret not in CalendarFeed.objects.get().secret_hash
    line = logging.LogRecord("x", logging.INFO, "x", 1, f"GET /feeds/{feed.secret}.ics 200", None, None)

    assert WithoutSecrets("%(message)s").format(line) == "GET /feeds/[secret] 200"


def test_an_address_is_made_shown_once_and_revoked_on_the_page(client):
    client.force_login(make_person())
    made = client.post("/preferences/calendar/new/").content.decode()
    shown = made[made.index("/feeds/") : made.index(".ics") + 4]
    assert client.get(shown).status_code == 200
    assert shown not in client.get("/preferences/reminders/").content.decode()

    feed = CalendarFeed.objects.get()
    assert client.get(f"/preferences/calendar/{feed.pk}/revoke/").status_code == 200
    client.post(f"/preferences/calendar/{feed.pk}/revoke/")

    assert client.get(shown).status_code == 404


def test_nobody_revokes_the_address_of_another(client, feed):
    client.force_login(make_person())

    assert client.post(f"/preferences/calendar/{feed.feed.pk}/revoke/").status_code == 404
    assert client.post(f"/api/preferences/calendar/{feed.feed.pk}/revoke/").status_code == 404
