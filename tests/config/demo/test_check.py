import json
from pathlib import Path

import pytest

from config.demo import check
from config.demo.mailbox import Mailbox, serve_pages
from tests.processes import listening_socket


@pytest.mark.parametrize(("subject", "is_seen"), [("Reminder U-1", True), ("Reminder U-2", False)])
def test_everything_says_what_it_saw_and_fails_when_a_role_cannot_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subject: str, is_seen: bool
) -> None:
    monkeypatch.setattr(check, "SECONDS_FOR_A_REMINDER", 0.1)
    mailbox = Mailbox(tmp_path)
    mailbox.keep(["staff@example.org"], f"Subject: {subject}\r\n\r\ntext".encode())
    listener = listening_socket()
    server = serve_pages(listener, mailbox, "")
    with listening_socket() as closed:
        nowhere = f"http://localhost:{closed.getsockname()[1]}"
    answers = {
        ("demo_sign_ins", "--json"): json.dumps([{"role": "CIO", "email": "cio@example.org", "path": "/"}]),
        ("demo_urgent_reminder",): "U-1\n",
    }
    said: list[str] = []

    works = check.everything(
        nowhere, f"http://localhost:{listener.getsockname()[1]}/", lambda *command: answers[command], said.append
    )
    server.shutdown()
    server.server_close()

    assert works is False
    assert "CIO (cio@example.org): / did not answer" in said[0]
    assert ("Urgent reminder U-1: beat, worker and mail server brought it to staff@example.org" in said[1]) is is_seen
    assert said[2] == "THE DEMO DOES NOT WORK: see above."
