"""The health page and its API: what waits, what is held, and the buttons."""

from datetime import timedelta

import pytest
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.post import delivery
from partners.post.enums import Loop
from partners.post.models import Message, PostSettings, SendingHold, Suppression
from partners.post.operations.beating import beat
from tests.builders import NOW, make_administrator, make_person, queue_mail

pytestmark = pytest.mark.django_db
PAGE = "/settings/post/health/"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def admin(client):
    client.force_login(make_administrator("Alex Morgan"))
    return client


def text(page):
    return " ".join(page.content.decode().split())


def held(**more):
    message = queue_mail(make_person(), **more)
    Message.objects.filter(pk=message.pk).update(state="held", frozen=b"x", message_id=f"<{message.pk}@example.org>")
    return message


def suppressed():
    return Suppression.objects.create(address="gone@example.org", reason="550 5.1.1 User unknown", since=NOW)


def test_a_quiet_installation_says_so_and_which_loops_never_ran(admin):
    page = text(admin.get(PAGE))

    assert "Nothing that is due is waiting" in page
    assert "No message is held" in page
    assert page.count("Never yet") == len(Loop)
    assert page.count("Silent") == len(Loop)


def test_loops_that_run_are_told_from_silent_ones_and_one_driver_is_enough(admin):
    for loop in Loop:
        if loop != Loop.TICK:
            beat(loop, run_ms=1200)

    page = text(admin.get(PAGE))

    assert "Silent" not in page
    assert page.count("Not in use") == 1
    assert "1,200 ms" in page


def test_what_waits_is_forecast_at_the_pace_of_the_settings(admin):
    PostSettings.objects.create(per_minute=30)
    for _ in range(2):
        queue_mail(make_person(), due_at=NOW - timedelta(hours=1), now=NOW - timedelta(hours=1), is_urgent=True)

    page = text(admin.get(PAGE))

    assert "has waited since <b>9am on" in page
    assert "2 at 30 a minute take 1 minute" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_there_is(admin, django_assert_max_num_queries, count):
    for number in range(count):
        held()
        queue_mail(make_person(), is_urgent=True)
        Suppression.objects.create(address=f"{number}@example.org", reason="550 5.1.1", since=NOW)
    with django_assert_max_num_queries(26):
        assert admin.get(PAGE).status_code == 200


def test_mail_is_stopped_and_let_go_on_with_what_was_looked_at(admin, smtp_sink):
    queue_mail(make_person(), is_urgent=True)
    stopped = admin.post(reverse("stop_sending"), {"words": "The relay is being moved."}, follow=True)
    assert "No mail goes out. The relay is being moved." in text(stopped)
    assert "Stop all mail" not in text(stopped)
    assert delivery.deliver_due(clock=lambda: NOW, seconds=5) == 0
    assert admin.post(reverse("stop_sending"), {"words": "Again"}).status_code == 409

    release = reverse("release_hold", args=[SendingHold.objects.get().pk])
    assert "What did you look at?" in text(admin.get(release))
    assert "This field is required" in text(admin.post(release, {"note": ""})) or admin.post(release).status_code == 200
    assert SendingHold.objects.get().released_at is None
    gone_on = admin.post(release, {"note": "The relay answers."}, follow=True)

    assert "Mail goes out again." in text(gone_on)
    assert delivery.deliver_due(clock=lambda: NOW, seconds=5) == 1
    assert admin.post(release, {"note": "Again"}).status_code == 404


def test_several_are_settled_at_once_with_one_reason_and_one_event(admin):
    messages = [held(), held()]
    left = held()

    page = admin.post(
        reverse("settle_messages"),
        {"messages": [str(m.pk) for m in messages], "resolution": "arrived", "reason": "Both told me so."},
        follow=True,
    )

    assert "Messages settled." in text(page)
    assert set(Message.objects.filter(channel="email", state="sent")) == set(messages)
    assert Message.objects.get(state="held") == left
    event = AuditEvent.objects.get(action="post.resolve_held_messages")
    assert event.summary == "settled 2 messages in doubt: it had arrived, because Both told me so."


def test_one_that_may_not_be_settled_so_keeps_all_as_they_were(admin):
    first, second = held(), held(valid_until=NOW)
    chosen = {"messages": [str(first.pk), str(second.pk)], "resolution": "send_again", "reason": "Neither came."}

    answer = admin.post(reverse("settle_messages"), chosen)

    assert answer.status_code == 409
    assert "has passed" in text(answer)
    assert Message.objects.filter(state="held").count() == 2


@pytest.mark.parametrize(
    "entered",
    [
        {"resolution": "arrived", "reason": "x"},
        {"messages": ["nonsense"], "resolution": "arrived", "reason": "x"},
        {"messages": [], "resolution": "lost", "reason": "x"},
        {"messages": [], "resolution": "arrived", "reason": "a\nb"},
    ],
)
def test_a_choice_that_makes_no_sense_is_shown_again(admin, entered):
    held()

    assert admin.post(reverse("settle_messages"), entered).status_code == 200
    assert Message.objects.get(channel="email").state == "held"


def test_an_address_is_used_again_once_somebody_lifts_it(admin):
    lift = reverse("lift_suppression", args=[suppressed().pk])

    assert "550 5.1.1 User unknown" in text(admin.get(PAGE))
    page = admin.post(lift, follow=True)

    assert "Mail goes to every address." in text(page)
    assert str(Suppression.objects.get().lifted_by) == "Alex Morgan"
    assert admin.post(lift).status_code == 404


def test_a_pace_that_workers_cannot_keep_is_refused_on_its_field(admin, settings):
    settings.TICK_SECONDS, settings.POST = 60, {**settings.POST, "run": 45.0}
    PostSettings.objects.create()
    saved = {"sender": "a@example.org", "window_opens": "9:30", "window_closes": "16:00", "doubt_policy": "hold"}

    refused = admin.post("/settings/post/", saved | {"per_minute": "600", "burst": "30", "version": "1"})
    taken = admin.post("/settings/post/", saved | {"per_minute": "600", "burst": "150", "version": "1"})

    assert (refused.status_code, taken.status_code) == (409, 302)
    assert "Enter 150 or more" in text(refused)
    assert PostSettings.objects.get().per_minute == 600


@pytest.mark.parametrize("name", ["post_health", "stop_sending", "settle_messages"])
def test_only_administrators_see_the_health_of_the_post(client, name):
    client.force_login(make_person())

    assert client.get(reverse(name)).status_code == 403


def test_the_api_says_and_does_the_same(admin):
    message, address = held(), suppressed()
    beat(Loop.SWEEP, run_ms=5)

    def call(name, *args, **body):
        return admin.post(reverse(name, args=args), body, content_type="application/json")

    stopped = call("api_holds", words="The relay is being moved.")
    health = admin.get(reverse("api_post_health")).json()
    assert stopped.status_code == 201
    assert (health["held"], health["holds"][0]["id"]) == (1, stopped.json()["id"])
    assert next(loop for loop in health["loops"] if loop["loop"] == "sweep")["seconds"] >= 0
    assert next(loop for loop in health["loops"] if loop["loop"] == "tick")["seconds"] is None
    assert call("api_holds", words="Again").status_code == 409
    assert call("api_release_hold", stopped.json()["id"], note="It answers.").status_code == 200
    settled = call("api_settle_messages", messages=[str(message.pk)], resolution="arrived", reason="They said so.")
    assert settled.json() == {"settled": 1}
    assert call("api_settle_messages", messages=[str(message.pk)], resolution="arrived", reason="x").status_code == 409
    assert call("api_settle_messages", messages=[], resolution="arrived", reason="x").status_code == 400
    assert call("api_lift_suppression", address.pk).status_code == 200
    assert call("api_lift_suppression", address.pk).status_code == 404
