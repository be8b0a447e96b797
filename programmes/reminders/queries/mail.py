"""The words of a reminder's mail, as it will read."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from partners.calendar.rules import BeyondCalendar
from partners.clock.rules import words_for_instant
from partners.post.queries import forecast
from partners.post.rules import holds_a_capability, one_line
from programmes.reminders.models import ReminderWave
from programmes.reminders.rules import paragraphs

TEMPLATES = "programmes/reminders/mail"
THEIR_NAME = "(the person's name)"
THEIR_LINK = "(the person's own link)"


def words_of_mail(wave: ReminderWave, *, name: str, link_path: str) -> dict[str, Any]:
    """What the templates of the mail say; the wave was read with its place."""
    return {
        "name": one_line(name),
        "place": one_line(f"the programme {wave.programme.name}" if wave.programme else wave.place.name),
        "subject": one_line(wave.mail_subject),
        "paragraphs": paragraphs(wave.mail_text),
        "link": f"{settings.PUBLIC_URL}{link_path}",
        "is_personal": holds_a_capability(link_path),
    }


def mail_as_it_reads(wave: ReminderWave) -> str:
    """The text of the mail, to nobody in particular."""
    words = words_of_mail(wave, name=THEIR_NAME, link_path="") | {"link": THEIR_LINK}
    return render_to_string(f"{TEMPLATES}/text.txt", words).strip()


def when_out(wave: ReminderWave, waiting: int) -> str:
    """When it will be out to those who wait for it, and whether some of it comes too late; empty while there is no limit.

    Two queries, none where nobody waits.
    """
    if not waiting:
        return ""
    try:
        found = forecast(waiting, wave.due_at, is_urgent=wave.is_urgent)
    except BeyondCalendar:
        return ""
    if found.pace is None:
        return ""
    if found.done_at > wave.valid_until:
        return f"{found.words}. That is after {words_for_instant(wave.valid_until)}, so some will be too late."
    return f"{found.words}."
