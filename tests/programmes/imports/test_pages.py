"""The pages of imports: choose, upload, look, confirm."""

import io
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from partners.clock.operations import set_clock
from partners.files.rules.tables import read_table
from programmes.imports.enums import ImportKind
from programmes.imports.models import ProgrammeImport
from programmes.imports.queries import COLUMNS
from programmes.workstreams.models import Workstream
from tests.builders import NOW, make_manager, make_programme, make_reader, make_workstream

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Digital first")


@pytest.fixture
def manager(programme, client):
    person = make_manager(programme, "Priya Shah")
    client.force_login(person)
    return person


def path_of(programme, *more) -> str:
    return "/".join(["/programmes", str(programme.pk), "imports", *map(str, more), ""])


def hidden(page) -> dict[str, str]:
    """What the form of the preview sends."""
    found = re.findall(r'<input type="hidden" name="(digest|seen_at)" value="([^"]*)"', page.content.decode())
    return dict(found)


def upload(client, programme, content: bytes, *, kind="workstreams", name="rows.csv"):
    sent = {"file": SimpleUploadedFile(name, content), "request_key": str(uuid4())}
    return client.post(path_of(programme, kind), sent)


def test_a_file_is_looked_at_and_then_imported(client, programme, manager):
    make_workstream(programme, "Body")
    page = client.get(upload(client, programme, b"Name,Description\nBody,Anew\nCustody,Tablets\n").url)

    text = page.content.decode()
    assert "What rows.csv would do" in text
    assert "Description: nothing becomes Anew" in text
    assert Workstream.objects.count() == 1

    answer = client.post(page.request["PATH_INFO"], hidden(page), follow=True)

    assert "Imported: 1 new, 1 changed, 0 the same." in answer.content.decode()
    assert dict(Workstream.objects.values_list("name", "description")) == {"Body": "Anew", "Custody": "Tablets"}


def test_what_to_mend_is_named_by_line_and_column(client, programme, manager):
    text = client.get(upload(client, programme, b"Name,Lead\nCustody,nobody@example.org\n").url).content.decode()

    assert "Nothing can be imported yet: 1 thing must be mended." in text
    assert "Line 2" in text
    assert "nobody@example.org is no address" in text
    assert "Import all of it" not in text


def test_a_confirmation_of_something_else_shows_the_preview_anew(client, programme, manager):
    page = client.get(upload(client, programme, b"Name\nCustody\n").url)

    answer = client.post(page.request["PATH_INFO"], {"digest": "0" * 64, "seen_at": ""})

    assert answer.status_code == 409
    assert "What this file would do has changed since you looked at it." in answer.content.decode()
    assert not Workstream.objects.exists()


def test_a_file_that_cannot_be_read_is_told_beside_the_field(client, programme, manager):
    answer = upload(client, programme, b"\x89PNG\r\n\x1a\n\0", name="rows.xlsx")

    assert answer.status_code == 409
    assert "This is no table" in answer.content.decode()
    assert not ProgrammeImport.objects.exists()


def test_a_form_without_a_file_asks_for_one(client, programme, manager):
    answer = client.post(path_of(programme, "workstreams"), {"request_key": str(uuid4())})

    assert answer.status_code == 200
    assert 'href="#id_file"' in answer.content.decode()


def test_a_discarded_file_is_gone(client, programme, manager):
    path = upload(client, programme, b"Name\nCustody\n").url

    answer = client.post(f"{path}discard/", follow=True)

    assert "The file was discarded. Nothing was imported." in answer.content.decode()
    assert client.get(path).status_code == 409


def test_what_was_imported_is_listed(client, programme, manager):
    path = upload(client, programme, b"Name\nCustody\n", name="first.csv").url
    client.post(path, hidden(client.get(path)))

    assert "first.csv" in client.get(path_of(programme)).content.decode()


@pytest.mark.parametrize("kind", [kind.value for kind in ImportKind])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_unchanged_template_imports_nothing(client, programme, manager, kind, ending):
    template = client.get(f"{path_of(programme, kind)}template.{ending}")

    page = client.get(upload(client, programme, template.content, kind=kind).url)

    assert read_table("x", template.content).headings == tuple(column.heading for column in COLUMNS[ImportKind(kind)])
    assert template.headers["Content-Disposition"].endswith(f'of Digital first.{ending}"')
    assert "Nothing can be imported yet" in page.content.decode()


@pytest.mark.parametrize("kind", [kind.value for kind in ImportKind])
def test_a_template_in_excel_explains_its_columns(client, programme, manager, kind):
    template = client.get(f"{path_of(programme, kind)}template.xlsx").content

    sheet = load_workbook(io.BytesIO(template))["Columns"]

    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [
        column.heading for column in COLUMNS[ImportKind(kind)]
    ]


def test_a_reader_is_refused_and_a_stranger_finds_nothing(client, programme):
    client.force_login(make_reader(programme))
    assert client.get(path_of(programme)).status_code == 403
    assert upload(client, programme, b"Name\nCustody\n").status_code == 403

    client.force_login(make_manager(make_programme()))
    assert client.get(path_of(programme)).status_code == 404
    assert upload(client, programme, b"Name\nCustody\n").status_code == 404


def test_the_file_of_another_programme_is_not_found_here(client, programme, manager):
    path = upload(client, programme, b"Name\nCustody\n").url
    other = make_programme()
    make_manager(other)

    assert client.get(path.replace(str(programme.pk), str(other.pk))).status_code == 404


def test_the_api_tells_and_imports(client, programme, manager):
    path = f"/api/programmes/{programme.pk}/imports/"
    sent = {"kind": "workstreams", "csv": "Name\nCustody\n"}

    told = client.post(path, {**sent, "dry_run": True}, content_type="application/json")
    assert (told.status_code, told.json()["added"], Workstream.objects.count()) == (200, 1, 0)
    assert told.json()["rows"] == [{"line": 2, "name": "Custody", "outcome": "added", "changes": []}]

    done = client.post(path, {**sent, "digest": told.json()["digest"]}, content_type="application/json")
    assert (done.status_code, Workstream.objects.count()) == (200, 1)

    late = client.post(path, {**sent, "digest": told.json()["digest"]}, content_type="application/json")
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("csv", "status", "words"),
    [
        ("Name,Lead\nCustody,nobody@example.org\n", 409, "Nothing was imported. Line 2, Lead"),
        ("Colour\nred\n", 409, '"Colour"'),
        ("", 400, "This is empty"),
    ],
)
def test_the_api_refuses_as_the_pages_do(client, programme, manager, csv, status, words):
    answer = client.post(
        f"/api/programmes/{programme.pk}/imports/",
        {"kind": "workstreams", "csv": csv},
        content_type="application/json",
    )

    assert answer.status_code == status
    assert words in answer.content.decode().replace("\\", "")
    assert not Workstream.objects.exists()
