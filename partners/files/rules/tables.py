"""Tables in files: CSV and XLSX, read without guessing and written so that no cell runs as a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from partners.clock.rules import UK
from partners.people.rules import plain_line_breaks
from partners.people.rules.csv_files import BYTE_ORDER_MARKS_OF_UTF_16, SAVE_AS, UnreadableFile, records

Cell = str | int | float | Decimal | bool | date | datetime | None
"""A date in a CSV file is text; in an XLSX file it is a date where the cell was one."""

LARGEST_FILE_BYTES = 10 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 60 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LAST_LINE = 1_048_576  # of a sheet in Excel
WIDEST, NARROWEST = 60, 12
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Source: OWASP, CSV injection. Apostrophes before the sign are counted, so that reading takes away exactly one.
LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r]")
NOT_IN_A_SHEET = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
LONGEST_TITLE = 31
OPEN_AND_SAVE = "Open it in Excel, save it as an Excel workbook (.xlsx) or as CSV UTF-8, then choose that file."
UNPACKED_TOO_LARGE = "The workbook is too large once it is unpacked. Delete sheets and rows that are not needed."


class TableFormat(StrEnum):
    """How a table is written."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return xlsx if self is TableFormat.XLSX else "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the headings, that is not empty. ``line`` is where it begins in the file. An empty cell is None."""

    line: int
    values: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The headings as written and the rows by heading. ``notes`` say what was assumed about the file."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_table(name: str, content: bytes) -> Table:
    """The table in an uploaded file, known by its content and not by its ``name``. Text has no spaces around it.

    CSV: UTF-8, else Windows-1252 with a note; commas or semicolons. XLSX: the first sheet, formulas by their values.

    Raises: UnreadableFile, with the line, when anything in it would be lost or guessed.
    """
    if not content:
        raise UnreadableFile(f"{name} is empty. Choose the file that holds the rows.")
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableFile("The file is larger than 10 MB. Split it and import the parts one after the other.")
    if content.startswith(OLD_EXCEL):
        raise UnreadableFile(f"The file is protected by a password or saved in an old format. {OPEN_AND_SAVE}")
    if content.startswith(ZIP):
        return _read_xlsx(content)
    return _read_csv(content)


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it. Dates in ISO, instants in UK time, yes and no for booleans.

    Text that a spreadsheet would run gets an apostrophe in front, which ``read_table`` takes away again.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([_text(heading) for heading in headings])
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *more: "Sheet") -> bytes:
    """A workbook with one sheet, and ``more`` after it. Numbers and dates are such; no text is a formula."""
    workbook = Workbook(write_only=True)
    for sheet in (Sheet(title, headings, rows), *more):
        _write_sheet(workbook, sheet)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook to be written."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def _read_csv(content: bytes) -> Table:
    if content.startswith(BYTE_ORDER_MARKS_OF_UTF_16):
        raise UnreadableFile(f'The file is saved as "Unicode text" (UTF-16). {SAVE_AS}')
    notes: tuple[str, ...] = ()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        notes = (f"Line {line} is not UTF-8, so the file was read as Windows-1252. Check that names look right.",)
        text = _windows_text(content)
    if found := NOT_TEXT.search(text):
        line = text[: found.start()].count("\n") + 1
        raise UnreadableFile(f"This is no table: line {line} holds control characters. Choose a CSV or XLSX file.")
    lines = ((line, tuple(_plain(cell) for cell in cells)) for line, cells in records(text, delimiter=_delimiter(text)))
    return _table(lines, notes)


def _windows_text(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise UnreadableFile(f"Line {line} is neither UTF-8 nor Windows-1252. {SAVE_AS}") from None


def _delimiter(text: str) -> str:
    """Excel writes semicolons where the comma is the decimal sign."""
    headings = text.lstrip().split("\n", 1)[0]
    return ";" if headings.count(";") > headings.count(",") else ","


def _plain(text: str) -> str:
    """The text without spaces around it, and without the apostrophe that ``write_csv`` puts before a formula."""
    if text.startswith("'") and LIKE_A_FORMULA.match(text):
        text = text[1:]
    return plain_line_breaks(text).strip()


def _read_xlsx(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_package(package)
            workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            if not workbook.worksheets:
                raise UnreadableFile("The workbook has no sheet. Choose the workbook that holds the rows.")
            sheet = workbook.worksheets[0]
            source = package.read(sheet._worksheet_path)
        notes = (f"Read from the first sheet, {sheet.title}.",) if len(workbook.worksheets) > 1 else ()
        if b"<mergeCell " in source:
            raise UnreadableFile("The sheet has merged cells, so rows would lose values. Unmerge them all.")
        if b"<f>" in source or b"<f " in source:
            _check_formulas(content)
        return _table(_lines(sheet), notes)
    except UnreadableFile:
        raise
    except Exception:  # openpyxl raises whatever a broken part makes Python raise
        raise UnreadableFile(f"This is no Excel workbook that can be read. {OPEN_AND_SAVE}") from None


def _check_package(package: zipfile.ZipFile) -> None:
    """Raises: UnreadableFile for what would fill the memory. ``zipfile`` reads no more of a part than it declares."""
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED_BYTES:
        raise UnreadableFile(UNPACKED_TOO_LARGE)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            plain = package.read(part).replace(b"\0", b"")  # also where it is UTF-16
            if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
                raise UnreadableFile(f"The workbook defines entities, which none needs. {OPEN_AND_SAVE}")


def _check_formulas(content: bytes) -> None:
    """Raises: UnreadableFile for a formula whose value was never worked out, which would be read as empty."""
    values = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False).worksheets[0]
    formulas = load_workbook(io.BytesIO(content), read_only=True, keep_links=False).worksheets[0]
    for (line, had), (_, given) in zip(_rows(formulas), _rows(values), strict=True):
        for formula, value in zip(had, given, strict=True):
            if formula.value is not None and value.value is None:
                raise UnreadableFile(
                    f"Line {line}, column {get_column_letter(formula.column)}: the formula has no value. "
                    "Open the file in Excel and save it, or paste the values."
                )


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Every row that has cells, with its line. The size that the sheet claims is not believed."""
    sheet.reset_dimensions()
    for line, cells in enumerate(sheet.iter_rows(), 1):
        if line > LAST_LINE:
            raise UnreadableFile("The sheet has more lines than Excel allows. Delete the empty lines below the rows.")
        if cells:
            yield line, cells


def _lines(sheet: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    for line, cells in _rows(sheet):
        values = tuple(_value(line, cell) for cell in cells)
        if _trimmed(values):
            yield line, values


def _value(line: int, cell: Any) -> Cell:
    value = cell.value
    match value:
        case _ if cell.data_type == "e":
            where = f"Line {line}, column {get_column_letter(cell.column)}"
            raise UnreadableFile(f"{where}: the cell holds the error {value}. Mend it in the sheet.")
        case str():
            return plain_line_breaks(value).strip()
        case datetime() if value.time() == time.min:
            return value.date()
        case None | bool() | int() | float() | date():
            return value
        case _:
            where = f"Line {line}, column {get_column_letter(cell.column)}"
            raise UnreadableFile(f"{where}: {value} is a time or a duration. Write it as text, a number or a date.")


def _table(lines: Iterator[tuple[int, tuple[Cell, ...]]], notes: tuple[str, ...]) -> Table:
    first, cells = next(lines, (1, ()))
    headings = tuple(" ".join(str(cell if cell is not None else "").split()) for cell in _trimmed(cells))
    _check_headings(first, headings)
    rows: list[Row] = []
    for line, found in lines:
        values = _trimmed(found)
        if len(values) > len(headings):
            raise UnreadableFile(
                f"Line {line} has {len(values):,} columns, but the headings on line {first} are {len(headings)}. "
                "Give every column a heading, or take the last cells out."
            )
        if len(rows) == MOST_ROWS:
            raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Split it and import the parts in turn.")
        filled = (*[None if value == "" else value for value in values], *[None] * (len(headings) - len(values)))
        rows.append(Row(line, dict(zip(headings, filled, strict=True))))
    return Table(headings, tuple(rows), notes)


def _trimmed(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Without the empty cells at its end."""
    used = len(cells)
    while used and cells[used - 1] in (None, ""):
        used -= 1
    return cells[:used]


def _check_headings(line: int, headings: tuple[str, ...]) -> None:
    if not headings:
        raise UnreadableFile("The file has no rows. Its first line must hold the headings of the columns.")
    if len(headings) > MOST_COLUMNS:
        raise UnreadableFile(f"Line {line} has {len(headings):,} columns. Keep those of the template.")
    seen: dict[str, int] = {}
    for number, heading in enumerate(headings, 1):
        if not heading:
            raise UnreadableFile(f"Column {number} has no heading on line {line}. Give it one, or delete the column.")
        if seen.setdefault(heading.casefold(), number) != number:
            raise UnreadableFile(f'Two columns have the heading "{heading[:50]}" on line {line}. Keep one of them.')


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return f"{_in_uk(cell):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case str():
            return f"'{cell}" if LIKE_A_FORMULA.match(cell) else cell
        case _:
            return str(cell)


def _in_uk(moment: datetime) -> datetime:
    """Without a zone, which a sheet cannot hold."""
    return moment.astimezone(UK).replace(tzinfo=None) if moment.tzinfo else moment


def _write_sheet(workbook: Workbook, sheet: Sheet) -> None:
    written = workbook.create_sheet(NOT_IN_A_TITLE.sub(" ", sheet.title)[:LONGEST_TITLE].strip() or "Rows")
    rows = [list(row) for row in sheet.rows]
    for number, heading in enumerate(sheet.headings):
        longest = max((len(_text(row[number])) for row in rows), default=0)
        width = min(WIDEST, max(NARROWEST, len(heading) + 2, longest + 2))
        written.column_dimensions[get_column_letter(number + 1)].width = width
    written.freeze_panes = "A2"
    written.append([_cell(written, heading, bold=True) for heading in sheet.headings])
    for row in rows:
        written.append([_cell(written, cell) for cell in row])


def _cell(sheet: Any, value: Cell, *, bold: bool = False) -> Any:
    match value:
        case bool():
            value = "yes" if value else "no"
        case datetime():
            value = _in_uk(value)
        case str():
            value = NOT_IN_A_SHEET.sub("\ufffd", plain_line_breaks(value))
    cell = WriteOnlyCell(sheet, value)
    match value:
        case str():
            cell.data_type = "s"  # openpyxl takes text that begins with = for a formula
            cell.quotePrefix = bool(LIKE_A_FORMULA.match(value))
            cell.alignment = Alignment(vertical="top", wrap_text="\n" in value)
        case datetime():
            cell.number_format = "yyyy-mm-dd hh:mm"
        case date():
            cell.number_format = "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell
