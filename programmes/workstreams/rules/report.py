"""What may be typed into a report."""

from dataclasses import dataclass

from partners.audit.rules import Refused
from partners.people.rules.typed import lines

CHANGED_LENGTH = 2000
NEXT_STEPS_LENGTH = 2000
ASK_LENGTH = 1000
NOTHING_CHANGED = "Nothing has changed since the last report."
NO_ASK = "none"


@dataclass(frozen=True, slots=True)
class ReportText:
    """The words of a report, cleaned."""

    changed: str
    next_steps: str
    ask: str


def report_text(*, changed: str, next_steps: str, ask_kind: str, ask: str) -> ReportText:
    """Raises: Refused for text that is missing, too long or holds control characters, and for an ask without words or
    words without a kind."""
    text = ReportText(
        changed=lines(changed, limit=CHANGED_LENGTH, field="changed", named="what changed", required=True),
        next_steps=lines(next_steps, limit=NEXT_STEPS_LENGTH, field="next_steps", named="the next steps"),
        ask=lines(ask, limit=ASK_LENGTH, field="ask", named="what you need"),
    )
    if ask_kind == NO_ASK and text.ask:
        raise Refused("You wrote what you need. Choose what kind of help it is, or clear the text.", field="ask_kind")
    if ask_kind != NO_ASK and not text.ask:
        raise Refused("Say what you need and by when, or choose that you need nothing.", field="ask")
    return text
