"""A mail server that refuses, stalls or hangs up as a test asks, in place of the one that takes everything."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.processes import SmtpSink


@dataclass
class ScriptedSink(SmtpSink):
    """``answer_to`` replies to RCPT. ``is_stalled`` keeps it from replying. ``hangs_up`` ends after the dot, unanswered."""

    answer_to: Callable[[str], str] = lambda address: "250 OK"
    is_stalled: bool = False
    hangs_up: bool = False
    asked: list[str] = field(default_factory=list)
    peers: set[Any] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.asked.append(address)
        self.peers.add(session.peer)
        while self.is_stalled:
            await asyncio.sleep(0.02)
        reply = self.answer_to(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await super().handle_DATA(server, session, envelope)
        if self.hangs_up and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return reply


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[ScriptedSink]:
    sink = ScriptedSink()
    sink.start()
    settings.SMTP = {**settings.SMTP, "host": "127.0.0.1", "port": sink.port}
    yield sink
    sink.is_stalled = False
    sink.stop()
