"""The loop that hands claimed messages over one by one, and asks about those in doubt.

The order is the whole of it: claim, hand over all but the step that cannot be taken back, commit the intent, take the
step, commit the answer. So a kill at any instant loses nothing, and leaves at most one message per worker in doubt.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from partners.post.enums import Acceptance
from partners.post.operations import bouncing, delivering, digests, holding, inbox, sweeping
from partners.post.operations.delivering import Claimed
from partners.post.queries import handed_over_since, messages_in_doubt
from partners.post.resolver import installed_resolver
from partners.post.transports import Outcome, Transport, Unreachable
from partners.post.transports.installed import installed_transport
from partners.post.watching import Watch

log = logging.getLogger(__name__)
DIGESTS_AT_ONCE = 200
SHARE_OF_THE_LEASE = 0.8  # nothing new is started after it


def deliver_due(
    *, clock: Callable[[], datetime], seconds: float, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Hands over what is due for at most so long; returns how many messages were tried, none while mail is held.

    ``clock`` is read once for each batch. ``is_stopping`` is asked before each message.
    """
    until = time.monotonic() + seconds
    tried = 0
    watch = Watch(now=clock())
    if not watch.may_send:
        inbox.deliver_inbox(now=clock())
        return 0
    _make_ready(clock())
    with installed_transport() as transport:
        is_last = False
        while not is_last and time.monotonic() < until:
            began, now = time.monotonic(), clock()
            if watch.has_jumped(now):
                break
            batch = delivering.claim_messages(now=now, limit=int(settings.POST["batch"]))
            is_last = batch.is_last
            if batch.claims:
                watch.keep(batch.mark)
            try:
                for claim in batch.claims:
                    if is_stopping() or time.monotonic() - began > SHARE_OF_THE_LEASE * settings.POST["claim"]:
                        break
                    tried += 1
                    _hand_over(transport, claim, now)
            except Unreachable as failure:
                log.warning("%s", failure)
                is_last = True
            delivering.release_claims(batch.token)
            is_last = is_last or is_stopping() or time.monotonic() + batch.wait >= until
            time.sleep(0 if is_last else batch.wait)
    return tried


def sweep(*, now: datetime, ask: Callable[[str], Acceptance] | None = None) -> int:
    """Clears up after workers that died; returns how many messages changed.

    ``ask`` is asked about a Message-ID in place of the installation's resolver and of what carries the mail.
    """
    changed = sweeping.return_stuck_claims() + sweeping.expire_messages(now=now) + sweeping.put_in_doubt()
    while doubted := holding.doubt_what_was_restored():
        changed += doubted
    resolver = installed_resolver()
    with installed_transport() as transport:
        for message in messages_in_doubt():
            asked = transport if transport.promise.can_be_asked else resolver or transport
            since = handed_over_since(message)
            answer = ask(message.message_id) if ask else asked.asked(message.message_id, since=since)
            changed += sweeping.settle_doubt(message.pk, answer=answer, now=now)
        bounces = {bounce.message_id: bounce.reply for bounce in transport.bounces()}
        changed += bouncing.record_bounces(bounces, now=now) if bounces else 0
    return changed


def _make_ready(now: datetime) -> None:
    """What comes before mail goes out: the hours, the inboxes, the daily mails."""
    delivering.wait_for_window(now=now)
    inbox.deliver_inbox(now=now)
    while digests.compose_digests(now=now, limit=DIGESTS_AT_ONCE) == DIGESTS_AT_ONCE:
        pass


def _hand_over(transport: Transport, claim: Claimed, now: datetime) -> None:
    """Raises: Unreachable, once that is recorded."""
    try:
        handed = transport.hand_over(claim, intent=lambda: delivering.mark_in_flight(claim))
    except Unreachable as failure:
        delivering.record_not_taken(claim, reply=str(failure), now=now)
        raise
    match handed.outcome:
        case Outcome.SENT:
            delivering.record_sent(claim, reply=handed.reply, now=now)
        case Outcome.REFUSED:
            delivering.record_refused(claim, reply=handed.reply, now=now)
        case Outcome.NOT_TAKEN:
            delivering.record_not_taken(claim, reply=handed.reply, now=now)
        case Outcome.LOST:
            delivering.record_lost(claim, reply=handed.reply)
        case Outcome.STOPPED:
            pass
