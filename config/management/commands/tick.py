import time
from typing import Any

from django.core.management import BaseCommand, CommandParser

from partners.post.tasks import deliver, sweep
from programmes.reminders.tasks import plan_what_is_missing, queue_due
from programmes.workstreams.tasks import plan_chasing


class Command(BaseCommand):
    help = "Do what beat's tick asks of the workers, here and now: for an installation without Redis, or by hand."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on, with this pause, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            swept, settled, tried, chased = sweep(), queue_due(), deliver(), plan_chasing()
            planned = plan_what_is_missing()
            self.stdout.write(
                f"{swept} swept, {settled} reminders settled, {tried} messages tried, {chased} programmes chased, "
                f"{planned} reminders put right."
            )
            if options["every"] is None:
                return
            time.sleep(options["every"])
