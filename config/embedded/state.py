"""The state folder: one launcher at a time holds it. Run as a module, it deletes the folder (`make clean-state`)."""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = "demo.lock"


class InUse(Exception):
    """A launcher runs; the sentence says where."""


def state_folder() -> Path:
    """PORTFOLIO_STATE, or .state in the project."""
    return Path(os.environ.get("PORTFOLIO_STATE") or ROOT / ".state").resolve()


@contextlib.contextmanager
def held(state: Path) -> Iterator[Callable[[str], None]]:
    """Holds the folder while the block runs; what the block says through the function is told to a second start.

    Raises: InUse when another launcher holds it. The system lets go when a launcher is killed.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise InUse(f"The demo is already running. {lock.read()}".strip()) from None
        yield lambda note: _write(lock, note)


def clean(state: Path) -> str:
    """Deletes the folder, and only a folder that a launcher made."""
    if not (state / LOCK).exists():
        return f"There is nothing to delete in {state}."
    with held(state):
        shutil.rmtree(state)
    return f"Deleted {state}. The next start begins anew."


def _write(lock: TextIO, note: str) -> None:
    lock.truncate(0)
    lock.write(note)
    lock.flush()


if __name__ == "__main__":
    try:
        print(clean(state_folder()))
    except InUse as in_use:
        sys.exit(f"{in_use} Stop it first.")
