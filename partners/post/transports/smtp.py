"""Speaks SMTP with the lower verbs of ``smtplib``, since the intent is committed between the body and the final dot."""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from django.conf import settings

from partners.post.enums import Acceptance
from partners.post.operations.delivering import Claimed
from partners.post.transports import Bounce, HandedOver, Outcome, Promise, Unreachable

END_OF_DATA = b".\r\n"
CLOSING = 421
GO_ON = 354
DUPLICATE = re.compile(r"\b5\.2\.0\b.*duplicate", re.IGNORECASE | re.DOTALL)
LOST_AFTER = "The connection was lost after the whole message was handed over: {failure}"
LOST_BEFORE = "The connection was lost: {failure}"
UNREACHABLE = "The mail server cannot be reached: {failure}"
PROMISE = Promise(
    words=(
        "Mail goes to a mail server by SMTP. A message whose connection breaks in the instant after the final dot is in"
        " doubt: the mail server itself cannot be asked about it afterwards, and may not notice that one comes twice."
    ),
    can_be_asked=False,
    repeats_are_noticed=False,
)


class Answered(Exception):
    """The mail server said no before the final dot."""

    def __init__(self, code: int, reply: bytes, *, is_final: bool) -> None:
        self.code = code
        self.words = words_of(code, reply)
        self.is_final = is_final


class MailServer:
    """One connection, reused for many messages and made anew after it was dropped."""

    promise = PROMISE

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self.drop()

    def hand_over(self, claim: Claimed, *, intent: Callable[[], bool]) -> HandedOver:
        """Everything but the dot, the intent, the dot. Raises: Unreachable."""
        try:
            smtp = self.connected()
            _send_all_but_the_dot(smtp, claim)
        except Answered as answer:
            self._leave_off(answer.code)
            return HandedOver(Outcome.REFUSED if answer.is_final else Outcome.NOT_TAKEN, answer.words)
        except (OSError, smtplib.SMTPException) as failure:
            self.drop()
            return HandedOver(Outcome.NOT_TAKEN, LOST_BEFORE.format(failure=failure))
        try:
            may_finish = intent()
        except BaseException:
            self.drop()
            raise
        if not may_finish:
            self.drop()
            return HandedOver(Outcome.STOPPED)
        return self._send_the_dot(smtp)

    def asked(self, message_id: str, *, since: datetime | None) -> Acceptance:
        """SMTP has no such question."""
        return Acceptance.CANNOT_TELL

    def bounces(self) -> tuple[Bounce, ...]:
        """They come as mail to the sender, which nobody reads here."""
        return ()

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

    def _send_the_dot(self, smtp: smtplib.SMTP) -> HandedOver:
        """From here until the answer is committed the message is in flight; whatever fails leaves it so for the sweep."""
        try:
            _wait_at_most(smtp, settings.POST["reply"])
            smtp.send(END_OF_DATA)
            code, reply = smtp.getreply()
            _wait_at_most(smtp, settings.POST["command"])
        except (OSError, smtplib.SMTPException) as failure:
            self.drop()
            return HandedOver(Outcome.LOST, LOST_AFTER.format(failure=failure))
        outcome = _outcome_of(code, words_of(code, reply))
        if code == CLOSING or outcome == Outcome.LOST:
            self.drop()
        return HandedOver(outcome, words_of(code, reply))

    def _leave_off(self, code: int) -> None:
        """Makes the connection ready for the next message, or drops it."""
        if code == CLOSING or code < 0:
            self.drop()
            return
        try:
            self.connected().rset()
        except (OSError, smtplib.SMTPException):
            self.drop()


def words_of(code: int, reply: bytes) -> str:
    """The server's answer on one line."""
    return " ".join(f"{code} {reply.decode('utf-8', 'replace')}".split())


def _outcome_of(code: int, words: str) -> Outcome:
    if 200 <= code <= 299 or DUPLICATE.search(words):
        return Outcome.SENT
    if 400 <= code <= 499:
        return Outcome.NOT_TAKEN
    return Outcome.REFUSED if 500 <= code <= 599 else Outcome.LOST


def _send_all_but_the_dot(smtp: smtplib.SMTP, claim: Claimed) -> None:
    """Raises: Answered; OSError or SMTPException when the connection is lost."""
    _send_envelope(smtp, claim)
    content = re.sub(rb"(?m)^\.", b"..", claim.content)
    smtp.send(content if content.endswith(b"\r\n") else content + b"\r\n")


def _send_envelope(smtp: smtplib.SMTP, claim: Claimed) -> None:
    """MAIL, RCPT and DATA: without waiting between them where the server allows it (RFC 2920).

    Raises: Answered, when every answer has been read, so that the connection can be used again.
    """
    commands = [
        ("mail", f"FROM:{smtplib.quoteaddr(claim.sender)}", (250,)),
        ("rcpt", f"TO:{smtplib.quoteaddr(claim.recipient)}", (250, 251)),
        ("data", "", (GO_ON,)),
    ]
    is_pipelined = smtp.has_extn("pipelining")
    if is_pipelined:
        for verb, words, _ in commands:
            smtp.putcmd(verb, words)
    refusal = None
    for verb, words, good in commands:
        if not is_pipelined:
            smtp.putcmd(verb, words)
        code, reply = smtp.getreply()
        if refusal is None and code not in good:
            refusal = Answered(code, reply, is_final=verb != "mail" and 500 <= code <= 599)
        if refusal and (not is_pipelined or code == CLOSING):
            break
    if refusal and code == GO_ON:
        smtp.close()  # it waits for a message that must not come
    if refusal:
        raise refusal


def _wait_at_most(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:  # it is none once the server has hung up; the next read says so
        smtp.sock.settimeout(seconds)


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
