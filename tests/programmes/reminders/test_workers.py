"""From a planned row to the mail server through a real beat and a real worker."""

from django.db import transaction

from partners.clock.operations import set_clock
from programmes.reminders.changes import end_need
from programmes.reminders.models import PlannedReminder
from tests.builders import NOW, make_person, make_programme, plan_reminder
from tests.builders.post import mails
from tests.processes import wait_until


def test_a_planned_reminder_goes_out_and_who_has_answered_gets_none(own_database, smtp_sink, workers):
    set_clock(to=NOW)
    answered, silent = make_person("Ama"), make_person("Ben")
    with transaction.atomic():
        plan_reminder(make_programme(), [answered, silent])
        end_need(need=f"task:{answered.pk}", reason="Answered.", now=NOW)

    smtp_sink.wait_for(1)
    wait_until(lambda: mails().filter(state="sent").exists())

    [mail] = smtp_sink.received
    assert mail.recipients == (silent.email,)
    assert mail.message["Subject"] == "Your views on custody tablets"
    rows = PlannedReminder.objects.order_by("recipient__name").select_related("message")
    assert [row.fate for row in rows] == ["cancelled", "sent"]
