from collections.abc import Mapping
from uuid import UUID

REASON_LENGTH = 300
WAITING = ("planned", "pending", "claimed", "in_flight")
STOPPABLE = ("planned", "pending", "claimed")
FOR_A_PERSON = ("in_doubt", "held")


def thread_of(need: str, person_id: UUID) -> str:
    """The thread of all mails that ask one person for one thing: a newer one takes the place of those that wait."""
    return f"reminders/{need}/{person_id}"


def paragraphs(text: str) -> list[str]:
    """The parts of a text between empty lines."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def parts_of_title(title: str) -> tuple[str, str]:
    """The notice and what it is about: "Reminder 1: Shift patterns" is "Reminder 1" about "Shift patterns"."""
    notice, _, about = title.partition(": ")
    return notice, about


def words_for_wave(counts: Mapping[str, int], *, is_cancelled: bool, is_due: bool) -> tuple[str, str]:
    """In a word how far a wave is, and the colour of its tag."""
    if is_cancelled:
        return "Cancelled", "grey"
    if not counts:
        return "Nobody to remind", "grey"
    if any(counts.get(fate) for fate in FOR_A_PERSON):
        return "Needs a look", "red"
    if not is_due:
        return ("Planned", "blue") if counts.get("planned") else ("Nobody left to remind", "grey")
    if any(counts.get(fate) for fate in WAITING):
        return "Going out", "yellow"
    return "Done", "green"
