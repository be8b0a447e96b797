"""Send now, plan anew after a closure, and the check that everything is planned: acts, pages and API."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.calendar.changes import add_closure
from partners.clock.operations import set_clock
from partners.clock.rules import instant, local_date
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.operations import (
    cancel_reminder,
    cancel_wave,
    plan_anew,
    plan_what_is_missing,
    queue_due,
    send_reminder_now,
    send_wave_now,
)
from programmes.reminders.queries import replan_of
from programmes.reminders.rules import within_programme
from programmes.reviews.models import Milestone
from tests.builders import (
    NOW,
    launch,
    make_administrator,
    make_consultation,
    make_manager,
    make_person,
    make_programme,
    make_question,
    make_reader,
    make_review,
    make_unit,
    plan_reminder,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


@pytest.fixture
def programme():
    return make_programme()


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Mo Manager")


@pytest.fixture
def wave(programme):
    return plan_reminder(programme, [make_person("Ama"), make_person("Ben")], due_at=LATER)


@pytest.fixture
def consultation(programme):
    unit = make_unit()
    make_person("Pat Person", unit=unit)
    found = make_consultation(make_review(programme), units=[unit])
    make_question(found)
    return launch(found)


def days_of(consultation):
    rows = ReminderWave.objects.filter(part_id=consultation.pk).order_by("due_at")
    return [(row.title.split(":")[0], local_date(row.due_at)) for row in rows]


def test_a_wave_sent_now_is_due_now_once_and_says_who_asked(wave, manager):
    assert send_wave_now(wave_id=wave.pk, is_urgent=True, by=manager, now=NOW) == 2

    wave.refresh_from_db()
    assert (wave.due_at, wave.moved_from_at, wave.is_urgent) == (NOW, LATER, True)
    assert wave.due_reason == "Sent at once, as Mo Manager asked"
    assert queue_due(now=NOW, limit=10).queued == 2
    assert queue_due(now=LATER, limit=10).total == 0
    assert AuditEvent.objects.filter(action="reminders.send_wave_now").count() == 1


def test_one_person_s_reminder_is_sent_now_and_the_others_wait(wave, manager):
    reminder = wave.reminders.get(recipient__name="Ama")

    send_reminder_now(reminder_id=reminder.pk, is_urgent=True, by=manager, now=NOW)

    queue_due(now=NOW, limit=10)
    reminder.refresh_from_db()
    assert reminder.message is not None
    assert reminder.message.is_urgent
    assert list(wave.reminders.filter(state=ReminderState.PLANNED).values_list("recipient__name", flat=True)) == ["Ben"]
    with pytest.raises(Conflict, match="waits no more"):
        send_reminder_now(reminder_id=reminder.pk, by=manager, now=NOW)


def test_sending_now_is_refused_when_it_is_cancelled_late_done_or_not_theirs(wave, manager, programme):
    with pytest.raises(NotPermitted):
        send_wave_now(wave_id=wave.pk, by=make_reader(programme), now=NOW)
    with pytest.raises(Refused, match="It is too late"):
        send_wave_now(wave_id=wave.pk, by=manager, now=wave.valid_until)
    with pytest.raises(Refused, match="goes out already"):
        send_wave_now(wave_id=wave.pk, by=manager, now=LATER)
    first, second = wave.reminders.order_by("pk")
    cancel_reminder(reminder_id=first.pk, reason="Left", by=manager, now=NOW)
    with pytest.raises(Conflict, match="Its state: Cancelled"):
        send_reminder_now(reminder_id=first.pk, by=manager, now=NOW)
    cancel_reminder(reminder_id=second.pk, reason="Left", by=manager, now=NOW)
    with pytest.raises(Refused, match="Nobody is left"):
        send_wave_now(wave_id=wave.pk, by=manager, now=NOW)
    cancel_wave(wave_id=wave.pk, reason="Called off", by=manager, now=NOW)
    with pytest.raises(Conflict, match="is cancelled"):
        send_wave_now(wave_id=wave.pk, by=manager, now=NOW)


def test_a_closure_that_is_announced_late_is_shown_before_it_moves_anything(consultation, manager, programme):
    before = days_of(consultation)
    assert ("Reminder 1", date(2026, 9, 29)) in before
    add_closure("The funeral", date(2026, 9, 28), date(2026, 9, 29))

    replan = replan_of(within_programme(programme.pk), now=NOW)

    moved = {
        change.title: (change.from_at and local_date(change.from_at), change.to_at and local_date(change.to_at))
        for change in replan.changes
        if change.is_moved
    }
    title = f"Reminder 1: {consultation.title}"
    assert moved[title] == (date(2026, 9, 29), date(2026, 10, 1))
    assert days_of(consultation) == before

    plan_anew(programme_id=programme.pk, expected=replan.fingerprint, by=manager, now=NOW)

    wave = ReminderWave.objects.get(title=title)
    assert wave.moved_from_at
    assert (local_date(wave.due_at), local_date(wave.moved_from_at)) == (date(2026, 10, 1), date(2026, 9, 29))
    assert wave.due_reason.endswith("not counting The funeral")
    assert local_date(wave.reminders.get().due_at) == date(2026, 10, 1)
    assert local_date(Milestone.objects.get(review=consultation.review, key="reminder_1").due_at) == date(2026, 10, 1)
    assert replan_of(within_programme(programme.pk), now=NOW).changes == ()


def test_what_has_gone_out_is_not_sent_again_by_planning_anew(consultation, manager, programme):
    after_the_first = instant(date(2026, 9, 29), NOW.time()) + timedelta(hours=2)
    queue_due(now=NOW, limit=10)
    queue_due(now=after_the_first, limit=10)
    sent = set(PlannedReminder.objects.filter(state=ReminderState.QUEUED).values_list("pk", flat=True))
    assert len(sent) >= 2
    add_closure("The funeral", date(2026, 9, 25), date(2026, 10, 2))

    replan = replan_of(within_programme(programme.pk), now=after_the_first)
    plan_anew(programme_id=programme.pk, expected=replan.fingerprint, by=manager, now=after_the_first)

    assert set(PlannedReminder.objects.filter(state=ReminderState.QUEUED).values_list("pk", flat=True)) == sent
    assert PlannedReminder.objects.filter(wave__title__startswith="Reminder 1:").count() == 1


def test_what_changed_since_it_was_looked_at_is_a_conflict(consultation, manager, programme):
    looked_at = replan_of(within_programme(programme.pk), now=NOW)
    add_closure("The funeral", date(2026, 9, 28), date(2026, 9, 29))

    with pytest.raises(Conflict, match="look again"):
        plan_anew(programme_id=programme.pk, expected=looked_at.fingerprint, by=manager, now=NOW)
    with pytest.raises(NotPermitted):
        plan_anew(programme_id=programme.pk, expected="", by=make_reader(programme), now=NOW)


def test_what_is_missing_is_planned_by_those_who_may(consultation, manager):
    gone = PlannedReminder.objects.filter(wave__kind="consultation", due_at__gt=NOW)
    count = gone.count()
    gone.delete()

    with pytest.raises(NotPermitted):
        plan_what_is_missing(by=manager, now=NOW)
    plan_what_is_missing(by=make_administrator(), now=NOW)

    assert PlannedReminder.objects.filter(wave__kind="consultation", due_at__gt=NOW).count() == count


def test_ten_o_clock_stays_ten_o_clock_on_both_sides_of_a_clock_change(consultation):
    hours = {wave.due_at.hour for wave in ReminderWave.objects.filter(part_id=consultation.pk, due_at__gt=NOW)}

    assert hours == {9, 10}  # 10am in the UK, before and after Sunday 25 October 2026


def test_the_pages_send_now_and_plan_anew(client, consultation, manager, programme):
    set_clock(to=NOW)
    client.force_login(manager)
    wave = ReminderWave.objects.filter(part_id=consultation.pk, due_at__gt=NOW).earliest("due_at")
    add_closure("The funeral", date(2026, 9, 28), date(2026, 9, 29))

    listed = client.get(reverse("reminders_of_subject", args=[consultation.pk]), {"state": "planned"})
    assert wave.title.split(":")[0] in listed.text
    anew = reverse("plan_reminders_anew", args=[programme.pk])
    shown = client.get(anew)
    assert "not counting The funeral" in shown.text
    refused = client.post(anew, {"expected": "something else"})
    assert (refused.status_code, "look again" in refused.text) == (409, True)
    looked_at = re.search(r'name="expected" value="(\w+)"', shown.text)
    assert looked_at is not None
    assert client.post(anew, {"expected": looked_at[1]}).status_code == 302

    page = client.get(reverse("reminder_wave", args=[wave.pk]))
    assert "Hello (the person&#39;s name)," in page.text
    send = reverse("send_reminder_wave_now", args=[wave.pk])
    assert client.get(send).status_code == 200
    assert client.post(send, {"is_urgent": "on"}).status_code == 302
    again = client.post(send)
    assert (again.status_code, "goes out already" in again.text) == (409, True)
    assert client.get(reverse("check_reminders")).status_code == 403


def test_the_check_shows_what_is_missing_and_plans_it(client, consultation):
    set_clock(to=NOW)
    administrator = make_administrator()
    client.force_login(administrator)
    PlannedReminder.objects.filter(wave__kind="consultation", due_at__gt=NOW).delete()
    address = reverse("check_reminders")

    assert "Consultations" in client.get(address).text
    assert client.post(address, follow=True).status_code == 200
    assert "Consultations" not in client.get(address).text


def test_the_api_sends_now_and_plans_anew(client, consultation, manager, programme):
    set_clock(to=NOW)
    client.force_login(manager)
    plan = reverse("api_plan_reminders_anew", args=[programme.pk])

    looked_at = client.get(plan).json()
    assert client.post(plan, {"expected": "x"}, content_type="application/json").status_code == 409
    assert client.post(plan, {"expected": looked_at["expected"]}, content_type="application/json").status_code == 200
    wave = ReminderWave.objects.filter(part_id=consultation.pk, due_at__gt=NOW).earliest("due_at")
    send = reverse("api_send_reminder_wave_now", args=[wave.pk])
    assert client.post(send, {}, content_type="application/json").json() == {"people": 1}
    assert client.post(send, {}, content_type="application/json").status_code == 409
    assert client.post(reverse("api_send_reminder_wave_now", args=[uuid4()])).status_code == 404
    waves = client.get(reverse("api_reminders_of_subject", args=[consultation.pk]), {"kind": "consultation"}).json()
    assert {wave["kind"] for wave in waves["results"]} == {"consultation"}
