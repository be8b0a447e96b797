import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.people.rules.csv_files import (
    LARGEST_FILE_BYTES,
    MOST_ROWS,
    ImportKind,
    Problem,
    Row,
    UnreadableFile,
    table_of,
    template_of,
    text_of,
)


@pytest.mark.parametrize("content", ["email,name\nå@x,Åsa\n".encode(), "email,name\nå@x,Åsa\n".encode("utf-8-sig")])
def test_text_of_reads_utf_8_with_and_without_byte_order_mark(content):
    assert text_of(content) == "email,name\nå@x,Åsa\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "email,name\na@x,Siân\n".encode("cp1252"),
            "not saved as UTF-8, so names would come out wrong (first on line 2)",
        ),
        ("email,name\n".encode("utf-16"), "UTF-16"),
        (b"email,name\na@x,A\0ma\n", "Line 2 holds a NUL character"),
        (b"x" * (LARGEST_FILE_BYTES + 1), "larger than 2 MB"),
    ],
)
def test_text_of_refuses_with_what_to_do(content, sentence):
    with pytest.raises(UnreadableFile) as refused:
        text_of(content)

    assert sentence in refused.value.sentence


def test_text_of_takes_a_file_of_exactly_the_limit():
    assert len(text_of(b"x" * LARGEST_FILE_BYTES)) == LARGEST_FILE_BYTES


def test_table_of_reads_people_in_any_order_of_columns():
    table = table_of(' Name ,EMAIL,left\r\n"Mensah, Ama", ama@example.org ,yes\r\n\r\n,,\r\n')

    assert table.kind is ImportKind.PEOPLE
    assert table.rows == [Row(2, {"name": "Mensah, Ama", "email": "ama@example.org", "left": "yes"})]
    assert table.problems == []


def test_table_of_reads_units():
    table = table_of("code,name,parent\nOPS,Operations,\nN,North,OPS\n")

    assert (table.kind, len(table.rows), table.problems) == (ImportKind.UNITS, 2, [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "It names: nothing."),
        (
            "email\na@x\n",
            "The first line must name the columns: email, name (and unit and left if you like) for people",
        ),
        ("email,name,rank\n", "It names: email, name, rank."),
        ("email,name,name\n", "It names: email, name, name."),
        ("email;name\na@x;Ama\n", "separated by semicolons"),
        ("email,name\n", "has a header and no rows"),
        ('email,name\na@x,"Ama\n', "The quotes on or after line 2 do not match"),
        ('email,name\na@x,"Ama"x\n', "The quotes on or after line 2 do not match"),
        ("email,name\n" + "a@x,Ama\n" * (MOST_ROWS + 1), "more than 20,000 rows"),
    ],
)
def test_table_of_refuses_a_file_that_cannot_be_read(text, sentence):
    with pytest.raises(UnreadableFile) as refused:
        table_of(text)

    assert sentence in refused.value.sentence


def test_table_of_names_line_column_and_remedy_of_each_problem():
    text = (
        "email,name,unit,left\n"
        "ama@example.org,Ama\n"
        ",Bo,,\n"
        'cy@example.org,"Cy\nJones",,\n'
        f"di@example.org,{'D' * 201},,\n"
        "ed@example.org,Ed,,perhaps\n"
        "fi@example.org,Fi,,\n"
        "FI@example.org,Fi,,no\n"
    )

    assert table_of(text).problems == [
        Problem(2, "", "has 2 columns, but the header has 4. Check its commas."),
        Problem(3, "email", "is empty. Fill it in, or take the row out."),
        Problem(4, "name", "runs over several lines or holds a tab. Write it on one line."),
        Problem(6, "name", "has 201 characters. Shorten it to 200 or fewer."),
        Problem(7, "left", 'must be "yes" for somebody who has left, or empty.'),
        Problem(9, "email", "is the same as on line 8. Keep one of the two rows."),
    ]


def test_table_of_keeps_a_formula_as_the_text_that_it_is():
    table = table_of('email,name\na@example.org,"=HYPERLINK(""http://x"")"\nb@example.org,+44\n')

    assert [row.values["name"] for row in table.rows] == ['=HYPERLINK("http://x")', "+44"]
    assert table.problems == []


@pytest.mark.parametrize("kind", list(ImportKind))
def test_template_of_can_be_imported(kind):
    table = table_of(text_of(template_of(kind).encode()))

    assert (table.kind, table.problems) == (kind, [])
    assert table.rows


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(UnreadableFile):
        table_of(text_of(content))


@given(st.text(max_size=200))
def test_any_text_under_a_header_is_read_or_refused(text):
    try:
        table = table_of(f"email,name\n{text}")
    except UnreadableFile:
        return
    assert all(problem.sentence and problem.line > 1 for problem in table.problems)
