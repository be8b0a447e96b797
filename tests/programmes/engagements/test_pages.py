"""Pages of engagements, bids and acknowledgements, and the same acts through the API."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest

from partners.clock.operations import set_clock
from partners.consortia.enums import RelationshipState
from programmes.engagements.enums import EngagementKind
from programmes.engagements.models import Acknowledgement, Bid, Engagement
from tests.builders import (
    NOW,
    make_acknowledgement,
    make_bid,
    make_bidder,
    make_cio,
    make_engagement,
    make_firm,
    make_manager,
    make_office,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)
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
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year} if day else {}


def engagement_form(**changed):
    said = {
        "who": "Design team",
        "kind": "consultant",
        "task": "Design",
        "starts_on": TODAY,
        "planned_end_on": None,
        "request_key": uuid4(),
    } | changed
    return {
        **{name: value for name, value in said.items() if not name.endswith("_on")},
        **days("starts_on", said["starts_on"]),
        **days("planned_end_on", said["planned_end_on"]),
    }


def api(client, path, data=None, method="post"):
    if data is None:
        return client.get(f"/api/{path}")
    return getattr(client, method)(f"/api/{path}", data, content_type="application/json")


# --- who sees it


def test_a_stranger_finds_nothing(client, portfolio, programme):
    engagement, base = make_engagement(programme), f"/programmes/{programme.pk}"
    one = f"/engagements/{engagement.pk}"
    addresses = [
        f"{base}/engagements/",
        f"{base}/engagements/add/",
        f"{base}/bids/",
        f"{base}/acknowledgements/",
        f"{one}/",
        f"{one}/change/",
        f"{one}/roll-off/",
        f"{one}/roll-off/undo/",
        f"/api{base}/engagements/",
        f"/api{base}/bids/",
        f"/api{base}/acknowledgements/",
        f"/api{one}/",
    ]
    for user in (make_person(), make_manager(make_programme(portfolio=portfolio)), make_cio(make_portfolio())):
        client.force_login(user)
        assert {client.get(address).status_code for address in addresses} == {404}

    client.force_login(make_manager(programme))
    assert {client.get(address).status_code for address in addresses} == {200}
    client.force_login(make_reader(programme))
    assert [client.get(address).status_code for address in addresses] == [
        *(200, 403, 200, 200, 200, 403, 403, 403),
        *(200, 200, 200, 200),
    ]


def test_a_reader_changes_nothing(client, programme):
    engagement = make_engagement(programme)
    partner = make_bidder(programme)
    client.force_login(make_reader(programme))
    base, one = f"programmes/{programme.pk}", f"engagements/{engagement.pk}"
    bid = {"request_key": str(uuid4()), "relationship": str(partner.pk), "named_on": "2026-09-10", "source": "Notice"}
    said = {"holder": "A", "words": "Good.", "given_on": "2026-09-10", "source": "B", "request_key": str(uuid4())}
    added = {"request_key": str(uuid4()), "kind": "staff", "who": "A", "task": "B", "starts_on": "2026-09-10"}

    answers = [
        api(client, f"{base}/engagements/", added),
        api(client, f"{one}/", {"version": 1, "who": "B"}, "patch"),
        api(client, f"{one}/roll-off/", {"ended_on": "2026-09-10", "reason": "x"}),
        api(client, f"{one}/undo-roll-off/", {"reason": "x"}),
        api(client, f"{base}/bids/", bid),
        api(client, f"{base}/acknowledgements/", said),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert (Engagement.objects.get().version, Bid.objects.count(), Acknowledgement.objects.count()) == (1, 0, 0)
    content = client.get(f"/{base}/engagements/").content + client.get(f"/{base}/bids/").content
    assert b"Add somebody" not in content
    assert b"Record a bid" not in content


# --- the list


def test_the_list_tells_now_coming_and_past(client, programme, manager):
    firm = make_firm("Northbridge")
    make_engagement(programme, "Now team", organisation_id=firm.pk, planned_end_on=TODAY - DAY)
    make_engagement(programme, "Next team", starts_on=TODAY + DAY)
    make_engagement(programme, "Past team", ended_on=TODAY - DAY)
    make_engagement(programme, "Dropped team", starts_on=TODAY + 2 * DAY, ended_on=TODAY)

    words = text_of(client.get(f"/programmes/{programme.pk}/engagements/"))

    now, rest = words.split("Working on it now")[1].split("Coming Who")
    coming, past = rest.split("Past Who")
    assert "Now team Consultant Northbridge Design of tablets" in now
    assert "Planned for Tuesday 15 September 2026, 1 day past it" in now
    assert "Next team" in coming
    assert "Past team" in past
    assert "Dropped team" in past
    assert "Called off: The work is done" in past


def test_the_list_is_shown_as_at_a_day(client, programme, manager):
    make_engagement(programme, "Past team", ended_on=TODAY - DAY)
    make_engagement(programme, "Next team", starts_on=TODAY + DAY)

    words = text_of(client.get(f"/programmes/{programme.pk}/engagements/?on={TODAY - DAY}"))
    assert "secondees and staff, on Tuesday 15 September 2026." in words
    assert "Past team" in words.split("Working on it that day Who")[1].split("Coming Who")[0]

    rows = api(client, f"programmes/{programme.pk}/engagements/?on={TODAY + DAY}").json()["results"]
    assert [(row["who"], row["state"]) for row in rows] == [("Past team", "past"), ("Next team", "running")]


def test_the_list_is_narrowed_by_kind_organisation_and_state(client, programme, manager):
    firm = make_firm("Northbridge")
    make_engagement(programme, "Theirs", organisation_id=firm.pk)
    make_engagement(programme, "Ours", kind=EngagementKind.STAFF)
    make_engagement(programme, "Later", kind=EngagementKind.STAFF, starts_on=TODAY + DAY)
    address = f"programmes/{programme.pk}/engagements/"

    def found(query):
        rows = {row["who"] for row in api(client, f"{address}?{query}").json()["results"]}
        words = text_of(client.get(f"/{address}?{query}"))
        if "state" not in query:
            assert {who for who in ("Theirs", "Ours", "Later") if who in words} == rows
        return rows

    assert found("kind=staff") == {"Ours", "Later"}
    assert found(f"organisation={firm.pk}") == {"Theirs"}
    assert found("kind=staff&state=coming") == {"Later"}
    assert found("kind=adviser") == set()
    assert "Nobody is like that" in text_of(client.get(f"/{address}?kind=adviser"))


@pytest.mark.parametrize("query", ["kind=x", "state=x", "organisation=x", "on=x", "colour=red"])
def test_the_api_refuses_filters_that_say_nothing(client, programme, manager, query):
    assert api(client, f"programmes/{programme.pk}/engagements/?{query}").status_code == 400


def test_an_empty_list_says_what_to_do(client, programme, manager):
    words = text_of(client.get(f"/programmes/{programme.pk}/engagements/"))
    assert "Nobody is on record yet Add who works on this programme" in words

    client.force_login(make_reader(programme))
    assert "records who works on a programme" in text_of(client.get(f"/programmes/{programme.pk}/engagements/"))


# --- acts on pages


def test_somebody_is_added_once_on_the_page(client, programme, manager):
    form = engagement_form(workstream=make_workstream(programme, "Tablets").pk, organisation=make_firm("Firm").pk)
    address = f"/programmes/{programme.pk}/engagements/add/"

    for _ in range(2):
        assert client.post(address, form).status_code == 302

    saved = Engagement.objects.get()
    assert (saved.who, saved.starts_on, str(saved.organisation), str(saved.workstream)) == (
        "Design team",
        TODAY,
        "Firm",
        "Tablets",
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"who": "two\nlines"}, "one line"),
        ({"who": "x" * 201}, "200 characters"),
        ({"kind": "robot"}, "Select a valid choice"),
        ({"organisation": uuid4()}, "Select a valid choice"),
        ({"organisation": "x"}, "Select a valid choice"),
        ({"starts_on": None}, "required"),
        ({"request_key": "x"}, "valid UUID"),
    ],
)
def test_what_is_no_engagement_is_told_on_the_page(client, programme, manager, changed, words):
    response = client.post(f"/programmes/{programme.pk}/engagements/add/", engagement_form(**changed))

    assert response.status_code == 200
    assert "There is a problem" in text_of(response)
    assert not Engagement.objects.exists()


def test_a_refusal_stands_at_its_field(client, programme, manager):
    response = client.post(f"/programmes/{programme.pk}/engagements/add/", engagement_form(planned_end_on=TODAY - DAY))

    assert response.status_code == 409
    assert 'href="#id_planned_end_on' in response.content.decode()


def test_the_second_of_two_sees_what_is_saved_now_and_keeps_what_was_typed(client, programme, manager):
    engagement = make_engagement(programme, "Design team")
    address = f"/engagements/{engagement.pk}/change/"
    form = engagement_form(who="Mine", version=1, starts_on=engagement.starts_on)
    other = make_manager(programme, "Bo Lee")
    client.force_login(other)
    client.post(address, engagement_form(who="Theirs", version=1, starts_on=engagement.starts_on))
    client.force_login(manager)

    response = client.post(address, form)

    assert response.status_code == 409
    assert "Bo Lee changed who it is and the task of this engagement" in text_of(response)
    assert "Who Mine Theirs" in text_of(response)
    (version,) = re.findall(r'name="version" value="(\d+)"', response.content.decode())
    assert client.post(address, form | {"version": version}).status_code == 302
    assert Engagement.objects.get().who == "Mine"


def test_a_workstream_that_went_elsewhere_stays_as_it_is(client, portfolio, programme, manager):
    workstream = make_workstream(programme, "Tablets")
    engagement = make_engagement(programme, "Design team", workstream_id=workstream.pk)
    workstream.programme = make_programme(portfolio=portfolio)
    workstream.save()
    form = engagement_form(who="Design team", workstream=workstream.pk, version=1, starts_on=engagement.starts_on)

    assert client.post(f"/engagements/{engagement.pk}/change/", form).status_code == 302
    saved = Engagement.objects.get()
    assert (saved.task, saved.workstream) == ("Design", workstream)


def test_a_last_day_is_recorded_and_taken_back_on_pages(client, programme, manager):
    engagement = make_engagement(programme, "Design team")
    base = f"/engagements/{engagement.pk}/roll-off/"
    form = {**days("ended_on", TODAY + DAY), "reason": "The contract ends"}

    assert client.post(base, form).status_code == 302
    assert "Thursday 17 September 2026: The contract ends" in text_of(client.get(f"/engagements/{engagement.pk}/"))
    assert client.post(base, form).status_code == 409
    assert client.post(f"{base}undo/", {"reason": ""}).status_code == 200
    assert client.post(f"{base}undo/", {"reason": "Wrong team"}).status_code == 302

    words = text_of(client.get(f"/engagements/{engagement.pk}/"))
    assert "The last day was taken back" in words
    assert "Last day: Thursday 17 September 2026" in words
    assert Engagement.objects.get().ended_on is None


def test_a_bid_is_recorded_on_the_page_with_its_members(client, programme, manager):
    partner = make_bidder(programme, "Alpha", ["Beta", "Gamma"])
    make_bid(programme, make_bidder(programme, "Beta"))
    elsewhere = make_bidder(make_programme(), "Elsewhere")
    address = f"/programmes/{programme.pk}/bids/"
    content = client.get(address).content.decode()
    assert "Alpha (engaged)" in content
    assert "Elsewhere" not in content
    assert "Beta (" not in content
    form = {"relationship": partner.pk, **days("named_on", TODAY), "source": "Notice", "request_key": uuid4()}

    assert client.post(address, form | {"relationship": elsewhere.pk}).status_code == 200
    assert Bid.objects.count() == 1
    assert client.post(address, form).status_code == 302

    words = text_of(client.get(address))
    assert "Alpha Beta (lead), Gamma (member) Wednesday 16 September 2026 Notice" in words
    assert "Beta Bid alone" in words
    assert "Beta stands in 2 bids: its own and that of Alpha." in words


def test_a_bidder_leads_to_its_relationship_for_who_may_see_that(client, programme, manager):
    partner = make_bidder(programme, "Alpha", ["Beta"])
    make_bid(programme, partner)
    link = f"/partners/relationships/{partner.pk}/"
    address = f"/programmes/{programme.pk}/bids/"
    assert link in client.get(address).content.decode()
    assert client.get(link).status_code == 200

    programme.owner = make_person()
    programme.save()
    client.force_login(programme.owner)

    assert "Alpha" in text_of(client.get(address))
    assert link not in client.get(address).content.decode()
    assert client.get(link).status_code == 404


def test_a_bid_that_the_relationship_does_not_allow_is_told(client, programme, manager):
    partner = make_bidder(programme, "Alpha", ["Beta"], state=RelationshipState.PROSPECT)
    form = {"relationship": partner.pk, **days("named_on", TODAY), "source": "Notice", "request_key": uuid4()}

    response = client.post(f"/programmes/{programme.pk}/bids/", form)

    assert response.status_code == 409
    assert "There is a problem" in text_of(response)
    assert not Bid.objects.exists()


def test_an_acknowledgement_is_recorded_once_on_the_page(client, programme, manager):
    office = make_office("Commissioner")
    engagement = make_engagement(programme, "Design team")
    form = {
        "holder": "Ola Brand, commissioner",
        "office": office.pk,
        "words": "The work was good.\nThank you.",
        **days("given_on", TODAY),
        "engagement": engagement.pk,
        "source": "Letter",
        "request_key": uuid4(),
    }
    address = f"/programmes/{programme.pk}/acknowledgements/"

    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert client.post(address, form | {"source": "", "request_key": uuid4()}).status_code == 200

    assert Acknowledgement.objects.count() == 1
    words = text_of(client.get(address))
    assert "The work was good. Thank you. Ola Brand, commissioner (Commissioner), Wednesday 16 September 2026" in words
    assert "The work was good." in text_of(client.get(f"/engagements/{engagement.pk}/"))


def test_words_are_shown_as_typed_and_never_run(client, programme, manager):
    engagement = make_engagement(programme, SCRIPT, ended_on=TODAY, source=SCRIPT)
    make_acknowledgement(programme, SCRIPT, holder=SCRIPT, engagement_id=engagement.pk)
    make_bid(programme, make_bidder(programme, SCRIPT))

    for page in ("engagements", "bids", "acknowledgements"):
        content = client.get(f"/programmes/{programme.pk}/{page}/").content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
        assert SCRIPT not in content
    assert SCRIPT not in client.get(f"/engagements/{engagement.pk}/").content.decode()


# --- the API


def test_an_engagement_through_the_api_from_start_to_end(client, programme, manager):
    address, key = f"programmes/{programme.pk}/engagements/", str(uuid4())
    added = {"request_key": key, "kind": "contractor", "who": "Team", "task": "Build", "starts_on": "2026-09-01"}

    first, again = api(client, address, added), api(client, address, added)
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json() == {
        "id": key,
        "programme": str(programme.pk),
        "kind": "contractor",
        "who": "Team",
        "organisation": None,
        "organisation_name": None,
        "workstream": None,
        "workstream_name": None,
        "task": "Build",
        "starts_on": "2026-09-01",
        "planned_end_on": None,
        "ended_on": None,
        "end_reason": "",
        "source": "",
        "state": "running",
        "version": 1,
    }
    one = f"engagements/{key}/"
    assert api(client, one, {"version": 1, "who": "Team of four"}, "patch").json()["who"] == "Team of four"
    assert api(client, one, {"version": 1, "who": "Another"}, "patch").status_code == 409
    ended = api(client, f"{one}roll-off/", {"ended_on": "2026-09-15", "reason": "Done"})
    assert (ended.json()["state"], ended.json()["ended_on"]) == ("past", "2026-09-15")
    assert api(client, f"{one}roll-off/", {"ended_on": "2026-09-15", "reason": "Done"}).status_code == 409
    assert api(client, f"{one}undo-roll-off/", {"reason": "A slip"}).json()["state"] == "running"
    assert api(client, one).json()["version"] == 4


def test_a_bid_and_an_acknowledgement_through_the_api(client, programme, manager):
    partner = make_bidder(programme, "Alpha", ["Beta"])
    bid = {"request_key": str(uuid4()), "relationship": str(partner.pk), "named_on": "2026-09-10", "source": "Notice"}
    address = f"programmes/{programme.pk}/bids/"

    first, again = api(client, address, bid), api(client, address, bid)

    assert (first.status_code, again.json()) == (201, first.json())
    assert first.json()["members"] == [{"organisation": str(make_firm("Beta").pk), "name": "Beta", "role": "Lead"}]
    assert api(client, address).json()["results"] == [first.json()]
    said = {"holder": "A", "words": "Good.", "given_on": "2026-09-10", "source": "B", "request_key": str(uuid4())}
    address = f"programmes/{programme.pk}/acknowledgements/"
    assert api(client, address, said).status_code == api(client, address, said).status_code == 201
    assert [row["words"] for row in api(client, address).json()["results"]] == ["Good."]


@pytest.mark.parametrize(
    "changed",
    [
        {"request_key": "x"},
        {"kind": 7},
        {"who": ["a"]},
        {"who": "a\nb"},
        {"who": "x" * 201},
        {"starts_on": "31/12/2026"},
        {"starts_on": None},
        {"organisation": "x"},
    ],
)
def test_the_api_refuses_what_is_no_engagement(client, programme, manager, changed):
    added = {"request_key": str(uuid4()), "kind": "staff", "who": "A", "task": "B", "starts_on": "2026-09-01"}

    assert api(client, f"programmes/{programme.pk}/engagements/", added | changed).status_code == 400
    assert not Engagement.objects.exists()


@pytest.mark.parametrize("part", ["workstream", "organisation"])
def test_the_api_refuses_what_belongs_elsewhere(client, portfolio, programme, manager, part):
    elsewhere = make_workstream(make_programme(portfolio=portfolio)).pk
    added = {"request_key": str(uuid4()), "kind": "staff", "who": "A", "task": "B", "starts_on": "2026-09-01"}

    assert api(client, f"programmes/{programme.pk}/engagements/", added | {part: str(elsewhere)}).status_code == 409


# --- cost


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/programmes/{pk}/engagements/", 10),
        ("/programmes/{pk}/bids/", 9),
        ("/programmes/{pk}/acknowledgements/", 9),
        ("/api/programmes/{pk}/engagements/", 7),
        ("/api/programmes/{pk}/bids/", 6),
        ("/api/programmes/{pk}/acknowledgements/", 6),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, portfolio, page, queries, count):
    programme = make_programme("Custody", portfolio=portfolio)
    for n in range(count):
        stream = make_workstream(programme)
        firm = make_firm(f"Firm {n}")
        make_engagement(programme, organisation_id=firm.pk, workstream_id=stream.pk)
        engagement = make_engagement(programme, ended_on=date(2026, 9, 2))
        make_acknowledgement(programme, engagement_id=engagement.pk, office_id=make_office(f"Office {n}").pk)
        make_bid(programme, make_bidder(programme, f"Group {n}", [f"A{n}", f"B{n}"]))
        make_bidder(programme, f"Alone {n}")
    client.force_login(make_manager(programme))

    with django_assert_num_queries(queries):
        response = client.get(page.format(pk=programme.pk))

    assert response.status_code == 200
