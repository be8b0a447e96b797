"""Nights of clock change, one person in two roles, and people who leave between two steps."""

from datetime import UTC, datetime, time, timedelta

import pytest

from partners.calendar.queries import working_calendar
from partners.people.enums import Role
from partners.people.operations import record_leaver
from partners.post import delivery
from partners.post.enums import Channel
from partners.post.models import Message
from partners.post.rules import Pace, SendWindow, forecast_of, one_line
from programmes.reminders.operations import queue_due
from tests.builders import NOW, give_role, make_administrator, make_person, make_programme, plan_reminder, queue_mail

pytestmark = pytest.mark.django_db
OPENS, CLOSES = time(9, 30), time(16, 0)


def window():
    return SendWindow(opens=OPENS, closes=CLOSES, calendar=working_calendar())


@pytest.mark.parametrize(
    ("friday", "monday"),
    [
        (datetime(2026, 10, 23, 15, 0, tzinfo=UTC), datetime(2026, 10, 26, 9, 30, tzinfo=UTC)),  # summer time ends
        (datetime(2027, 3, 19, 16, 0, tzinfo=UTC), datetime(2027, 3, 22, 9, 30, tzinfo=UTC)),  # still winter
        (datetime(2026, 3, 27, 16, 0, tzinfo=UTC), datetime(2026, 3, 30, 8, 30, tzinfo=UTC)),  # summer time begins
    ],
)
def test_mail_waits_for_the_same_hour_on_the_wall_over_a_night_of_clock_change(friday, monday):
    assert window().next_open(friday) == monday


def test_a_pace_counts_real_minutes_over_a_night_of_clock_change():
    due = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half past one, summer time; at two it is one again

    found = forecast_of(120, due, pace=Pace(60, 30), window=None)

    assert found.done_at == due + timedelta(minutes=2)
    assert forecast_of(7200, due, pace=Pace(60, 30), window=None).words.endswith("due at 1:30am will be out by 2:30am")


def test_a_long_forecast_over_a_weekend_goes_on_where_it_stopped():
    due = datetime(2026, 10, 23, 14, 0, tzinfo=UTC)  # three in the afternoon, summer time: an hour is left

    found = forecast_of(180, due, pace=Pace(1, 1), window=window())

    assert found.done_at == datetime(2026, 10, 26, 11, 30, tzinfo=UTC)


def test_one_person_asked_in_two_roles_gets_one_mail(smtp_sink):
    programme = make_programme()
    ama = make_person("Ama Mensah")
    for role in (Role.PROGRAMME_MANAGER, Role.MODERATOR):
        ama = give_role(ama, role, programme.scope)
    plan_reminder(programme, [ama, ama])
    while queue_due(now=NOW, limit=10).total:
        pass

    delivery.deliver_due(clock=lambda: NOW, seconds=5)

    assert [mail.recipients for mail in smtp_sink.received] == [(ama.email,)]


def test_somebody_who_leaves_after_it_was_claimed_and_given_back_gets_nothing(smtp_sink):
    ama = make_person()
    smtp_sink.answer_to = lambda address: "451 Try later"
    queue_mail(ama)
    delivery.deliver_due(clock=lambda: NOW, seconds=5)
    record_leaver(person_id=ama.pk, by=make_administrator(), now=NOW)
    smtp_sink.answer_to = lambda address: "250 OK"

    delivery.deliver_due(clock=lambda: NOW + timedelta(hours=1), seconds=5)

    assert smtp_sink.received == []
    assert Message.objects.get(channel=Channel.EMAIL).state == "cancelled"


@pytest.mark.parametrize("title", ["Views\nBcc: x@example.org", "Views\u2028x", "Vi\x00ews", "\r\n.\r\nQUIT"])
def test_a_title_is_one_line_whatever_was_typed(title):
    assert "\n" not in one_line(title)
    assert one_line(title).isprintable()
