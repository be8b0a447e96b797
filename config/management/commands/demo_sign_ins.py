import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from config.demo.sign_ins import DEMO_SIGN_INS


class Command(BaseCommand):
    help = "List who can be signed in as in the demo, with the page that each starts at."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("There are demo sign-ins in the demo only (PORTFOLIO_MODE=demo).")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in DEMO_SIGN_INS]))
            return
        self.stdout.write(f"Sign in at {settings.PUBLIC_URL}/accounts/login/ with one button as:")
        for each in DEMO_SIGN_INS:
            self.stdout.write(f"  {each.name:27} {each.role:44} starts at {each.path}")
