from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from programmes.register.models import Programme
from programmes.reminders.models import ReminderWave


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a wave goes to, what they still owe (``consultation-task:<id>``) and where the mail's link leads."""

    user_id: UUID
    need: str
    link_path: str


def plan_wave(
    *,
    programme: Programme,
    subject_id: UUID,
    key: str,
    title: str,
    mail_subject: str,
    mail_text: str,
    due_at: datetime,
    due_reason: str,
    valid_until: datetime,
    recipients: Iterable[Recipient],
    now: datetime,
    is_urgent: bool = False,
) -> ReminderWave:
    """Write the wave and one planned reminder per recipient; the same call again writes nothing new.

    ``key`` is milestone/revision/offset within the subject.
    """
    raise NotImplementedError


def end_need(*, need: str, reason: str, now: datetime) -> int:
    """Cancel what is planned or still unsent for this need, in the caller's transaction; returns how many."""
    raise NotImplementedError


def end_needs_of_subject(*, subject_id: UUID, reason: str, now: datetime) -> int:
    """Cancel everything planned or unsent that serves the subject (a cancelled review); returns how many."""
    raise NotImplementedError
