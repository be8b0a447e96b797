"""A mail server that keeps a log, and misbehaves as often as it is told to.

``python -m tests.chaos.sink FD LOG IDLE SEED FAULTS``: a listening socket, the log, after how many idle seconds it hangs
up, and the probabilities of its faults as JSON. SIGUSR1 ends the faults. A mail is in the log, by one write, before its
sender is told that it was taken, as a real server queues first; so the log outlives a kill of this process. Lines look
like Postfix's, whose queue id joins those of one mail.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import re
import signal
import socket
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.parser import BytesHeaderParser

END = b"\r\n.\r\n"
REFUSED_FOR_EVER = re.compile(r"refused")
ADDRESS = re.compile(rb"<([^>]*)>")
HELLO = (b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10485760\r\n", b"250 sink\r\n")


class Log:
    """Appended to by one write for each event. The order of the file is the order of what happened."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._write(f"master[{os.getpid()}]: daemon started")

    def accepted(self, content: bytes, recipient: str) -> str:
        """Writes the mail down; returns its queue id."""
        header, _, _ = content.partition(b"\r\n\r\n")
        message_id = BytesHeaderParser().parsebytes(header)["Message-ID"]
        queue_id = f"{time.time_ns():X}"
        digest = hashlib.sha256(content).hexdigest()
        self._write(
            f"cleanup[{os.getpid()}]: {queue_id}: message-id={message_id}",
            f"smtp[{os.getpid()}]: {queue_id}: to=<{recipient}>, status=sent (250 2.0.0 Ok: sha256={digest})",
        )
        return queue_id

    def rejected(self, recipient: str, reply: str) -> None:
        self._write(f"smtpd[{os.getpid()}]: NOQUEUE: reject: {reply}; to=<{recipient}>")

    def _write(self, *lines: str) -> None:
        now = datetime.now(UTC).isoformat()
        os.write(self._file, "".join(f"{now} sink postfix/{line}\n" for line in lines).encode())


class Faults:
    """What goes wrong, by the probability of each; nothing once it is calm."""

    def __init__(self, likely: Mapping[str, float], seed: int) -> None:
        self._likely = dict(likely)
        self._random = random.Random(seed)

    def strikes(self, fault: str) -> bool:
        return fault in self._likely and self._random.random() < self._likely[fault]

    def seconds(self, fault: str, longest: float) -> float:
        return self._random.uniform(0, longest) if self.strikes(fault) else 0

    def calm(self) -> None:
        self._likely.clear()


class Connection(asyncio.Protocol):
    """One client. Commands may be pipelined."""

    def __init__(self, log: Log, faults: Faults, idle: float) -> None:
        self.log, self.faults, self.idle = log, faults, idle
        self.buffer = bytearray()
        self.seen = 0
        self.is_data = self.is_busy = False
        self.recipient = ""
        self.heard_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.write(b"220 sink ESMTP\r\n")
        self._watch()

    def _watch(self) -> None:
        left = self.heard_at + self.idle - time.monotonic()
        if self.transport.is_closing():
            return
        if left <= 0 and not self.is_busy:
            self.transport.abort()
            return
        asyncio.get_running_loop().call_later(max(left, 0.1), self._watch)

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        self.buffer += data
        if not self.is_busy:
            self._read()

    def _read(self) -> None:
        while not self.is_busy and not self.transport.is_closing():
            if self.is_data:
                at = self.buffer.find(END, max(self.seen - len(END), 0))
                if at < 0:
                    self.seen = len(self.buffer)
                    return
                content = bytes(self.buffer[: at + 2]).replace(b"\r\n..", b"\r\n.")
                del self.buffer[: at + len(END)]
                self.is_data, self.is_busy, self.seen = False, True, 0
                self._finish(content)
            else:
                line, found, rest = self.buffer.partition(b"\r\n")
                if not found:
                    return
                self.buffer = bytearray(rest)
                self._command(bytes(line))

    def _command(self, line: bytes) -> None:
        match line[:4].upper():
            case b"EHLO" | b"HELO":
                self.transport.write(HELLO[line[:1].upper() == b"H"])
            case b"MAIL" if self.faults.strikes("closing"):
                self.transport.write(b"421 4.3.2 closing\r\n")
                self.transport.close()
            case b"RCPT":
                self._recipient(line)
            case b"DATA" if self.faults.strikes("drop_after_data"):
                self.transport.abort()
            case b"DATA" if not self.recipient:
                self.transport.write(b"503 5.5.1 no recipient\r\n")
            case b"DATA":
                self.is_data = True
                self.transport.write(b"354 go on\r\n")
            case b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            case _:
                self.recipient = ""
                self.transport.write(b"250 2.0.0 Ok\r\n")

    def _recipient(self, line: bytes) -> None:
        found = ADDRESS.search(line)
        address = found[1].decode() if found else ""
        if REFUSED_FOR_EVER.search(address):
            self._reject(address, "550 5.1.1 no such person")
        elif self.faults.strikes("busy"):
            self.transport.write(b"451 4.7.1 try again later\r\n")
        else:
            self.recipient = address
            self.transport.write(b"250 2.1.5 Ok\r\n")

    def _reject(self, address: str, reply: str) -> None:
        self.log.rejected(address, reply)
        self.transport.write(f"{reply}\r\n".encode())

    def _finish(self, content: bytes) -> None:
        recipient, self.recipient = self.recipient, ""
        if self.faults.strikes("drop_after_dot"):
            self.transport.abort()
        elif self.faults.strikes("full"):
            self._answered(b"452 4.3.1 no room\r\n")
        elif self.faults.strikes("content_refused"):
            self.log.rejected(recipient, "554 5.7.1 refused")
            self._answered(b"554 5.7.1 refused\r\n")
        elif wait := self.faults.seconds("slow", self.idle):
            asyncio.get_running_loop().call_later(wait, self._accept, content, recipient)
        else:
            self._accept(content, recipient)

    def _accept(self, content: bytes, recipient: str) -> None:
        queue_id = self.log.accepted(content, recipient)
        if self.faults.strikes("drop_after_acceptance"):
            self.transport.abort()
        elif wait := self.faults.seconds("slow_answer", self.idle):
            asyncio.get_running_loop().call_later(wait, self._answered, f"250 2.0.0 Ok: {queue_id}\r\n".encode())
        else:
            self._answered(f"250 2.0.0 Ok: {queue_id}\r\n".encode())

    def _answered(self, reply: bytes) -> None:
        self.is_busy, self.heard_at = False, time.monotonic()
        if not self.transport.is_closing():
            self.transport.write(reply)
            self._read()


async def serve(listener: socket.socket, log: Log, faults: Faults, idle: float) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, faults.calm)
    server = await loop.create_server(lambda: Connection(log, faults, idle), sock=listener)
    await server.serve_forever()


def main(descriptor: str, log: str, idle: str, seed: str, faults: str) -> None:
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(
            serve(socket.socket(fileno=int(descriptor)), Log(log), Faults(json.loads(faults), int(seed)), float(idle))
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
