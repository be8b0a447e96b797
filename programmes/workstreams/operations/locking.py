from partners.people.rules.typed import one_line
from programmes.workstreams.rules import REASON_LENGTH


def reason_given(reason: str) -> str:
    return one_line(reason, limit=REASON_LENGTH, field="reason", named="the reason")
