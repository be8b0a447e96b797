"""Speaks SMTP: hands claimed messages over one by one, and asks about those in doubt.

The order is the whole of it: claim, send everything but the final dot, commit the intent, send the dot, commit the
answer. So a kill at any instant loses nothing, and leaves at most one message per worker in doubt.
"""

import contextlib
import logging
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from django.conf import settings

from partners.post.enums import Acceptance
from partners.post.operations import delivering, sweeping
from partners.post.operations.delivering import Claimed
from partners.post.queries import messages_in_doubt

log = logging.getLogger(__name__)
SHARE_OF_THE_LEASE = 0.8  # nothing new is started after it
END_OF_DATA = b".\r\n"
CLOSING = 421
DUPLICATE = re.compile(r"\b5\.2\.0\b.*duplicate", re.IGNORECASE | re.DOTALL)
LOST = "The connection was lost after the whole message was handed over: {failure}"
UNREACHABLE = "The mail server cannot be reached: {failure}"


class Unreachable(Exception):
    """No connection to the mail server, so that trying the next message is of no use."""


class Answered(Exception):
    """The mail server said no before the final dot."""

    def __init__(self, code: int, reply: bytes, *, is_final: bool) -> None:
        self.code = code
        self.words = words_of(code, reply)
        self.is_final = is_final


class MailServer:
    """One connection, reused for many messages and made anew after it was dropped."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self.drop()

    def connected(self) -> smtplib.SMTP:
        """Raises: Unreachable."""
        if self._smtp is None:
            try:
                self._smtp = _connect()
            except (OSError, smtplib.SMTPException) as failure:
                raise Unreachable(UNREACHABLE.format(failure=failure)) from failure
        return self._smtp

    def drop(self) -> None:
        """Closes without a word: what was not ended by the dot is not accepted."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def deliver_due(*, clock: Callable[[], datetime], seconds: float) -> int:
    """Hands over what is due for at most so long; returns how many messages were tried.

    ``clock`` is read once for each batch.
    """
    until = time.monotonic() + seconds
    tried = 0
    delivering.wait_for_window(now=clock())
    with MailServer() as server:
        is_last = False
        while not is_last and time.monotonic() < until:
            began, now = time.monotonic(), clock()
            batch = delivering.claim_messages(now=now, limit=int(settings.POST["batch"]))
            is_last = batch.is_last
            try:
                for claim in batch.claims:
                    if time.monotonic() - began > SHARE_OF_THE_LEASE * settings.POST["claim"]:
                        break
                    tried += 1
                    _hand_over(server, claim, now)
            except Unreachable as failure:
                log.warning("%s", failure)
                is_last = True
            delivering.release_claims(batch.token)
    return tried


def sweep(*, now: datetime, ask: Callable[[str], Acceptance] | None = None) -> int:
    """Clears up after workers that died; returns how many messages changed.

    ``ask`` is what the transport says of a Message-ID. SMTP alone cannot tell.
    """
    changed = sweeping.return_stuck_claims() + sweeping.expire_messages(now=now) + sweeping.put_in_doubt()
    for message in messages_in_doubt():
        answer = ask(message.message_id) if ask else Acceptance.CANNOT_TELL
        changed += sweeping.settle_doubt(message.pk, answer=answer, now=now)
    return changed


def words_of(code: int, reply: bytes) -> str:
    """The server's answer on one line."""
    return " ".join(f"{code} {reply.decode('utf-8', 'replace')}".split())


def _hand_over(server: MailServer, claim: Claimed, now: datetime) -> None:
    try:
        smtp = server.connected()
        _send_all_but_the_dot(smtp, claim)
    except Answered as answer:
        _leave_off(server, answer.code)
        record = delivering.record_refused if answer.is_final else delivering.record_not_taken
        record(claim, reply=answer.words, now=now)
        return
    except Unreachable as failure:
        delivering.record_not_taken(claim, reply=str(failure), now=now)
        raise
    except (OSError, smtplib.SMTPException) as failure:
        server.drop()
        delivering.record_not_taken(claim, reply=f"The connection was lost: {failure}", now=now)
        return
    try:
        may_finish = delivering.mark_in_flight(claim)
    except BaseException:
        server.drop()
        raise
    if not may_finish:
        server.drop()
        return
    _send_the_dot(server, smtp, claim, now)


def _send_all_but_the_dot(smtp: smtplib.SMTP, claim: Claimed) -> None:
    """Raises: Answered; OSError or SMTPException when the connection is lost."""
    _expect(smtp.mail(claim.sender), (250,))
    _expect(smtp.rcpt(claim.recipient), (250, 251), no_is_final=True)
    _expect(smtp.docmd("DATA"), (354,), no_is_final=True)
    content = re.sub(rb"(?m)^\.", b"..", claim.content)
    smtp.send(content if content.endswith(b"\r\n") else content + b"\r\n")


def _expect(answer: tuple[int, bytes], good: tuple[int, ...], *, no_is_final: bool = False) -> None:
    code, reply = answer
    if code not in good:
        raise Answered(code, reply, is_final=no_is_final and 500 <= code <= 599)


def _send_the_dot(server: MailServer, smtp: smtplib.SMTP, claim: Claimed, now: datetime) -> None:
    """From here until the answer is committed the message is in flight; whatever fails leaves it so for the sweep."""
    try:
        _wait_at_most(smtp, settings.POST["reply"])
        smtp.send(END_OF_DATA)
        code, reply = smtp.getreply()
        _wait_at_most(smtp, settings.POST["command"])
    except (OSError, smtplib.SMTPException) as failure:
        server.drop()
        delivering.record_lost(claim, reply=LOST.format(failure=failure))
        return
    words = words_of(code, reply)
    if 200 <= code <= 299 or DUPLICATE.search(words):
        delivering.record_sent(claim, reply=words, now=now)
    elif 400 <= code <= 499:
        delivering.record_not_taken(claim, reply=words, now=now)
    elif 500 <= code <= 599:
        delivering.record_refused(claim, reply=words, now=now)
    else:
        server.drop()
        delivering.record_lost(claim, reply=words)
    if code == CLOSING:
        server.drop()


def _wait_at_most(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:  # it is none once the server has hung up; the next read says so
        smtp.sock.settimeout(seconds)


def _leave_off(server: MailServer, code: int) -> None:
    """Makes the connection ready for the next message, or drops it."""
    if code == CLOSING or code < 0:
        server.drop()
        return
    try:
        server.connected().rset()
    except (OSError, smtplib.SMTPException):
        server.drop()


def _connect() -> smtplib.SMTP:
    relay = settings.SMTP
    kind = smtplib.SMTP_SSL if relay["ssl"] else smtplib.SMTP
    smtp = kind(
        relay["host"], relay["port"], local_hostname=settings.MESSAGE_ID_DOMAIN, timeout=settings.POST["command"]
    )
    try:
        if smtp.sock is not None:
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if relay["starttls"]:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if relay["user"]:
            smtp.login(relay["user"], relay["password"])
    except BaseException:
        smtp.close()
        raise
    return smtp
