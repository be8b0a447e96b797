"""One process that the launcher starts, watches and stops."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CHILD = Path(__file__).with_name("child.py")
LINES_TO_SHOW = 15
SECONDS_TO_START = 60


class StartFailed(Exception):
    """A sentence for the person at the terminal."""


@dataclass
class Child:
    """A direct child in a process group of its own, so that Ctrl-C at the terminal reaches the launcher alone.

    ``owned_folders`` are given to the ordinary user that the command runs as when root starts it. ``kept_open`` are
    file descriptors that the child inherits, such as a socket to listen on. ``before_start`` prepares each start and
    returns descriptors for the child alone, such as the lock of its data folder.
    Start it from the main thread: Linux ends a child with the *thread* that started it.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15
    owned_folders: Sequence[Path] = ()
    kept_open: Sequence[int] = ()
    before_start: Callable[[], Sequence[int]] = tuple
    is_ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and returns when it is ready. Raises: StartFailed with the end of its log."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Starts it and returns at once."""
        handed_over = self.before_start()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                wrapped(self.command, self.stop_signal, self.owned_folders),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                pass_fds=[*self.kept_open, *handed_over],
                process_group=0,
            )
        for descriptor in handed_over:
            os.close(descriptor)

    def wait_until_ready(self) -> None:
        """Raises: StartFailed with the end of its log."""
        until = time.monotonic() + SECONDS_TO_START
        while not self.is_ready():
            if not self.is_running() or time.monotonic() > until:
                self.stop()
                raise StartFailed(f"{self.name} did not start. The end of {self.log}:\n{self.last_lines()}")
            time.sleep(0.03)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Asks it to end, waits, and kills it only when it does not."""
        self.ask_to_end()
        self.wait_until_ended()

    def kill(self) -> None:
        """Ends it and all that it started at once, without asking."""
        if self.process and self.is_running():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def ask_to_end(self) -> None:
        if self.process and self.is_running():
            self.process.send_signal(self.stop_signal)

    def wait_until_ended(self) -> None:
        if self.process and self.is_running():
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.kill()

    def last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-LINES_TO_SHOW:])


def wrapped(
    command: Sequence[str], stop_signal: signal.Signals = signal.SIGTERM, owned_folders: Sequence[Path] = ()
) -> list[str]:
    """``command`` run through ``child.py``."""
    folders = [str(folder) for folder in owned_folders]
    python = [sys.executable, "-I", "-S", str(CHILD)]
    return [*python, str(os.getpid()), str(int(stop_signal)), *folders, "--", *command]
