import logging
import signal
import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import DatabaseError, connection

from config.heartbeats import beating
from partners.clock.queries import business_now
from partners.post import delivery
from partners.post.enums import Loop
from partners.post.tasks import sweep
from programmes.reminders.tasks import plan_what_is_missing, queue_due
from programmes.workstreams.tasks import plan_chasing

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Queue and send what is due, here and now and without a broker; with --forever every TICK_SECONDS until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until SIGTERM or Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def end(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        if options["forever"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, end)
        while True:
            self.stdout.write(one_round(stop.is_set))
            self.stdout.flush()
            if not options["forever"] or stop.wait(settings.TICK_SECONDS):
                return


def one_round(is_stopping: Callable[[], bool]) -> str:
    """One tick's steps, one after the other; what fails is logged and keeps no other from running. Returns what was done."""
    deliver = partial(delivery.deliver_due, clock=business_now, seconds=settings.POST["run"], is_stopping=is_stopping)
    steps: list[tuple[Loop | None, Callable[[], int], str]] = [
        (Loop.SWEEP, sweep, "swept"),
        (Loop.PLAN_CHASING, plan_chasing, "programmes chased"),
        (None, plan_what_is_missing, "reminders put right"),
        (Loop.QUEUE_DUE, queue_due, "reminders settled"),
        (Loop.DELIVER, deliver, "messages tried"),
    ]
    said = []
    for loop, step, words in steps:
        if is_stopping():
            break
        try:
            with beating(loop) if loop else nullcontext():
                said.append(f"{step()} {words}")
        except Exception as failure:
            log.exception("%s: failed", words)
            said.append(f"failed: {words}")
            if isinstance(failure, DatabaseError):
                connection.close()
    try:
        with beating(Loop.SEND_REMINDERS):
            pass
    except DatabaseError:
        connection.close()
    return f"{', '.join(said) or 'stopped'}."
