from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from config.case.story import END, Case
from config.demo.post import replay
from config.demo.story import DEMO_DAY, Story
from partners.audit.queries import latest_event_at
from partners.clock.operations import set_clock
from partners.clock.queries import clock_is_set

ONE_SECOND = timedelta(seconds=1)


class Command(BaseCommand):
    help = (
        "Replay the demo's story through the real operations. Loaded already: only sets the demo's clock going again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("The demo's data are loaded in demo mode only (PORTFOLIO_MODE=demo).")
        if clock_is_set():
            latest = latest_event_at()
            set_clock(to=max(DEMO_DAY, latest + ONE_SECOND) if latest else DEMO_DAY)
            self.stdout.write("The demo's data are there already.")
            return
        if latest_event_at():
            raise CommandError("Loading the demo was interrupted. Empty the database, then start 'make demo' again.")
        told = [*replay(Case(), until=END), *replay(Story(), until=DEMO_DAY)]
        set_clock(to=DEMO_DAY)
        self.stdout.write(f"Replayed {len(told)} events up to {DEMO_DAY:%A %-d %B %Y}.")
