"""`make case`: the case replayed on a moving business clock, with a real worker, beat, web server and mail server.

Prints what happened on which day and who was told, then one line of JSON. Exits 1 if a letter is lost, doubled,
unexpected, or went out on a day on which nobody works.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import django

from config.case.letters import Mailbag, balance
from config.demo import programs
from config.demo.launching import Launcher, Stopped, answer_signals, ignore_signals, refuse, say, step
from config.embedded import servers
from config.embedded.processes import StartFailed

MAY_BE_ENTERED = 0o711  # the database does not run as root


class Replay(Launcher):
    """The servers and programs of the case, in a state folder of their own that lasts as long as they run."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, tick_seconds=1)
        self.mailbag = Mailbag(state / "mailbox")

    def start(self) -> None:
        """Raises: StartFailed with a sentence."""
        web, page, smtp = self.listeners = [programs.listen("0", 0, name) for name in ("PORT", "MAILBOX_PORT", "SMTP")]
        self.environment |= {
            "PUBLIC_URL": f"http://localhost:{programs.port(web)}",
            "MAILBOX_URL": f"http://localhost:{programs.port(page)}/",
            "SMTP_URL": f"smtp://{programs.LOOPBACK}:{programs.port(smtp)}",
        }
        sockets = self.sockets = servers.socket_folder(self.state / "socket-folder")
        self.start_postgres(sockets, durable=False)
        self.start_valkey(sockets, durable=False)
        self.make_tables()
        with step("mail server, web server, worker and beat"):
            mailbox = self.launch(programs.mailbox(self.environment, self.mailbag.folder, self.logs, smtp, page))
            pages = self.launch(programs.web(self.environment, self.logs, web))
            self.worker = self.launch(programs.worker(self.environment, self.logs))
            self.beat = self.launch(programs.beat(self.environment, self.logs))
            mailbox.wait_until_ready()
            pages.wait_until_ready()
        os.environ.update(self.environment)
        django.setup()

    def kill_workers(self) -> None:
        self.beat.kill()
        self.worker.kill()

    def start_workers(self) -> None:
        self.worker.launch()
        self.beat.launch()


def main() -> int:
    answer_signals()
    with tempfile.TemporaryDirectory(prefix="case-", ignore_cleanup_errors=True) as folder:
        state = Path(folder)
        state.chmod(MAY_BE_ENTERED)
        replay = Replay(state)
        try:
            events, figures = _play(replay)
        except Stopped:
            return 1
        except StartFailed as failed:
            return refuse(str(failed))
        finally:
            ignore_signals()
            replay.stop()
    result = balance(replay.mailbag.letters)
    for complaint in result.complaints():
        say(complaint)
    line = {
        "events": events,
        "messages_expected": result.expected,
        "messages_sent": result.taken,
        "lost": len(result.lost),
        "duplicates": len(result.doubled),
        **figures,
    }
    print(json.dumps(line), flush=True)
    return 0 if result.is_good else 1


def _play(replay: Replay) -> tuple[int, dict[str, object]]:
    """How many events, and what the database says at the end."""
    began = time.monotonic()
    say("Starting the case")
    replay.start()
    from config.case.timeline import Timeline  # noqa: PLC0415 - the servers must be named first

    timeline = Timeline(replay)
    timeline.tell()
    say(f"\n{timeline.events} events in {time.monotonic() - began:.0f} s.")
    return timeline.events, timeline.figures()


if __name__ == "__main__":
    sys.exit(main())
