"""How many messages may go out now, kept in the database for every worker of every machine."""

from dataclasses import dataclass

from django.db import connection

from partners.post.enums import Channel
from partners.post.models import PostBucket, PostSettings
from partners.post.queries import DatabaseClock
from partners.post.rules import Pace


@dataclass(frozen=True, slots=True)
class Taken:
    """How many messages may go out, and in how many seconds the next one may where that is fewer than wanted."""

    count: int
    wait: float = 0


def take_tokens(wanted: int, found: PostSettings, *, channel: Channel = Channel.EMAIL) -> Taken:
    """Take up to ``wanted`` tokens in the caller's transaction; all of them where there is no limit."""
    if found.per_minute is None or not wanted:
        return Taken(wanted)
    if not connection.in_atomic_block:
        raise RuntimeError("Tokens are taken in the transaction that claims messages; open one first.")
    pace = Pace(found.per_minute, found.burst)
    PostBucket.objects.get_or_create(
        channel=channel, defaults={"tokens": float(pace.burst), "filled_at": DatabaseClock()}
    )
    bucket = PostBucket.objects.select_for_update().annotate(clock=DatabaseClock()).get(pk=channel)
    tokens = pace.filled(bucket.tokens, (bucket.clock - bucket.filled_at).total_seconds())
    count = min(wanted, int(tokens))
    PostBucket.objects.filter(pk=channel).update(tokens=tokens - count, filled_at=max(bucket.clock, bucket.filled_at))
    return Taken(count, pace.wait(tokens - count) if count < wanted else 0)
