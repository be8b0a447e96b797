"""Wraps the product's own functions, so that a process dies or freezes at a named point of them."""

import functools
import smtplib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from partners.post.operations import delivering, digests, sweeping
from programmes.reminders import operations as reminders
from tests.chaos import points

END_OF_DATA = b".\r\n"


def install(folder: Path) -> None:
    strike = partial(points.strike, folder)
    _wrap(delivering, "claim_messages", after=lambda batch: batch.claims and strike("after the claim"))
    _wrap(
        delivering,
        "mark_in_flight",
        before=lambda: strike("before the intent"),
        after=lambda may_finish: may_finish and strike("after the intent"),
    )
    _wrap(delivering, "record_sent", before=lambda: strike("after 250"))
    _wrap(
        sys.modules[reminders.queue_due.__module__],
        "queue_messages",
        after=lambda queued: queued and strike("in the planner"),
    )
    _wrap(reminders, "queue_due", after=lambda settled: settled.queued and strike("after the planner"))
    _wrap(digests, "_digest", after=lambda digest: strike("in the digest"))
    _wrap(sweeping, "put_in_doubt", after=lambda count: count and strike("in the sweep"))
    _wrap(sweeping, "settle_doubt", before=lambda: strike("while a doubt is settled"))
    send = smtplib.SMTP.send

    @functools.wraps(send)
    def send_and_strike(smtp: smtplib.SMTP, content: Any) -> None:
        send(smtp, content)
        if content == END_OF_DATA:
            strike("after the dot")

    smtplib.SMTP.send = send_and_strike  # type: ignore[assignment,method-assign]


def _wrap(
    module: Any,
    name: str,
    *,
    before: Callable[[], object] = lambda: None,
    after: Callable[[Any], object] = lambda answer: None,
) -> None:
    inner = getattr(module, name)

    @functools.wraps(inner)
    def wrapped(*args: Any, **named: Any) -> Any:
        before()
        answer = inner(*args, **named)
        after(answer)
        return answer

    setattr(module, name, wrapped)
