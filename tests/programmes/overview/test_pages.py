"""A programme's page and one's own: what they say, to whom, and at what cost."""

import re
from datetime import date, timedelta

import pytest
from django.db import transaction

from partners.clock.operations import set_clock
from partners.people.enums import Role
from programmes.register.changes import end_programme
from programmes.register.operations import record_constraint, record_lesson
from programmes.savings.models import Saving, SavingStatement
from programmes.scheduling.models import Stage
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.operations import close_workstream
from tests.builders import (
    NOW,
    give_role,
    make_acknowledgement,
    make_administrator,
    make_bid,
    make_bidder,
    make_cio,
    make_decision,
    make_engagement,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_review,
    make_task,
    make_unit,
    make_workstream,
    pass_gates,
    propose,
    report,
)

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=60)
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio("The whole force")


@pytest.fixture
def programme(portfolio):
    return make_programme("Custody", portfolio=portfolio, owner=make_person("Olu Owner"))


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Grace Adeyemi")
    client.force_login(manager)
    return manager


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def make_saving_stated(programme, by):
    saving = Saving.objects.create(programme=programme, title="Fewer leases", recorded_at=NOW, recorded_by=by)
    SavingStatement.objects.create(
        saving=saving,
        year=2026,
        number=1,
        expected_pence=200_000_000,
        delivered_pence=100_000_000,
        stated_on=NOW.date(),
        source="Finance",
        recorded_at=NOW,
        recorded_by=by,
    )


def steady(response):
    return re.sub(rb'(nonce|name="csrfmiddlewaretoken" value)="?[^" >]+"?', b"", response.content)


# --- who sees a programme


@pytest.mark.parametrize("page", ["/programmes/{pk}/", "/programmes/{pk}/changes/", "/api/programmes/{pk}/changes/"])
def test_a_stranger_finds_no_programme(client, portfolio, programme, page):
    address = page.format(pk=programme.pk)

    def status(user):
        client.force_login(user)
        return client.get(address).status_code

    seen_by = [
        make_manager(programme),
        make_reader(programme),
        make_cio(portfolio),
        programme.owner,
        make_administrator(),
    ]
    hidden_from = [make_person(), make_manager(make_programme(portfolio=portfolio)), make_cio(make_portfolio())]
    assert [status(user) for user in seen_by] == [200] * 5
    assert [status(user) for user in hidden_from] == [404] * 3


@pytest.mark.parametrize("page", ["/my-week/", "/programmes/{pk}/", "/api/my-week/"])
def test_what_somebody_may_not_see_changes_no_byte_of_their_page(client, portfolio, programme, manager, page):
    report(make_workstream(programme, "Tablets"), Rating.AMBER)
    address = page.format(pk=programme.pk)
    set_clock(to=NOW)
    before = client.get(address)

    unseen = make_programme("Secret", portfolio=portfolio)
    report(make_workstream(unseen, "Hidden", now=LONG_AGO), Rating.RED, ask_kind=Ask.DECISION, ask="Quietly")
    make_review(unseen)
    make_task()
    set_clock(to=NOW)
    after = client.get(address)

    as_of = rb'"as_of":"[^"]+"'
    assert re.sub(as_of, b"", steady(after)) == re.sub(as_of, b"", steady(before))
    client.force_login(make_manager(unseen))
    assert b"Secret" in client.get("/my-week/").content


# --- what a programme's page says


def test_the_page_joins_what_the_rooms_know(client, programme, manager):
    acted = {"by": manager, "now": NOW}
    record_constraint(programme_id=programme.pk, text="It must not grow.", source="Board, May", **acted)
    record_lesson(programme_id=programme.pk, title="Ask nights first", text="x", learned_on=date(2026, 3, 2), **acted)
    report(make_workstream(programme, "Tablets", lead=make_person("Lee Lead"), now=LONG_AGO), Rating.AMBER)
    silent = make_workstream(programme, "Network", now=LONG_AGO)
    report(silent, Rating.GREEN, now=LONG_AGO, ask_kind=Ask.DECISION, ask="Which mast?")
    closed = make_workstream(programme, "Old radios")
    close_workstream(workstream_id=closed.pk, reason="Done", by=manager, now=NOW)
    review = make_review(programme)
    day = NOW.date()
    pass_gates(programme)
    Stage.objects.filter(programme=programme, kind="technology").update(
        planned_start_on=day - timedelta(days=90),
        planned_finish_on=day - timedelta(days=1),
        started_on=date(2026, 7, 1),
    )

    words = text_of(client.get(f"/programmes/{programme.pk}/"))

    assert "At risk or worse" in words
    assert "The newest report is from Wednesday 16 September 2026." in words
    assert "Reports At risk or worse 1 of 2 reported, 1 silent" in words
    assert "As it stands at 10am on Wednesday 16 September 2026, UK time." in words
    assert "since Wednesday 1 July 2026, 1 day late to finish" in words
    assert "It must not grow. Board, May" in words
    assert "Network Silent last said: On track" in words
    assert "Old radios" not in words.split("What changed")[0]
    assert "A decision Network Which mast?" in words
    assert f"{review.title} Open" in words
    assert "Lessons 1 lesson" in words
    assert "Owner Olu Owner" in words
    assert "Grace Adeyemi" in words.split("Managed by")[1][:200]
    assert "Lee Lead Workstream lead" in words
    assert "Late ICT-enabled technology transformation: planned finish" in words
    assert "closed the workstream Old radios" in words.split("What changed")[1]


def test_an_empty_programme_says_what_to_do(client, programme, manager):
    words = text_of(client.get(f"/programmes/{programme.pk}/"))
    assert "No workstreams yet Add the first one" in words
    assert "No review yet. Open one" in words
    assert "not started" in words.lower()

    client.force_login(make_reader(programme))
    words = text_of(client.get(f"/programmes/{programme.pk}/"))
    assert "No workstreams yet The programme manager adds them." in words


def test_the_page_says_how_much_is_on_record_and_where(client, programme, manager):
    make_engagement(programme, planned_end_on=NOW.date() - timedelta(days=1))
    make_engagement(programme)
    make_engagement(programme, ended_on=NOW.date() - timedelta(days=1))
    make_bid(programme, make_bidder(programme, "Alpha", ["Beta"]))
    make_acknowledgement(programme)
    make_saving_stated(programme, manager)

    response = client.get(f"/programmes/{programme.pk}/")

    words = text_of(response)
    record = words.split("On record")[1]
    assert "People who work on it 2 now, 1 past the planned end" in record
    assert "Who bid 1 bidder" in record
    assert "Acknowledgements 1 on record" in record
    assert "Decisions None taken" in record
    assert "Savings £1m delivered £2m expected, £0 planned" in words
    assert "Partners 2 engagements, 1 past the planned end 1 bidder" in words.replace("Late ", "")
    for href in re.findall(r'href="(/programmes/[^"]+/)"', response.content.decode()):
        assert client.get(href).status_code == 200


def test_the_page_says_what_waits_for_a_decision(client, programme, manager):
    decision = make_decision(programme, title="Which mast")
    propose(decision)

    words = text_of(client.get(f"/programmes/{programme.pk}/"))

    assert "What it needs from above Waits for a decision Which mast" in words
    assert "Nobody asks for" not in words


def test_a_programme_that_ended_reads_as_a_finished_story(client, programme, manager):
    with transaction.atomic():
        end_programme(programme, on=NOW.date(), reason="The brand is completed", by=manager, now=NOW)
    day = NOW.date()
    Stage.objects.filter(programme=programme, kind="technology").update(
        planned_start_on=day - timedelta(days=90), planned_finish_on=day - timedelta(days=1)
    )

    words = text_of(client.get(f"/programmes/{programme.pk}/"))

    assert "Custody Ended" in words
    assert "Ended on Wednesday 16 September 2026, because: The brand is completed" in words.replace(" ,", ",")
    assert "None is open any more." in words
    for word in ("Add a workstream", "Open a review", "Nothing is due", "days late", "Nobody asks", "Late,"):
        assert word not in words


def test_actions_are_offered_to_those_who_may_take_them(client, portfolio, programme):
    workstream = make_workstream(programme, "Tablets", lead=make_person())
    make_workstream(programme, "Network")
    acts = {
        "change": f"/programmes/{programme.pk}/change/",
        "add": f"/programmes/{programme.pk}/workstreams/add/",
        "review": f"/programmes/{programme.pk}/reviews/open/",
        "report": f"/workstreams/{workstream.pk}/status/new/",
    }

    def offered(user):
        client.force_login(user)
        content = client.get(f"/programmes/{programme.pk}/").content.decode()
        shown = {act for act, href in acts.items() if f'href="{href}"' in content}
        for act in shown:
            assert client.get(acts[act]).status_code == 200
        for act in set(acts) - shown:
            assert client.get(acts[act]).status_code == 403
        return shown

    assert offered(make_manager(programme)) == {"change", "add", "review", "report"}
    assert offered(make_cio(portfolio)) == {"change", "add", "review"}
    assert offered(workstream.lead) == {"report"}
    assert offered(make_reader(programme)) == set()


def test_a_lead_reports_on_their_own_workstream_alone(client, programme):
    lead = make_person()
    own = make_workstream(programme, "Tablets", lead=lead)
    other = make_workstream(programme, "Network")
    client.force_login(lead)

    content = client.get(f"/programmes/{programme.pk}/").content.decode()

    assert f"/workstreams/{own.pk}/status/new/" in content
    assert f"/workstreams/{other.pk}/status/new/" not in content


def test_names_are_shown_as_typed_and_never_run(client, portfolio):
    programme = make_programme(SCRIPT, portfolio=portfolio)
    manager = make_manager(programme, f"{SCRIPT} manager")
    record_constraint(programme_id=programme.pk, text=f"{SCRIPT} constraint", source=SCRIPT, by=manager, now=NOW)
    report(make_workstream(programme, f"{SCRIPT} stream", lead=manager), ask_kind=Ask.ADVICE, ask=f"{SCRIPT} ask")
    make_workstream(programme, f"{SCRIPT} silent", now=LONG_AGO)
    client.force_login(manager)

    for page in (f"/programmes/{programme.pk}/", f"/programmes/{programme.pk}/changes/", "/my-week/"):
        content = client.get(page).content.decode()

        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
        assert SCRIPT not in content


def test_changes_of_a_programme_are_its_own(client, portfolio, programme, manager):
    report(make_workstream(programme, "Tablets"), Rating.RED)
    report(make_workstream(make_programme(portfolio=portfolio), "Elsewhere"), Rating.RED)

    page = text_of(client.get(f"/programmes/{programme.pk}/changes/?days=7"))
    rows = client.get(f"/api/programmes/{programme.pk}/changes/").json()["results"]

    assert "reported Off track for Tablets" in page
    assert "Elsewhere" not in page
    assert [row["summary"] for row in rows if "reported" in row["summary"]] == ["reported Off track for Tablets"]


# --- one's own page


def test_statuses_due_come_silent_first_one_click_from_the_form(client, programme, manager):
    due = make_workstream(programme, "Due soon", now=NOW - timedelta(days=2))
    silent = make_workstream(programme, "Silent", now=LONG_AGO)
    report(make_workstream(programme, "Said", now=LONG_AGO))

    content = client.get("/my-week/").content.decode()

    forms = re.findall(r'href="(/workstreams/[^"]+/status/new/)"', content)
    assert forms == [f"/workstreams/{one.pk}/status/new/" for one in (silent, due)]
    assert [client.get(form).status_code for form in forms] == [200, 200]
    assert "Silent since the end of Friday 11 September 2026" in text_of(client.get("/my-week/"))


def test_what_is_asked_of_me_is_mine_and_open(client, programme):
    person = make_person(unit=make_unit())
    task = make_task(person)
    person = give_role(person, Role.PROGRAMME_MANAGER, programme.scope)
    other = make_task().consultation.title

    client.force_login(person)
    words = text_of(client.get("/my-week/"))

    assert f"{task.consultation.title} Closes at 5pm on" in words
    assert other not in words


def test_asks_of_a_lead_are_those_of_their_workstreams(client, programme, manager):
    lead = make_person()
    own = make_workstream(programme, "Tablets", lead=lead)
    other = make_workstream(programme, "Network")
    for workstream in (own, other):
        report(workstream, ask_kind=Ask.DECISION, ask=f"Decide on {workstream.name}")

    def asked(user):
        client.force_login(user)
        return {row["text"] for row in client.get("/api/my-week/").json()["asks"]}

    assert asked(lead) == {"Decide on Tablets"}
    assert asked(manager) == {"Decide on Tablets", "Decide on Network"}
    assert asked(programme.owner) == {"Decide on Tablets", "Decide on Network"}


def test_my_page_shows_running_reviews_and_a_week_of_changes(client, programme, manager):
    review = make_review(programme)
    workstream = make_workstream(programme, "Tablets", now=LONG_AGO)
    report(workstream, Rating.RED, now=NOW - timedelta(days=9))
    report(workstream, Rating.AMBER, now=NOW - timedelta(days=2))

    words = text_of(client.get("/my-week/"))

    running = words.split("Reviews running")[1]
    assert running.startswith(" Review Closes (UK time) What comes next")
    assert f"{review.title} Custody 5pm on Tuesday 10 November 2026 Look at uptake by unit" in running
    changed = words.split("What changed in 7 days")[1]
    assert "reported At risk for Tablets, late, which was Off track" in changed
    assert "reported Off track" not in changed


def test_somebody_without_a_programme_is_told_what_stands_here(client):
    client.force_login(make_person())

    assert "Nothing waits for you" in text_of(client.get("/my-week/"))


def test_my_week_leave_out_what_is_only_read(client, programme):
    client.force_login(make_reader(programme))

    assert client.get("/api/my-week/").json()["programmes"] == []


def test_my_week_shows_a_page_of_what_is_due_and_of_what_is_to_be_read(client, monkeypatch, programme, manager):
    monkeypatch.setattr("programmes.overview.views.ROWS_OF_MY_WEEK", 1)
    reported = [make_workstream(programme, name, now=LONG_AGO) for name in ("Cells", "Doors")]
    for n, each in enumerate(reported):
        report(each, now=NOW - timedelta(days=20 - n))

    pages = [
        text_of(client.get(f"/my-week/?due={due}&read={read}")) for due, read in [(1, 1), (2, 1), (1, 2), (9, "x")]
    ]

    for words, due, read in zip(pages, [1, 2, 1, 2], [1, 1, 2, 1], strict=True):
        assert f"Showing {due} to {due} of 2 statuses due" in words
        assert f"Showing {read} to {read} of 2 reports to acknowledge" in words
    assert "Report on Cells" in pages[0]
    assert "Report on Doors" not in pages[0]
    assert "Report on Doors" in pages[1]
    assert len(client.get("/api/my-week/").json()["statuses"]) == 2


def test_my_week_through_the_api(client, programme, manager):
    silent = make_workstream(programme, "Network", now=LONG_AGO)
    review = make_review(programme)

    found = client.get("/api/my-week/").json()

    assert [row["workstream"] for row in found["statuses"]] == [str(silent.pk)]
    assert found["programmes"] == [
        {
            "id": str(programme.pk),
            "name": "Custody",
            "stage": "technology",
            "rating": "not_known",
            "coverage": "0 of 1 reported, 1 silent",
            "last_reported_at": None,
            "asks": 0,
        }
    ]
    assert found["reviews"][0]["id"] == str(review.pk)
    assert found["reviews"][0]["next_step"] == {"on": "2026-09-22", "title": "Look at uptake by unit"}
    assert found["tasks"] == []


# --- cost


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/programmes/{pk}/", 31),
        ("/programmes/{pk}/changes/", 10),
        ("/my-week/", 33),
        ("/api/my-week/", 32),
        ("/api/programmes/{pk}/changes/", 9),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, portfolio, page, queries, count):
    programme = make_programme("Custody", portfolio=portfolio)
    manager = make_manager(programme)
    for n in range(count):
        another = make_programme(f"Programme {n}", portfolio=portfolio)
        manager = give_role(manager, Role.PROGRAMME_MANAGER, another.scope)
        for one in (programme, another):
            report(make_workstream(one, now=LONG_AGO), Rating.RED, ask_kind=Ask.ADVICE, ask="Which?")
            make_workstream(one, now=LONG_AGO)
            make_review(one)
            make_acknowledgement(one, engagement_id=make_engagement(one).pk)
            make_bid(one, make_bidder(one, f"Group {n}{one.name}", [f"A{n}{one.name}", f"B{n}{one.name}"]))
        record_lesson(
            programme_id=programme.pk, title=f"Lesson {n}", text="x", learned_on=date(2026, 3, 2), by=manager, now=NOW
        )
    client.force_login(manager)

    with django_assert_num_queries(queries):
        response = client.get(page.format(pk=programme.pk))

    assert response.status_code == 200
