import json
from typing import Any

from django.core.management import BaseCommand, CommandParser

from partners.clock.queries import business_now
from programmes.reminders.operations import sweep
from programmes.reminders.queries import last_sweep


class Command(BaseCommand):
    help = "Plan every reminder that the rules ask for and that is not there, and cancel what nobody asks for any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what was found as JSON, by kind")

    def handle(self, *args: Any, **options: Any) -> None:
        changed = sweep(now=business_now(), at_once=True)
        if options["json"]:
            last = last_sweep()
            self.stdout.write(json.dumps({"changed": changed, "found": last.found if last else {}}))
        else:
            self.stdout.write(f"{changed} reminders put right.")
