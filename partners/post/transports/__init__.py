"""What carries a mail out of the house, behind one interface that states what each way can promise."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from partners.post.enums import Acceptance
from partners.post.operations.delivering import Claimed


@dataclass(frozen=True, slots=True)
class Promise:
    """What a transport can promise, in ``words`` for the people who run the installation.

    ``can_be_asked``: it can tell later whether it took a message. ``repeats_are_noticed``: the same message handed over
    twice reaches the person once.
    """

    words: str
    can_be_asked: bool
    repeats_are_noticed: bool


class Outcome(Enum):
    """What came of handing a message over once."""

    SENT = "It took the message"
    REFUSED = "It will never take the message"
    NOT_TAKEN = "It did not take the message this time"
    LOST = "Nobody knows: the connection was lost after the step that cannot be taken back"
    STOPPED = "The intent was not granted, so nothing was handed over"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The outcome, with what the other side said on one line."""

    outcome: Outcome
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A message that was taken and then found to have no mailbox to go to."""

    message_id: UUID
    reply: str


class Unreachable(Exception):
    """There is no connection, so that trying the next message is of no use."""


class Transport(Protocol):
    """Used as a context: what it holds open is closed at the end."""

    @property
    def promise(self) -> Promise: ...

    def hand_over(self, claim: Claimed, *, intent: Callable[[], bool]) -> HandedOver:
        """Hand one message over. ``intent`` is called right before the step that cannot be taken back: False stops it.

        Raises: Unreachable before that step.
        """

    def asked(self, message_id: str, *, since: datetime | None) -> Acceptance:
        """Whether it took the message with this Message-ID, not handed over before ``since`` (real time)."""

    def bounces(self) -> Iterable[Bounce]:
        """Those it knows of, newest first; the same again each time."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None: ...
