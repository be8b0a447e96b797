from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from config.demo.story import DEMO_DAY, Story
from partners.audit.queries import latest_event_at
from partners.clock.operations import set_clock
from partners.clock.queries import clock_is_set
from partners.clock.rules import UK
from partners.post.delivery import deliver_due, sweep
from programmes.reminders.operations import queue_due

BATCH = 500
ONE_DAY = timedelta(days=1)
TICKS_FROM = datetime(2026, 9, 8, 10, 5, tzinfo=UK)  # the day of the launch; a tick a day is enough for the story
SECONDS_TO_DELIVER = 60


class Command(BaseCommand):
    help = (
        "Replay the demo's story through the real operations. Loaded already: only sets the demo's clock going again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("The demo's data are loaded in demo mode only (PORTFOLIO_MODE=demo).")
        if clock_is_set():
            latest = latest_event_at()
            set_clock(to=max(DEMO_DAY, latest + timedelta(seconds=1)) if latest else DEMO_DAY)
            self.stdout.write("The demo's data are there already.")
            return
        if latest_event_at():
            raise CommandError("Loading the demo was interrupted. Empty the database, then start 'make demo' again.")
        told = 0
        tick = TICKS_FROM
        for event in Story().events():
            while tick < event.at:
                send_what_is_due(tick)
                tick += ONE_DAY
            event.act(event.at)
            told += 1
        send_what_is_due(DEMO_DAY)
        set_clock(to=DEMO_DAY)
        self.stdout.write(f"Replayed {told} events up to {DEMO_DAY:%A %-d %B %Y}.")


def send_what_is_due(now: datetime) -> None:
    """What the workers would have done by then: queue due reminders and hand over their mail."""
    sweep(now=now)
    while queue_due(now=now, limit=BATCH).total:
        deliver_due(clock=lambda: now, seconds=SECONDS_TO_DELIVER)
    deliver_due(clock=lambda: now, seconds=SECONDS_TO_DELIVER)
