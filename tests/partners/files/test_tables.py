"""Tables written are read back the same, and what cannot be read whole is refused."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from partners.files.rules import tables
from partners.files.rules.tables import Table, read_table, write_csv, write_xlsx
from partners.people.rules.csv_files import UnreadableFile

HEADINGS = ("Name", "What")
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r=+-@'"), max_size=40)


def as_read(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def values_of(table: Table) -> list[tuple]:
    return [tuple(row.values.values()) for row in table.rows]


def workbook(*lines, prepare=lambda sheet: None) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    prepare(book.active)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def repacked(content: bytes, replace: dict[str, bytes]) -> bytes:
    """The same package with some parts replaced or added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *replace}:
            new.writestr(name, replace.get(name) or old.read(name))
    return written.getvalue()


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        read_table(name, content)
    return refused.value.sentence


@settings(deadline=None)
@given(TEXT, TEXT)
def test_text_written_as_csv_is_read_back(name, what):
    rows = [("first", name), ("second", what)]

    read = values_of(read_table("x.csv", write_csv(HEADINGS, rows)))

    assert [(key, as_read(text or "")) for key, text in read] == [(key, as_read(text)) for key, text in rows]


@settings(deadline=None, max_examples=50)
@given(TEXT, TEXT)
def test_text_written_as_xlsx_is_read_back(name, what):
    rows = [("first", name), ("second", what)]

    read = values_of(read_table("x.xlsx", write_xlsx("Any", HEADINGS, rows)))

    assert [(key, as_read(text or "")) for key, text in read] == [(key, as_read(text)) for key, text in rows]


@settings(deadline=None)
@given(st.sampled_from("=+-@\t\r"), TEXT)
def test_no_text_of_a_csv_file_begins_like_a_formula(sign, rest):
    written = write_csv(("A",), [(sign + rest,)]).decode("utf-8-sig")

    cell = written.split("\r\n", 1)[1].lstrip('"')

    assert not re.match(r"[=+\-@\t\r]", cell)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from("=+-@\t\r"), TEXT)
def test_no_text_of_an_xlsx_file_is_a_formula(sign, rest):
    sheet = load_workbook(io.BytesIO(write_xlsx("Any", ("A",), [(sign + rest,)]))).active

    assert sheet["A2"].data_type in {"s", "n"}  # an empty one counts as a number


def test_numbers_and_dates_stay_what_they_are_in_xlsx():
    moment = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    row = (-3, 2.5, Decimal("12.50"), date(2026, 9, 18), moment, True, None, "x")

    read = values_of(read_table("x.xlsx", write_xlsx("Any", "abcdefgh", [row])))

    assert read == [(-3, 2.5, 12.5, date(2026, 9, 18), datetime(2026, 7, 1, 12, 30), "yes", None, "x")]


def test_numbers_and_dates_in_csv_are_plain():
    moment = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    row = (-3, Decimal("12.50"), date(2026, 9, 18), moment, False, None)

    assert write_csv("abcdef", [row]).decode() == "\ufeffa,b,c,d,e,f\r\n-3,12.50,2026-09-18,2026-07-01 12:30,no,\r\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("sign", [",", ";"])
def test_csv_is_read_however_excel_wrote_it(mark, ends, sign):
    text = ends.join([f"Name{sign}What", "", f'Zoë{sign}"two{ends}lines{sign}"', f"{sign}", f"Last{sign}one"])

    table = read_table("x.csv", (mark + text).encode())

    assert table.headings == HEADINGS
    assert [(row.line, *row.values.values()) for row in table.rows] == [
        (3, "Zoë", f"two\nlines{sign}"),
        (6, "Last", "one"),
    ]
    assert table.notes == ()


def test_windows_text_is_read_and_told():
    table = read_table("x.csv", "Name,What\nZoë,£5\n".encode("cp1252"))

    assert values_of(table) == [("Zoë", "£5")]
    assert table.notes == ("Line 2 is not UTF-8, so the file was read as Windows-1252. Check that names look right.",)


def test_a_file_without_rows_under_its_headings_has_none():
    assert read_table("x.csv", b"Name,What\r\n").rows == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "has no rows"),
        ("Name\n".encode("utf-16"), "UTF-16"),
        (b"Name\nA\x81\n", "Line 2 is neither"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no table: line 2"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "no table: line 1"),
        (b"%PDF-1.7\n\x00\x01", "no table: line 2"),
        (b"\xd0\xcf\x11\xe0rest", "protected by a password or saved in an old format"),
        (b'Name,What\nA,"never closed\n', "quotes on or after line 2"),
        (b"Name,What\nA,B,C\n", "Line 2 has 3 columns"),
        (b"Name,name\nA,B\n", 'Two columns have the heading "name"'),
        (b"Name,,What\nA,B,C\n", "Column 2 has no heading"),
        (b",".join(b"c%d" % n for n in range(101)), "101 columns"),
        (b"," * 1_000_000 + b"x", "1,000,001 columns"),
        (b"A\n" + b"x\n" * 20_001, "more than 20,000 rows"),
        (b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
        (b"PK\x03\x04 and no more", "no Excel workbook"),
    ],
)
def test_what_is_no_whole_table_is_refused(content, words):
    assert words in refusal("x.csv", content)


def test_the_ending_of_the_name_does_not_matter():
    assert values_of(read_table("rows.csv", workbook(["Name"], ["A"]))) == [("A",)]


def test_only_the_first_sheet_is_read_and_that_is_told():
    def another(sheet):
        sheet.title = "Rows"
        sheet.parent.create_sheet("Notes").append(["x"])

    table = read_table("x.xlsx", workbook(["Name"], ["A"], prepare=another))

    assert (values_of(table), table.notes) == ([("A",)], ("Read from the first sheet, Rows.",))


def test_empty_lines_of_a_sheet_are_passed_over_and_counted():
    def far_below(sheet):
        sheet["A900"] = "B"

    table = read_table("x.xlsx", workbook(["Name"], [None], ["A"], prepare=far_below))

    assert [(row.line, row.values["Name"]) for row in table.rows] == [(3, "A"), (900, "B")]


def merged(sheet):
    sheet.merge_cells("A2:B2")


def formula(sheet):
    sheet["B2"] = "=1+1"


def broken(sheet):
    sheet["B2"] = "#REF!"
    sheet["B2"].data_type = "e"


def at_noon(sheet):
    sheet["B2"] = datetime(2026, 1, 1, 12).time()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (merged, "merged cells"),
        (formula, "Line 2, column B: the formula has no value"),
        (broken, "Line 2, column B: the cell holds the error #REF!"),
        (at_noon, "Line 2, column B: 12:00:00 is a time"),
    ],
)
def test_a_sheet_that_would_lose_values_is_refused(prepare, words):
    assert words in refusal("x.xlsx", workbook(["Name", "What"], ["A", "B"], prepare=prepare))


def test_a_formula_with_its_value_is_read_by_that():
    content = workbook(["Name"], ["A"], prepare=lambda sheet: sheet.cell(2, 1, "=1+1"))
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        source = package.read(part).replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")

    assert values_of(read_table("x.xlsx", repacked(content, {part: source}))) == [(2,)]


def test_a_bomb_is_not_unpacked():
    zeros = b"0" * (61 * 1024 * 1024)

    assert "too large once it is unpacked" in refusal("x.xlsx", repacked(workbook(["A"]), {"xl/media/zeros": zeros}))


def test_a_package_of_very_many_parts_is_refused():
    parts = {f"xl/media/{number}": b"x" for number in range(tables.MOST_PARTS)}

    assert "too large once it is unpacked" in refusal("x.xlsx", repacked(workbook(["A"]), parts))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'.encode(encoding)

    assert "defines entities" in refusal("x.xlsx", repacked(workbook(["A"]), {"xl/sharedStrings.xml": bomb}))


def sheet_of(rows: str) -> bytes:
    source = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:A1"/><sheetData>{rows}</sheetData></worksheet>'
    )
    return repacked(workbook(["A"]), {"xl/worksheets/sheet1.xml": source.encode()})


def test_a_cell_far_to_the_right_is_refused():
    assert "columns" in refusal("x.xlsx", sheet_of('<row r="1"><c r="XFD1"><v>1</v></c></row>'))


def test_a_line_beyond_every_sheet_is_refused():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'

    assert "more lines than Excel allows" in refusal("x.xlsx", sheet_of(rows))


def test_the_size_that_a_sheet_claims_is_not_believed():
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
        '<row r="2"><c r="A2"><v>3</v></c><c r="B2"><v>4</v></c></row>'
    )

    assert values_of(read_table("x.xlsx", sheet_of(rows))) == [(3, 4)]


def test_links_to_other_workbooks_are_not_followed():
    links = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'

    content = repacked(workbook(["A"], ["x"]), {"xl/externalLinks/externalLink1.xml": links})

    assert values_of(read_table("x.xlsx", content)) == [("x",)]
