"""One mail a day for those who chose it."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import transaction

from partners.clock.rules import instant
from partners.people.models import User
from partners.people.operations import record_leave
from partners.post import delivery
from partners.post.changes import cancel_messages
from partners.post.models import Message, PostPreference
from partners.post.operations import digests
from partners.post.operations.preferences import change_preference
from partners.post.queries import send_window
from partners.post.rules import next_digest
from tests.builders import NOW, make_person, queue_mail

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 9, 16)  # NOW is 10am on it
THURSDAY = date(2026, 9, 17)


def at(hour, minute=0, day=WEDNESDAY):
    return instant(day, time(hour, minute))


def reader(name="Ama Mensah", digest_at=time(13)):
    person = make_person(name)
    PostPreference.objects.create(user=person, email="daily", digest_at=digest_at)
    return person


def compose(now):
    return digests.compose_digests(now=now, limit=100)


def send(now):
    return delivery.deliver_due(clock=lambda: now, seconds=10)


def body(mail, kind="plain"):
    return mail.message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_mail_waits_for_the_time_of_the_day_and_goes_out_in_one(smtp_sink, settings):
    ama = reader()
    link = f"{settings.PUBLIC_URL}/tasks/7/"
    messages = [
        queue_mail(ama, subject="Tablets, £3 – “soon”", text=f"{link}\n", heading="Custody"),
        queue_mail(ama, subject="Radios", heading="Airwave"),
        queue_mail(ama, subject="Something else"),
    ]
    assert {message.due_at for message in messages} == {at(13)}
    assert messages[0].state_reason == "Waits for the person's daily mail: 1pm on Wednesday 16 September 2026, UK time."

    assert (send(at(12, 59)), len(smtp_sink.received)) == (0, 0)
    send(at(13))

    [mail] = smtp_sink.received
    assert mail.message["Subject"] == "Your reminders today: 3 things"
    text, html = body(mail), body(mail, "html")
    assert [text.index(words) for words in ("AIRWAVE", "Radios", "CUSTODY", "Tablets", link, "OTHER")] == sorted(
        text.index(words) for words in ("AIRWAVE", "Radios", "CUSTODY", "Tablets", link, "OTHER")
    )
    assert f'<a href="{link}">Tablets, £3 – “soon”</a>' in html
    digest = Message.objects.get(dedup_key__startswith="digest/")
    assert (digest.state, mail.content) == ("sent", bytes(digest.frozen or b""))
    for message in messages:
        message.refresh_from_db()
        assert (message.state, message.digest, message.attempts) == ("superseded", digest, 0)


def test_urgent_mail_goes_alone_at_once(smtp_sink):
    ama = reader()
    queue_mail(ama, subject="Now", is_urgent=True)
    queue_mail(ama, subject="Later")

    send(NOW)

    assert [mail.message["Subject"] for mail in smtp_sink.received] == ["Now"]


def test_what_would_be_too_late_in_the_daily_mail_goes_alone(smtp_sink):
    queue_mail(reader(), valid_until=at(12), subject="Now or never")

    send(NOW)

    assert len(smtp_sink.received) == 1


def test_what_is_not_needed_any_more_is_not_listed_and_nothing_due_is_no_mail(smtp_sink):
    ama = reader()
    message = queue_mail(ama, subject="Answered meanwhile")
    other = queue_mail(ama, subject="Still open")
    with transaction.atomic():
        cancel_messages([message.pk], reason="Answered.", now=NOW)

    send(at(13))
    send(at(14))

    [mail] = smtp_sink.received
    assert "Answered meanwhile" not in body(mail)
    assert "Still open" in body(mail)
    other.refresh_from_db()
    message.refresh_from_db()
    assert (other.state, message.state, message.digest) == ("superseded", "cancelled", None)


def test_what_comes_after_the_days_mail_waits_for_the_next_working_day(smtp_sink):
    ama = reader()
    queue_mail(ama)
    send(at(13))
    thursday = THURSDAY
    later = queue_mail(ama, due_at=at(15), now=at(13, 1))
    assert later.due_at == at(13, day=thursday)
    Message.objects.filter(pk=later.pk).update(due_at=at(14))

    assert compose(at(14)) == 0

    later.refresh_from_db()
    assert later.due_at == at(13, day=thursday)
    assert compose(at(13, day=thursday)) == 1


def test_after_an_outage_over_the_weekend_there_is_one_mail_in_the_hours_of_mail(smtp_sink):
    ama = reader()
    queue_mail(ama, valid_until=at(13, day=date(2026, 9, 30)))
    queue_mail(ama, due_at=at(13, day=THURSDAY), valid_until=at(13, day=date(2026, 9, 30)))
    queue_mail(ama, subject="Too late by now")
    Message.objects.filter(subject="Too late by now").update(valid_until=at(15))
    monday = date(2026, 9, 21)

    assert send(at(3, day=monday)) == 0
    send(at(9, 30, day=monday))

    [mail] = smtp_sink.received
    assert mail.message["Subject"] == "Your reminders today: 2 things"


def test_whoever_stands_in_gets_it_with_their_own(smtp_sink):
    ama, ola = reader("Ama Mensah"), reader("Ola Brand")
    record_leave(person_id=ama.pk, from_on=WEDNESDAY, to_on=WEDNESDAY, delegate_id=ola.pk, by=ama, now=NOW)
    queue_mail(ama, subject="Asked of Ama")
    queue_mail(ola, subject="Asked of Ola")

    send(at(13))

    [mail] = smtp_sink.received
    assert mail.recipients == (ola.email,)
    assert "Asked of Ama (asked of Ama Mensah, who is away and for whom you stand in)" in body(mail)
    assert "Asked of Ola\n" in body(mail)


def test_a_leaver_gets_none():
    ama = reader()
    message = queue_mail(ama)
    User.objects.filter(pk=ama.pk).update(is_active=False)

    assert compose(at(13)) == 0

    message.refresh_from_db()
    assert message.state == "cancelled"


@pytest.mark.parametrize("count", [1, 3])
def test_composing_asks_as_often_for_many_as_for_one(count, django_assert_num_queries):
    ama = reader()
    for _ in range(count):
        queue_mail(ama)

    with django_assert_num_queries(12):
        compose(at(13))


@pytest.mark.parametrize(
    ("moment", "when"),
    [
        (datetime(2026, 3, 27, 9, 30, tzinfo=UTC), datetime(2026, 3, 27, 9, 30, tzinfo=UTC)),
        (datetime(2026, 3, 27, 9, 31, tzinfo=UTC), datetime(2026, 3, 30, 8, 30, tzinfo=UTC)),
        (datetime(2026, 10, 23, 12, tzinfo=UTC), datetime(2026, 10, 26, 9, 30, tzinfo=UTC)),
        (datetime(2026, 12, 24, 12, tzinfo=UTC), datetime(2026, 12, 29, 9, 30, tzinfo=UTC)),
    ],
)
def test_the_time_of_the_daily_mail_is_uk_time_on_working_days(moment, when):
    assert next_digest(moment, at=time(9, 30), window=send_window()) == when
    assert next_digest(moment, at=time(7), window=send_window()) == when


def choose(person, email, version=1, digest_at=time(14)):
    return change_preference(email=email, digest_at=digest_at, version=version, by=person, now=NOW)


def test_a_new_choice_applies_to_what_waits():
    ama = reader()
    message = queue_mail(ama)

    choose(ama, "daily")
    message.refresh_from_db()
    assert message.due_at == at(14)
    choose(ama, "at_once", version=2)
    message.refresh_from_db()

    assert (message.is_for_digest, message.due_at) == (False, NOW)


def test_the_page_says_and_keeps_the_choice(client):
    ama = make_person("Ama Mensah")
    client.force_login(ama)
    page = "/preferences/reminders/"
    assert b"9:30am to 4pm on working days, UK time" in client.get(page).content

    late = client.post(page, {"email": "daily", "digest_at": "20:00", "version": "1"})
    none = client.post(page, {"email": "daily", "digest_at": "", "version": "1"})
    odd = client.post(page, {"email": "by pigeon", "digest_at": "", "version": "1"})
    saved = client.post(page, {"email": "daily", "digest_at": "1pm", "version": "1"})
    stale = client.post(page, {"email": "at_once", "digest_at": "", "version": "1"})

    assert [r.status_code for r in (late, none, odd, saved, stale)] == [409, 200, 200, 302, 409]
    assert "Choose a time within these hours" in late.content.decode()
    found = PostPreference.objects.get()
    assert (found.email, found.digest_at, found.version) == ("daily", time(13), 2)


def test_the_api_keeps_the_choice(client):
    client.force_login(make_person())
    address = "/api/preferences/reminders/"
    found = client.get(address).json()
    assert found == {"email": "at_once", "digest_at": "09:30:00", "version": 1}

    changed = client.put(address, found | {"email": "inbox_only"}, content_type="application/json")
    stale = client.put(address, found, content_type="application/json")
    wrong = client.put(address, found | {"email": "x"}, content_type="application/json")

    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (stale.status_code, wrong.status_code) == (409, 400)
