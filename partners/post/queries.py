from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, DateTimeField, Func, Min, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from partners.calendar.queries import working_calendar
from partners.post.enums import UNSENT, MessageState
from partners.post.models import DeliveryAttempt, Message, PostSettings
from partners.post.rules import SendWindow

SECRET_SALT = "partners.post.capability"
SECRET_LENGTH = 40  # hexadecimal digits: 160 bits
FOR_A_PERSON = (MessageState.HELD, MessageState.IN_DOUBT, MessageState.REFUSED)


class DatabaseClock(Func):
    """The database's own clock, by which leases go."""

    function = "clock_timestamp"
    arity = 0
    output_field = DateTimeField()


def post_settings() -> PostSettings:
    """The settings, or the defaults while nobody has changed them; one query."""
    return PostSettings.objects.filter(pk=1).first() or PostSettings()


def send_window() -> SendWindow:
    """When mail that is not urgent goes out; two queries."""
    found = post_settings()
    return SendWindow(opens=found.window_opens, closes=found.window_closes, calendar=working_calendar())


def messages() -> QuerySet[Message]:
    """Every message with its recipient and without its bytes, newest first. For those who manage the post."""
    return Message.objects.select_related("recipient").defer("frozen", "text", "html").order_by("-queued_at", "pk")


def attempts_at(message: Message) -> QuerySet[DeliveryAttempt]:
    """Every pass at one message, oldest first."""
    return DeliveryAttempt.objects.filter(message=message).order_by("pk")


def counts_by_state() -> dict[MessageState, int]:
    """How many messages are in each state: those that ask for a person first, and even when there are none."""
    rows = Message.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
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
