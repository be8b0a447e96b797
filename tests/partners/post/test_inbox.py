"""The inbox: an entry beside each mail, exactly once, and what becomes of it."""

from datetime import timedelta

import pytest
from django.db import transaction

from partners.people.models import User
from partners.post import delivery
from partners.post.changes import cancel_messages
from partners.post.models import Message, PostPreference
from partners.post.operations import inbox
from partners.post.queries import inbox_of, unread_of
from partners.post.rules import placeholder_of
from tests.builders import NOW, make_person, queue_mail

pytestmark = pytest.mark.django_db
JSON = "application/json"


def arrive(now=NOW):
    return inbox.deliver_inbox(now=now)


def entries(person):
    rows = Message.objects.filter(recipient=person, channel="inbox").order_by("due_at", "pk")
    return [(row.subject, row.state, row.stop_reason) for row in rows]


@pytest.fixture
def ama(client):
    person = make_person("Ama Mensah")
    client.force_login(person)
    return person


def test_each_mail_has_an_entry_which_comes_when_it_is_due(ama, settings):
    queue_mail(ama, key="k", text=f"Answer at {settings.PUBLIC_URL}/reviews/1/ please.\n")
    queue_mail(ama, key="k", text="Again\n")
    queue_mail(ama, key="later", due_at=NOW + timedelta(hours=2))
    assert list(inbox_of(ama)) == []

    assert arrive() == 1
    assert arrive() == 0

    [entry] = inbox_of(ama)
    assert (entry.dedup_key, entry.link_path, entry.finished_at) == ("k/inbox", "/reviews/1/", NOW)
    assert Message.objects.get(dedup_key="k").state == "pending"


def test_the_inbox_does_not_wait_for_the_hours_of_mail(ama):
    night = NOW.replace(hour=2)
    queue_mail(ama, key="k", due_at=night, now=night)

    assert arrive(night) == 1
    assert Message.objects.get(dedup_key="k").due_at > night


def test_a_mail_with_a_secret_has_no_entry(ama):
    queue_mail(ama, text=f"Open https://example.org/{placeholder_of(ama.pk)}\n")

    assert arrive() == 0


def test_a_need_that_ends_is_said_in_the_entry(ama):
    unread, waiting, read = queue_mail(ama), queue_mail(ama, due_at=NOW + timedelta(days=1)), queue_mail(ama)
    arrive()
    inbox.note_reading(Message.objects.get(dedup_key=f"{read.dedup_key}/inbox").pk, person=ama, now=NOW)
    Message.objects.filter(pk=unread.pk).update(state="sent", finished_at=NOW)

    with transaction.atomic():
        assert cancel_messages([unread.pk, waiting.pk, read.pk], reason="Answered.", now=NOW) == 2

    rows = {row.dedup_key: (row.state, row.stop_reason) for row in Message.objects.filter(channel="inbox")}
    assert rows == {
        f"{unread.dedup_key}/inbox": ("sent", "Answered."),
        f"{waiting.dedup_key}/inbox": ("cancelled", ""),
        f"{read.dedup_key}/inbox": ("sent", ""),
    }
    assert unread_of(ama).count() == 0


def test_a_later_message_of_the_thread_takes_the_place_of_the_unread_entry(ama):
    queue_mail(ama, key="a", thread="t", subject="First")
    arrive()

    queue_mail(ama, key="b", thread="t", subject="Second")
    arrive()

    assert sorted(entries(ama)) == [("First", "sent", "A later message says the same."), ("Second", "sent", "")]


def test_a_leaver_and_what_is_too_late_get_no_entry():
    leaver, late = make_person(), make_person()
    queue_mail(leaver)
    queue_mail(late, valid_until=NOW + timedelta(minutes=1))
    User.objects.filter(pk=leaver.pk).update(is_active=False)

    arrive(NOW + timedelta(minutes=2))

    assert [state for _, state, _ in entries(leaver) + entries(late)] == ["cancelled", "expired"]


def test_inbox_only_means_no_mail_but_urgent_and_secret_ones(ama, smtp_sink):
    PostPreference.objects.create(user=ama, email="inbox_only")
    queue_mail(ama, key="plain")
    queue_mail(ama, key="urgent", is_urgent=True)
    queue_mail(ama, key="secret", text=f"Open https://example.org/{placeholder_of(ama.pk)}\n")

    delivery.deliver_due(clock=lambda: NOW, seconds=10)

    rows = Message.objects.order_by("dedup_key").values_list("dedup_key", "channel", "state")
    assert list(rows) == [
        ("plain", "inbox", "sent"),
        ("secret", "email", "sent"),
        ("urgent", "email", "sent"),
        ("urgent/inbox", "inbox", "sent"),
    ]
    assert len(smtp_sink.received) == 2


def test_the_page_shows_unread_first_and_an_entry_is_read_by_a_button(client, ama, settings):
    assert b"Nothing has come yet" in client.get("/inbox/").content
    queue_mail(
        ama, key="old", subject="The old one", due_at=NOW - timedelta(hours=1), text=f"{settings.PUBLIC_URL}/account/\n"
    )
    queue_mail(ama, key="new", subject="The new one")
    arrive()
    new = Message.objects.get(dedup_key="new/inbox")

    page = client.get("/inbox/").content.decode()
    assert "Inbox (2 unread)" in page
    assert page.index("The new one") < page.index("The old one")
    client.get(f"/inbox/{new.pk}/")
    assert unread_of(ama).count() == 2
    opened = client.post(f"/inbox/{new.pk}/read/")
    assert opened["Location"] == f"/inbox/{new.pk}/"
    page = client.get("/inbox/").content.decode()
    assert "Inbox (1 unread)" in page
    assert page.index("The old one") < page.index("The new one")
    assert "The new one" not in client.get("/inbox/?show=unread").content.decode()
    old = Message.objects.get(dedup_key="old/inbox")
    assert client.post(f"/inbox/{old.pk}/read/")["Location"] == "/account/"
    assert b"Nothing is unread" in client.get("/inbox/?show=unread").content


def test_everything_is_marked_as_read_at_once(client, ama):
    for _ in range(3):
        queue_mail(ama)
    arrive()

    assert client.post("/inbox/read/").status_code == 302
    assert unread_of(ama).count() == 0
    assert client.get("/inbox/read/").status_code == 405


def test_nobody_reads_the_inbox_of_another(client, ama):
    queue_mail(make_person(), key="k")
    arrive()
    entry = Message.objects.get(dedup_key="k/inbox")

    answers = [
        client.get(f"/inbox/{entry.pk}/"),
        client.post(f"/inbox/{entry.pk}/read/"),
        client.post(f"/api/inbox/{entry.pk}/read/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Message.objects.filter(read_at=None, pk=entry.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_asks_as_often_for_many_as_for_one(client, ama, count, django_assert_num_queries):
    for _ in range(count):
        queue_mail(ama)
    arrive()

    with django_assert_num_queries(8):
        client.get("/inbox/")


def test_the_api_lists_and_reads(client, ama):
    queue_mail(ama, key="k")
    queue_mail(ama)
    arrive()
    entry = Message.objects.get(dedup_key="k/inbox")

    assert client.get("/api/inbox/?unread=true").json()["count"] == 2
    read = client.post(f"/api/inbox/{entry.pk}/read/").json()
    again = client.post(f"/api/inbox/{entry.pk}/read/").json()
    assert (read["read_at"], read["not_needed_because"]) == (again["read_at"], "")
    assert read["read_at"] is not None
    assert client.get("/api/inbox/?unread=true").json()["count"] == 1
    assert client.post("/api/inbox/read/").json() == {"read": 1}
    assert client.get("/api/inbox/?unread=maybe").status_code == 400
