"""Pages of reminders, and the same acts through the API."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.clock.operations import set_clock
from partners.post.enums import MessageState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.operations import cancel_wave, queue_due
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    plan_reminder,
)
from tests.builders.post import mails

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Mobile officer", portfolio=make_portfolio())


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Priya Nair")
    client.force_login(manager)
    return manager


def text_of(response):
    return response.content.decode()


def get(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, response.content[:2000]
    return text_of(response)


def test_waves_of_a_subject_are_shown_in_order_and_in_words(client, programme, manager):
    subject = uuid4()
    plan_reminder(programme, [make_person()], subject_id=subject, key="late", due_at=NOW + 9 * DAY, title="Last day")
    plan_reminder(
        programme,
        [make_person(), make_person()],
        subject_id=subject,
        key="early",
        due_at=NOW + DAY,
        title="One week left",
        due_reason="Moved from Wednesday because of the closure Move",
    )
    plan_reminder(programme, [make_person()], title="Of another review")

    page = get(client, f"/reminders/{subject}/")

    assert page.index("One week left") < page.index("Last day")
    assert "10am on Thursday 17 September 2026; moved from Wednesday because of the closure Move" in page
    assert "Times are UK times." in page
    assert "Planned: <b>2</b>" in page
    assert "Of another review" not in page


def test_a_consultation_is_named_once_above_its_reminders(client, programme, manager):
    subject = uuid4()
    for number in (1, 2):
        plan_reminder(
            programme,
            [make_person()],
            subject_id=subject,
            key=str(number),
            due_at=NOW + number * DAY,
            title=f"Reminder {number}: Shift patterns",
        )

    page = get(client, f"/reminders/{subject}/")

    assert page.count("Shift patterns") == 1
    assert page.index("Shift patterns") < page.index(">Reminder 1<") < page.index(">Reminder 2<")


def test_reminders_of_a_programme_stand_by_what_they_are_about_in_the_order_of_time(client, programme, manager):
    for day, about in enumerate(
        ["Friday 25 September 2026", "Friday 24 April 2027", "Friday 30 October 2026"], start=1
    ):
        plan_reminder(programme, [make_person()], key=about, due_at=NOW + day * DAY, title=f"Status due: {about}")

    page = get(client, f"/programmes/{programme.pk}/reminders/")

    places = [
        page.index(f">{about}</h2>")
        for about in ("Friday 25 September 2026", "Friday 24 April 2027", "Friday 30 October 2026")
    ]
    assert places == sorted(places)


def test_a_subject_without_reminders_has_a_page_that_says_so(client, manager):
    assert "No reminders yet" in get(client, f"/reminders/{uuid4()}/")


def test_waves_of_a_programme_are_shown_with_what_became_of_them(client, programme, manager):
    wave = plan_reminder(programme, [make_person(), make_person()])
    queue_due(now=NOW, limit=1)
    plan_reminder(make_programme(), [make_person()], title="Of another programme")

    page = get(client, f"/programmes/{programme.pk}/reminders/")

    assert f"/reminders/waves/{wave.pk}/" in page
    assert "Planned: <b>1</b>, waiting to be sent: <b>1</b>" in page
    assert "Of another programme" not in page


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("kind", ["subject", "programme"])
def test_lists_of_waves_ask_as_often_for_many_as_for_one(client, programme, manager, kind, count):
    subject = uuid4()
    for n in range(count):
        plan_reminder(programme, [make_person() for _ in range(count)], subject_id=subject, key=f"k/{n}")
    path = f"/reminders/{subject}/" if kind == "subject" else f"/programmes/{programme.pk}/reminders/"

    with CaptureQueriesContext(connection) as queries:
        get(client, path)

    assert len(queries) == {"subject": 9, "programme": 9}[kind]


def test_a_wave_shows_its_words_and_each_recipient_with_the_servers_reply(client, programme, manager):
    ama, ben = make_person("Ama Mensah"), make_person("Ben Ito")
    wave = plan_reminder(programme, [ama, ben], mail_text="Line one\n\n<script>alert(1)</script>")
    queue_due(now=NOW, limit=10)
    mails().filter(recipient=ama).update(state=MessageState.REFUSED, reply="550 No such mailbox", finished_at=NOW)

    page = get(client, f"/reminders/waves/{wave.pk}/")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Ama Mensah" in page
    assert "550 No such mailbox" in page
    assert page.count("Cancel<span") == 1


def test_recipients_can_be_narrowed_to_one_outcome(client, programme, manager):
    ama, ben = make_person("Ama Mensah"), make_person("Ben Ito")
    wave = plan_reminder(programme, [ama, ben])
    queue_due(now=NOW, limit=10)
    mails().filter(recipient=ama).update(state=MessageState.SENT, finished_at=NOW)

    page = get(client, f"/reminders/waves/{wave.pk}/?state=sent")

    assert ("Ama Mensah" in page, "Ben Ito" in page) == (True, False)
    assert "Nobody with this outcome" in get(client, f"/reminders/waves/{wave.pk}/?state=refused")
    assert "Ben Ito" in get(client, f"/reminders/waves/{wave.pk}/?state=nonsense")


@pytest.mark.parametrize("count", [1, 3])
def test_a_wave_asks_as_often_for_many_as_for_one(client, programme, manager, count):
    wave = plan_reminder(programme, [make_person() for _ in range(count)])
    queue_due(now=NOW, limit=10)

    with CaptureQueriesContext(connection) as queries:
        get(client, f"/reminders/waves/{wave.pk}/")

    assert len(queries) == 10


def test_a_reader_sees_counts_and_no_names(client, programme):
    wave = plan_reminder(programme, [make_person("Ama Mensah")])
    client.force_login(make_reader(programme))

    page = get(client, f"/reminders/waves/{wave.pk}/")

    assert "Ama Mensah" not in page
    assert "Whom it goes to is shown to the programme manager" in page
    assert "Cancel this reminder" not in page


def test_an_administrator_sees_names_and_cancels_nothing(client, programme):
    wave = plan_reminder(programme, [make_person("Ama Mensah")])
    client.force_login(make_administrator())

    page = get(client, f"/reminders/waves/{wave.pk}/")

    assert "Ama Mensah" in page
    assert "/cancel/" not in page


def test_cancelling_a_wave_asks_for_a_reason_and_says_it(client, programme, manager):
    wave = plan_reminder(programme, [make_person()])
    path = f"/reminders/waves/{wave.pk}/cancel/"
    assert "Nobody who has not got it yet will get it" in get(client, path)
    assert "Enter reason" in text_of(client.post(path, {"reason": " "}))
    assert PlannedReminder.objects.get().state == "planned"

    response = client.post(path, {"reason": "The text was wrong."}, follow=True)

    assert response.redirect_chain == [(f"/reminders/waves/{wave.pk}/", 302)]
    assert "by Priya Nair: The text was wrong." in text_of(response)
    assert PlannedReminder.objects.get().state == "cancelled"


def test_cancelling_twice_tells_the_second_person(client, programme, manager):
    wave = plan_reminder(programme, [make_person()])
    cancel_wave(wave_id=wave.pk, reason="First.", by=manager, now=NOW)

    response = client.post(f"/reminders/waves/{wave.pk}/cancel/", {"reason": "Second."})

    assert response.status_code == 409
    assert "This reminder is cancelled already." in text_of(response)
    assert ReminderWave.objects.get().cancel_reason == "First."


@pytest.mark.parametrize("reason", ["two\nlines", "x" * 301, ""])
def test_a_reason_that_cannot_stand_beside_a_reminder_is_refused(client, programme, manager, reason):
    wave = plan_reminder(programme, [make_person()])

    page = text_of(client.post(f"/reminders/waves/{wave.pk}/cancel/", {"reason": reason}))

    assert "There is a problem" in page
    assert PlannedReminder.objects.get().state == "planned"


def test_cancelling_one_reminder_leaves_the_others(client, programme, manager):
    plan_reminder(programme, [make_person("Ama"), make_person("Ben")])
    first = PlannedReminder.objects.get(recipient__name="Ama")
    path = f"/reminders/planned/{first.pk}/cancel/"
    assert "Cancel the reminder to Ama" in get(client, path)

    response = client.post(path, {"reason": "On leave."}, follow=True)

    assert "Reminder to Ama cancelled." in text_of(response)
    assert "On leave." in text_of(response)
    assert dict(PlannedReminder.objects.values_list("recipient__name", "state")) == {
        "Ama": "cancelled",
        "Ben": "planned",
    }
    assert client.post(path, {"reason": "Again."}).status_code == 409


def paths(programme, wave):
    reminder = PlannedReminder.objects.get(wave=wave)
    return [
        f"/reminders/{wave.subject_id}/",
        f"/programmes/{programme.pk}/reminders/",
        f"/reminders/waves/{wave.pk}/",
        f"/reminders/waves/{wave.pk}/cancel/",
        f"/reminders/planned/{reminder.pk}/cancel/",
        f"/api/programmes/{programme.pk}/reminder-waves/",
        f"/api/reminder-waves/{wave.pk}/",
        f"/api/reminder-waves/{wave.pk}/recipients/",
    ]


def test_strangers_see_nothing_and_change_nothing(client, programme):
    wave = plan_reminder(programme, [make_person()])
    reminder = PlannedReminder.objects.get()
    for stranger in (make_person(), make_manager(make_programme()), make_cio(make_portfolio())):
        client.force_login(stranger)
        for path in paths(programme, wave):
            assert client.get(path).status_code == 404, path
        for path in (f"/reminders/waves/{wave.pk}/cancel/", f"/reminders/planned/{reminder.pk}/cancel/"):
            assert client.post(path, {"reason": "No."}).status_code == 404, path
        for path in (f"/api/reminder-waves/{wave.pk}/cancel/", f"/api/reminders/{reminder.pk}/cancel/"):
            assert client.post(path, {"reason": "No."}, content_type="application/json").status_code == 404, path
        assert client.get(f"/api/subjects/{wave.subject_id}/reminder-waves/").json()["count"] == 0
    assert PlannedReminder.objects.get().state == "planned"


def test_a_reader_may_not_ask_who_or_cancel(client, programme):
    wave = plan_reminder(programme, [make_person()])
    client.force_login(make_reader(programme))

    assert client.get(f"/api/reminder-waves/{wave.pk}/recipients/").status_code == 403
    assert client.get(f"/reminders/waves/{wave.pk}/cancel/").status_code == 403
    assert client.post(f"/reminders/waves/{wave.pk}/cancel/", {"reason": "No."}).status_code == 403
    answer = client.post(f"/api/reminder-waves/{wave.pk}/cancel/", {"reason": "No."}, content_type="application/json")
    assert answer.status_code == 403
    assert PlannedReminder.objects.get().state == "planned"


def test_the_api_tells_waves_counts_and_recipients_and_cancels(client, programme, manager):
    ama, ben = make_person("Ama"), make_person("Ben")
    wave = plan_reminder(programme, [ama, ben])
    queue_due(now=NOW, limit=10)
    mails().filter(recipient=ama).update(state=MessageState.SENT, reply="250 OK", finished_at=NOW)

    [listed] = client.get(f"/api/subjects/{wave.subject_id}/reminder-waves/").json()["results"]
    recipients = client.get(f"/api/reminder-waves/{wave.pk}/recipients/?state=sent").json()
    cancelled = client.post(
        f"/api/reminder-waves/{wave.pk}/cancel/", {"reason": "Wrong."}, content_type="application/json"
    )

    assert listed["counts"] == {"pending": 1, "sent": 1}
    assert (listed["title"], listed["due_at"]) == ("One week left", "2026-09-16T10:00:00+01:00")
    assert [(row["name"], row["state"], row["reply"]) for row in recipients["results"]] == [("Ama", "sent", "250 OK")]
    assert (cancelled.status_code, cancelled.json()) == (200, {"stopped": 1})
    assert client.get(f"/api/reminder-waves/{wave.pk}/").json()["cancel_reason"] == "Wrong."
    again = client.post(f"/api/reminder-waves/{wave.pk}/cancel/", {"reason": "Wrong."}, content_type="application/json")
    assert (again.status_code, again.json()["detail"]) == (409, "This reminder is cancelled already.")


@pytest.mark.parametrize("sent", [{}, {"reason": ""}, {"reason": "a\nb"}, {"reason": ["x"]}, {"reason": "x" * 301}])
def test_the_api_refuses_a_bad_reason(client, programme, manager, sent):
    wave = plan_reminder(programme, [make_person()])

    answer = client.post(f"/api/reminder-waves/{wave.pk}/cancel/", sent, content_type="application/json")

    assert (answer.status_code, list(answer.json())) == (400, ["reason"])


@pytest.mark.parametrize("count", [1, 3])
def test_api_lists_ask_as_often_for_many_as_for_one(client, programme, manager, count):
    wave = plan_reminder(programme, [make_person() for _ in range(count)])
    queue_due(now=NOW, limit=10)

    with CaptureQueriesContext(connection) as queries:
        client.get(f"/api/reminder-waves/{wave.pk}/recipients/")
    with CaptureQueriesContext(connection) as of_waves:
        client.get(f"/api/programmes/{programme.pk}/reminder-waves/")

    assert (len(queries), len(of_waves)) == (6, 8)
