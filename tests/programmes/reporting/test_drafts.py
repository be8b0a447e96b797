"""What is typed and not published: kept for its author alone, from every window, until it is published or discarded."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import NotPermitted, Refused
from partners.clock.operations import set_clock
from programmes.reporting.models import StatusDraft
from programmes.reporting.operations import discard_status_draft, save_status_draft
from programmes.reporting.queries import draft_of
from programmes.reporting.rules import DRAFT_LENGTH, MOST_WINDOWS, windows_of
from programmes.workstreams.operations import close_workstream
from tests.builders import NOW, keep_draft, make_manager, make_programme, make_reader, make_workstream, report
from tests.threads import outcomes_of


@pytest.fixture
def workstream(db):
    set_clock(to=NOW)
    return make_workstream(make_programme("Mobile officer"), "Custody tablets")


@pytest.fixture
def manager(workstream):
    return make_manager(workstream.programme, "Priya Nair")


def save(workstream, by, changed, *, window=None, now=NOW, **more):
    said = {"values": {"changed": [changed]}, "window": window or uuid4(), "based_on_id": None, "now": now} | more
    return save_status_draft(workstream_id=workstream.pk, by=by, **said)


def kept(draft):
    draft.refresh_from_db()
    return [each.values["changed"][0] for each in windows_of(draft.content)]


def test_the_last_save_of_a_window_wins_and_writes_no_event(workstream, manager):
    window, events = uuid4(), AuditEvent.objects.count()
    save(workstream, manager, "Half", window=window)

    draft = save(workstream, manager, "Half a sentence", window=window, now=NOW + timedelta(minutes=1))

    assert kept(draft) == ["Half a sentence"]
    assert (StatusDraft.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_two_windows_keep_both_and_the_last_typed_comes_first(workstream, manager):
    first = save(workstream, manager, "One window")
    window = windows_of(first.content)[0]
    going_on = {"continues": window.window, "seen": window.saved_at.isoformat()}
    second = save(workstream, manager, "Opened from it", now=NOW + timedelta(minutes=1), **going_on)
    assert kept(second) == ["Opened from it"]

    save(workstream, manager, "One window, typed on", window=window.window, now=NOW + timedelta(minutes=2))
    assert kept(second) == ["One window, typed on", "Opened from it"]


def test_a_window_that_typed_on_is_not_replaced_by_one_opened_from_it(workstream, manager):
    first = save(workstream, manager, "One window")
    window = windows_of(first.content)[0]
    save(workstream, manager, "Typed on", window=window.window, now=NOW + timedelta(minutes=1))

    draft = save(
        workstream,
        manager,
        "Opened before that",
        now=NOW + timedelta(minutes=2),
        continues=window.window,
        seen=window.saved_at.isoformat(),
    )

    assert kept(draft) == ["Opened before that", "Typed on"]


def test_a_draft_keeps_so_many_windows_and_so_much(workstream, manager):
    for n in range(MOST_WINDOWS + 2):
        draft = save(workstream, manager, f"Window {n}", now=NOW + timedelta(minutes=n))

    assert kept(draft) == [f"Window {n}" for n in range(MOST_WINDOWS + 1, 1, -1)]
    with pytest.raises(Refused, match="too long to keep"):
        save(workstream, manager, "x" * (DRAFT_LENGTH + 1))


def test_a_draft_is_for_its_author_alone_and_for_who_may_report(workstream, manager):
    keep_draft(workstream, by=manager)

    assert draft_of(workstream.pk, make_manager(workstream.programme)) is None
    for stranger in (make_reader(workstream.programme), make_manager(make_programme())):
        with pytest.raises(NotPermitted):
            save(workstream, stranger, "Mine")
    assert StatusDraft.objects.count() == 1


def test_publishing_and_discarding_remove_a_draft(workstream, manager):
    other = make_manager(workstream.programme)
    for author in (manager, other):
        keep_draft(workstream, by=author)
    window = uuid4()
    report(workstream, by=manager, request_key=window)
    assert [draft.author for draft in StatusDraft.objects.all()] == [other]

    with pytest.raises(Refused, match="published already"):
        save(workstream, manager, "Too late", window=window)
    assert discard_status_draft(workstream_id=workstream.pk, by=other, now=NOW)
    assert not discard_status_draft(workstream_id=workstream.pk, by=other, now=NOW)


def test_a_closed_workstream_takes_no_draft(workstream, manager):
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)

    with pytest.raises(Refused, match="is closed"):
        save(workstream, manager, "Half")


def test_an_update_of_another_workstream_is_no_base(workstream, manager):
    elsewhere = report(make_workstream(workstream.programme))

    assert save(workstream, manager, "Half", based_on_id=elsewhere.pk).based_on is None


def test_windows_that_save_at_once_lose_nothing(own_database):
    workstream = make_workstream()
    manager = make_manager(workstream.programme)

    outcomes = outcomes_of([partial(save, workstream, manager, f"Window {n}") for n in range(4)])

    assert all(isinstance(each, StatusDraft) for each in outcomes)
    assert sorted(kept(StatusDraft.objects.get())) == [f"Window {n}" for n in range(4)]


def test_the_form_comes_back_as_it_was_typed_and_tells_what_was_published_since(client, workstream, manager):
    client.force_login(manager)
    here = f"/workstreams/{workstream.pk}/status/new/"
    typed = {"changed": "Half a sen", "path_due_on_day": "3x", "request_key": str(uuid4()), "based_on": ""}

    saved = client.post(here, typed | {"save_draft": "1"}, follow=True).content.decode()
    assert "Draft saved 10:00, UK time." in saved
    assert "Half a sen" in saved
    assert 'value="3x"' in saved
    assert "There is a problem" not in saved
    report(workstream, by=make_manager(workstream.programme, "Sam Lee"))
    back = client.get(here).content.decode()

    assert "What Sam Lee published since you began" in back
    assert "Half a sen" in back


def test_saving_answers_what_to_say(client, workstream, manager):
    client.force_login(manager)
    here = f"/workstreams/{workstream.pk}/status/draft/"

    first = client.post(here, {"changed": "One", "request_key": str(uuid4()), "based_on": ""})
    second = client.post(here, {"changed": "Two", "request_key": str(uuid4()), "based_on": ""})
    broken = client.post(here, {"changed": "Three", "request_key": "x"})

    assert first.json() == {"words": "Draft saved 10:00, UK time."}
    assert "You also typed in another window" in second.json()["words"]
    assert (broken.status_code, broken.json()["words"][:9]) == (409, "Not saved")
    assert client.get(here).status_code == 405


def test_a_draft_that_cannot_be_kept_stays_on_the_page(client, workstream, manager):
    client.force_login(manager)
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)
    typed = {"changed": "Keep me.", "request_key": str(uuid4()), "based_on": "", "save_draft": "1"}

    response = client.post(f"/workstreams/{workstream.pk}/status/new/", typed)

    assert response.status_code == 409
    assert "is closed, so it takes no reports" in response.content.decode()
    assert "Keep me." in response.content.decode()
