"""Many planners and many beats at once, each on a connection of its own."""

from collections import Counter
from datetime import date, time
from functools import partial

from partners.clock.rules import instant
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reminders.operations import sweep
from tests.builders import NOW
from tests.builders.post import mails
from tests.builders.reminders import make_everything_due, queue_all
from tests.threads import all_at_once

AT_ONCE = 8


def test_eight_planners_and_eight_beats_at_once_plan_and_queue_each_reminder_once(own_database):
    make_everything_due()
    planned = set(PlannedReminder.objects.values_list("dedup_key", flat=True))
    PlannedReminder.objects.all().delete()
    ReminderWave.objects.all().delete()
    later = instant(date(2026, 9, 30), time(10))

    all_at_once([partial(sweep, now=NOW, at_once=True)] * AT_ONCE)
    again = set(PlannedReminder.objects.values_list("dedup_key", flat=True))
    all_at_once([partial(queue_all, later)] * AT_ONCE)

    assert again
    assert again <= planned
    assert PlannedReminder.objects.count() == len(again)
    queued = PlannedReminder.objects.filter(state="queued")
    per_need = Counter(queued.values_list("recipient", "need"))
    assert set(per_need.values()) == {1}
    assert mails().count() == queued.count()
    assert not PlannedReminder.objects.filter(state="planned", due_at__lte=later).exists()
