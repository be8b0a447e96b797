"""Pages of workstreams and reports: what they show, what a refusal keeps, and who finds nothing."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.workstreams.enums import Frequency, Rating, Weekday
from programmes.workstreams.models import ReportingSettings, Workstream
from programmes.workstreams.operations import change_reporting_settings, change_workstream, close_workstream
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    make_workstream,
    report,
)

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=200)
SIX_DAYS_AGO = NOW - timedelta(days=6)
FIVE_WEEKS_AGO = NOW - timedelta(days=37)


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
    return make_workstream(programme, "Custody tablets", lead=lead, now=LONG_AGO)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Priya Nair")
    client.force_login(manager)
    return manager


def sign_in(client, person):
    client.force_login(User.objects.get(pk=person.pk))


def text_of(response):
    """The words of a page, with one space for each gap."""
    return " ".join(unescape(response.content.decode()).split())


def address(workstream, tail=""):
    return f"/workstreams/{workstream.pk}/{tail}"


def values_in(response):
    """What the form on the page would send, by name."""
    page = response.content.decode()
    form = page[page.index('<form method="post" novalidate') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        if 'type="radio"' not in tag or " checked" in tag:
            attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, words in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(words)
    return found


def names_in(response):
    """The first cell of each row of the first table."""
    page = response.content.decode()
    return [unescape(name) for name in re.findall(r'<th scope="row"[^>]*><a[^>]*>(.*?)</a>', page)]


# Adding, changing, closing


def test_add_page_adds_with_a_lead(client, programme, manager, lead):
    response = client.post(
        f"/programmes/{programme.pk}/workstreams/add/",
        {
            "name": "Training",
            "description": "Every shift",
            "lead": "  " + lead.email.upper(),
            "reviewer": make_reader(programme, "Sam Lee").email,
        },
        follow=True,
    )

    added = Workstream.objects.get(name="Training")
    assert response.redirect_chain == [(address(added), 302)]
    assert (added.lead, str(added.reviewer), added.description) == (lead, "Sam Lee", "Every shift")
    assert "Reviewer Sam Lee" in re.sub(r"<[^>]+>\s*", " ", text_of(response)).replace("  ", " ").replace("  ", " ")


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"name": ""}, 200, "Enter name"),
        ({"name": "Two\nlines"}, 200, "Write this on one line"),
        ({"name": "x" * 201}, 200, "must be 200 characters or fewer"),
        ({"lead": "nobody@example.org"}, 200, "Nobody with an account has this address"),
        ({"lead": "not an address"}, 200, "There is a problem"),
        ({"reviewer": "nobody@example.org"}, 200, "Nobody with an account has this address"),
        ({"name": "CUSTODY tablets"}, 409, "has a workstream called CUSTODY tablets already"),
    ],
)
def test_add_page_refuses_and_keeps_what_was_typed(client, programme, workstream, manager, more, status, words):
    fields = {"name": "Training", "description": "Keep me", "lead": ""} | more

    response = client.post(f"/programmes/{programme.pk}/workstreams/add/", fields)

    assert response.status_code == status
    assert words in text_of(response)
    assert "Keep me" in text_of(response)
    assert Workstream.objects.count() == 1


def test_change_page_saves(client, workstream, manager):
    here = address(workstream, "change/")
    fields = values_in(client.get(here))

    response = client.post(here, fields | {"name": "Custody", "lead": ""})

    workstream.refresh_from_db()
    assert response.status_code == 302
    assert (workstream.name, workstream.lead, workstream.version) == ("Custody", None, 2)


def test_change_page_of_two_at_once_tells_the_second_and_loses_nothing(client, workstream, manager):
    change_workstream(
        workstream_id=workstream.pk,
        version=1,
        name="Cells",
        description="",
        lead_id=workstream.lead_id,
        reviewer_id=None,
        by=make_manager(workstream.programme, "Sam Lee"),
        now=NOW,
    )
    mine = {"name": "Custody", "description": "Mine", "lead": workstream.lead.email, "version": 1}

    response = client.post(address(workstream, "change/"), mine)

    page = text_of(response)
    assert response.status_code == 409
    assert "Sam Lee changed the name of this workstream" in page
    compared = page[page.index("What you typed and what is saved now") : page.index("</table>")]
    assert re.findall(r">([^<>]+)</t[hd]>", compared)[3:] == ["Name", "Custody", "Cells", "Description", "Mine"]
    assert values_in(response)["version"] == "2"
    assert client.post(address(workstream, "change/"), mine | {"version": 2}).status_code == 302


def test_close_and_reopen_pages_need_a_reason(client, workstream, manager):
    assert "Answer “Why?”" in text_of(client.post(address(workstream, "close/"), {"reason": " "}))
    assert client.post(address(workstream, "close/"), {"reason": "Done"}).status_code == 302
    again = client.post(address(workstream, "close/"), {"reason": "Done"})
    assert (again.status_code, "is closed already" in text_of(again)) == (409, True)
    assert client.get(address(workstream, "reopen/")).status_code == 200
    assert client.post(address(workstream, "reopen/"), {"reason": "Not done"}).status_code == 302
    assert client.post(address(workstream, "reopen/"), {"reason": "Not done"}).status_code == 409


# The list of a programme


def test_list_page_shows_worst_first_with_coverage(client, programme, workstream, manager):
    report(workstream, Rating.GREEN, now=FIVE_WEEKS_AGO)
    report(make_workstream(programme, "Training", now=LONG_AGO), Rating.RED, now=SIX_DAYS_AGO)

    response = client.get(f"/programmes/{programme.pk}/workstreams/")

    page = text_of(response)
    assert names_in(response) == ["Training", "Custody tablets"]
    assert "1 of 2 reported, 1 silent" in page
    assert "Last said: On track, 5 weeks ago" in page
    assert "app-rating--green" not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Custody tablets"]),
        ({"show": "silent"}, ["Custody tablets"]),
        ({"show": "green"}, []),
        ({"show": "closed"}, ["Training"]),
        ({"q": "fiona"}, ["Custody tablets"]),
        ({"q": "nobody"}, []),
        ({"show": "nonsense"}, ["Custody tablets"]),
    ],
)
def test_list_page_narrows(client, programme, workstream, manager, query, names):
    done = make_workstream(programme, "Training")
    close_workstream(workstream_id=done.pk, reason="Done", by=manager, now=NOW)

    response = client.get(f"/programmes/{programme.pk}/workstreams/", query)

    assert response.status_code == 200
    assert names_in(response) == names
    if not names:
        assert "No workstream is like that" in text_of(response)


def test_list_page_without_workstreams_says_what_to_do(client, programme, manager):
    assert "Add the first one and name who leads it." in text_of(client.get(f"/programmes/{programme.pk}/workstreams/"))
    client.force_login(make_reader(programme))
    assert "The programme manager adds them." in text_of(client.get(f"/programmes/{programme.pk}/workstreams/"))


@pytest.mark.parametrize("count", [1, 3])
def test_list_page_asks_the_same_queries_for_any_length(client, programme, manager, django_assert_num_queries, count):
    for n in range(count):
        report(make_workstream(programme, f"Stream {n}", lead=make_person()), now=NOW)

    with django_assert_num_queries(13):
        client.get(f"/programmes/{programme.pk}/workstreams/")


# The reporting day


def test_reporting_page_says_in_words_what_each_choice_means(client):
    client.force_login(make_administrator())

    page = text_of(client.get("/settings/reporting/"))

    assert "every Friday" in page
    assert "on Thursday 24 December 2026 instead of Friday 25 December 2026 (Christmas Day)" in page
    assert "The last Thursday of every month" in page


def test_reporting_page_saves_and_refuses(client):
    client.force_login(make_administrator())
    monthly = {"frequency": "monthly", "weekday": "3", "version": "1"}

    assert client.post("/settings/reporting/", monthly | {"weekday": "6"}).status_code == 200
    assert client.post("/settings/reporting/", monthly, follow=True).status_code == 200
    assert (ReportingSettings.objects.get().frequency, ReportingSettings.objects.get().weekday) == ("monthly", "3")

    conflict = client.post("/settings/reporting/", monthly | {"weekday": "1"})
    assert conflict.status_code == 409
    assert "Somebody changed the reporting day while you were choosing" in text_of(conflict)
    assert values_in(conflict)["version"] == "2"


def test_reporting_page_is_for_administrators(client, manager):
    assert client.get("/settings/reporting/").status_code == 403
    assert client.post("/settings/reporting/", {}).status_code == 403


def test_reporting_page_moves_every_due_day_at_once(client, programme, workstream, manager):
    change_reporting_settings(
        frequency=Frequency.WEEKLY,
        weekday=Weekday.WEDNESDAY,
        version=1,
        by=make_administrator(),
        now=NOW - timedelta(days=30),
    )

    assert "By the end of Wednesday 16 September 2026" in text_of(client.get(address(workstream)))


# Strangers


def pages_of(workstream):
    return [
        address(workstream),
        address(workstream, "change/"),
        address(workstream, "close/"),
        address(workstream, "reopen/"),
        f"/programmes/{workstream.programme_id}/workstreams/",
        f"/programmes/{workstream.programme_id}/workstreams/add/",
    ]


def test_a_stranger_finds_no_page(client, workstream):
    report(workstream)
    events = AuditEvent.objects.count()
    client.force_login(make_manager(make_programme()))

    for page in pages_of(workstream):
        assert client.get(page).status_code == 404
        assert client.post(page, {"reason": "x", "name": "x", "version": 1}).status_code in (404, 405)
    assert AuditEvent.objects.count() == events


def test_a_reader_reads_and_changes_nothing(client, workstream):
    report(workstream)
    events = AuditEvent.objects.count()
    client.force_login(make_reader(workstream.programme))
    seen, *others = (page for page in pages_of(workstream) if not page.endswith("/workstreams/"))

    assert client.get(seen).status_code == 200
    for page in others:
        assert client.get(page).status_code == 403
        assert client.post(page, {"reason": "x", "name": "x", "version": 1}).status_code == 403
    assert AuditEvent.objects.count() == events


def test_the_cio_manages(client, workstream):
    client.force_login(make_cio(workstream.programme.scope.parent.portfolio))

    assert client.get(address(workstream, "change/")).status_code == 200


@pytest.mark.parametrize("tail", ["", "change/"])
def test_an_unknown_workstream_is_not_there(client, manager, tail):
    assert client.get(f"/workstreams/{uuid4()}/{tail}").status_code == 404
