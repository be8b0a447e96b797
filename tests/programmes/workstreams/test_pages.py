"""Pages of workstreams and reports: what they show, what a refusal keeps, and who finds nothing."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.reporting.operations import correct_status_update
from programmes.workstreams.enums import Ask, Frequency, Rating, Weekday
from programmes.workstreams.models import ReportingSettings, StatusUpdate, Workstream
from programmes.workstreams.operations import change_reporting_settings, change_workstream, close_workstream
from programmes.workstreams.rules import NOTHING_CHANGED
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


def status_form(**more):
    return {
        "rating": "amber",
        "changed": "Two of five screens work.",
        "next_steps": "Order the rest.",
        "ask_kind": "none",
        "ask": "",
        "based_on": "",
        "request_key": str(uuid4()),
    } | more


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
    correct_status_update(
        update_id=wrong.pk,
        rating=Rating.RED,
        changed="None works.",
        next_steps="",
        ask_kind=Ask.NONE,
        ask="",
        reason="Read the wrong site",
        request_key=uuid4(),
        by=manager,
        now=NOW,
    )

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
        corrected(wrong, manager)

    with django_assert_num_queries(12):
        client.get(address(workstream))


def corrected(update, by, now=NOW):
    return correct_status_update(
        update_id=update.pk,
        rating=Rating.RED,
        changed="Counted again.",
        next_steps="",
        ask_kind=Ask.NONE,
        ask="",
        reason="Counted twice",
        request_key=uuid4(),
        by=by,
        now=now,
    )


# Reporting


def test_record_page_opens_with_what_was_said_last_time(client, workstream, manager):
    latest = report(workstream, Rating.AMBER, now=SIX_DAYS_AGO, next_steps="Order the rest.")

    response = client.get(address(workstream, "status/new/"))

    form, page = values_in(response), text_of(response)
    assert "Last time: At risk, 6 days ago" in page
    assert "Nothing has changed since then" in page
    assert UUID(form.pop("request_key"))
    assert form == {
        "based_on": str(latest.pk),
        "rating": "amber",
        "changed": "",
        "next_steps": "Order the rest.",
        "ask_kind": "none",
        "ask": "",
    } | {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]}


def test_record_page_publishes_and_says_so(client, workstream, lead):
    sign_in(client, lead)

    response = client.post(address(workstream, "status/new/"), status_form(), follow=True)

    assert response.redirect_chain == [(address(workstream), 302)]
    assert "Status published." in text_of(response)
    update = StatusUpdate.objects.get()
    assert (update.reported_by, update.rating, update.reported_at.date()) == (lead, "amber", NOW.date())


def test_record_page_sent_twice_publishes_once(client, workstream, manager):
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
        ({"next_steps": "bell \x07"}, "Take the control characters out"),
        ({"ask": "Money"}, "Choose what kind of help it is"),
        ({"ask_kind": "decision"}, "Say what you need and by when"),
        ({"request_key": "x"}, "This page is out of date"),
        ({"based_on": "x"}, "This page is out of date"),
    ],
)
def test_record_page_with_an_error_keeps_what_was_typed(client, workstream, manager, more, words):
    response = client.post(address(workstream, "status/new/"), status_form(next_steps="Keep me.") | more)

    page = text_of(response)
    assert response.status_code == 200
    assert "There is a problem" in page
    assert words in page
    assert "Keep me." in page or "next_steps" in more
    assert not StatusUpdate.objects.exists()


def test_record_page_takes_line_breaks_as_one_character(client, workstream, manager):
    client.post(address(workstream, "status/new/"), status_form(changed="x\r\n" * 999 + "xx"))

    assert StatusUpdate.objects.get().changed == "x\n" * 999 + "xx"


def test_record_page_while_somebody_published_shows_theirs_and_keeps_mine(client, workstream, manager):
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


def test_record_page_of_one_closed_meanwhile_keeps_what_was_typed(client, workstream, manager):
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)

    response = client.post(address(workstream, "status/new/"), status_form(changed="Keep me."))

    assert response.status_code == 409
    assert "is closed, so it takes no reports" in text_of(response)
    assert "Keep me." in text_of(response)
    assert client.get(address(workstream, "status/new/")).status_code == 409


def test_record_page_drops_the_old_ask_when_nothing_is_needed(client, workstream, manager):
    latest = report(workstream, now=SIX_DAYS_AGO, ask_kind=Ask.ADVICE, ask="How?")

    client.post(address(workstream, "status/new/"), status_form(ask_kind="none", ask="How?", based_on=latest.pk))

    workstream.refresh_from_db()
    assert (workstream.current_ask_kind, workstream.current_update.ask) == ("none", "")


def test_repeat_page_publishes_the_same_in_one_confirmed_act(client, workstream, manager):
    latest = report(workstream, Rating.AMBER, now=SIX_DAYS_AGO, ask_kind=Ask.ADVICE, ask="How?", next_steps="Ask.")

    asked = client.get(address(workstream, "status/same/"))
    assert "Publish: nothing has changed" in text_of(asked)
    assert StatusUpdate.objects.count() == 1
    form = values_in(asked)
    response = client.post(address(workstream, "status/same/"), form)

    workstream.refresh_from_db()
    same = workstream.current_update
    assert response.status_code == 302
    assert (same.rating, same.changed, same.next_steps, same.ask_kind, same.ask) == (
        "amber",
        NOTHING_CHANGED,
        "Ask.",
        "advice",
        "How?",
    )
    assert same != latest
    assert client.post(address(workstream, "status/same/"), form).status_code == 302
    assert StatusUpdate.objects.count() == 2


def test_repeat_page_while_somebody_published_asks_again(client, workstream, manager):
    first = report(workstream, Rating.GREEN, now=SIX_DAYS_AGO)
    report(workstream, Rating.RED, next_steps="Pump it out.")

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


def test_correct_page_opens_with_every_word_and_publishes(client, workstream, manager):
    wrong = report(workstream, Rating.GREEN, now=SIX_DAYS_AGO, changed="All five.")
    here = address(workstream, f"status/{wrong.pk}/correct/")

    shown = client.get(here)
    assert values_in(shown)["changed"] == "All five."
    response = client.post(here, status_form(changed="None.", reason="Wrong site"), follow=True)

    assert "Correction published." in text_of(response)
    workstream.refresh_from_db()
    assert (workstream.current_update.supersedes, workstream.current_update.correction_reason) == (wrong, "Wrong site")


def test_correct_page_needs_a_reason_and_keeps_what_was_typed(client, workstream, manager):
    wrong = report(workstream, now=SIX_DAYS_AGO)

    response = client.post(address(workstream, f"status/{wrong.pk}/correct/"), status_form(changed="Keep me."))

    assert response.status_code == 200
    assert "Answer “Why is it corrected?”" in text_of(response)
    assert "Keep me." in text_of(response)


def test_correct_page_of_what_was_corrected_meanwhile_shows_the_later_one(client, workstream, manager):
    wrong = report(workstream, now=SIX_DAYS_AGO)
    later = corrected(wrong, make_manager(workstream.programme, "Sam Lee"))
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


# Adding, changing, closing


def test_add_page_adds_with_a_lead(client, programme, manager, lead):
    response = client.post(
        f"/programmes/{programme.pk}/workstreams/add/",
        {"name": "Training", "description": "Every shift", "lead": "  " + lead.email.upper()},
        follow=True,
    )

    added = Workstream.objects.get(name="Training")
    assert response.redirect_chain == [(address(added), 302)]
    assert (added.lead, added.description) == (lead, "Every shift")


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"name": ""}, 200, "Enter name"),
        ({"name": "Two\nlines"}, 200, "Write this on one line"),
        ({"name": "x" * 201}, 200, "must be 200 characters or fewer"),
        ({"lead": "nobody@example.org"}, 200, "Nobody with an account has this address"),
        ({"lead": "not an address"}, 200, "There is a problem"),
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

    with django_assert_num_queries(11):
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


def pages_of(workstream, update):
    return [
        address(workstream),
        address(workstream, "change/"),
        address(workstream, "close/"),
        address(workstream, "reopen/"),
        address(workstream, "status/new/"),
        address(workstream, "status/same/"),
        address(workstream, f"status/{update.pk}/correct/"),
        f"/programmes/{workstream.programme_id}/workstreams/",
        f"/programmes/{workstream.programme_id}/workstreams/add/",
    ]


def test_a_stranger_finds_no_page(client, workstream):
    update = report(workstream)
    events = AuditEvent.objects.count()
    client.force_login(make_manager(make_programme()))

    for page in pages_of(workstream, update):
        assert client.get(page).status_code == 404
        assert client.post(page, status_form(reason="x", name="x", version=1)).status_code in (404, 405)
    assert AuditEvent.objects.count() == events


def test_a_reader_reads_and_changes_nothing(client, workstream):
    update = report(workstream)
    events = AuditEvent.objects.count()
    client.force_login(make_reader(workstream.programme))
    seen, *others = (page for page in pages_of(workstream, update) if not page.endswith("/workstreams/"))

    assert client.get(seen).status_code == 200
    for page in others:
        assert client.get(page).status_code == 403
        assert client.post(page, status_form(reason="x", name="x", version=1)).status_code == 403
    assert AuditEvent.objects.count() == events


def test_the_cio_manages_and_does_not_report(client, workstream):
    client.force_login(make_cio(workstream.programme.scope.parent.portfolio))

    assert client.get(address(workstream, "change/")).status_code == 200
    assert client.get(address(workstream, "status/new/")).status_code == 403


@pytest.mark.parametrize("tail", ["", "change/", "status/new/"])
def test_an_unknown_workstream_is_not_there(client, manager, tail):
    assert client.get(f"/workstreams/{uuid4()}/{tail}").status_code == 404
