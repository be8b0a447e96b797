"""Files of people and of units: encoding, columns and rows, with a reason beside everything that cannot be read."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from partners.audit.rules import Refused, listed
from partners.people.rules import ONE_LINE


class ImportKind(StrEnum):
    """What the rows of a file are."""

    PEOPLE = "people"
    UNITS = "units"


LARGEST_FILE_BYTES = 2 * 1024 * 1024
MOST_ROWS = 20_000
BYTE_ORDER_MARKS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
REQUIRED = {ImportKind.PEOPLE: ("email", "name"), ImportKind.UNITS: ("code", "name")}
OPTIONAL = {ImportKind.PEOPLE: ("unit", "left"), ImportKind.UNITS: ("parent",)}
LONGEST = {"email": 254, "name": 200, "unit": 30, "code": 30, "parent": 30, "left": 3}
YES, NO = "yes", ("", "no")
SAVE_AS = 'In Excel choose "Save as" and the type "CSV UTF-8 (Comma delimited)", then import that file.'


class UnreadableFile(Refused):
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend: the line and column of the file, and what to do."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header; ``values`` holds every column of the file, without spaces around."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose header is known."""

    kind: ImportKind
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def text_of(content: bytes) -> str:
    """The text of an uploaded file. UTF-8 with or without a byte order mark.

    Raises: UnreadableFile when it is too large, in another encoding or no text.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableFile("The file is larger than 2 MB. Split it and import the parts one after the other.")
    if content.startswith(BYTE_ORDER_MARKS_OF_UTF_16):
        raise UnreadableFile(f'The file is saved as "Unicode text" (UTF-16). {SAVE_AS}')
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise UnreadableFile(
            f"The file is not saved as UTF-8, so names would come out wrong (first on line {line}). {SAVE_AS}"
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableFile(f"Line {line} holds a NUL character, so this is not a plain CSV file. {SAVE_AS}")
    return text


def table_of(text: str) -> Table:
    """Header and rows of a CSV text, with the problems that can be seen without knowing who is already there.

    Raises: UnreadableFile when the header or the quoting makes the whole file unreadable, or it has too many rows.
    """
    found = records(text)
    _, header = next(found, (1, []))
    columns = tuple(name.strip().lower() for name in header)
    table = Table(_kind_of(columns), columns)
    for line, cells in found:
        if len(table.rows) == MOST_ROWS:
            raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Split it and import the parts in turn.")
        if len(cells) != len(columns):
            table.problems.append(
                Problem(line, "", f"has {len(cells)} columns, but the header has {len(columns)}. Check its commas.")
            )
            continue
        row = Row(line, dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
        table.rows.append(row)
        table.problems.extend(_problems_of(row, REQUIRED[table.kind]))
    table.problems.extend(_repeats(table))
    if not table.rows and not table.problems:
        raise UnreadableFile("The file has a header and no rows. Add a row for each person or unit.")
    return table


def records(text: str, *, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Each record of a CSV text that is not empty, with the line on which it begins.

    Raises: UnreadableFile when its quotes do not match.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(
            f'The quotes on or after line {begins} do not match. A quote inside quoted text is written twice: "".'
        ) from None


def template_of(kind: ImportKind) -> str:
    """An example file to fill in, with the byte order mark by which Excel knows UTF-8."""
    examples = {
        ImportKind.PEOPLE: [
            "email,name,unit,left",
            "ama.mensah@example.org,Ama Mensah,DIG,",
            "jo.leaver@example.org,Jo Leaver,OPS,yes",
        ],
        ImportKind.UNITS: ["code,name,parent", "OPS,Operations,", "DIG,Digital services,OPS"],
    }
    return "\ufeff" + "".join(f"{line}\r\n" for line in examples[kind])


def _kind_of(columns: tuple[str, ...]) -> ImportKind:
    for kind in ImportKind:
        known = {*REQUIRED[kind], *OPTIONAL[kind]}
        if set(REQUIRED[kind]) <= set(columns) <= known and len(set(columns)) == len(columns):
            return kind
    if len(columns) == 1 and ";" in columns[0]:
        raise UnreadableFile(f"The columns are separated by semicolons. {SAVE_AS}")
    expected = " or ".join(
        f"{', '.join(REQUIRED[kind])} (and {listed(OPTIONAL[kind])} if you like) for {kind}" for kind in ImportKind
    )
    found = ", ".join(columns)[:200] or "nothing"
    raise UnreadableFile(f"The first line must name the columns: {expected}. It names: {found}.")


def _problems_of(row: Row, required: tuple[str, ...]) -> Iterator[Problem]:
    for column, text in row.values.items():
        if column in required and not text:
            yield Problem(row.line, column, "is empty. Fill it in, or take the row out.")
        elif len(text) > LONGEST[column] and column != "left":
            yield Problem(row.line, column, f"has {len(text)} characters. Shorten it to {LONGEST[column]} or fewer.")
        elif not re.match(ONE_LINE, text):
            yield Problem(row.line, column, "runs over several lines or holds a tab. Write it on one line.")
        elif column == "left" and text.lower() not in (YES, *NO):
            yield Problem(row.line, column, 'must be "yes" for somebody who has left, or empty.')


def _repeats(table: Table) -> Iterator[Problem]:
    key = REQUIRED[table.kind][0]
    first_on: dict[str, int] = {}
    for row in table.rows:
        value = row.values[key].lower()
        if value and first_on.setdefault(value, row.line) != row.line:
            yield Problem(row.line, key, f"is the same as on line {first_on[value]}. Keep one of the two rows.")
