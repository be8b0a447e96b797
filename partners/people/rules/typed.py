"""What may be typed: names, lines, texts and days. Plain values in, plain values out."""

import re
from datetime import date

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from partners.people.rules import LINES, LINES_ONLY, ONE_LINE, ONE_LINE_ONLY, plain_line_breaks

EARLIEST_ON, LATEST_ON = date(2000, 1, 1), date(2099, 12, 31)


def one_line(text: str, *, limit: int, field: str, named: str, required: bool = True) -> str:
    """The text without the spaces around it.

    Raises: Refused at ``field`` when it is missing, too long, or not one plain line.
    """
    text = text.strip()
    if not re.match(ONE_LINE, text):
        raise Refused(f"{ONE_LINE_ONLY}.", field=field)
    return _fitting(text, limit=limit, field=field, named=named, required=required)


def lines(text: str, *, limit: int, field: str, named: str, required: bool = False) -> str:
    """The text with plain line breaks and without the spaces around it.

    Raises: Refused at ``field`` when it is missing, too long, or holds control characters.
    """
    text = plain_line_breaks(text).strip()
    if not re.match(LINES, text):
        raise Refused(f"{LINES_ONLY}.", field=field)
    return _fitting(text, limit=limit, field=field, named=named, required=required)


def check_day(day: date, *, field: str, named: str, today: date | None = None) -> None:
    """Raises: Refused at ``field`` when the year must be a slip, or the day lies after ``today``."""
    if not EARLIEST_ON <= day <= LATEST_ON:
        raise Refused(f"{named} must be between {EARLIEST_ON.year} and {LATEST_ON.year}. Check the year.", field=field)
    if today is not None and day > today:
        raise Refused(f"{named} must be today or in the past. Today is {words_for_date(today)}.", field=field)


def _fitting(text: str, *, limit: int, field: str, named: str, required: bool) -> str:
    if required and not text:
        raise Refused(f"Enter {named}.", field=field)
    if len(text) > limit:
        raise Refused(f"Shorten {named}: {limit:,} characters at most, this has {len(text):,}.", field=field)
    return text
