"""The CIO's page and its neighbours: what they say, to whom, and at what cost."""

import re
from datetime import timedelta

import pytest

from partners.clock.operations import set_clock
from partners.people.enums import Role
from portfolio.board.queries.board import programmes_in
from portfolio.board.rules import SORTS
from portfolio.groups.queries import portfolio_of, portfolios_visible_to
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.models import Stage
from programmes.workstreams.enums import Ask, Rating
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_review,
    make_workstream,
    pass_gates,
    report,
)

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=60)
PAGES = ["", "due/", "changes/", "asks/"]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio("The whole force")


@pytest.fixture
def cio(client, portfolio):
    cio = make_cio(portfolio, "Helen Osei")
    client.force_login(cio)
    return cio


def text_of(response):
    """The page as its words, whatever the markup between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def names_in(response):
    """The programmes of the table, in order."""
    return re.findall(r'<th scope="row"[^>]*><a [^>]*href="/programmes/[^>]*>([^<]+)</a>', response.content.decode())


def steady(response):
    """The page without what differs from one request to the next."""
    return re.sub(rb'(nonce|name="csrfmiddlewaretoken" value)="?[^" >]+"?', b"", response.content)


# --- where each role starts


def start_of(client, user):
    client.force_login(user)
    return client.get("/").headers["Location"]


def test_home_sends_each_role_to_its_own_page(client, portfolio):
    programme = make_programme(portfolio=portfolio)
    lead = make_person()
    make_workstream(programme, lead=lead)
    both = give_role(make_cio(portfolio), Role.PROGRAMME_MANAGER, programme.scope)
    board = f"/portfolios/{portfolio.pk}/"

    assert start_of(client, make_cio(portfolio)) == board
    assert start_of(client, both) == board
    assert start_of(client, make_manager(programme)) == "/my-week/"
    assert start_of(client, lead) == "/my-week/"
    assert start_of(client, make_administrator()) == "/people/"
    assert start_of(client, give_role(make_person(), Role.READER, portfolio.scope)) == board
    assert start_of(client, give_role(make_person(), Role.READER, programme.scope)) == "/my-tasks/"
    assert start_of(client, make_person()) == "/my-tasks/"


def test_home_sends_a_cio_of_several_portfolios_to_their_list(client, portfolio):
    cio = give_role(make_cio(portfolio), Role.CIO, make_portfolio().scope)

    assert start_of(client, cio) == "/portfolios/"


def test_home_sends_a_stranger_to_sign_in(client):
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


# --- who sees it


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_finds_no_portfolio(client, portfolio, page):
    programme = make_programme(portfolio=portfolio)
    address = f"/portfolios/{portfolio.pk}/{page}"
    seen_by = [make_cio(portfolio), give_role(make_person(), Role.READER, portfolio.scope), make_administrator()]
    hidden_from = [make_person(), make_manager(programme), make_cio(make_portfolio())]

    def status(user):
        client.force_login(user)
        return client.get(address).status_code

    assert [status(user) for user in seen_by] == [200, 200, 200]
    assert [status(user) for user in hidden_from] == [404, 404, 404]


@pytest.mark.parametrize("page", ["/portfolios/", *(f"/portfolios/{{pk}}/{page}" for page in PAGES)])
def test_what_somebody_may_not_see_changes_no_byte_of_their_page(client, portfolio, cio, page):
    report(make_workstream(make_programme("Custody", portfolio=portfolio), "Tablets"), Rating.AMBER)
    address = page.format(pk=portfolio.pk)
    set_clock(to=NOW)
    before = client.get(address)

    unseen = make_programme("Secret")
    report(make_workstream(unseen, "Hidden", now=LONG_AGO), Rating.RED, ask_kind=Ask.DECISION, ask="Quietly")
    make_review(unseen)
    Stage.objects.filter(programme=unseen).update(planned_start_on=NOW, planned_finish_on=NOW)
    set_clock(to=NOW)
    after = client.get(address)

    assert b"Secret" not in after.content
    assert steady(after) == steady(before)
    client.force_login(make_administrator())
    assert b"Secret" in client.get(f"/portfolios/{portfolio_of(unseen).pk}/").content


def test_who_sees_a_portfolio_sees_each_of_its_programmes(portfolio):
    for _ in range(2):
        make_programme(portfolio=portfolio)
    make_programme()
    programmes = set(programmes_in(portfolio))

    seen_by = [make_cio(portfolio), give_role(make_person(), Role.READER, portfolio.scope), make_administrator()]
    for user in seen_by:
        assert portfolio in portfolios_visible_to(user)
        assert set(programmes_visible_to(user).filter(scope__parent=portfolio.scope)) == programmes
    assert len(programmes) == 2


# --- what it says


def test_the_board_counts_with_coverage(client, portfolio, cio):
    programme = make_programme("Custody", portfolio=portfolio)
    report(make_workstream(programme, now=LONG_AGO), Rating.AMBER)
    report(make_workstream(programme, now=LONG_AGO), ask_kind=Ask.ADVICE, ask="Which supplier first?")
    make_workstream(programme, now=LONG_AGO)
    make_workstream(programme)
    make_review(programme)

    words = text_of(client.get(f"/portfolios/{portfolio.pk}/"))

    assert "As it stands at 10am on Wednesday 16 September 2026, UK time." in words
    assert "2 of 3 workstreams reported 1 silent" in words
    assert "2 of 3 reported, 1 silent, 1 not due yet today" in words
    assert "1 programme under review" in words
    assert "5pm on Tuesday 10 November 2026" in words
    assert "Which supplier first?" in words


@pytest.mark.parametrize(
    ("reports", "silent", "shown"),
    [
        ([Rating.GREEN], 0, "On track"),
        ([Rating.GREEN], 1, "At risk or worse"),
        ([Rating.GREEN], 2, "Not known"),
        ([], 1, "Not known"),
        ([Rating.RED], 2, "Off track"),
    ],
)
def test_silence_is_never_green(client, portfolio, cio, reports, silent, shown):
    programme = make_programme("Custody", portfolio=portfolio)
    for rating in reports:
        report(make_workstream(programme, now=LONG_AGO), rating)
    for _ in range(silent):
        workstream = make_workstream(programme, now=LONG_AGO)
        report(workstream, Rating.GREEN, now=LONG_AGO)

    content = client.get(f"/portfolios/{portfolio.pk}/").content.decode()

    row = content.split("</thead>")[-1].split("</table>")[0]
    assert re.findall(r'app-rating__word">([^<]+)<', row) == [shown]
    assert ("app-rating--green" in row) == (shown == "On track")


def test_a_programme_without_workstreams_or_plan_is_said_to_be_so(client, portfolio, cio):
    make_programme("Custody", portfolio=portfolio)

    words = text_of(client.get(f"/portfolios/{portfolio.pk}/"))

    assert (
        "Not started, no planned dates No workstreams Own reports No workstreams nothing reported yet 0 No open review"
        in words
    )


def test_a_late_stage_is_late_in_words(client, portfolio, cio):
    programme = pass_gates(make_programme("Custody", portfolio=portfolio))
    day = NOW.date()
    first = Stage.objects.filter(programme=programme, kind="technology")
    first.update(planned_start_on=day - timedelta(days=90), planned_finish_on=day - timedelta(days=12), started_on=day)

    board = text_of(client.get(f"/portfolios/{portfolio.pk}/"))
    due = text_of(client.get(f"/portfolios/{portfolio.pk}/due/"))

    assert "Under way, 12 days late to finish" in board
    assert "1 stage is late" in board
    assert "Late ICT-enabled technology transformation: planned finish Not recorded yet, Custody" in due


def test_an_empty_portfolio_says_what_to_do(client, portfolio, cio):
    words = text_of(client.get(f"/portfolios/{portfolio.pk}/"))
    assert "No programmes yet Set up the first one" in words

    client.force_login(give_role(make_person(), Role.READER, portfolio.scope))
    assert "an administrator sets programmes up" in text_of(client.get(f"/portfolios/{portfolio.pk}/"))
    client.force_login(make_person())
    assert "You see no portfolio" in text_of(client.get("/portfolios/"))


def test_names_are_shown_as_typed_and_never_run(client, portfolio, cio):
    programme = make_programme(SCRIPT, portfolio=portfolio)
    workstream = make_workstream(programme, f"{SCRIPT} stream", now=LONG_AGO)
    report(workstream, Rating.RED, ask_kind=Ask.DECISION, ask=f"{SCRIPT} ask")
    review = make_review(programme)
    review.title = f"{SCRIPT} review"
    review.save()

    for page in ["", "due/?days=30", "changes/", "asks/", f"?q={SCRIPT}"]:
        content = client.get(f"/portfolios/{portfolio.pk}/{page}").content.decode()

        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content, page
        assert SCRIPT not in content, page


# --- narrowing and sorting


@pytest.fixture
def three(portfolio):
    """Alpha is off track and asks, Beta is silent, Gamma is green and under review; only Alpha is under way."""
    alpha, beta, gamma = (make_programme(name, portfolio=portfolio) for name in ("Alpha", "Beta", "Gamma"))
    report(make_workstream(alpha, now=LONG_AGO), Rating.RED, ask_kind=Ask.DECISION, ask="Which?")
    make_workstream(beta, now=LONG_AGO)
    report(make_workstream(gamma, now=LONG_AGO), now=NOW - timedelta(days=1))
    make_review(gamma)
    day = NOW.date()
    pass_gates(alpha)
    Stage.objects.filter(programme=alpha, kind="technology").update(started_on=day, finished_on=day)
    Stage.objects.filter(programme=beta, kind="technology").update(
        planned_start_on=day - timedelta(days=9), planned_finish_on=day
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alpha", "Beta", "Gamma"]),
        ("sort=name", ["Alpha", "Beta", "Gamma"]),
        ("sort=stage", ["Beta", "Gamma", "Alpha"]),
        ("sort=silent", ["Beta", "Alpha", "Gamma"]),
        ("sort=oldest", ["Beta", "Gamma", "Alpha"]),
        ("sort=asks", ["Alpha", "Beta", "Gamma"]),
        ("sort=review", ["Gamma", "Alpha", "Beta"]),
        ("stage=information", ["Alpha"]),
        ("rating=red", ["Alpha"]),
        ("rating=not_known", ["Beta"]),
        ("rating=green", ["Gamma"]),
        ("only=silent", ["Beta"]),
        ("only=asks", ["Alpha"]),
        ("only=late", ["Beta"]),
        ("only=review", ["Gamma"]),
        ("q=ET", ["Beta"]),
        ("q=a+m", ["Gamma"]),
        ("delivery_model=other", []),
        ("stage=technology&rating=green", ["Gamma"]),
    ],
)
def test_the_board_is_narrowed_and_sorted_by_its_address(client, portfolio, cio, three, query, names):
    assert names_in(client.get(f"/portfolios/{portfolio.pk}/?{query}")) == names


@pytest.mark.parametrize("query", ["sort=password", "stage=x", "rating=purple", "only=1", "per_page=7", "page=x"])
def test_what_the_board_does_not_know_is_left_out_and_said(client, portfolio, cio, three, query):
    response = client.get(f"/portfolios/{portfolio.pk}/?{query}")

    assert names_in(response) == ["Alpha", "Beta", "Gamma"]
    assert ("is not one of the choices" in text_of(response)) == (query != "page=x")


def test_a_filter_that_matches_nothing_says_so(client, portfolio, cio, three):
    words = text_of(client.get(f"/portfolios/{portfolio.pk}/?q=nothing"))

    assert "No programme matches" in words
    assert "2 of 3 workstreams reported" in words  # the figures are those of the whole portfolio


def test_every_order_has_words_and_works(client, portfolio, cio, three):
    for sort in SORTS:
        assert sorted(names_in(client.get(f"/portfolios/{portfolio.pk}/?sort={sort}"))) == ["Alpha", "Beta", "Gamma"]


def test_the_board_is_paged_and_shown_complete_for_printing(client, portfolio, cio):
    for n in range(27):
        make_programme(f"Programme {n:02}", portfolio=portfolio)

    first = client.get(f"/portfolios/{portfolio.pk}/?per_page=25")
    second = client.get(f"/portfolios/{portfolio.pk}/?per_page=25&page=2")
    complete = client.get(f"/portfolios/{portfolio.pk}/?per_page=1000")

    assert names_in(first) == [f"Programme {n:02}" for n in range(25)]
    assert names_in(second) == ["Programme 25", "Programme 26"]
    assert len(names_in(complete)) == 27
    assert "Not on this page: what is due" in text_of(complete)


# --- what changed, what is due


def test_changes_leave_out_reports_that_say_nothing_new(client, portfolio, cio):
    workstream = make_workstream(make_programme("Custody", portfolio=portfolio), "Tablets", now=LONG_AGO)
    report(workstream, Rating.GREEN, now=NOW - timedelta(days=20))
    report(workstream, Rating.GREEN, now=NOW - timedelta(days=13))
    report(workstream, Rating.AMBER, now=NOW - timedelta(days=6))
    report(workstream, Rating.AMBER, now=NOW - timedelta(days=1), ask_kind=Ask.ADVICE, ask="What next?")

    def reports(query):
        return re.findall(
            r">reported ([^<]+)<", client.get(f"/portfolios/{portfolio.pk}/changes/{query}").content.decode()
        )

    said = [
        "At risk for Tablets, and asks for advice",
        "At risk for Tablets, which was On track",
        "On track for Tablets",
    ]
    assert reports("") == said
    assert reports("?days=7") == said[:2]
    assert reports("?routine=on") == [*said[:2], "On track for Tablets", "On track for Tablets"]


def test_changes_lead_to_the_page_that_shows_them(client, portfolio, cio):
    programme = make_programme("Custody", portfolio=portfolio)
    workstream = make_workstream(programme, "Tablets")
    report(workstream)
    review = make_review(programme)

    content = client.get(f"/portfolios/{portfolio.pk}/changes/").content.decode()

    for page in (f"/workstreams/{workstream.pk}/", f"/reviews/{review.pk}/"):
        assert f'href="{page}"' in content
        assert client.get(page).status_code == 200


def test_due_lists_steps_of_reviews_and_reporting_days_within_its_days(client, portfolio, cio):
    make_review(make_programme("Custody", portfolio=portfolio))

    soon = text_of(client.get(f"/portfolios/{portfolio.pk}/due/"))
    later = text_of(client.get(f"/portfolios/{portfolio.pk}/due/?days=30"))

    assert "Friday 18 September 2026 Status reports are due By the end of the day, every workstream" in soon
    assert "Tuesday 29 September 2026 Review" in soon
    assert "October" not in soon.split("Times are UK times.")[1]
    assert "Tuesday 13 October 2026" in later


# --- cost


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/portfolios/", 11),
        ("/portfolios/{pk}/", 26),
        ("/portfolios/{pk}/?per_page=1000", 14),
        ("/portfolios/{pk}/due/", 13),
        ("/portfolios/{pk}/changes/", 11),
        ("/portfolios/{pk}/asks/", 8),
        ("/portfolios/{pk}/since/?since=2026-09-10", 45),
        ("/portfolios/{pk}/records/", 10),
        ("/portfolios/{pk}/list.csv", 12),
        ("/views/", 6),
        ("/search/?q=a", 5),
        ("/search/?q=pro", 15),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, portfolio, cio, page, queries, count):
    for n in range(count):
        programme = make_programme(f"Programme {n}", portfolio=portfolio)
        for _ in range(count):
            report(make_workstream(programme), ask_kind=Ask.ADVICE, ask="Which?")
        make_review(programme)

    with django_assert_num_queries(queries):
        response = client.get(page.format(pk=portfolio.pk))

    assert response.status_code == 200


def test_who_chooses_the_reporting_day_finds_it_from_the_board(client, portfolio, cio):
    address = f"/reporting/{portfolio.scope_id}/"

    assert address in client.get(f"/portfolios/{portfolio.pk}/").content.decode()
    assert client.get(address).status_code == 200
    client.force_login(give_role(make_person(), Role.READER, portfolio.scope))
    assert address not in client.get(f"/portfolios/{portfolio.pk}/").content.decode()
