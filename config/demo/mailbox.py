"""The demo's mail server and the page to read what it got. Keeps every message as a file; sends nothing on.

Run by config/demo/run.py: ``mailbox.py FOLDER SMTP_FD PAGE_FD PUBLIC_URL`` with two listening sockets.
"""

import asyncio
import contextlib
import email
import email.policy
import html
import json
import os
import re
import socket
import sys
import threading
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiosmtpd.smtp import SMTP, Envelope, Session

NEWEST_SHOWN = 200
ACCEPTED = "accepted.log"
UK = ZoneInfo("Europe/London")
MAIL_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{32}")
LINK = re.compile(r"https?://[^\s<>\"']+")
STYLE = """
body { font: 1.1rem/1.5 Arial, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 60rem; padding: 0 1rem 2rem; }
h1 { font-size: 1.6rem; } .demo { background: #f3f2f1; border-left: 0.6rem solid #1d70b8; padding: 0.6rem 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid #b1b4b6; padding: 0.5rem 0.8rem 0.5rem 0; }
th, td { text-align: left; vertical-align: top; overflow-wrap: anywhere; } a { color: #1d70b8; }
a:focus { background: #fd0; color: #0b0c0c; outline: 3px solid #fd0; } pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
PAGE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - DEMO mailbox</title><link rel="stylesheet" href="/style.css"></head>
<body><header><p class="demo"><strong>DEMO</strong> mailbox. Mail of the demo ends here; nothing is sent on.</p></header>
<main><h1>{title}</h1>{content}</main></body></html>
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """What one message shows. ``text`` is its plain text part, or says that there is none."""

    id: str
    to: str
    sender: str
    subject: str
    message_id: str
    received_at: str
    text: str


class Mailbox:
    """Messages as files in one folder, named by the time they came: newest last in the order of names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / ACCEPTED).exists():
            (folder / ACCEPTED).write_text(f"{datetime.now(UTC).isoformat()} mailbox: started\n")

    def keep(self, recipients: list[str], content: bytes) -> None:
        """Writes it to disk before the sender is told that it was taken."""
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        unfinished = self.folder / f"{name}.unfinished"
        with unfinished.open("wb") as file:
            header = ", ".join(re.sub(r"[^\x21-\x7e]", "?", recipient) for recipient in recipients)
            file.write(b"X-Envelope-To: " + header.encode() + b"\r\n" + content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.folder / f"{name}.eml")
        message_id = _header(email.message_from_bytes(content, policy=email.policy.default), "Message-ID")
        with (self.folder / ACCEPTED).open("a") as log:  # asked about messages in doubt
            log.write(f"{datetime.now(UTC).isoformat()} mailbox: message-id={message_id} status=sent\n")

    def newest(self, limit: int = NEWEST_SHOWN) -> list[Mail]:
        names = sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)[:limit]
        return [mail for mail in map(self.mail, names) if mail]

    def mail(self, name: str) -> Mail | None:
        if not MAIL_NAME.fullmatch(name):
            return None
        try:
            content = (self.folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:
            return None
        message = email.message_from_bytes(content, policy=email.policy.default)
        received = time.gmtime(int(name.split("-")[0]) / 1e9)
        return Mail(
            id=name,
            to=_header(message, "X-Envelope-To"),
            sender=_header(message, "From"),
            subject=_header(message, "Subject") or "(no subject)",
            message_id=_header(message, "Message-ID"),
            received_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", received),
            text=_text(message),
        )


class Receiver:
    """aiosmtpd's handler."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.to_thread(self.mailbox.keep, list(envelope.rcpt_tos), envelope.original_content or b"")
        return "250 OK kept in the demo's mailbox"


class Pages(BaseHTTPRequestHandler):
    """``/`` lists, ``/mail/ID`` shows one as text; ``/mails.json`` and ``/mail/ID.json`` are the same for checks."""

    mailbox: Mailbox
    public_url = ""
    server_version, sys_version = "mailbox", ""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in ("localhost", "127.0.0.1"):  # a page elsewhere must not read the mailbox by a name of its own
            return self._answer(HTTPStatus.FORBIDDEN, "text/plain", "Open the mailbox as localhost.")
        if path == "/":
            return self._page("Mailbox", self._list())
        if path == "/mails.json":
            return self._json([asdict(mail) for mail in self.mailbox.newest()])
        if path == "/style.css":
            return self._answer(HTTPStatus.OK, "text/css", STYLE)
        if path.startswith("/mail/"):
            mail = self.mailbox.mail(path.removeprefix("/mail/").removesuffix(".json"))
            if mail and path.endswith(".json"):
                return self._json(asdict(mail))
            if mail:
                return self._page(mail.subject, self._one(mail))
        return self._page("Page not found", '<p><a href="/">All mail</a></p>', HTTPStatus.NOT_FOUND)

    def _list(self) -> str:
        mails = self.mailbox.newest()
        if not mails:
            return "<p>No mail yet. Reminders and password resets of the demo arrive here.</p>"
        rows = "".join(
            f'<tr><td>{_in_words(mail)}</td><td>{html.escape(mail.to)}</td><td><a href="/mail/{mail.id}">'
            f"{html.escape(mail.subject)}</a></td></tr>"
            for mail in mails
        )
        heads = '<th scope="col">Arrived</th><th scope="col">To</th><th scope="col">Subject</th>'
        more = f"<p>The newest {NEWEST_SHOWN} are shown.</p>" if len(mails) == NEWEST_SHOWN else ""
        return f"<p>Newest first. Load the page again to see what has come.</p><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"

    def _one(self, mail: Mail) -> str:
        facts = {"To": mail.to, "From": mail.sender, "Arrived": _in_words(mail), "Message-ID": mail.message_id}
        rows = "".join(
            f'<tr><th scope="row">{name}</th><td>{html.escape(fact)}</td></tr>' for name, fact in facts.items()
        )
        return (
            f'<p><a href="/">All mail</a></p><table><tbody>{rows}</tbody></table><pre>{self._linked(mail.text)}</pre>'
        )

    def _linked(self, text: str) -> str:
        """Escaped text in which addresses of this demo alone are links."""
        parts, end = [], 0
        for match in LINK.finditer(text):
            address = match.group().rstrip(".,;:)")
            if address == self.public_url or address.startswith(f"{self.public_url}/"):
                link = html.escape(address)
                parts += [html.escape(text[end : match.start()]), f'<a href="{link}">{link}</a>']
                end = match.start() + len(address)
        return "".join([*parts, html.escape(text[end:])])

    def _page(self, title: str, content: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._answer(status, "text/html", PAGE.format(title=html.escape(title), content=content))

    def _json(self, what: object) -> None:
        self._answer(HTTPStatus.OK, "application/json", json.dumps(what))

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(body)


def serve_pages(listener: socket.socket, mailbox: Mailbox, public_url: str) -> ThreadingHTTPServer:
    """The page's server on ``listener``, running in a thread."""
    handler = type("PagesOfThisMailbox", (Pages,), {"mailbox": mailbox, "public_url": public_url})
    server = ThreadingHTTPServer(listener.getsockname(), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


async def receive(listener: socket.socket, mailbox: Mailbox) -> None:
    """Takes mail on ``listener`` for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Receiver(mailbox), hostname="demo-mailbox", enable_SMTPUTF8=True, loop=loop), sock=listener
    )
    await server.serve_forever()


def main(folder: str, smtp_fd: str, page_fd: str, public_url: str) -> None:
    mailbox = Mailbox(Path(folder))
    serve_pages(socket.socket(fileno=int(page_fd)), mailbox, public_url)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(receive(socket.socket(fileno=int(smtp_fd)), mailbox))


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # the standard library's parser gives up on some broken headers
        return "(cannot be read)"


def _text(message: EmailMessage) -> str:
    try:
        part = message.get_body(preferencelist=("plain",))
        return str(part.get_content()) if part else "(This mail has no plain text part.)"
    except (LookupError, ValueError, AttributeError):
        return "(The text of this mail cannot be read.)"


def _in_words(mail: Mail) -> str:
    arrived = datetime.fromisoformat(mail.received_at).astimezone(UK)
    return f"{arrived.day} {arrived:%B %Y, %H:%M:%S} UK time"


if __name__ == "__main__":
    main(*sys.argv[1:])
