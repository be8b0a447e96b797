"""Lists as files: what is listed, no more, and readable by an import."""

from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from partners.clock.operations import set_clock
from partners.files.rules.tables import read_table, write_csv, write_xlsx
from programmes.imports.enums import ImportKind
from programmes.imports.queries.exports import HISTORY_COLUMNS, MILESTONE_COLUMNS, WORKSTREAM_COLUMNS
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import Workstream
from tests.builders import NOW, make_manager, make_person, make_programme, make_reader, make_workstream, report
from tests.programmes.imports.test_milestones import rows_of
from tests.programmes.imports.test_operations import imported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Digital first")


@pytest.fixture
def reader(programme, client):
    person = make_reader(programme)
    client.force_login(person)
    return person


def table(answer):
    assert answer.status_code == 200
    return read_table("x", answer.content)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_workstreams_are_written_as_they_are_listed(client, programme, reader, ending):
    ama = make_person("Ama Mensah")
    make_workstream(programme, "=Custody", lead=ama)
    make_workstream(programme, "Body")
    make_workstream(make_programme(), "Elsewhere")

    found = table(client.get(f"/programmes/{programme.pk}/workstreams/list.{ending}"))

    assert found.headings == WORKSTREAM_COLUMNS
    assert [(row.values["Name"], row.values["Lead"], row.values["Status"]) for row in found.rows] == [
        ("=Custody", ama.email, "Not due yet"),
        ("Body", None, "Not due yet"),
    ]
    narrowed = table(client.get(f"/programmes/{programme.pk}/workstreams/list.{ending}?q=bod"))
    assert [row.values["Name"] for row in narrowed.rows] == ["Body"]
    everywhere = table(client.get(f"/workstreams/list.{ending}"))
    assert len(everywhere.rows) == 2


def test_an_exported_workbook_has_days_and_instants(client, programme, reader):
    workstream = make_workstream(programme, "Custody", lead=make_person())
    report(workstream, Rating.AMBER)

    row = table(client.get(f"/workstreams/{workstream.pk}/history.xlsx")).rows[0].values

    assert tuple(row) == HISTORY_COLUMNS
    assert row["Rating"] == "At risk"
    assert isinstance(row["Reported"], datetime)
    assert type(row["Reports for"]) is date


def test_milestones_are_written_and_may_be_read_again(client, programme, reader):
    manager = make_manager(programme)
    make_workstream(programme, "Custody")
    rows = rows_of(
        ("Signed", "Custody", "yes", "2026-09-18", "2026-09-25", "", "Late"), ("Live", "", "", "2026-10-01", "", "", "")
    )
    imported(programme, rows, manager, kind=ImportKind.MILESTONES)

    found = table(client.get(f"/programmes/{programme.pk}/milestones/list.xlsx"))

    assert found.headings == MILESTONE_COLUMNS
    assert [tuple(row.values.values())[:5] for row in found.rows] == [
        ("Signed", "Custody", "yes", date(2026, 9, 18), date(2026, 9, 25)),
        ("Live", None, "no", date(2026, 10, 1), date(2026, 10, 1)),
    ]


def test_a_stranger_saves_nothing(client, programme):
    workstream = make_workstream(programme, "Custody")
    client.force_login(make_manager(make_programme()))

    for path in (
        f"programmes/{programme.pk}/workstreams/list.csv",
        f"workstreams/{workstream.pk}/history.csv",
        f"programmes/{programme.pk}/milestones/list.csv",
    ):
        assert client.get(f"/{path}").status_code == 404
    assert table(client.get("/workstreams/list.csv")).rows == ()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_api_writes_what_the_pages_write(client, programme, reader, ending):
    workstream = make_workstream(programme, "Custody")
    report(workstream, Rating.GREEN)
    make_workstream(programme, "Body")
    here, one = f"programmes/{programme.pk}", f"workstreams/{workstream.pk}"

    for path in (
        f"workstreams/list.{ending}?q=cust",
        f"{here}/workstreams/list.{ending}?report=submitted",
        f"{one}/history.{ending}",
        f"{here}/milestones/list.{ending}",
    ):
        found = table(client.get(f"/api/{path}"))
        assert found == table(client.get(f"/{path}")), path
        assert path.startswith(f"{here}/milestones") or len(found.rows) == 1


def test_the_api_writes_no_other_format_and_nothing_of_what_one_may_not_see(client, programme, reader):
    hidden = make_workstream(make_programme(), "Hidden")

    for path in (
        f"programmes/{programme.pk}/workstreams/list.pdf",
        f"programmes/{hidden.programme_id}/workstreams/list.csv",
        f"programmes/{hidden.programme_id}/milestones/list.csv",
        f"workstreams/{hidden.pk}/history.csv",
    ):
        assert client.get(f"/api/{path}").status_code == 404, path
    assert client.get("/api/workstreams/list.csv?show=blue").status_code == 400
    assert list(table(client.get("/api/workstreams/list.csv")).rows) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_api_imports_a_file(client, programme, ending):
    client.force_login(make_manager(programme))
    rows = [["Name", "Description"], ["Custody", "Screens"]]
    content = write_csv(rows[0], rows[1:]) if ending == "csv" else write_xlsx("x", rows[0], rows[1:])
    address, key = f"/api/programmes/{programme.pk}/imports/files/", str(uuid4())

    def send(**more):
        file = SimpleUploadedFile(f"rows.{ending}", content)
        return client.post(address, {"kind": "workstreams", "file": file, "request_key": key} | more)

    assert send(kind="magic").status_code == 400
    assert client.post(address, {"kind": "workstreams"}).status_code == 400
    assert (send(dry_run=True).json()["added"], Workstream.objects.count()) == (1, 0)
    assert send().json()["added"] == 1
    send()
    assert [one.description for one in Workstream.objects.all()] == ["Screens"]
    client.force_login(make_reader(programme))
    assert send().status_code == 403
    client.force_login(make_manager(make_programme()))
    assert send().status_code == 404
