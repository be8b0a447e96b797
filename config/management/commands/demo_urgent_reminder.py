import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from partners.clock.queries import business_now
from programmes.reminders.changes import Recipient, plan_wave
from programmes.reminders.queries import next_planned_reminder

USEFUL_FOR = timedelta(days=1)


class Command(BaseCommand):
    help = "Plan an urgent reminder, due now, to somebody of the demo who has not answered; print its reference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the reference and the recipient as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE != "demo":
            raise CommandError("This is for the demo only: it would write to a real person.")
        reference, recipient = plan_urgent_reminder(now=business_now())
        found = {"reference": reference, "recipient": recipient}
        self.stdout.write(json.dumps(found) if options["json"] else reference)


@transaction.atomic(durable=True)
def plan_urgent_reminder(*, now: datetime) -> tuple[str, str]:
    """The reference, which stands in the mail's subject, and the recipient's address."""
    planned = next_planned_reminder()
    if planned is None or planned.wave.programme is None:
        raise CommandError("Nobody of the demo has a reminder planned. Run `manage.py load_demo`.")
    reference = f"U-{secrets.token_hex(4).upper()}"
    plan_wave(
        programme=planned.wave.programme,
        subject_id=planned.wave.subject_id,
        key=f"urgent/{reference}/0",
        title=f"Urgent reminder {reference}",
        mail_subject=f"Please answer today ({reference})",
        mail_text="We ask for your views and have not had your answers yet.\n\nPlease answer today.",
        due_at=now,
        due_reason="Planned by hand to show that mail goes out",
        valid_until=now + USEFUL_FOR,
        recipients=[Recipient(planned.recipient_id, planned.need, planned.link_path)],
        now=now,
        is_urgent=True,
    )
    return reference, planned.recipient.email
