"""Pages of decisions."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from partners.clock.operations import set_clock
from programmes.decisions.enums import Ambition, DecisionState, NeedLevel
from programmes.decisions.models import Decision, DecisionOption
from programmes.decisions.operations import withdraw_decision
from programmes.register.enums import DeliveryModel
from programmes.scheduling.enums import GateResult
from programmes.workstreams.models import Workstream
from tests.builders import (
    NOW,
    dispose_of_everything,
    holder_of,
    make_bid,
    make_bidder,
    make_capability,
    make_deciding_office,
    make_decision,
    make_engagement,
    make_manager,
    make_office,
    make_option,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_saving,
    make_workstream,
    propose,
    take,
    version_of,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Business partnering", portfolio=portfolio)


@pytest.fixture
def office(programme):
    return make_deciding_office(programme)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Grace Adeyemi")
    client.force_login(manager)
    return manager


def text_of(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def typed(office, /, **more):
    """What the form of a draft sends."""
    return {
        "title": "End it",
        "question": "Do we go on?",
        "office": str(office.pk),
        "rationale": "It costs too much.",
        "source": "",
        "delivery_model": "",
        "gate": "",
        "gate_result": "",
        "gate_waiver_reason": "",
        "supersedes": "",
        "review_title": "",
        "review_purpose": "",
        "review_weeks": "8",
        "request_key": str(uuid4()),
        **more,
    }


@pytest.mark.usefixtures("manager")
def test_a_manager_drafts_a_decision_once(client, programme, office):
    sent = typed(
        office,
        ends_programme="on",
        review_title="Work so far",
        review_purpose="To look at it.",
        review_starts_on_day="22",
        review_starts_on_month="9",
        review_starts_on_year="2026",
    )

    first = client.post(f"/programmes/{programme.pk}/decisions/draft/", sent)
    again = client.post(f"/programmes/{programme.pk}/decisions/draft/", sent)

    decision = Decision.objects.get()
    assert first.status_code == again.status_code == 302
    assert first.headers["Location"] == again.headers["Location"] == f"/decisions/{decision.pk}/"
    page = text_of(client.get(f"/decisions/{decision.pk}/"))
    assert "A draft: nothing of this is proposed or decided." in page
    assert "end Business partnering" in page
    assert "open the review Work so far, from Tuesday 22 September 2026 to Tuesday 17 November 2026" in page


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"title": ""}, 200, "Enter title"),
        ({"title": "One\nTwo"}, 200, "Write this on one line"),
        ({"title": "x" * 201}, 200, "Title must be 200 characters or fewer"),
        ({"question": "x" * 4001}, 200, "Question must be 4,000 characters or fewer"),
        ({"office": str(uuid4())}, 200, "Choose one of the options"),
        ({"office": "nonsense"}, 200, "Choose one of the options"),
        (
            {"ends_programme": "on", "delivery_model": "other"},
            409,
            "neither changes how it is delivered nor opens a gate",
        ),
        ({"delivery_model": "taskforce"}, 409, "is delivered this way already"),
        ({"gate_result": "proceed"}, 409, "Choose the stage whose gate this is"),
        ({"review_title": "Work so far"}, 200, "Enter this as well, or leave the whole review empty"),
        (
            {
                "review_title": "Work so far",
                "review_purpose": "To look.",
                "review_starts_on_day": "19",
                "review_starts_on_month": "9",
                "review_starts_on_year": "2026",
            },
            409,
            "A review cannot open on Saturday 19 September 2026",
        ),
    ],
)
def test_a_draft_that_cannot_be_is_told_at_its_field(client, programme, office, more, status, words):
    response = client.post(f"/programmes/{programme.pk}/decisions/draft/", typed(office, **more))

    assert response.status_code == status
    assert words in text_of(response)
    assert not Decision.objects.exists()


@pytest.mark.usefixtures("manager")
def test_an_office_of_another_portfolio_decides_nothing_here(client, programme):
    elsewhere = make_office("Elsewhere", scope=make_portfolio().scope)

    response = client.post(f"/programmes/{programme.pk}/decisions/draft/", typed(elsewhere))

    assert "Choose one of the options" in text_of(response)


@pytest.mark.usefixtures("manager")
def test_the_gate_of_a_stage_is_offered_until_it_starts(client, programme, office):
    stage = programme.stages.first()
    sent = typed(office, gate=str(stage.pk), gate_result=GateResult.WITH_CONDITIONS)
    path = f"/programmes/{programme.pk}/decisions/draft/"

    refused = client.post(path, sent)
    reader = make_reader(programme, "Ama Mensah")
    condition = {"condition_1_text": "Two suppliers.", "condition_1_owner": reader.email}
    day = {"condition_1_due_on_day": "2", "condition_1_due_on_month": "10", "condition_1_due_on_year": "2026"}
    halved = client.post(path, sent | condition)
    drafted = client.post(path, sent | condition | day)

    assert "Enter the conditions, each with who meets it and by when" in text_of(refused)
    assert "A condition has its words, who meets it and by when" in text_of(halved)
    page = text_of(client.get(drafted.headers["Location"]))
    assert f"record “Proceed with conditions” at the gate before {stage}: Two suppliers (Ama Mensah, by" in page


def test_what_two_people_change_at_once_is_told_apart(client, programme, office, manager):
    decision = make_decision(programme, office=office, by=manager)
    path, sent = f"/decisions/{decision.pk}/change/", typed(office, version="1")
    client.post(path, sent | {"title": "Theirs"})

    response = client.post(path, sent | {"title": "Mine"})

    assert response.status_code == 409
    page = text_of(response)
    assert "Grace Adeyemi changed the title and the question of this decision while you were working on it" in page
    assert "Title Mine Theirs" in page
    assert 'name="version" value="2"' in response.content.decode()


def test_a_change_makes_what_was_proposed_a_draft_again(client, programme, office, manager):
    decision = propose(make_decision(programme, office=office), by=manager)

    client.post(f"/decisions/{decision.pk}/change/", typed(office, version=str(decision.version)))

    decision.refresh_from_db()
    assert (decision.state, decision.proposed_at) == (DecisionState.DRAFT, None)


@pytest.mark.usefixtures("manager")
def test_options_are_added_and_compared(client, programme, office):
    decision = make_decision(programme, office=office)
    cloud, training = make_capability("Cloud"), make_capability("Training")
    path = f"/decisions/{decision.pk}/options/add/"
    first = {
        "title": "Taskforce",
        "description": "Of our own.",
        "ambition": str(Ambition.LESS.value),
        "delivery_model": DeliveryModel.TASKFORCE,
        f"need_{cloud.pk}": str(NeedLevel.HEAVY.value),
        f"note_{cloud.pk}": "From the first day",
        "request_key": str(uuid4()),
    }
    second = first | {
        "title": "Partner",
        f"need_{cloud.pk}": str(NeedLevel.LIGHT.value),
        f"need_{training.pk}": str(NeedLevel.HEAVY.value),
        "request_key": str(uuid4()),
    }

    for sent in (first, first, second):
        assert client.post(path, sent).status_code == 302

    page = text_of(client.get(f"/decisions/{decision.pk}/options/"))
    assert "Whichever of the 2 options is chosen, partners are needed lightly for Cloud." in page
    assert "Partners: Cloud Heavy: From the first day Light: From the first day" in page
    assert "Partners: Training Not needed Heavy" in page
    assert client.post(path, first | {"request_key": str(uuid4())}).status_code == 409


@pytest.mark.usefixtures("manager")
def test_an_option_is_changed_and_removed(client, programme, office):
    decision = make_decision(programme, office=office)
    option = make_option(decision, "Taskforce")
    base = f"/decisions/{decision.pk}/options/{option.pk}/"
    sent = {
        "title": "Task force",
        "ambition": "2",
        "delivery_model": "other",
        "version": str(version_of(decision)),
    }

    assert client.get(f"{base}change/").status_code == 200
    assert client.post(f"{base}change/", sent).status_code == 302
    assert client.post(f"{base}change/", sent | {"title": "Late"}).status_code == 409
    option.refresh_from_db()
    assert (option.title, option.ambition) == ("Task force", 2)
    assert client.post(f"{base}remove/").status_code == 302
    assert not DecisionOption.objects.exists()
    assert client.get(f"{base}remove/").status_code == 404


@pytest.mark.usefixtures("manager")
def test_a_choice_needs_a_reason_for_every_other_before_it_is_proposed(client, programme, office):
    decision = make_decision(programme, office=office)
    one, other = make_option(decision, "One"), make_option(decision, "Other")
    version = version_of(decision)

    client.post(f"/decisions/{decision.pk}/choice/", {"option": str(one.pk), "version": str(version)})
    refused = client.post(f"/decisions/{decision.pk}/propose/", {"version": str(version + 1)})

    assert "Say why not: Other. Every option that is not chosen needs a reason." in text_of(refused)
    sent = {"option": str(one.pk), f"rejected_{other.pk}": "It costs more.", "version": str(version + 1)}
    client.post(f"/decisions/{decision.pk}/choice/", sent)
    assert client.post(f"/decisions/{decision.pk}/propose/", {"version": str(version + 2)}).status_code == 302
    assert "It waits for the" in text_of(client.get(f"/decisions/{decision.pk}/"))


@pytest.mark.usefixtures("manager")
def test_everything_left_behind_is_on_one_form_that_is_saved_at_any_time(client, programme, office, portfolio):
    stream, engagement = make_workstream(programme, "Custody tablets"), make_engagement(programme, "Four consultants")
    bid, saving = make_bid(programme, make_bidder(programme, "Hartley")), make_saving(programme, "Fewer desks")
    other, owner = make_programme("Fresh start", portfolio=portfolio), make_person("Olu Owner")
    decision = make_decision(programme, office=office, ends_programme=True)
    path = f"/decisions/{decision.pk}/left-behind/"

    page = text_of(client.get(path))
    for words in (
        "Workstream Custody tablets has no disposition.",
        "Engagement Four consultants has no disposition.",
        "Relationship Hartley has no disposition.",
        "Saving Fewer desks has no disposition.",
    ):
        assert words in page
    sent = {"version": "1", f"fate_{stream.pk}": "move", f"note_{saving.pk}": "Ask finance"}
    refused = client.post(path, sent)
    assert refused.status_code == 409
    assert "Custody tablets: choose the running programme" in text_of(refused)
    assert 'value="Ask finance"' in refused.content.decode()

    assert client.post(path, sent | {f"move_to_{stream.pk}": str(other.pk)}).status_code == 302
    whole = sent | {
        "version": "2",
        f"move_to_{stream.pk}": str(other.pk),
        f"ends_on_{engagement.pk}_day": "30",
        f"ends_on_{engagement.pk}_month": "9",
        f"ends_on_{engagement.pk}_year": "2026",
        f"fate_{bid.relationship_id}": "available",
        f"owner_{bid.relationship_id}": owner.email,
        f"expires_on_{bid.relationship_id}_day": "1",
        f"expires_on_{bid.relationship_id}_month": "1",
        f"expires_on_{bid.relationship_id}_year": "2030",
        f"fate_{saving.pk}": "keep",
    }
    assert client.post(path, whole).status_code == 302
    assert "Everything has a disposition." in text_of(client.get(path))
    page = text_of(client.get(f"/decisions/{decision.pk}/"))
    assert "move the workstream Custody tablets to Fresh start" in page
    assert "end the engagement of Four consultants on Wednesday 30 September 2026" in page
    assert "keep Hartley available until Tuesday 1 January 2030, with Olu Owner to answer for it" in page
    assert "keep the saving Fewer desks as it is" in page


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"owner": ""}, "name who answers for it"),
        ({"owner": "nobody@example.org"}, "Nobody with an account has this address or name"),
        ({"expires_on_year": ""}, "must include a year"),
        ({"expires_on_year": "2020"}, "the last day must be Wednesday 16 September 2026 or later"),
        ({"fate": "married"}, "Choose one of the options"),
    ],
)
def test_a_relationship_that_stays_available_has_an_owner_and_a_last_day(client, programme, office, change, words):
    relationship = make_bid(programme).relationship_id
    decision = make_decision(programme, office=office, ends_programme=True)
    sent = {
        "fate": "available",
        "owner": make_person().email,
        "expires_on_day": "1",
        "expires_on_month": "1",
        "expires_on_year": "2030",
    }
    named = {
        (f"{name[:10]}_{relationship}{name[10:]}" if name.startswith("expires_on") else f"{name}_{relationship}"): value
        for name, value in (sent | change).items()
    }

    response = client.post(f"/decisions/{decision.pk}/left-behind/", {"version": "1", **named})

    assert words in text_of(response)
    assert not decision.relationship_fates.exists()


def test_the_holder_takes_the_decision_and_the_record_says_it_all(client, programme, office, manager):
    stream = make_workstream(programme, "Custody tablets")
    decision = make_decision(programme, office=office, ends_programme=True, by=manager, source="Board paper 7")
    dispose_of_everything(decision)
    decision = propose(decision, by=manager)
    client.force_login(holder_of(office))

    listed = text_of(client.get("/decisions/"))
    preview = text_of(client.get(f"/decisions/{decision.pk}/take/"))
    sent = {"version": str(decision.version), "taken_on_day": "15", "taken_on_month": "9", "taken_on_year": "2026"}
    response = client.post(f"/decisions/{decision.pk}/take/", sent)

    assert "Decisions waiting for you" in listed
    assert "How we go on Business partnering" in listed
    assert "0 days" in listed
    assert "This decision will: end Business partnering stop the workstream Custody tablets" in preview
    assert response.status_code == 302
    page = text_of(client.get(f"/decisions/{decision.pk}/"))
    assert "Taken on Tuesday 15 September 2026 Taken by Ola Brand" in page
    assert f"Office {office.title}, {office.body} Recorded" in page
    assert "by Ola Brand Source Board paper 7" in page
    assert "This decision: ended Business partnering stopped the workstream Custody tablets" in page
    assert f"/workstreams/{stream.pk}/" not in client.get(f"/decisions/{decision.pk}/").content.decode()
    client.force_login(manager)
    assert f"/workstreams/{stream.pk}/" in client.get(f"/decisions/{decision.pk}/").content.decode()


def test_what_stands_in_the_way_is_told_when_it_is_taken(client, programme, office):
    decision = propose(make_decision(programme, office=office, ends_programme=True))
    make_workstream(programme, "Custody tablets")
    client.force_login(office.clerk)
    sent = {"version": str(decision.version), "taken_on_day": "16", "taken_on_month": "9", "taken_on_year": "2026"}

    response = client.post(f"/decisions/{decision.pk}/take/", sent)

    assert response.status_code == 409
    assert "Workstream Custody tablets has no disposition." in text_of(response)
    assert Workstream.objects.get().closed_at is None


def test_a_superseded_decision_says_by_which(client, programme, office, manager):
    first = take(propose(make_decision(programme, office=office, title="Go alone", by=manager)))
    second = take(propose(make_decision(programme, office=office, title="Go together", supersedes_id=first.pk)))

    page = text_of(client.get(f"/decisions/{first.pk}/"))
    listed = text_of(client.get(f"/programmes/{programme.pk}/decisions/"))

    assert "Superseded on Wednesday 16 September 2026 by Go together" in page
    assert "superseded the decision Go alone of Wednesday 16 September 2026" in text_of(
        client.get(f"/decisions/{second.pk}/")
    )
    assert "Go alone Superseded" in listed
    assert "Go together Taken" in listed


def test_a_withdrawn_decision_stays_on_record(client, programme, office, manager):
    decision = make_decision(programme, office=office, by=manager)

    assert client.post(f"/decisions/{decision.pk}/withdraw/", {"reason": ""}).status_code == 200
    assert client.post(f"/decisions/{decision.pk}/withdraw/", {"reason": "Overtaken"}).status_code == 302

    page = text_of(client.get(f"/decisions/{decision.pk}/"))
    assert "Withdrawn by Grace Adeyemi on Wednesday 16 September 2026: Overtaken" in page
    assert client.get(f"/decisions/{decision.pk}/change/").status_code == 409


def test_who_sees_and_who_changes_what(client, programme, office):
    decision = propose(make_decision(programme, office=office))
    pages = [
        f"/decisions/{decision.pk}/{page}" for page in ("change/", "options/add/", "choice/", "propose/", "withdraw/")
    ]

    client.force_login(make_person())
    assert {client.get(page).status_code for page in [f"/decisions/{decision.pk}/", *pages]} == {404}
    assert client.get(f"/programmes/{programme.pk}/decisions/").status_code == 404
    client.force_login(make_reader(programme))
    assert client.get(f"/decisions/{decision.pk}/").status_code == 200
    assert {client.get(page).status_code for page in [*pages, f"/decisions/{decision.pk}/take/"]} == {403}
    client.force_login(office.clerk)
    assert client.get(f"/decisions/{decision.pk}/").status_code == 200
    assert client.get(f"/decisions/{decision.pk}/options/").status_code == 200
    assert client.get(f"/decisions/{decision.pk}/take/").status_code == 200
    assert {client.get(page).status_code for page in pages} == {403}
    assert client.get(f"/programmes/{programme.pk}/").status_code == 404


def test_an_office_sees_no_draft_and_nothing_of_another_office(client, programme, office):
    draft = make_decision(programme, office=office)
    withdrawn = make_decision(programme, office=office)
    withdraw_decision(decision_id=withdrawn.pk, reason="Overtaken", by=make_manager(programme), now=NOW)
    elsewhere = propose(make_decision(programme, office=make_deciding_office(programme)))
    client.force_login(holder_of(office))

    for decision in (draft, withdrawn, elsewhere):
        assert client.get(f"/decisions/{decision.pk}/").status_code == 404
    assert "No decisions" in text_of(client.get("/decisions/"))


def test_a_holder_whose_days_are_over_sees_nothing_new(client, programme):
    old = make_person()
    office = make_deciding_office(programme, holder=old)
    taken = take(propose(make_decision(programme, office=office)))
    office.holdings.update(to_on=TODAY - timedelta(days=1))
    waiting = propose(make_decision(programme, office=office))
    client.force_login(old)

    assert client.get(f"/decisions/{waiting.pk}/").status_code == 404
    assert client.get(f"/decisions/{taken.pk}/").status_code == 200


@pytest.mark.usefixtures("manager")
def test_the_list_is_narrowed(client, programme, office):
    take(propose(make_decision(programme, office=office, title="Taken one")))
    make_decision(programme, office=office, title="Drafted one")

    taken = text_of(client.get("/decisions/", {"state": "taken"}))
    none = text_of(client.get("/decisions/", {"state": "taken", "taken_from": "2026-09-17"}))

    assert "Taken one" in taken
    assert "Drafted one" not in taken
    assert "No decision is like that" in none


@pytest.mark.usefixtures("manager")
def test_what_people_typed_is_text(client, programme, office):
    decision = make_decision(programme, office=office, title=SCRIPT, question=SCRIPT, rationale=SCRIPT)
    make_option(decision, SCRIPT)

    for page in ("", "options/", "propose/", "choice/"):
        content = client.get(f"/decisions/{decision.pk}/{page}").content.decode()
        assert SCRIPT not in content
        assert "&lt;script&gt;" in content


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/decisions/", 8),
        ("/programmes/{programme}/decisions/", 6),
        ("/decisions/{decision}/", 21),
        ("/decisions/{decision}/options/", 9),
        ("/decisions/{decision}/left-behind/", 17),
        ("/api/decisions/", 6),
        ("/api/decisions/{decision}/", 24),
        ("/api/decisions/{decision}/left-behind/", 14),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, portfolio, page, queries, count):
    programme = make_programme("Custody", portfolio=portfolio)
    office, capability = make_deciding_office(programme), make_capability()
    for _ in range(count):
        make_workstream(programme)
        make_engagement(programme)
        make_bid(programme)
        make_saving(programme)
    for _ in range(count):
        decision = make_decision(programme, office=office, ends_programme=True)
        for _ in range(count):
            make_option(decision, needs={capability: NeedLevel.HEAVY})
        dispose_of_everything(decision)
    client.force_login(make_manager(programme))

    with django_assert_num_queries(queries):
        response = client.get(page.format(programme=programme.pk, decision=decision.pk))

    assert response.status_code == 200


def test_whoever_an_office_decides_through_starts_at_what_waits_for_them(client, programme, office):
    propose(make_decision(programme, office=office))
    client.force_login(holder_of(office))

    home = client.get("/", follow=True)

    assert home.redirect_chain[-1][0] == "/decisions/"
    assert "Decisions waiting for you" in text_of(home)
    client.force_login(make_person())
    assert 'href="/decisions/"' not in client.get("/help/").content.decode()
