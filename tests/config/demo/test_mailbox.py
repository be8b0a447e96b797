import contextlib
import json
import smtplib
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.demo.mailbox import Mailbox, serve_pages
from tests.processes import listening_socket, wait_until

ROOT = Path(__file__).resolve().parents[3]
PUBLIC_URL = "http://localhost:8000"


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path)


@pytest.fixture
def address(mailbox: Mailbox) -> Iterator[str]:
    listener = listening_socket()
    port = listener.getsockname()[1]
    server = serve_pages(listener, mailbox, PUBLIC_URL)
    yield f"http://localhost:{port}"
    server.shutdown()
    server.server_close()


def test_list_shows_newest_first_and_carries_the_word_demo(mailbox: Mailbox, address: str) -> None:
    mailbox.keep(["a@example.org"], _mail("First"))
    mailbox.keep(["b@example.org"], _mail("Second"))

    page = _get(f"{address}/")

    assert "DEMO" in page
    assert 0 < page.index("Second") < page.index("First")
    assert "<script" not in page


def test_list_without_mail_says_what_arrives_here(address: str) -> None:
    assert "No mail yet" in _get(f"{address}/")


def test_mail_is_shown_as_text_whatever_it_holds(mailbox: Mailbox, address: str) -> None:
    evil = "<script>alert(1)</script>"
    mailbox.keep([f"{evil}@example.org"], _mail(evil, f"{evil} & more"))
    [mail] = mailbox.newest()

    for page in (_get(f"{address}/"), _get(f"{address}/mail/{mail.id}")):
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def test_mail_links_only_to_the_demo_itself(mailbox: Mailbox, address: str) -> None:
    body = f"Open {PUBLIC_URL}/reset/a?b=1&c=2. Not http://localhost:8000.evil.example/ nor https://evil.example/"
    mailbox.keep(["a@example.org"], _mail("Links", body))
    [mail] = mailbox.newest()

    page = _get(f"{address}/mail/{mail.id}")

    link = "http://localhost:8000/reset/a?b=1&amp;c=2"
    assert f'Open <a href="{link}">{link}</a>. Not http://localhost:8000.evil.example/' in page
    assert page.count("<a href=") == 2  # the other leads back to the list


def test_json_is_the_same_for_checks(mailbox: Mailbox, address: str) -> None:
    mailbox.keep(["a@example.org", "b@example.org"], _mail("Urgent", "The text"))

    [mail] = json.loads(_get(f"{address}/mails.json"))

    assert mail == json.loads(_get(f"{address}/mail/{mail['id']}.json"))
    assert {name: mail[name] for name in ("to", "sender", "subject", "message_id", "text")} == {
        "to": "a@example.org, b@example.org",
        "sender": "portfolio@example.org",
        "subject": "Urgent",
        "message_id": "<1@example.org>",
        "text": "The text\r\n",
    }


@pytest.mark.parametrize("path", ["/mail/nothing", "/mail/../../etc/passwd", "/mail/%2e%2e", "/other", "/mail/.json"])
def test_unknown_addresses_are_not_found(mailbox: Mailbox, address: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        _get(address + path)
    refused.value.close()


def test_a_foreign_host_name_is_refused(address: str) -> None:
    request = urllib.request.Request(f"{address}/", headers={"Host": "evil.example"})

    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(request)
    refused.value.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?bad?q?x?=\r\nFrom: <<>>\r\n\r\nx",
        b"Content-Type: text/plain; charset=nothing\r\n\r\nx",
        b"Content-Type: multipart/mixed\r\n\r\nx",
        b"Content-Type: text/html\r\n\r\n<b>x</b>",
    ],
)
def test_broken_mail_is_still_listed(mailbox: Mailbox, address: str, content: bytes) -> None:
    mailbox.keep(["a@example.org"], content)
    [mail] = mailbox.newest()

    assert mail.id in _get(f"{address}/")
    assert "a@example.org" in _get(f"{address}/mail/{mail.id}")


def test_the_process_takes_mail_and_a_new_start_still_has_it(tmp_path: Path) -> None:
    with listening_socket() as smtp, listening_socket() as page:
        for subject in ("Before the kill", "After the kill"):
            with _running(tmp_path, smtp, page):
                message = EmailMessage()
                message["Subject"], message["From"], message["To"] = subject, "a@example.org", "b@example.org"
                message.set_content("Ärger")
                with smtplib.SMTP("127.0.0.1", smtp.getsockname()[1]) as client:
                    client.send_message(message)
                mails = json.loads(_get(f"http://localhost:{page.getsockname()[1]}/mails.json"))

    assert [mail["subject"] for mail in mails] == ["After the kill", "Before the kill"]
    assert mails[0]["text"] == "Ärger\r\n"


@contextlib.contextmanager
def _running(folder: Path, smtp: socket.socket, page: socket.socket) -> Iterator[None]:
    descriptors = [smtp.fileno(), page.fileno()]
    command = [sys.executable, "-m", "config.demo.mailbox", str(folder), *map(str, descriptors), PUBLIC_URL]
    process = subprocess.Popen(command, cwd=ROOT, pass_fds=descriptors, stderr=subprocess.DEVNULL)
    wait_until(lambda: _get(f"http://localhost:{page.getsockname()[1]}/"), what="the mailbox answered")
    yield
    process.kill()
    process.wait()


def _mail(subject: str, text: str = "text") -> bytes:
    head = f"Subject: {subject}\r\nFrom: portfolio@example.org\r\nMessage-ID: <1@example.org>\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())
