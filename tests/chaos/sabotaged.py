"""Senders broken on purpose. Each is a mistake that somebody could make; the harness has to catch it."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from partners.post.operations import delivering
from partners.post.operations.delivering import Claimed

SENT = "UPDATE partners_message SET state = 'sent', reply = %s, lease_token = NULL, lease_until = NULL, finished_at = %s WHERE id = %s"
IN_FLIGHT = """
    UPDATE partners_message SET state = 'in_flight', attempts = attempts + 1, finished_at = NULL,
        lease_token = %s, lease_until = clock_timestamp() + interval '8 s' WHERE id = %s
"""


def mark_before_sending() -> None:
    """The row says sent before the mail server has the message."""
    mark_in_flight = delivering.mark_in_flight

    def marked(claim: Claimed) -> bool:
        is_mine = mark_in_flight(claim)
        if is_mine:
            _execute(SENT, "marked", datetime.now().astimezone(), claim.message_id)
        return is_mine

    delivering.mark_in_flight = marked


def send_without_intent() -> None:
    """The row says nothing until the mail server has answered."""

    def unmarked(claim: Claimed) -> bool:
        return True

    def recorded(claim: Claimed, *, reply: str, now: datetime) -> bool:
        return bool(_execute(SENT, reply, now, claim.message_id))

    delivering.mark_in_flight = unmarked
    delivering.record_sent = recorded


def no_fence() -> None:
    """The intent asks neither whose the claim is nor whether its lease has ended."""

    def unfenced(claim: Claimed) -> bool:
        return bool(_execute(IN_FLIGHT, claim.token, claim.message_id))

    delivering.mark_in_flight = unfenced


def one_lease() -> None:
    """The lease of a message in flight is as short as a claim's: the settings of the harness do it."""


BROKEN = {
    "mark before sending": mark_before_sending,
    "send without intent": send_without_intent,
    "no fence": no_fence,
    "one lease": one_lease,
}


@transaction.atomic(durable=True)
def _execute(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
