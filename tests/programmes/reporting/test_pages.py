"""Pages of a workstream and of its reports: what they show, what a refusal keeps, and who finds nothing."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest

from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.reporting.rules import DIMENSIONS, StepGiven
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import StatusUpdate
from programmes.workstreams.operations import close_workstream
from programmes.workstreams.rules import NOTHING_CHANGED
from tests.builders import (
    NOW,
    correct,
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


@pytest.fixture
def status_form(lead):
    """What a form at risk sends."""

    def form(**more):
        return {
            "rating": "amber",
            **dict.fromkeys(DIMENSIONS, "amber"),
            "changed": "Two of five screens work.",
            "step_1": "Order the rest.",
            "path_to_green": "A second crew joins.",
            "path_owner": lead.email,
            "path_due_on_day": "27",
            "path_due_on_month": "11",
            "path_due_on_year": "2026",
            "ask_kind": "none",
            "ask": "",
            "based_on": "",
            "request_key": str(uuid4()),
        } | more

    return form


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


# The workstream


def test_workstream_page_shows_the_rating_with_its_age_and_words(client, workstream, manager):
    report(
        workstream,
        Rating.AMBER,
        now=SIX_DAYS_AGO,
        changed="Two <b>of</b> five\nscreens work.",
        ask_kind=Ask.DECISION,
        ask="Which site?",
    )

    response = client.get(address(workstream))

    page = text_of(response)
    assert response.status_code == 200
    assert "app-rating--amber" in page
    assert '>At risk</span> <span class="app-rating__note">6 days ago<' in page
    assert "&lt;b&gt;of&lt;/b&gt;" in response.content.decode()
    assert "Asks for a decision" in page
    assert "Fiona Reid" in page
    assert "By the end of Friday 18 September 2026" in page
    assert f'href="{address(workstream, "status/new/")}"' in page


def test_workstream_page_of_a_silent_one_shows_no_green_status(client, workstream, manager):
    report(workstream, Rating.GREEN, now=FIVE_WEEKS_AGO)

    page = text_of(client.get(address(workstream)))

    heading = page[page.index("<h1") : page.index("</h1>")]
    card = page[page.index("The last status") : page.index("</section>")]
    assert "app-rating--silent" in heading
    assert "Last said: On track, 5 weeks ago" in card
    assert "app-rating--green" not in heading + card
    assert (
        "Silent since the end of Friday 11 September 2026. "
        "Nothing has been reported since the end of Friday 4 September 2026." in page
    )


def test_workstream_page_without_a_status_says_what_to_do(client, workstream, manager):
    page = text_of(client.get(address(workstream)))

    assert "No status yet" in page
    assert "Report the first status" in page


def test_workstream_page_draws_the_trend_with_words_and_a_table(client, workstream, manager):
    report(workstream, Rating.RED, now=NOW - timedelta(days=13))

    response = client.get(address(workstream))

    page = text_of(response)
    row = page[page.index("app-trend") : page.index("The same as a table")]
    marks = re.findall(r'__word">(.*?)</span>.*?__day">(.*?)</span>', row)
    assert marks[-2:] == [("Off track", "4 Sep"), ("Silent", "11 Sep")]
    assert len(marks) == 12
    assert "Reported by the end of each reporting day" in page
    assert "Friday 4 September 2026" in page


def test_workstream_page_folds_a_correction_under_what_it_corrects(client, workstream, manager):
    wrong = report(workstream, Rating.GREEN, now=SIX_DAYS_AGO, changed="All five screens work.")
    correct(wrong, Rating.RED, by=manager, changed="None works.", reason="Read the wrong site")

    page = text_of(client.get(address(workstream)))

    history = page[page.index(">History<") :]
    assert history.index("None works.") < history.index("it said On track") < history.index("All five screens work.")
    assert "Priya Nair corrected it: Read the wrong site" in history


def test_workstream_page_pages_its_history_newest_first(client, workstream, manager):
    for n in range(12):
        report(workstream, now=LONG_AGO + timedelta(days=n), changed=f"Change {n:02}.", by=manager)

    first, second = (client.get(address(workstream), {"page": n}) for n in (1, 2))

    def history(response):
        return re.findall(r"Change \d\d\.", text_of(response).partition(">History<")[2])

    assert history(first) == [f"Change {n:02}." for n in range(11, 1, -1)]
    assert history(second) == ["Change 01.", "Change 00."]
    assert "Showing 1 to 10 of 12 updates" in text_of(first).replace("<b>", "").replace("</b>", "")


def test_workstream_page_of_a_closed_one_says_why(client, workstream, manager):
    report(workstream, now=SIX_DAYS_AGO)
    close_workstream(workstream_id=workstream.pk, reason="Handed to operations", by=manager, now=NOW)

    page = text_of(client.get(address(workstream)))

    assert "Priya Nair closed this workstream on Wednesday 16 September 2026: Handed to operations" in page
    assert "status/new/" not in page
    assert "Reopen" in page


def test_workstream_page_hides_what_would_be_refused(client, programme, workstream):
    report(workstream, now=SIX_DAYS_AGO)
    client.force_login(make_reader(programme))

    page = text_of(client.get(address(workstream)))

    assert "Custody tablets" in page
    for word in ("Report a status", "Correct this status", "Close this workstream", "/change/"):
        assert word not in page


@pytest.mark.parametrize("count", [1, 3])
def test_workstream_page_asks_the_same_queries_for_any_history(
    client, workstream, manager, django_assert_num_queries, count
):
    for n in range(count):
        wrong = report(workstream, now=SIX_DAYS_AGO + timedelta(days=n), by=manager)
        correct(wrong, Rating.RED, by=manager)

    with django_assert_num_queries(20):
        client.get(address(workstream))


# Reporting


def test_record_page_opens_with_what_was_said_last_time(client, workstream, manager):
    latest = report(workstream, Rating.AMBER, now=SIX_DAYS_AGO, steps=[StepGiven("Order the rest.")])

    response = client.get(address(workstream, "status/new/"))

    form, page = values_in(response), text_of(response)
    assert "done" in form  # offered, and not ticked
    del form["done"]
    assert "Last time: At risk, 6 days ago" in page
    assert "Nothing has changed since then" in page
    assert UUID(form.pop("request_key"))
    assert latest.path_owner
    assert form == {
        "based_on": str(latest.pk),
        "rating": "amber",
        **dict.fromkeys(DIMENSIONS, "amber"),
        "changed": "",
        "step_1": "",
        "step_2": "",
        "step_3": "",
        "path_to_green": "A second crew joins.",
        "path_owner": latest.path_owner.email,
        "path_due_on_day": "9",
        "path_due_on_month": "11",
        "path_due_on_year": "2026",
        "ask_kind": "none",
        "ask": "",
        "continues": "",
        "seen": "",
    } | {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]}


def test_record_page_publishes_and_says_so(client, workstream, lead, status_form):
    sign_in(client, lead)

    response = client.post(address(workstream, "status/new/"), status_form(), follow=True)

    assert response.redirect_chain == [(address(workstream), 302)]
    assert "Status published." in text_of(response)
    update = StatusUpdate.objects.get()
    assert (update.reported_by, update.rating, update.reported_at.date()) == (lead, "amber", NOW.date())


def test_record_page_sent_twice_publishes_once(client, workstream, manager, status_form):
    form = status_form()

    for _ in range(2):
        assert client.post(address(workstream, "status/new/"), form).status_code == 302

    assert StatusUpdate.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rating": ""}, "Answer “How is it going?”"),
        ({"rating": "blue"}, "Choose one of the options"),
        ({"changed": " "}, "Answer “What has changed?”"),
        ({"changed": "x" * 2001}, "must be 2,000 characters or fewer"),
        ({"step_2": "bell \x07"}, "without tabs or other control characters"),
        ({"step_1": "x" * 301}, "must be 300 characters or fewer"),
        ({"schedule": ""}, "Rate schedule"),
        ({"path_to_green": ""}, "Say what brings it back on track"),
        ({"path_owner": ""}, "Name who sees to the path to green"),
        ({"path_owner": "nobody@example.org"}, "Nobody with an account"),
        ({"path_due_on_day": ""}, "must include a day"),
        ({"path_due_on_year": "2025"}, "is over"),
        ({"ask": "Money"}, "Choose what kind of help it is"),
        ({"ask_kind": "decision"}, "Say what you need and by when"),
        ({"request_key": "x"}, "This page is out of date"),
        ({"based_on": "x"}, "This page is out of date"),
    ],
)
def test_record_page_with_an_error_keeps_what_was_typed(client, workstream, manager, more, words, status_form):
    response = client.post(address(workstream, "status/new/"), status_form(step_3="Keep me.") | more)

    page = text_of(response)
    assert response.status_code == 200
    assert "There is a problem" in page
    assert words in page
    assert "Keep me." in page
    assert not StatusUpdate.objects.exists()


def test_record_page_takes_line_breaks_as_one_character(client, workstream, manager, status_form):
    client.post(address(workstream, "status/new/"), status_form(changed="x\r\n" * 999 + "xx"))

    assert StatusUpdate.objects.get().changed == "x\n" * 999 + "xx"


def test_record_page_while_somebody_published_shows_theirs_and_keeps_mine(client, workstream, manager, status_form):
    other = report(
        workstream, Rating.RED, changed="The server room flooded.", by=make_manager(workstream.programme, "Sam Lee")
    )

    response = client.post(address(workstream, "status/new/"), status_form(changed="All fine here."))

    page = text_of(response)
    assert response.status_code == 409
    assert "What Sam Lee published while you were writing" in page
    assert "The server room flooded." in page
    assert "All fine here." in page
    assert "Publish after theirs" in page
    assert values_in(response)["based_on"] == str(other.pk)

    again = client.post(
        address(workstream, "status/new/"),
        status_form(changed="All fine here.", based_on=values_in(response)["based_on"]),
    )
    assert again.status_code == 302
    assert [u.changed for u in StatusUpdate.objects.order_by("pk").filter(changed="All fine here.")] == [
        "All fine here."
    ]


def test_record_page_of_one_closed_meanwhile_keeps_what_was_typed(client, workstream, manager, status_form):
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)

    response = client.post(address(workstream, "status/new/"), status_form(changed="Keep me."))

    assert response.status_code == 409
    assert "is closed, so it takes no reports" in text_of(response)
    assert "Keep me." in text_of(response)
    assert client.get(address(workstream, "status/new/")).status_code == 409


def test_record_page_drops_the_old_ask_when_nothing_is_needed(client, workstream, manager, status_form):
    latest = report(workstream, now=SIX_DAYS_AGO, ask_kind=Ask.ADVICE, ask="How?")

    client.post(address(workstream, "status/new/"), status_form(ask_kind="none", ask="How?", based_on=latest.pk))

    workstream.refresh_from_db()
    assert (workstream.current_ask_kind, workstream.current_update.ask) == ("none", "")


def test_repeat_page_publishes_the_same_in_one_confirmed_act(client, workstream, manager):
    latest = report(
        workstream, Rating.AMBER, now=SIX_DAYS_AGO, ask_kind=Ask.ADVICE, ask="How?", steps=[StepGiven("Ask.")]
    )

    asked = client.get(address(workstream, "status/same/"))
    assert "Publish: nothing has changed" in text_of(asked)
    assert StatusUpdate.objects.count() == 1
    form = values_in(asked)
    response = client.post(address(workstream, "status/same/"), form)

    workstream.refresh_from_db()
    same = workstream.current_update
    assert response.status_code == 302
    assert (same.rating, same.changed, [step.text for step in same.steps.all()], same.ask_kind, same.ask) == (
        "amber",
        NOTHING_CHANGED,
        ["Ask."],
        "advice",
        "How?",
    )
    assert same != latest
    assert client.post(address(workstream, "status/same/"), form).status_code == 302
    assert StatusUpdate.objects.count() == 2


def test_repeat_page_while_somebody_published_asks_again(client, workstream, manager):
    first = report(workstream, Rating.GREEN, now=SIX_DAYS_AGO)
    report(workstream, Rating.RED, steps=[StepGiven("Pump it out.")])

    response = client.post(
        address(workstream, "status/same/"), {"based_on": str(first.pk), "request_key": str(uuid4())}
    )

    assert response.status_code == 409
    assert "Pump it out." in text_of(response)
    assert StatusUpdate.objects.count() == 2


def test_repeat_page_without_a_status_leads_to_the_form(client, workstream, manager):
    assert client.get(address(workstream, "status/same/")).url == address(workstream, "status/new/")


def test_repeat_page_with_a_broken_form_says_so(client, workstream, manager):
    report(workstream)

    response = client.post(address(workstream, "status/same/"), {"based_on": "x"})

    assert response.status_code == 200
    assert "This page is out of date" in text_of(response)


# Correcting


def test_correct_page_opens_with_every_word_and_publishes(client, workstream, manager, status_form):
    wrong = report(workstream, Rating.GREEN, now=SIX_DAYS_AGO, changed="All five.")
    here = address(workstream, f"status/{wrong.pk}/correct/")

    shown = client.get(here)
    assert values_in(shown)["changed"] == "All five."
    response = client.post(here, status_form(changed="None.", reason="Wrong site"), follow=True)

    assert "Correction published." in text_of(response)
    workstream.refresh_from_db()
    assert (workstream.current_update.supersedes, workstream.current_update.correction_reason) == (wrong, "Wrong site")


def test_correct_page_needs_a_reason_and_keeps_what_was_typed(client, workstream, manager, status_form):
    wrong = report(workstream, now=SIX_DAYS_AGO)

    response = client.post(address(workstream, f"status/{wrong.pk}/correct/"), status_form(changed="Keep me."))

    assert response.status_code == 200
    assert "Answer “Why is it corrected?”" in text_of(response)
    assert "Keep me." in text_of(response)


def test_correct_page_of_what_was_corrected_meanwhile_shows_the_later_one(client, workstream, manager, status_form):
    wrong = report(workstream, now=SIX_DAYS_AGO)
    later = correct(wrong, Rating.RED, by=make_manager(workstream.programme, "Sam Lee"))
    here = address(workstream, f"status/{wrong.pk}/correct/")

    response = client.post(here, status_form(changed="Keep me.", reason="Wrong site"))

    page = text_of(response)
    assert response.status_code == 409
    assert "What Sam Lee published after it" in page
    assert "Keep me." in page
    assert "Load what is published now" in page
    assert address(workstream, f"status/{later.pk}/correct/") in page
    assert "Publish correction" not in page
    assert client.get(here).status_code == 409


def test_correct_page_of_another_workstreams_update_is_not_there(client, programme, workstream, manager):
    elsewhere = report(make_workstream(programme))

    assert client.get(address(workstream, f"status/{elsewhere.pk}/correct/")).status_code == 404
