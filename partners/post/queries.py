from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from partners.calendar.queries import working_calendar
from partners.people.models import User
from partners.people.rules import hash_of
from partners.post.enums import FINAL, UNSENT, Channel, Loop, MessageState
from partners.post.models import (
    CalendarFeed,
    DeliveryAttempt,
    Heartbeat,
    Message,
    PostEpoch,
    PostPreference,
    PostSettings,
    SendingHold,
    Suppression,
)
from partners.post.rules import Beat, Forecast, Pace, SendWindow, forecast_of, silent_loops

SHOWN = 50
SILENT_TICKS = 5
SECRET_SALT = "partners.post.capability"
SECRET_LENGTH = 40  # hexadecimal digits: 160 bits
UNREAD = Q(channel=Channel.INBOX, state=MessageState.SENT, read_at=None, stop_reason="")
FINGERPRINT = """
    SELECT clock_timestamp(), (SELECT system_identifier::text FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8), (SELECT oid::text FROM pg_database WHERE datname = current_database())
"""
FOR_A_PERSON = (MessageState.HELD, MessageState.IN_DOUBT, MessageState.REFUSED)


class DatabaseClock(Func):
    """The database's own clock, by which leases go."""

    function = "clock_timestamp"
    arity = 0
    output_field = DateTimeField()


LAST_BEAT = Subquery(Heartbeat.objects.order_by("-beaten_at").values("beaten_at")[:1])
LAST_DELIVERY = Subquery(Heartbeat.objects.filter(loop=Loop.DELIVER).values("beaten_at"))


def post_settings() -> PostSettings:
    """The settings, or the defaults while nobody has changed them; one query."""
    return PostSettings.objects.filter(pk=1).first() or PostSettings()


def send_window() -> SendWindow:
    """When mail that is not urgent goes out; two queries."""
    found = post_settings()
    return SendWindow(opens=found.window_opens, closes=found.window_closes, calendar=working_calendar())


def pace_of(found: PostSettings) -> Pace | None:
    """The limit of what goes out, or None."""
    return None if found.per_minute is None else Pace(found.per_minute, found.burst)


def expected_done(count: int, due_at: datetime, *, is_urgent: bool = False) -> datetime:
    """When so many messages that fall due together will be out, if nothing else waits; two queries."""
    return forecast(count, due_at, is_urgent=is_urgent).done_at


def forecast(count: int, due_at: datetime, *, is_urgent: bool = False) -> Forecast:
    """``expected_done`` with how long it takes, and in words."""
    window = None if is_urgent else send_window()
    return forecast_of(count, due_at, pace=pace_of(post_settings()), window=window)


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Which database this is and how its clock stands. ``kept`` is what it was when it last sent mail, ``mark`` its claims."""

    clock: datetime
    fingerprint: dict[str, str]
    kept: dict[str, str] | None
    mark: int
    last_beat: datetime | None
    last_delivery: datetime | None


def database_facts() -> DatabaseFacts:
    """Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        clock, system, timeline, database = cursor.fetchone()
    epoch = PostEpoch.objects.filter(pk=1).annotate(last_beat=LAST_BEAT, last_delivery=LAST_DELIVERY).first()
    fingerprint = {"epoch": settings.POST["epoch"], "system": system, "timeline": timeline, "database": database}
    return DatabaseFacts(
        clock=clock,
        fingerprint=fingerprint,
        kept=epoch.fingerprint if epoch else None,
        mark=epoch.mark if epoch else 0,
        last_beat=epoch.last_beat if epoch else None,
        last_delivery=epoch.last_delivery if epoch else None,
    )


def open_holds() -> QuerySet[SendingHold]:
    """What keeps mail from going out, oldest first."""
    return SendingHold.objects.filter(released_at=None).order_by("began_at", "pk")


def is_held() -> bool:
    """Whether anything keeps mail from going out."""
    return open_holds().exists()


def loops() -> list[Beat]:
    """Each loop with how long ago it ran to its end; one query."""
    found = {row.loop: row for row in Heartbeat.objects.annotate(clock=DatabaseClock())}
    beats = []
    for loop in Loop:
        row = found.get(loop)
        age = row.clock - row.beaten_at if row else None
        beats.append(Beat(loop, age, row.run_ms if row else 0, row.note if row else ""))
    return beats


def sent_in_the_last_minute() -> int:
    """How many passes at handing over ended well in the last minute, of the newest ten thousand; one query."""
    newest = DeliveryAttempt.objects.order_by("-pk").values("pk")[:10_000]
    recent = DeliveryAttempt.objects.filter(pk__in=newest, outcome=MessageState.SENT)
    return recent.filter(recorded_at__gte=DatabaseClock() - timedelta(minutes=1)).count()


def suppressed_addresses() -> QuerySet[Suppression]:
    """Addresses to which nothing is sent, newest first."""
    return Suppression.objects.filter(lifted_at=None).order_by("-since", "pk")


def held_messages() -> QuerySet[Message]:
    """What waits for a person to settle it, oldest first."""
    return messages().filter(state=MessageState.HELD).order_by("due_at", "pk")


@dataclass(frozen=True, slots=True)
class PostFigures:
    """How the post room does, in numbers; ``counts`` are of messages that are not final, by channel and state."""

    counts: dict[tuple[str, str], int]
    overdue_since: datetime | None
    overdue_seconds: float
    due: int
    holds: frozenset[str]
    suppressed: int
    loops: list[Beat]
    attempts: int


def post_figures(*, now: datetime) -> PostFigures:
    """Seven queries."""
    live = Message.objects.exclude(state__in=FINAL).values_list("channel", "state")
    since = oldest_overdue(now=now)
    return PostFigures(
        counts={(channel, state): count for channel, state, count in live.annotate(count=Count("pk")).order_by()},
        overdue_since=since,
        overdue_seconds=(now - since).total_seconds() if since else 0,
        due=Message.objects.filter(channel=Channel.EMAIL, state__in=UNSENT, due_at__lte=now).count(),
        holds=frozenset(open_holds().values_list("kind", flat=True)),
        suppressed=suppressed_addresses().count(),
        loops=loops(),
        attempts=DeliveryAttempt.objects.aggregate(newest=Max("pk"))["newest"] or 0,
    )


@dataclass(frozen=True, slots=True)
class PostHealth:
    """What the health page shows. ``forecast`` is of what is due now."""

    figures: PostFigures
    holds: list[SendingHold]
    suppressions: list[Suppression]
    silent: list[Loop]
    sent_in_the_last_minute: int
    forecast: Forecast

    def count(self, state: MessageState) -> int:
        return self.figures.counts.get((Channel.EMAIL, state), 0)


def post_health(*, now: datetime) -> PostHealth:
    """A fixed number of queries, whatever there is."""
    figures = post_figures(now=now)
    return PostHealth(
        figures=figures,
        holds=list(open_holds()),
        suppressions=list(suppressed_addresses()[:SHOWN]),
        silent=silent_loops(figures.loops, longest=timedelta(seconds=SILENT_TICKS * max(settings.TICK_SECONDS, 1))),
        sent_in_the_last_minute=sent_in_the_last_minute(),
        forecast=forecast(figures.due, now),
    )


def messages() -> QuerySet[Message]:
    """Every message with its recipient and without its bytes, newest first. For those who manage the post."""
    return Message.objects.select_related("recipient").defer("frozen", "text", "html").order_by("-queued_at", "pk")


def mail() -> QuerySet[Message]:
    """``messages`` that travel by mail, whatever becomes of the entries in the inbox beside them."""
    return messages().filter(channel=Channel.EMAIL)


def attempts_at(message: Message) -> QuerySet[DeliveryAttempt]:
    """Every pass at one message, oldest first."""
    return DeliveryAttempt.objects.filter(message=message).order_by("pk")


def counts_by_state() -> dict[MessageState, int]:
    """How many mails are in each state: those that ask for a person first, and even when there are none."""
    rows = (
        Message.objects.filter(channel=Channel.EMAIL).values_list("state").annotate(count=Count("pk")).order_by("state")
    )
    found = {MessageState(state): count for state, count in rows}
    others = [state for state in MessageState if state in found and state not in FOR_A_PERSON]
    return {state: found.get(state, 0) for state in (*FOR_A_PERSON, *others)}


def oldest_overdue(*, now: datetime) -> datetime | None:
    """Since when the oldest due message has waited, or None when none is due. Sees a worker that is alive but stuck."""
    found: datetime | None = Message.objects.filter(state__in=UNSENT, due_at__lte=now).aggregate(since=Min("due_at"))[
        "since"
    ]
    return found


def messages_in_doubt() -> list[Message]:
    """Messages that the mail system is to be asked about, longest waiting first."""
    return list(
        Message.objects.filter(state=MessageState.IN_DOUBT).defer("frozen", "text", "html").order_by("due_at", "pk")
    )


def handed_over_since(message: Message) -> datetime | None:
    """The earliest moment (real time) at which a message in doubt can have been handed over."""
    return message.lease_until and message.lease_until - timedelta(seconds=settings.POST["in_flight"])


def secret_of(capability_id: UUID, *, holder_id: UUID) -> str:
    """What opens a capability, such as an answer link: derived from SECRET_KEY whenever it is asked for, stored nowhere.

    Bound to the person whom it is sent to, so that a placeholder typed into a mail to somebody else opens nothing.
    """
    signed = salted_hmac(SECRET_SALT, f"{capability_id}/{holder_id}", algorithm="sha256")
    return signed.hexdigest()[:SECRET_LENGTH]


def is_secret_of(capability_id: UUID, secret: str, *, holder_id: UUID) -> bool:
    """Compares in constant time."""
    return constant_time_compare(secret, secret_of(capability_id, holder_id=holder_id))


def inbox_of(person: User) -> QuerySet[Message]:
    """What has come into a person's inbox: what asks for something first, then what they have read, newest first."""
    arrived = Message.objects.filter(recipient=person, channel=Channel.INBOX, state=MessageState.SENT)
    return arrived.defer("frozen", "html").order_by(
        Case(When(UNREAD, then=0), default=1, output_field=IntegerField()), "-due_at", "pk"
    )


def unread_of(person: User) -> QuerySet[Message]:
    """What has come into a person's inbox, was not read and is still needed, newest first."""
    return Message.objects.filter(UNREAD, recipient=person).defer("frozen", "html").order_by("-due_at", "pk")


def with_unread(people: QuerySet[User]) -> QuerySet[User]:
    """The same people, each with the number of their unread inbox entries as ``unread``; no further query."""
    counted = Message.objects.filter(UNREAD, recipient=OuterRef("pk")).order_by().values("recipient")
    count = Subquery(counted.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return people.annotate(unread=Coalesce(count, Value(0)))


def preference_of(person: User) -> PostPreference:
    """How a person wants their mail: at once, until they choose otherwise."""
    return PostPreference.objects.filter(pk=person.pk).first() or PostPreference(user=person)


def live_feeds_of(person: User) -> QuerySet[CalendarFeed]:
    """The addresses at which calendar programs read a person's dates, newest first."""
    return CalendarFeed.objects.filter(user=person, revoked_at=None).order_by("-made_at", "pk")


def address_of_feed(secret: str) -> str:
    """What a calendar program is given."""
    return settings.PUBLIC_URL + reverse("calendar_feed", args=[secret])


def feed_with_secret(secret: str) -> CalendarFeed | None:
    """The live feed of an active person with this secret, with its person; one query."""
    found = CalendarFeed.objects.select_related("user").filter(secret_hash=hash_of(secret), revoked_at=None)
    return found.filter(user__is_active=True).first()
