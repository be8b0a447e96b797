"""Every loop says that it has run, whoever started it: a worker, or a command without a broker."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import task_postrun, task_prerun

from partners.post.enums import Loop
from partners.post.operations.beating import beat

LOOPS = {
    "config.tick": Loop.TICK,
    "post.deliver": Loop.DELIVER,
    "post.sweep": Loop.SWEEP,
    "reminders.queue_due": Loop.QUEUE_DUE,
    "workstreams.plan_chasing": Loop.PLAN_CHASING,
}
_began: dict[str, float] = {}


@contextmanager
def beating(loop: Loop) -> Iterator[None]:
    """Records that the loop ran, where the block ends without an exception."""
    began = time.monotonic()
    yield
    beat(loop, run_ms=_ms_since(began))


@task_prerun.connect  # type: ignore[untyped-decorator]
def _remember(task_id: str, task: Any, **more: object) -> None:
    if task.name in LOOPS:
        _began[task_id] = time.monotonic()


@task_postrun.connect  # type: ignore[untyped-decorator]
def _beat(task_id: str, task: Any, state: str, retval: object, **more: object) -> None:
    began = _began.pop(task_id, None)
    if began is not None and state == "SUCCESS":
        beat(LOOPS[task.name], run_ms=_ms_since(began), note="" if retval is None else f"{retval} done")


def _ms_since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
