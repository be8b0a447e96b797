import sys
from pathlib import Path

import pytest

from config.embedded.processes import Child, StartFailed
from tests.processes import wait_until


def test_start_when_the_program_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child("Thing", [sys.executable, "-c", "print('why it ended')"], tmp_path / "log", is_ready=lambda: False)

    with pytest.raises(StartFailed, match=r"Thing did not start(.|\n)*why it ended"):
        child.start()


def test_stop_when_the_program_does_not_end_kills_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = f"import signal, time; signal.signal(15, signal.SIG_IGN); open({str(ready)!r}, 'w'); time.sleep(600)"
    child = Child("Thing", [sys.executable, "-c", program], tmp_path / "log", patience=0.2, is_ready=ready.exists)
    child.start()

    child.stop()

    assert child.process
    assert child.process.returncode == -9


def test_stop_before_any_start_does_nothing(tmp_path: Path) -> None:
    child = Child("Thing", ["/bin/true"], tmp_path / "log")

    child.stop()

    assert not child.is_running()


def test_start_when_the_command_may_not_be_run_says_what_to_do(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("not executable")
    child = Child("Thing", [str(program)], tmp_path / "log", is_ready=lambda: False)

    with pytest.raises(StartFailed, match="Move the project to a folder that everybody may enter"):
        child.start()


def test_kill_ends_it_and_what_it_started_without_asking(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import pathlib, signal, subprocess, sys, time\n"
        "signal.signal(15, signal.SIG_IGN)\n"
        "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(tmp_path / 'started')!r}).write_text(str(started.pid))\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(600)\n"
    )
    child = Child("Thing", [sys.executable, "-c", program], tmp_path / "log", is_ready=ready.exists)
    child.start()

    child.kill()

    assert child.process
    assert child.process.returncode == -9
    started = Path("/proc") / (tmp_path / "started").read_text() / "stat"
    wait_until(lambda: not started.exists() or started.read_text().split(")")[1].split()[0] == "Z")
