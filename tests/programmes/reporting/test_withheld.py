"""A rating that is withheld is read by those who report on it, read its reports or may withhold it, and by nobody else."""

import re
from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.workstreams.enums import ExceptionKind, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import end_exception, record_exception
from tests.builders import (
    NOW,
    acknowledge,
    correct,
    make_cio,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    make_workstream,
    report,
)

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 9, 18)
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Mobile officer")


@pytest.fixture
def lead():
    return make_person("Fiona Reid")


@pytest.fixture
def workstream(programme, lead):
    return make_workstream(programme, "Custody tablets", lead=lead)


def excepting(workstream, kind=ExceptionKind.WITHHELD, on=FRIDAY, now=NOW):
    return record_exception(
        workstream_id=workstream.pk,
        kind=kind,
        from_on=on,
        to_on=on,
        reason="The inspection is not out.",
        request_key=uuid4(),
        by=make_manager(workstream.programme),
        now=now,
    )


@pytest.fixture
def update(workstream, lead):
    """Off track, of a reporting day whose rating is withheld."""
    excepting(workstream)
    return report(workstream, Rating.RED, by=User.objects.get(pk=lead.pk))


def pages(workstream):
    programme = workstream.programme_id
    return [
        f"/workstreams/{workstream.pk}/",
        f"/workstreams/{workstream.pk}/history.csv",
        f"/programmes/{programme}/",
        f"/programmes/{programme}/workstreams/",
        f"/programmes/{programme}/workstreams/list.csv",
        f"/programmes/{programme}/changes/?routine=on",
        f"/programmes/{programme}/timeline/",
        "/my-week/",
        "/search/?q=Custody",
        f"/api/workstreams/{workstream.pk}/",
        f"/api/workstreams/{workstream.pk}/updates/",
        "/api/workstreams/",
        f"/api/programmes/{programme}/changes/?routine=true",
        "/api/my-week/",
    ]


def told(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = re.sub("<select.*?</select>", "", answer.content.decode().split("<main")[-1], flags=re.DOTALL)
    return [words for words in ("Off track", "off track<", '"red"') if words in main]


def sheet(client, workstream):
    file = BytesIO(client.get(f"/workstreams/{workstream.pk}/history.xlsx").content)
    return [[str(cell.value) for cell in row] for row in load_workbook(file).active.iter_rows()]


def test_nobody_else_reads_it_on_any_page_file_or_endpoint(client, workstream, update):
    client.force_login(make_reader(workstream.programme))
    one = f"/workstreams/{workstream.pk}"

    found = {address: words for address in pages(workstream) if (words := told(client, address))}

    assert found == {}
    assert client.get(f"{one}/status/{update.pk}/").status_code == 404
    assert client.get(f"/api{one}/updates/{update.pk}/").status_code == 404
    assert client.get(f"/api{one}/updates/").json()["results"] == []
    assert client.get(f"/api{one}/").json()["current_update"] is None
    assert len(sheet(client, workstream)) == 1


@pytest.mark.parametrize(
    "reader",
    [
        lambda workstream, lead: lead,
        lambda workstream, lead: make_manager(workstream.programme),
        lambda workstream, lead: make_cio(workstream.programme.scope.parent.portfolio),
        lambda workstream, lead: named_reviewer(workstream),
    ],
)
def test_those_who_report_review_or_withhold_read_it(client, workstream, lead, update, reader):
    client.force_login(User.objects.get(pk=reader(workstream, lead).pk))
    one = f"/workstreams/{workstream.pk}"

    assert "Off track" in client.get(f"{one}/status/{update.pk}/").text
    assert client.get(f"/api{one}/updates/{update.pk}/").json()["rating"] == "red"
    assert client.get(f"/api{one}/").json()["current_update"]["rating"] == "red"
    assert [row[4] for row in sheet(client, workstream)] == ["Rating", "Off track"]


def named_reviewer(workstream):
    reviewer = make_reader(workstream.programme, "Sam Lee")
    Workstream.objects.filter(pk=workstream.pk).update(reviewer=reviewer)
    return reviewer


def test_no_audit_event_tells_it_whatever_follows(workstream, lead, update):
    author = User.objects.get(pk=lead.pk)
    acknowledge(update, by=make_manager(workstream.programme), question="Why?")
    correct(update, Rating.AMBER, by=author)
    report(workstream, Rating.GREEN, by=author, now=NOW + WEEK)

    events = AuditEvent.objects.filter(action__startswith="reporting.").order_by("pk")
    assert [(event.summary.partition(": ")[0], event.before and event.before.get("rating")) for event in events] == [
        ("reported a rating that is withheld for Custody tablets", None),
        ("acknowledged the status of Custody tablets and asked a question", None),
        ("corrected the status of Custody tablets", "withheld"),
        ("reported On track for Custody tablets", "withheld"),
    ]
    assert [(event.after or {}).get("rating") for event in events] == ["withheld", None, "withheld", "green"]


def test_the_report_after_it_does_not_say_what_it_was(client, workstream, lead, update):
    after = report(workstream, Rating.GREEN, by=User.objects.get(pk=lead.pk), now=NOW + WEEK)
    set_clock(to=NOW + WEEK)
    client.force_login(make_reader(workstream.programme))

    page = client.get(f"/workstreams/{workstream.pk}/status/{after.pk}/").text
    assert "On track" in page
    assert "It was off track" not in page


def test_it_stays_withheld_when_a_later_exception_stands(client, workstream, update):
    excepting(workstream, ExceptionKind.EXEMPT, on=FRIDAY + 2 * WEEK, now=NOW + 2 * WEEK)
    set_clock(to=NOW + 3 * WEEK)
    client.force_login(make_reader(workstream.programme))

    row = client.get("/api/workstreams/").json()["results"][0]
    assert (row["standing"], row["rating"], row["last_rating"]) == ("exempt", None, None)
    assert client.get(f"/api/workstreams/{workstream.pk}/updates/").json()["results"] == []


def test_it_is_told_once_the_exception_ended_before_its_day_was_over(client, workstream, lead):
    exception = excepting(workstream)
    report(workstream, Rating.RED, by=User.objects.get(pk=lead.pk))
    end_exception(exception_id=exception.pk, by=make_manager(workstream.programme), now=NOW)
    client.force_login(make_reader(workstream.programme))

    assert not Workstream.objects.get().current_is_withheld
    assert client.get("/api/workstreams/").json()["results"][0]["rating"] == "red"
    assert client.get(f"/api/workstreams/{workstream.pk}/").json()["current_update"]["rating"] == "red"
