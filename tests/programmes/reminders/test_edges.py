"""An outage over every kind, Christmas, Easter, clock changes, and people who come, go or move a date."""

from collections import Counter
from datetime import date, time, timedelta

import pytest
from django.db import transaction

from partners.clock.rules import instant, local_date
from partners.people.enums import Role
from partners.people.operations import record_leave, record_leaver
from partners.post import delivery
from partners.post.operations import delivering
from programmes.reminders.changes import end_need
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.operations import sweep
from tests.builders import (
    NOW,
    give_role,
    launch,
    make_administrator,
    make_consultation,
    make_manager,
    make_person,
    make_programme,
    make_question,
    make_review,
    make_unit,
    plan_reminder,
)
from tests.builders.post import mails
from tests.builders.reminders import make_everything_due, plan_first_stage, queue_all

pytestmark = pytest.mark.django_db
TEN = time(10)


def ten_on(day):
    return instant(day, TEN)


def gate_days():
    waves = ReminderWave.objects.filter(kind="gate", reminders__state="planned").distinct().order_by("due_at")
    return [local_date(wave.due_at) for wave in waves]


def test_after_48_hours_one_mail_for_each_thing_of_every_kind_and_nothing_at_night(smtp_sink):
    make_everything_due()
    kinds = set(ReminderWave.objects.values_list("kind", flat=True))
    assert {"gate", "consultation", "raid", "relationship", "capability", "review", "status"} <= kinds
    monday = ten_on(date(2026, 9, 28))
    queue_all(monday)
    delivery.deliver_due(clock=lambda: monday, seconds=10)
    before = len(smtp_sink.received)
    assert before
    back_at_night = ten_on(date(2026, 9, 30)) + timedelta(hours=13)

    sweep(now=back_at_night)
    queue_all(back_at_night)
    delivery.deliver_due(clock=lambda: back_at_night, seconds=10)
    assert len(smtp_sink.received) == before
    delivery.deliver_due(clock=lambda: ten_on(date(2026, 10, 1)), seconds=10)

    reasons = Counter(mails().filter(queued_at=back_at_night).values_list("recipient", "thread"))
    assert set(reasons.values()) == {1}
    assert len(smtp_sink.received) - before == len(reasons)
    settled = PlannedReminder.objects.filter(due_at__lte=back_at_night).values_list("state", flat=True)
    assert set(settled) <= {"queued", "superseded", "expired", "cancelled"}


def test_christmas_and_easter_are_not_counted_to_a_gate():
    programme = make_programme()
    manager = make_manager(programme)

    plan_first_stage(programme, manager, date(2027, 1, 4))
    assert gate_days() == [date(2026, 12, 16), date(2026, 12, 30), date(2027, 1, 6)]
    plan_first_stage(programme, manager, date(2027, 3, 31))  # Good Friday 26 March, Easter Monday 29 March
    assert gate_days() == [date(2027, 3, 15), date(2027, 3, 25), date(2027, 4, 2)]


def test_ten_o_clock_stays_ten_o_clock_when_summer_time_begins():
    programme = make_programme()

    plan_first_stage(programme, make_manager(programme), date(2027, 3, 31))

    hours = ReminderWave.objects.filter(kind="gate").order_by("due_at").values_list("due_at", flat=True)
    assert [at.hour for at in hours] == [10, 10, 9]  # UTC; summer time begins on Sunday 28 March 2027


def test_a_date_moved_two_working_days_before_takes_back_what_was_not_sent_and_asks_again_in_time():
    programme = make_programme()
    manager = make_manager(programme)
    plan_first_stage(programme, manager, date(2026, 10, 30))
    two_days_before = ten_on(date(2026, 10, 28))
    queue_all(two_days_before)

    plan_first_stage(programme, manager, date(2026, 11, 30), now=two_days_before)

    assert not mails().filter(state="pending").exists()
    assert gate_days() == [date(2026, 11, 16), date(2026, 11, 26), date(2026, 12, 2)]


def test_an_action_put_off_two_days_before_is_chased_by_its_new_day_alone():
    programme = make_programme()
    manager = make_manager(programme)
    plan_reminder(programme, [manager], due_at=NOW)
    with transaction.atomic():
        end_need(need=f"task:{manager.pk}", reason="Put off.", now=NOW)
        plan_reminder(programme, [manager], key="last-week/2/0", due_at=NOW + timedelta(days=7))
    queue_all(NOW)

    assert mails().count() == 0
    queue_all(NOW + timedelta(days=7))
    assert mails().count() == 1


def test_who_takes_a_role_late_gets_what_is_still_ahead_and_who_leaves_gets_nothing():
    programme = make_programme()
    manager = make_manager(programme, "Mo Manager")
    plan_first_stage(programme, manager, date(2026, 10, 30))
    joined = ten_on(date(2026, 10, 20))
    queue_all(joined)
    late = give_role(make_person("Lea Late"), Role.PROGRAMME_MANAGER, programme.scope)

    sweep(now=joined)
    record_leaver(person_id=manager.pk, by=make_administrator(), now=joined)
    queue_all(ten_on(date(2026, 11, 5)))

    queued = PlannedReminder.objects.filter(state="queued", due_at__gt=joined).values_list("recipient__name", flat=True)
    assert set(queued) == {late.name}


def test_who_is_on_leave_with_nobody_standing_in_is_reminded_on_the_first_day_back():
    unit = make_unit()
    away = make_person("Ama Away", unit=unit)
    record_leave(person_id=away.pk, from_on=date(2026, 9, 28), to_on=date(2026, 10, 2), by=away, now=NOW)
    consultation = make_consultation(make_review(), units=[unit])
    make_question(consultation)

    launch(consultation)

    days = {local_date(at) for at in PlannedReminder.objects.filter(recipient=away).values_list("due_at", flat=True)}
    assert date(2026, 10, 5) in days
    assert not {day for day in days if date(2026, 9, 28) <= day <= date(2026, 10, 2)}


def test_a_need_that_ends_between_the_body_and_the_dot_sends_nothing(smtp_sink, monkeypatch):
    ama = make_person()
    plan_reminder(make_programme(), [ama])
    queue_all(NOW)
    intend = delivering.mark_in_flight

    def answered_first(claim):
        with transaction.atomic():
            end_need(need=f"task:{ama.pk}", reason="Answered.", now=NOW)
        return intend(claim)

    monkeypatch.setattr(delivering, "mark_in_flight", answered_first)
    delivery.deliver_due(clock=lambda: NOW, seconds=5)

    assert smtp_sink.received == []
    assert mails().get().state == "cancelled"
    assert PlannedReminder.objects.get().state == "queued"
