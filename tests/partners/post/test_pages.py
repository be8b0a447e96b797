"""What an administrator sees and does in the post room, by page and API."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.people.models import User
from partners.post import delivery
from partners.post.enums import MessageState
from partners.post.models import DeliveryAttempt, PostSettings
from tests.builders import NOW, make_administrator, make_manager, make_person, make_programme, queue_mail
from tests.builders.post import mails

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def administrator(client):
    administrator = make_administrator("Helen Marsh")
    client.force_login(administrator)
    return administrator


def text_of(response):
    return response.content.decode()


def held(person=None, **values):
    message = queue_mail(person or make_person("Ama Mensah"))
    mails().filter(pk=message.pk).update(
        **({"state": MessageState.HELD, "frozen": b"bytes", "message_id": "<7@example.org>"} | values)
    )
    message.refresh_from_db()
    return message


SAVED = {
    "sender": "Portfolio <portfolio@example.org>",
    "window_opens": "9:30am",
    "window_closes": "4pm",
    "burst": 30,
    "doubt_policy": "hold",
    "version": 1,
}


def test_settings_are_changed_and_audited(client, administrator):
    assert "portfolio@example.org" in text_of(client.get("/settings/post/"))

    response = client.post(
        "/settings/post/", SAVED | {"window_opens": "8.15 am", "window_closes": "18:00"}, follow=True
    )

    found = PostSettings.objects.get()
    event = AuditEvent.objects.get(action="post.change_settings")
    assert "Settings of mail changed." in text_of(response)
    assert (found.window_opens, found.window_closes, found.version) == (time(8, 15), time(18), 2)
    assert event.before
    assert event.after
    assert (event.before["window_opens"], event.after["window_opens"]) == ("09:30:00", "08:15:00")


@pytest.mark.parametrize(("key", "words"), [("", "by SMTP"), ("a-key", "by GOV.UK Notify")])
def test_settings_say_what_the_way_of_sending_can_promise(client, administrator, settings, key, words):
    settings.NOTIFY = {**settings.NOTIFY, "key": key}

    assert words in text_of(client.get("/settings/post/"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"sender": "not an address"}, "Enter the sender as an address"),
        ({"sender": "a@b@c"}, "Enter the sender as an address"),
        ({"sender": ""}, "Enter sender"),
        ({"sender": "x" * 190 + "@example.org"}, "must be 200 characters or fewer"),
        ({"sender": "Portfolio\nBcc: x@example.org <a@example.org>"}, "Write this on one line"),
        ({"window_opens": "half past nine"}, "Write a time of day, such as 9:30am or 16:00"),
        ({"window_opens": "25:00"}, "Write a time of day, such as 9:30am or 16:00"),
        ({"window_opens": "16:00"}, "Mail must stop going out after it starts"),
        ({"version": "x"}, "There is a problem"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_in_words(client, administrator, typed, sentence):
    response = client.post("/settings/post/", SAVED | typed)

    assert sentence in text_of(response)
    assert PostSettings.objects.count() == 0


def test_the_second_of_two_who_change_settings_is_told_and_loses_nothing(client, administrator):
    client.post("/settings/post/", SAVED | {"window_opens": "8am"})

    second = client.post("/settings/post/", SAVED | {"window_opens": "7am"})

    assert second.status_code == 409
    assert "Somebody changed these settings while you were working on them." in text_of(second)
    assert 'value="7am"' in text_of(second)
    assert PostSettings.objects.get().window_opens == time(8)
    third = client.post("/settings/post/", SAVED | {"window_opens": "7am", "version": 2})
    assert third.status_code == 302


def test_the_outbox_counts_and_lists_every_message(client, administrator):
    message = held()
    queue_mail(make_person("Ben Ito"), due_at=NOW - timedelta(hours=1), now=NOW - timedelta(hours=1), is_urgent=True)

    page = text_of(client.get("/settings/post/messages/"))

    assert f"/settings/post/messages/{message.pk}/" in page
    assert "Ben Ito" in page
    assert "9am on Wednesday 16 September 2026, UK time" in page
    narrowed = text_of(client.get("/settings/post/messages/?state=held"))
    assert ("Ama Mensah" in narrowed, "Ben Ito" in narrowed) == (True, False)
    assert "No message in this state" in text_of(client.get("/settings/post/messages/?state=refused"))


def test_an_empty_outbox_says_so(client, administrator):
    page = text_of(client.get("/settings/post/messages/"))

    assert ("No messages yet" in page, "Nothing that is due is waiting." in page) == (True, True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_outbox_asks_as_often_for_many_as_for_one(client, administrator, count):
    for _ in range(count):
        queue_mail(make_person())

    with CaptureQueriesContext(connection) as queries:
        client.get("/settings/post/messages/")
    with CaptureQueriesContext(connection) as of_api:
        client.get("/api/messages/")

    assert (len(queries), len(of_api)) == (10, 5)


def test_a_message_shows_every_attempt(client, administrator):
    message = held()
    DeliveryAttempt.objects.create(message=message, outcome=MessageState.IN_DOUBT, reply="The lease ended.")

    page = text_of(client.get(f"/settings/post/messages/{message.pk}/"))

    assert ("The lease ended." in page, "Settle this message" in page, "&lt;7@example.org&gt;" in page) == (True,) * 3


def test_a_held_message_that_arrived_counts_as_sent(client, administrator):
    message = held()
    path = f"/settings/post/messages/{message.pk}/resolve/"
    assert "Ask Ama Mensah whether it arrived" in text_of(client.get(path))
    assert "Answer “What did you find out?”" in text_of(client.post(path, {}))

    response = client.post(path, {"resolution": "arrived"}, follow=True)

    message.refresh_from_db()
    event = AuditEvent.objects.get(action="post.resolve_held_message")
    assert "Message settled." in text_of(response)
    assert (message.state, message.finished_at is not None) == ("sent", True)
    assert event.summary == "settled a message in doubt to Ama Mensah: it had arrived"


def test_a_held_message_sent_again_is_the_same_byte_for_byte(client, administrator, smtp_sink):
    message = queue_mail(make_person())
    smtp_sink.hangs_up = True
    delivery.deliver_due(clock=lambda: NOW, seconds=5)
    smtp_sink.hangs_up = False
    mails().update(state=MessageState.HELD)

    client.post(f"/settings/post/messages/{message.pk}/resolve/", {"resolution": "send_again"})
    delivery.deliver_due(clock=lambda: NOW + timedelta(minutes=5), seconds=5)

    message.refresh_from_db()
    assert message.state == "sent"
    assert [mail.content for mail in smtp_sink.received] == [bytes(message.frozen or b"")] * 2


@pytest.mark.parametrize(
    ("values", "resolution", "sentence"),
    [
        ({"state": MessageState.PENDING}, "arrived", "This message is not held any more"),
        ({"frozen": None, "message_id": ""}, "arrived", "This message was never sent"),
        ({"stop_reason": "Answered."}, "send_again", "This message is not needed any more: Answered."),
        ({"valid_until": NOW}, "send_again", "The time in which this message was useful has passed."),
    ],
)
def test_what_cannot_be_settled_so_is_refused_in_words(client, administrator, values, resolution, sentence):
    message = held(**values)

    response = client.post(f"/settings/post/messages/{message.pk}/resolve/", {"resolution": resolution})

    assert (response.status_code, sentence in text_of(response)) == (409, True)
    assert mails().get().state == values.get("state", "held")


def test_a_message_to_a_leaver_is_not_sent_again(client, administrator):
    message = held()
    User.objects.filter(pk=message.recipient_id).update(is_active=False)

    response = client.post(f"/settings/post/messages/{message.pk}/resolve/", {"resolution": "send_again"})

    assert "no longer has an account in use" in text_of(response)


def test_a_waiting_message_can_be_cancelled_with_a_reason(client, administrator):
    message = queue_mail(make_person("Ben Ito"))
    path = f"/settings/post/messages/{message.pk}/cancel/"
    assert "Ben Ito will not get this message." in text_of(client.get(path))

    client.post(path, {"reason": "Sent by hand."})

    message.refresh_from_db()
    assert (message.state, message.state_reason) == ("cancelled", "Sent by hand.")
    assert AuditEvent.objects.get(action="post.cancel_message").summary == (
        "cancelled a message to Ben Ito: Sent by hand."
    )
    again = client.post(path, {"reason": "Again."})
    assert (again.status_code, "cannot be stopped any more" in text_of(again)) == (409, True)


def test_only_administrators_see_the_post_room(client):
    message = held()
    for person in (make_person(), make_manager(make_programme())):
        client.force_login(person)
        for path in ("/settings/post/", "/settings/post/messages/", f"/settings/post/messages/{message.pk}/"):
            assert client.get(path).status_code == 403, path
        for act in ("resolve", "cancel"):
            path = f"/settings/post/messages/{message.pk}/{act}/"
            sent = {"resolution": "arrived", "reason": "No."}
            assert client.post(path, sent).status_code == 403, path
            assert client.post(f"/api/messages/{message.pk}/{act}/", sent, content_type=JSON).status_code == 403, path
        assert client.post("/settings/post/", SAVED).status_code == 403
        for path in ("/api/messages/", f"/api/messages/{message.pk}/", "/api/settings/post/"):
            assert client.get(path).status_code == 403, path
        assert client.put("/api/settings/post/", {}, content_type=JSON).status_code == 403
    assert mails().get().state == "held"


def test_the_api_lists_settles_and_cancels(client, administrator):
    message, waiting = held(), queue_mail(make_person())

    listed = client.get("/api/messages/?state=held").json()["results"]
    settled = client.post(f"/api/messages/{message.pk}/resolve/", {"resolution": "arrived"}, content_type=JSON)
    cancelled = client.post(f"/api/messages/{waiting.pk}/cancel/", {"reason": "No."}, content_type=JSON)

    assert [(row["id"], row["state"], row["name"]) for row in listed] == [(str(message.pk), "held", "Ama Mensah")]
    assert settled.json()["message"]["state"] == "sent"
    assert cancelled.json()["message"]["reason"] == "No."
    assert client.get(f"/api/messages/{message.pk}/").json()["passes"] == []
    assert client.get("/api/messages/?state=nonsense").status_code == 400
    again = client.post(f"/api/messages/{message.pk}/resolve/", {"resolution": "arrived"}, content_type=JSON)
    assert again.status_code == 409


def test_the_api_changes_the_settings(client, administrator):
    saved = client.get("/api/settings/post/").json()

    changed = client.put("/api/settings/post/", saved | {"window_opens": "08:00"}, content_type=JSON)
    stale = client.put("/api/settings/post/", saved | {"window_opens": "07:00"}, content_type=JSON)
    wrong = client.put("/api/settings/post/", saved | {"sender": "x"}, content_type=JSON)
    order = client.put("/api/settings/post/", saved | {"window_opens": "18:00", "version": 2}, content_type=JSON)

    assert (changed.status_code, changed.json()["window_opens"], changed.json()["version"]) == (200, "08:00:00", 2)
    assert [stale.status_code, wrong.status_code, order.status_code] == [409, 400, 409]
    assert order.json()["field"] == "window_closes"
