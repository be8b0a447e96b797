"""Hands mail to GOV.UK Notify, which knows a message by the reference that we give it: the Message-ID.

The template there has ``((subject))`` as its subject and ``((body))`` as its body. Source: GOV.UK Notify, REST API
documentation, "Send an email", "Get the status of multiple messages" and "Error codes".
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from partners.post.enums import Acceptance
from partners.post.operations.delivering import Claimed
from partners.post.rules import id_of_mail
from partners.post.transports import Bounce, HandedOver, Outcome, Promise, Unreachable

REFUSED = 400
FORBIDDEN = 403
UNREACHABLE = "GOV.UK Notify cannot be reached: {failure}"
LOST = "The answer of GOV.UK Notify was lost: {failure}"
KNOWN = "GOV.UK Notify has this message already: {status}"
BOUNCED = "GOV.UK Notify could not deliver it: {status}"
REMEMBERS = timedelta(days=7)  # unless the service chose another time there
NO_SUCH_MAILBOX = "permanent-failure"
PROMISE = Promise(
    words=(
        "Mail goes out by GOV.UK Notify. It does not notice that a message comes twice, so it is asked by the message's"
        " reference before each attempt and whenever there is doubt. It keeps what it took for seven days, sends the"
        " plain text, and reports addresses that do not exist."
    ),
    can_be_asked=True,
    repeats_are_noticed=False,
)


class Notify:
    """One session with GOV.UK Notify."""

    promise = PROMISE

    def __init__(self) -> None:
        notify = settings.NOTIFY
        self._client = NotificationsAPIClient(notify["key"], base_url=notify["url"], timeout=settings.POST["command"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._client.request_session.close()

    def hand_over(self, claim: Claimed, *, intent: Callable[[], bool]) -> HandedOver:
        """Asks by reference first, so that a message which an earlier attempt left behind is never posted again.

        Raises: Unreachable.
        """
        mail = message_from_bytes(claim.content, policy=policy.default)
        reference = str(mail["Message-ID"])
        try:
            known = self._status_of(reference)
        except APIError as failure:
            if _is_answer(failure) and failure.status_code != FORBIDDEN:
                return HandedOver(Outcome.NOT_TAKEN, _words_of(failure))
            raise Unreachable(UNREACHABLE.format(failure=_words_of(failure))) from failure
        if not intent():
            return HandedOver(Outcome.STOPPED)
        if known is not None:
            return HandedOver(Outcome.SENT, KNOWN.format(status=known))
        body = mail.get_body(("plain",))
        return self._post(
            address=claim.recipient,
            words={"subject": str(mail["Subject"]), "body": body.get_content().replace("\r\n", "\n") if body else ""},
            reference=reference,
        )

    def asked(self, message_id: str, *, since: datetime | None) -> Acceptance:
        """Where it does not answer, or may have forgotten, it cannot be told."""
        try:
            status = self._status_of(message_id)
        except APIError:
            return Acceptance.CANNOT_TELL
        if status is not None:
            return Acceptance.ACCEPTED
        is_remembered = since is not None and since > datetime.now(UTC) - REMEMBERS
        return Acceptance.NOT_ACCEPTED if is_remembered else Acceptance.CANNOT_TELL

    def bounces(self) -> Iterator[Bounce]:
        """The newest of those of which Notify learnt, after it had taken them, that there is no such mailbox."""
        try:
            found = self._client.get_all_notifications(status=NO_SUCH_MAILBOX, template_type="email")
        except APIError:
            return
        for one in found["notifications"]:
            message_id = id_of_mail(one["reference"] or "")
            if message_id is not None:
                yield Bounce(message_id, BOUNCED.format(status=one["status"]))

    def _post(self, *, address: str, words: dict[str, str], reference: str) -> HandedOver:
        """What fails without an answer may have been taken all the same."""
        try:
            taken = self._client.send_email_notification(
                email_address=address,
                template_id=settings.NOTIFY["template"],
                personalisation=words,
                reference=reference,
            )
        except APIError as failure:
            if not _is_answer(failure):
                return HandedOver(Outcome.LOST, LOST.format(failure=_words_of(failure)))
            is_final = failure.status_code == REFUSED
            return HandedOver(Outcome.REFUSED if is_final else Outcome.NOT_TAKEN, _words_of(failure))
        return HandedOver(Outcome.SENT, f"201 {taken['id']}")

    def _status_of(self, reference: str) -> str | None:
        """How far the message with this reference is, or None where Notify has none. Raises: APIError."""
        found: list[dict[str, Any]] = self._client.get_all_notifications(reference=reference)["notifications"]
        return str(found[0]["status"]) if found else None


def _is_answer(failure: APIError) -> bool:
    """Whether Notify said it: a broken connection looks like a 503 without an answer, a garbled 201 is none."""
    return failure.response is not None and not failure.response.ok


def _words_of(failure: APIError) -> str:
    said = failure.message
    words = "; ".join(str(one.get("message", one)) for one in said) if isinstance(said, list) else str(said)
    if failure.response is None:
        words = str(failure.__cause__ or words)
    return " ".join(f"{failure.status_code} {words}".split())
