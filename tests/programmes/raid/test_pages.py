"""Pages of the register and the same acts through the API."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from partners.clock.operations import set_clock
from programmes.decisions.models import Decision
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidComment, RaidEntry
from tests.builders import (
    NOW,
    make_deciding_office,
    make_manager,
    make_person,
    make_programme,
    make_reader,
)
from tests.builders.raid import close_raid, make_raid, raise_raid, turn_raid

pytestmark = pytest.mark.django_db
TODAY, DAY = NOW.date(), timedelta(days=1)
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Grace Adeyemi")
    client.force_login(manager)
    return manager


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def days(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def risk_form(**changed):
    return {"title": "Tablets come late", "likelihood": "4", "impact": "3", "request_key": str(uuid4())} | changed


def register_of(programme):
    return f"/programmes/{programme.pk}/raid/"


def test_an_empty_register_says_what_to_do(client, programme, manager):
    page = text_of(client.get(register_of(programme)))

    assert "Nothing is on the register yet" in page
    assert "Add the first risk" in page


def test_a_reader_of_an_empty_register_is_told_who_adds(client, programme):
    client.force_login(make_reader(programme))

    page = client.get(register_of(programme))

    assert "workstream leads add risks" in text_of(page)
    assert b"/add/risk/" not in page.content


def test_the_register_shows_scores_in_words_and_a_heat_map(client, programme, manager):
    make_raid(programme, by=manager)

    page = text_of(client.get(register_of(programme)))

    assert "R1 Tablets come late High 12 Grace Adeyemi" in page
    assert "Likely 0 0 1 High 0 0" in page
    assert "Staff have time" in page


def test_filters_stand_in_the_address_and_nothing_found_offers_to_clear(client, programme, manager):
    make_raid(programme, by=manager)

    actions = text_of(client.get(register_of(programme), {"kind": "action"}))
    none = text_of(client.get(register_of(programme), {"q": "nowhere"}))

    assert "AC1 Ask for a date" in actions
    assert "R1 Tablets come late" not in actions
    assert "Nothing is like that" in none


@pytest.mark.parametrize("query", ["kind=x", "owner=x", "owner=1", "page=999", "workstream=", "overdue=maybe"])
def test_a_filter_that_cannot_be_is_left_out(client, programme, manager, query):
    make_raid(programme, by=manager)

    assert client.get(f"{register_of(programme)}?{query}").status_code == 200


def test_five_hundred_entries_are_read_page_by_page_in_as_many_queries_as_one(
    client, programme, manager, django_assert_num_queries
):
    first = raise_raid(programme, by=manager, owner_id=manager.pk)
    client.get(register_of(programme))
    with django_assert_num_queries(11):
        client.get(register_of(programme))
    more = [
        RaidEntry(
            programme=programme,
            kind=RaidKind.RISK,
            number=number,
            title=f"Risk {number}",
            owner=manager,
            likelihood=3,
            impact=3,
            residual_likelihood=3,
            residual_impact=3,
            raised_on=TODAY,
            recorded_at=NOW,
            recorded_by=manager,
        )
        for number in range(2, 501)
    ]
    RaidEntry.objects.bulk_create(more)

    with django_assert_num_queries(11):
        page = text_of(client.get(register_of(programme)))
    assert "Showing 1 to 50 of 500 entries" in page
    assert f"R1 {first.title}" in page
    with django_assert_num_queries(11):
        printed = text_of(client.get(register_of(programme), {"print": "1"}))
    assert "R500 Risk 500" in printed
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"{register_of(programme)}register.csv").content.decode("utf-8-sig")))
    )
    assert (len(rows), rows[0]["Number"], rows[0]["After treatment"]) == (500, "R1", "High")


def test_the_register_as_a_file_is_narrowed_like_the_page(client, programme, manager):
    make_raid(programme, by=manager)
    raise_raid(programme, by=manager, title="=1+1")

    rows = client.get(f"{register_of(programme)}register.csv", {"kind": "action"}).content.decode("utf-8-sig")
    workbook = client.get(f"{register_of(programme)}register.xlsx")

    assert "Ask for a date" in rows
    assert "Tablets come late" not in rows
    assert workbook.content.startswith(b"PK")
    assert "'=1+1" in client.get(f"{register_of(programme)}register.csv").content.decode("utf-8-sig")


def test_a_risk_is_raised_and_shown_as_typed(client, programme, manager):
    typed = risk_form(title=SCRIPT, description="One\r\nTwo", response="reduce", **days("due_on", TODAY + DAY))

    told = client.post(f"{register_of(programme)}add/risk/", typed, follow=True)

    entry = RaidEntry.objects.get()
    assert told.redirect_chain[0][0] == f"/raid/{entry.pk}/"
    assert (entry.title, entry.description, entry.due_on) == (SCRIPT, "One\nTwo", TODAY + DAY)
    assert SCRIPT.encode() not in told.content
    assert "Risk R1 raised" in text_of(told)
    assert "High 12 Likely, serious impact" in text_of(told)


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"title": ""}, 200, "Enter title"),
        ({"title": "Two\nlines"}, 200, "one line"),
        ({"likelihood": "7"}, 200, "Choose one of the options"),
        ({"residual_impact": "2"}, 409, "Choose both for the score after treatment"),
        ({"owner": str(uuid4())}, 200, "Choose one of the options"),
        ({"due_on_day": "31", "due_on_month": "2", "due_on_year": "2027"}, 200, "must be a real date"),
        (days("due_on", TODAY - DAY), 409, "The day must be today or later"),
        ({"parent": "x"}, 200, "valid UUID"),
    ],
)
def test_what_cannot_be_stands_beside_its_field(client, programme, manager, typed, status, words):
    page = client.post(f"{register_of(programme)}add/risk/", risk_form() | typed)

    assert page.status_code == status
    assert words in text_of(page)
    assert not RaidEntry.objects.exists()


def test_an_action_that_treats_a_risk_is_added_from_its_page(client, programme, manager):
    risk = raise_raid(programme, by=manager)
    address = f"{register_of(programme)}add/action/?parent={risk.pk}"
    assert str(risk.pk).encode() in client.get(address).content

    typed = {"title": "Ask", "owner": manager.pk, "parent": risk.pk, "request_key": uuid4()} | days("due_on", TODAY)
    client.post(address, typed)

    assert risk.treatments.get().title == "Ask"
    assert "AC1 Ask" in text_of(client.get(f"/raid/{risk.pk}/"))


def test_a_change_meanwhile_shows_both_versions(client, programme, manager):
    risk = raise_raid(programme, by=manager)
    address = f"/raid/{risk.pk}/change/"
    client.post(address, risk_form(title="Tablets never come", version=1))

    page = client.post(address, risk_form(title="Tablets break", version=1))

    assert page.status_code == 409
    assert "Grace Adeyemi changed the title of R1" in text_of(page)
    assert "Title Tablets break Tablets never come" in text_of(page)
    again = re.search(r'name="version" value="(\d+)"', page.content.decode())
    assert again
    client.post(address, risk_form(title="Tablets break", version=again[1]))
    risk.refresh_from_db()
    assert risk.title == "Tablets break"


def test_closing_and_reopening(client, programme, manager):
    risk = raise_raid(programme, by=manager)

    closed = client.post(f"/raid/{risk.pk}/close/", {"version": 1, "outcome": "Delivered"}, follow=True)
    twice = client.post(f"/raid/{risk.pk}/close/", {"version": 2, "outcome": "Again"})
    opened = client.post(f"/raid/{risk.pk}/reopen/", {"reason": "Came back"}, follow=True)

    assert "Outcome Delivered" in text_of(closed)
    assert twice.status_code == 409
    assert "R1 reopened." in text_of(opened)
    assert "Grace Adeyemi reopened risk R1, Tablets come late, because: Came back" in text_of(opened)


def test_a_risk_turns_into_an_issue_and_each_links_the_other(client, programme, manager):
    risk = raise_raid(programme, by=manager)
    assert b"Tablets come late" in client.get(f"/raid/{risk.pk}/turn/issue/").content

    typed = {"title": "Tablets are late", "impact": "4", "version": 1, "request_key": uuid4()}
    made = client.post(f"/raid/{risk.pk}/turn/issue/", typed, follow=True)

    issue = RaidEntry.objects.get(kind=RaidKind.ISSUE)
    assert "Was R1 Tablets come late" in text_of(made)
    source = text_of(client.get(f"/raid/{risk.pk}/"))
    assert "Became I1 Tablets are late" in source
    assert "Outcome Became I1" in source
    assert issue.turned_from == risk


@pytest.mark.parametrize("into", ["risk", "action"])
def test_a_turn_that_there_is_not_is_not_found(client, programme, manager, into):
    risk = raise_raid(programme, by=manager)

    assert client.get(f"/raid/{risk.pk}/turn/{into}/").status_code == 404


@pytest.mark.parametrize("keeps", [True, False])
def test_an_issue_is_taken_to_a_decision_with_its_words(client, programme, manager, keeps):
    office = make_deciding_office(programme)
    issue = raise_raid(programme, RaidKind.ISSUE, by=manager, title="Tablets are late", description="By six weeks.")
    assert client.get(f"/raid/{issue.pk}/decision/").status_code == 200

    draft = client.get(
        f"/programmes/{programme.pk}/decisions/draft/",
        {"issue": issue.pk} | ({"keeps_issue_open": "on"} if keeps else {}),
    ).content.decode()
    assert 'value="Tablets are late"' in draft
    assert "By six weeks." in draft
    sent = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', draft))
    typed = {"title": "Change the supplier", "question": "Which?", "office": office.pk, "review_weeks": 8}
    made = client.post(f"/programmes/{programme.pk}/decisions/draft/", sent | typed)

    decision = Decision.objects.get()
    assert made.status_code == 302, text_of(made)
    issue.refresh_from_db()
    assert (issue.decision_id, bool(issue.closed_at)) == (decision.pk, not keeps)
    assert f"/decisions/{decision.pk}/" in client.get(f"/raid/{issue.pk}/").content.decode()
    assert client.get(f"/raid/{issue.pk}/decision/").status_code == 404


def test_a_comment_names_people_without_a_script_too(client, programme, manager):
    risk, reader = raise_raid(programme, by=manager), make_reader(programme, "Rae Reader")
    typed = {"text": "Look", "named": reader.pk, "request_key": uuid4()}

    told = client.post(f"/raid/{risk.pk}/comment/", typed)

    comment = RaidComment.objects.get()
    assert told.headers["Location"] == f"/raid/{risk.pk}/#comment-{comment.pk}"
    assert "Told: Rae Reader" in text_of(client.get(f"/raid/{risk.pk}/"))
    refused = client.post(f"/raid/{risk.pk}/comment/", {"text": "@Nemo", "request_key": uuid4()})
    assert refused.status_code == 409
    assert "Nobody called Nemo may see this programme" in text_of(refused)


@pytest.mark.parametrize("page", ["", "change/", "close/", "reopen/", "turn/issue/", "comment/"])
def test_a_stranger_finds_nothing_and_a_reader_reads(client, programme, page):
    risk = raise_raid(programme, by=make_manager(programme))
    statuses = []
    for person in (make_person(), make_manager(make_programme()), make_reader(programme)):
        client.force_login(person)
        statuses.append(client.get(f"/raid/{risk.pk}/{page}").status_code)

    assert statuses == [404, 404, 403 if page else 200]


def test_the_page_of_an_entry_takes_as_many_queries_with_many_comments(
    client, programme, manager, django_assert_num_queries
):
    risk = raise_raid(programme, by=manager)
    address = f"/raid/{risk.pk}/comment/"
    client.post(address, {"text": "One", "named": manager.pk, "request_key": uuid4()})
    client.get(f"/raid/{risk.pk}/")
    with django_assert_num_queries(13):
        client.get(f"/raid/{risk.pk}/")
    for number in range(3):
        client.post(address, {"text": f"More {number}", "named": manager.pk, "request_key": uuid4()})
        raise_raid(programme, RaidKind.ACTION, by=manager, parent_id=risk.pk)

    client.get(f"/raid/{risk.pk}/")
    with django_assert_num_queries(13):
        client.get(f"/raid/{risk.pk}/")


def api(client, path, body, method="post"):
    return getattr(client, method)(f"/api/{path}", body, content_type="application/json")


def test_the_api_does_what_the_pages_do(client, programme, manager):
    raised = api(
        client,
        f"programmes/{programme.pk}/raid/",
        {"request_key": str(uuid4()), "kind": "risk", "title": "Late", "likelihood": 4, "impact": 5},
    )
    risk = raised.json()
    assert (raised.status_code, risk["reference"], risk["score"], risk["owner"]) == (201, "R1", 20, None)

    changed = api(
        client, f"raid/{risk['id']}/", {"version": 1, "owner": str(manager.pk), "due_on": "2026-10-01"}, "patch"
    ).json()
    assert (changed["owner_name"], changed["title"], changed["version"]) == ("Grace Adeyemi", "Late", 2)

    stale = api(client, f"raid/{risk['id']}/", {"version": 1, "title": "Other"}, "patch")
    assert stale.status_code == 409

    issue = api(client, f"raid/{risk['id']}/turn/", {"request_key": str(uuid4()), "version": 2, "into": "issue"}).json()
    assert (issue["reference"], issue["title"], issue["impact"], issue["turned_from"]) == ("I1", "Late", 5, risk["id"])

    action = api(
        client,
        f"raid/{issue['id']}/turn/",
        {"request_key": str(uuid4()), "version": 1, "into": "action", "due_on": "2026-09-20", "keeps_open": True},
    ).json()
    assert (action["parent"], action["owner_name"]) == (issue["id"], "Grace Adeyemi")

    said = api(client, f"raid/{issue['id']}/comments/", {"request_key": str(uuid4()), "text": "@Grace Adeyemi"}).json()
    assert said["named"] == ["Grace Adeyemi"]
    assert client.get(f"/api/raid/{issue['id']}/comments/").json()["count"] == 1

    closed = api(client, f"raid/{action['id']}/close/", {"version": 1, "outcome": "Done"}).json()
    assert closed["outcome"] == "Done"
    opened = api(client, f"raid/{action['id']}/reopen/", {"reason": "Not done"}).json()
    assert opened["closed_at"] is None

    listed = client.get(f"/api/programmes/{programme.pk}/raid/", {"state": "open"}).json()
    assert [row["reference"] for row in listed["results"]] == ["I1", "AC1"]
    own = client.get("/api/raid/own-actions/", {"until": "2026-09-20"}).json()
    assert [row["reference"] for row in own["results"]] == ["AC1"]
    cells = client.get(f"/api/programmes/{programme.pk}/raid/heat-map/").json()
    assert (len(cells), sum(cell["count"] for cell in cells)) == (25, 0)


def test_the_api_takes_an_issue_to_a_decision(client, programme, manager):
    office = make_deciding_office(programme)
    issue, risk = raise_raid(programme, RaidKind.ISSUE, by=manager), raise_raid(programme, by=manager)
    said = {"programme": str(programme.pk), "title": "Change it", "question": "Which?", "office": str(office.pk)}

    refused = api(client, "decisions/", said | {"request_key": str(uuid4()), "issue": str(risk.pk)})
    drafted = api(client, "decisions/", said | {"request_key": str(uuid4()), "issue": str(issue.pk)})

    assert (refused.status_code, drafted.status_code) == (409, 201)
    assert "no such open issue" in refused.json()["detail"]
    found = client.get(f"/api/raid/{issue.pk}/").json()
    assert (found["decision"], found["outcome"]) == (drafted.json()["id"], "Became a decision")
    assert Decision.objects.count() == 1


def test_the_api_lists_where_others_named_you(client, programme, manager):
    risk, reader = raise_raid(programme, by=manager), make_reader(programme, "Rae Reader")
    api(client, f"raid/{risk.pk}/comments/", {"request_key": str(uuid4()), "text": "@Rae Reader, look"})
    client.force_login(reader)

    found = client.get("/api/raid/mentions/", {"since": "2026-01-01T00:00:00Z"}).json()["results"]

    assert [(row["reference"], row["said_by"]) for row in found] == [("R1", "Grace Adeyemi")]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "worry"},
        {"title": ""},
        {"title": "Two\nlines"},
        {"title": "x" * 201},
        {"likelihood": "often"},
        {"likelihood": 6},
        {"owner": "somebody"},
        {"due_on": "soon"},
        {"request_key": "1"},
        {"is_in_report": "perhaps"},
    ],
)
def test_the_api_refuses_what_is_badly_formed(client, programme, manager, body):
    good = {"request_key": str(uuid4()), "kind": "risk", "title": "Late", "likelihood": 4, "impact": 5}

    assert api(client, f"programmes/{programme.pk}/raid/", good | body).status_code == 400
    assert not RaidEntry.objects.exists()


def test_the_api_answers_a_reader_403_a_stranger_404_and_a_rule_409(client, programme, manager):
    risk = raise_raid(programme, by=manager)
    close_raid(turn_raid(risk, RaidKind.ISSUE, by=manager), by=manager)
    assert api(client, f"raid/{risk.pk}/close/", {"version": 2, "outcome": "Done"}).status_code == 409
    client.force_login(make_reader(programme))
    assert api(client, f"raid/{risk.pk}/close/", {"version": 2, "outcome": "Done"}).status_code == 403
    assert client.get(f"/api/raid/{risk.pk}/").status_code == 200
    client.force_login(make_person())
    assert api(client, f"raid/{risk.pk}/close/", {"version": 2, "outcome": "Done"}).status_code == 404
    assert client.get(f"/api/programmes/{programme.pk}/raid/").status_code == 404
