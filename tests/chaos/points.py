"""The named points at which a process can be made to die or to freeze.

A point is armed by a file of its name that says ``kill`` or ``freeze``. The first process that reaches the point takes
the file away, writes down its own id, and dies or stops there.
"""

import os
import signal
from pathlib import Path

STRUCK = "struck"
POINTS = (
    "after the claim",
    "before the intent",
    "after the intent",
    "after the dot",
    "after 250",
    "in the planner",
    "after the planner",
    "in the digest",
    "in the sweep",
    "while a doubt is settled",
)
SIGNALS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}


def arm(folder: Path, point: str, action: str) -> None:
    """``action``: kill or freeze."""
    unfinished = folder / "unfinished"
    unfinished.write_text(action)
    unfinished.rename(folder / point)


def disarm(folder: Path) -> None:
    for point in POINTS:
        (folder / point).unlink(missing_ok=True)


def struck(folder: Path) -> list[tuple[str, str, int]]:
    """Action, point and process id of each that was, oldest first."""
    try:
        lines = (folder / STRUCK).read_text().splitlines()
    except FileNotFoundError:
        return []
    return [(action, point, int(pid)) for action, point, pid in (line.split("\t") for line in lines)]


def strike(folder: Path, point: str) -> None:
    """Called by a process that has reached the point."""
    taken = folder / f"{point} {os.getpid()}"
    try:
        (folder / point).rename(taken)
    except FileNotFoundError:
        return
    action = taken.read_text()
    taken.unlink()
    with (folder / STRUCK).open("a") as file:
        file.write(f"{action}\t{point}\t{os.getpid()}\n")
    os.kill(os.getpid(), SIGNALS[action])
