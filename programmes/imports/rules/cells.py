"""What one cell says. Nothing is guessed: what is not understood is refused with what is allowed."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from partners.audit.rules import Refused, listed
from partners.clock.rules import words_for_date
from partners.files.rules.tables import Cell
from partners.people.rules.typed import check_day, lines, one_line

Value = str | int | bool | date | None
Reading = Callable[[Cell], Value]

ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
UK_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
HOW_TO_WRITE_A_DAY = "Write a day such as 2026-09-18 or 18/9/2026."


def line_of(limit: int) -> Reading:
    """One line of text; a whole number in a sheet is the text of its digits."""
    return lambda cell: one_line(_text(cell), limit=limit, field="", named="it", required=False)


def lines_of(limit: int) -> Reading:
    """Text of several lines."""
    return lambda cell: lines(_text(cell), limit=limit, field="", named="it")


def email(cell: Cell) -> Value:
    """An address in small letters."""
    return one_line(_text(cell), limit=254, field="", named="it", required=False).lower()


def day(cell: Cell) -> Value:
    """A date, from a cell that is one or from ISO or UK text."""
    match cell:
        case None:
            return None
        case datetime():
            raise Refused(f"holds the time {cell:%H:%M} too. {HOW_TO_WRITE_A_DAY}")
        case date():
            found = cell
        case str():
            found = _day(cell)
        case _:
            raise Refused(f"{cell} is a number and not a date. {HOW_TO_WRITE_A_DAY}")
    check_day(found, field="", named="The day")
    return found


def yes_or_no(cell: Cell) -> Value:
    """True, False, or None for an empty cell."""
    if cell is None or isinstance(cell, bool):
        return cell
    found = {"yes": True, "no": False}.get(str(cell).casefold())
    if found is None:
        raise Refused(f'{_quoted(cell)} is not understood. Write "yes" or "no".')
    return found


def one_of(choices: Mapping[int, str] | Mapping[str, str]) -> Reading:
    """A choice, by its value or by its words."""
    known: dict[str, Value] = {}
    for value, words in choices.items():
        known |= {str(value).casefold(): value, words.casefold(): value}
    is_scale = all(isinstance(value, int) for value in choices)
    allowed = listed([f"{value} ({words})" if is_scale else words for value, words in choices.items()])

    def read(cell: Cell) -> Value:
        if cell is None:
            return None
        if isinstance(cell, bool) or str(cell).casefold() not in known:
            raise Refused(f"{_quoted(cell)} is not understood. Use one of {allowed}.")
        return known[str(cell).casefold()]

    return read


def words_of(value: Value) -> str:
    """A value as a preview says it."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case date():
            return words_for_date(value)
        case _:
            return str(value)


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return cell
        case int() if not isinstance(cell, bool):
            return str(cell)
        case _:
            raise Refused(f"{_quoted(cell)} is not text. Format the cell as text and write it again.")


def _day(text: str) -> date:
    try:
        if found := ISO_DAY.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := UK_DAY.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        raise Refused(f"{_quoted(text)} is no day that exists. {HOW_TO_WRITE_A_DAY}") from None
    raise Refused(f"{_quoted(text)} is not understood. {HOW_TO_WRITE_A_DAY}")


def _quoted(cell: Cell) -> str:
    text = str(cell)
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
