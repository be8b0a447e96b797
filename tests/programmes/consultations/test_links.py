"""Answering by a link alone: no sign-in, no session; and what reading a link's pages never does."""

import io
import logging
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings as product_settings
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from config.logs import WithoutSecrets
from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.operations import set_clock
from partners.organisations.operations import end_contact
from partners.people.models import BrowserSession
from partners.post.queries import secret_of
from programmes.consultations.models import AnswerLink, DraftAnswer, Response
from programmes.consultations.operations.links import replace_link, revoke_link
from programmes.consultations.queries import questions_of
from programmes.consultations.queries.reminders import path_in_mail
from programmes.consultations.rules import need_of
from programmes.consultations.views.ways import WRONG_SECRETS
from programmes.reminders.models import PlannedReminder
from programmes.reminders.operations import queue_due
from programmes.reviews.operations import cancel_review
from tests.builders import (
    NOW,
    answer_task,
    make_administrator,
    make_cio,
    make_manager,
    make_moderator,
    make_partner_task,
    make_reader,
    make_task,
    path_by_link,
)
from tests.builders.post import mails

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _clock(db):
    set_clock(to=NOW)


@pytest.fixture
def task(db):
    return make_partner_task()


@pytest.fixture
def browser():
    """Checks forms as a real browser is checked."""
    return Client(enforce_csrf_checks=True)


def words(response):
    return response.content.decode()


def link_of(task):
    return AnswerLink.objects.select_related("task").get(task=task, revoked_at=None)


def reminders_about(task):
    return PlannedReminder.objects.filter(need=need_of(task.pk))


def token_on(response):
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', words(response))[0]


def fill_in(client, address, **values):
    """Load the page, fill its form in as a browser does, send it."""
    loaded = client.get(address)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([\w-]+)"', words(loaded)))
    return client.post(address, hidden | {"csrfmiddlewaretoken": token_on(loaded)} | values)


def everything_about(task):
    """All that answering could change."""
    task.refresh_from_db()
    return (
        task.state,
        list(DraftAnswer.objects.order_by("pk").values()),
        list(Response.objects.order_by("pk").values()),
        list(AnswerLink.objects.order_by("pk").values()),
        list(PlannedReminder.objects.order_by("pk").values()),
        list(mails().order_by("pk").values()),
        list(events_about(task.pk).values()),
    )


def test_somebody_answers_by_their_link_alone_with_no_cookie_but_the_forms(browser, task):
    link = link_of(task)
    start = path_by_link(link)
    question = questions_of(task.consultation).get()

    begun = browser.get(start)
    told = words(begun)
    for part in (task.person.name, task.unit_name, task.consultation.review.programme.name):
        assert part in told
    assert "5pm on Tuesday 10 November 2026, UK time" in told
    assert "You need no account and no password" in told
    assert 'href="/privacy/"' in told
    assert "Sign in" not in told
    asked = path_by_link(link, "task_question", question.pk)
    assert f'href="{asked}"' in told

    sent_on = fill_in(browser, asked, answer="Keep the bidders.")
    assert sent_on.url == path_by_link(link, "check_answers")
    assert fill_in(browser, sent_on.url).url == path_by_link(link, "task_receipt")
    response = Response.objects.get()
    receipt = words(browser.get(path_by_link(link, "task_receipt")))
    assert response.receipt_code in receipt
    assert "You have answered." in words(browser.get(start))

    fill_in(browser, asked, answer="Keep two of them.")
    fill_in(browser, path_by_link(link, "check_answers"))
    assert [each.number for each in Response.objects.order_by("number")] == [1, 2]
    event = events_about(task.pk)[0]
    assert (event.action, event.actor_name) == ("consultations.submit_response", task.person.name)
    assert set(browser.cookies) == {product_settings.CSRF_COOKIE_NAME}
    assert not BrowserSession.objects.exists()


def test_save_and_come_back_later_is_told_without_a_cookie(browser, task):
    link = link_of(task)
    asked = path_by_link(link, "task_question", questions_of(task.consultation).get().pk)

    later = fill_in(browser, asked, answer="Perhaps", later="1")

    assert later.url == f"{path_by_link(link)}?note=saved"
    assert "Your answers are saved. Come back and send them before 5pm on Tuesday 10 November" in words(
        browser.get(later.url)
    )
    assert set(browser.cookies) == {product_settings.CSRF_COOKIE_NAME}
    assert "Your answers are saved" not in words(browser.get(f"{path_by_link(link)}?note=<script>"))


def test_the_same_answers_sent_twice_are_told_so(browser, task):
    link = link_of(task)
    check = path_by_link(link, "check_answers")
    fill_in(browser, path_by_link(link, "task_question", questions_of(task.consultation).get().pk), answer="Keep it.")
    loaded = browser.get(check)
    fill_in(browser, check)

    again = browser.post(check, {"csrfmiddlewaretoken": token_on(loaded), "request_key": str(uuid4())})

    assert again.url == f"{path_by_link(link, 'task_receipt')}?note=sent_already"
    assert "You have sent these answers already." in words(browser.get(again.url))
    assert Response.objects.count() == 1


def test_a_form_without_its_token_is_refused(browser, task):
    address = path_by_link(link_of(task), "task_question", questions_of(task.consultation).get().pk)

    assert browser.post(address, {"answer": "Forged", "seen_number": 0}).status_code == 403
    assert not DraftAnswer.objects.exists()


def test_no_page_of_a_link_is_kept_or_passed_on_or_found(client, task):
    link = link_of(task)
    for response in (
        client.get(path_by_link(link)),
        client.get(path_by_link(link, "task_receipt")),
        client.get(reverse("link_task", args=[link.pk, "wrong"])),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "noindex" in response.headers["X-Robots-Tag"]


def test_a_scanner_that_reads_every_link_fifty_times_changes_nothing_and_the_person_answers(client, task):
    answer_before = make_partner_task()
    answer_task(answer_before, "Before")
    for begun in (task, answer_before):
        link = link_of(begun)
        start = path_by_link(link)
        before = everything_about(begun)
        scanner = Client()
        seen, waiting = set(), [start]
        while waiting:
            address = waiting.pop()
            seen.add(address)
            page = scanner.get(address, follow=True)
            assert page.status_code == 200
            waiting += {
                found for found in re.findall(r'href="(/answer/[^"#]+)"', words(page)) if found not in seen
            } - set(waiting)
        for address in seen:
            for _ in range(50):
                scanner.get(address)
            assert scanner.head(address).status_code in (200, 302)
            assert scanner.options(address).status_code in (200, 405)
        assert len(seen) >= 2
        assert everything_about(begun) == before

    fill_in(client, path_by_link(link_of(task), "task_question", questions_of(task.consultation).get().pk), answer="Me")
    fill_in(client, path_by_link(link_of(task), "check_answers"))

    assert Response.objects.filter(task=task).count() == 1


@pytest.mark.parametrize("page", ["task", "check_answers", "task_receipt", "task_comments"])
def test_a_wrong_secret_tells_what_to_do(client, task, page):
    link, other = link_of(task), link_of(make_partner_task())
    of_another = secret_of(other.pk, holder_id=other.task.person_id)
    of_the_manager = secret_of(link.pk, holder_id=make_manager(task.consultation.review.programme).pk)

    for link_id, secret in ((link.pk, of_another), (link.pk, of_the_manager), (uuid4(), of_another), (link.pk, "é%00")):
        response = client.get(reverse(f"link_{page}", args=[link_id, secret]))
        assert response.status_code in (400, 404)
        if "%" not in secret:
            assert "This link does not work" in words(response)
            assert "ask those who run the consultation to send you a new link" in words(response)


def test_a_link_opens_its_own_task_alone(client, task):
    other = make_partner_task()
    link = link_of(task)

    stray = client.get(path_by_link(link, "task_question", questions_of(other.consultation).get().pk))
    posted = client.post(
        path_by_link(link, "task_question", questions_of(other.consultation).get().pk),
        {"answer": "Not mine", "seen_number": 0},
    )

    assert (stray.status_code, posted.status_code) == (404, 404)
    assert "This link does not work" in words(stray)
    assert not DraftAnswer.objects.exists()


def test_whoever_is_signed_in_in_the_browser_does_not_count(client, task):
    administrator = make_administrator("Ada Admin")
    client.force_login(administrator)
    link = link_of(task)

    assert administrator.name not in words(client.get(path_by_link(link)))
    fill_in(client, path_by_link(link, "task_question", questions_of(task.consultation).get().pk), answer="Mine")
    fill_in(client, path_by_link(link, "check_answers"))

    assert events_about(task.pk)[0].actor_id == task.person_id


def test_a_link_of_the_staff_does_not_exist(client):
    """Staff answer behind their sign-in, whatever rows there are."""
    task = make_task()
    link = AnswerLink.objects.create(task=task, made_at=NOW)

    assert client.get(path_by_link(link)).status_code == 404


def test_a_contact_who_ended_has_no_link(client, task):
    link = link_of(task)
    assert client.get(path_by_link(link)).status_code == 200

    end_contact(contact_id=task.person.contacts.get().pk, by=make_administrator(), now=NOW)

    assert client.get(path_by_link(link)).status_code == 404


def test_wrong_secrets_are_throttled_and_the_right_one_never(client, task):
    link = link_of(task)
    wrong = reverse("link_task", args=[link.pk, "wrong"])

    statuses = [client.get(wrong).status_code for _ in range(WRONG_SECRETS["link"] + 2)]

    assert statuses == [404] * WRONG_SECRETS["link"] + [429, 429]
    assert "It was tried too often" in words(client.get(wrong))
    assert client.get(path_by_link(link)).status_code == 200
    elsewhere = link_of(make_partner_task())
    assert client.get(reverse("link_task", args=[elsewhere.pk, "wrong"])).status_code == 404


def test_wrong_secrets_from_one_address_are_throttled_over_many_links(client, monkeypatch):
    monkeypatch.setitem(WRONG_SECRETS, "address", 3)

    statuses = [client.get(reverse("link_task", args=[uuid4(), "wrong"])).status_code for _ in range(4)]

    assert statuses == [404, 404, 404, 429]


@pytest.mark.parametrize("way", ["signed in", "by link"])
def test_an_answer_at_the_second_of_the_close_is_refused_and_one_microsecond_before_it_counts(client, way):
    task = make_task() if way == "signed in" else make_partner_task()
    question = questions_of(task.consultation)[0]
    if way == "signed in":
        client.force_login(task.person)
        asked, check = reverse("task_question", args=[task.pk, question.pk]), reverse("check_answers", args=[task.pk])
    else:
        asked = path_by_link(link_of(task), "task_question", question.pk)
        check = path_by_link(link_of(task), "check_answers")
    closes_at = task.consultation.review.closes_at
    stopped_at(closes_at - timedelta(minutes=1), lambda: client.post(asked, {"answer": "In time", "seen_number": 0}))

    late = stopped_at(closes_at, lambda: client.post(check, {"request_key": str(uuid4())}))
    assert late.status_code == 409
    assert "closed at 5pm on Tuesday 10 November 2026, UK time" in words(late)
    assert "Your draft" in words(late)
    assert not Response.objects.exists()
    unsaved = stopped_at(closes_at, lambda: client.post(asked, {"answer": "Too late", "seen_number": 0}))
    assert unsaved.status_code == 409
    assert "Too late" in words(unsaved)

    sent = stopped_at(closes_at - MICROSECOND, lambda: client.post(check, {"request_key": str(uuid4())}))
    assert sent.status_code == 302
    assert Response.objects.get().submitted_at == closes_at - MICROSECOND


def stopped_at(moment, act):
    """What the act brings while the clock stands at that moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("programmes.consultations.views.answering.business_now", lambda: moment)
        return act()


def test_after_the_close_the_link_says_so_and_shows_what_was_sent(client, task):
    answer_task(task, "Keep the bidders.")
    set_clock(to=task.consultation.review.closes_at)

    told = words(client.get(path_by_link(link_of(task))))

    assert "closed at 5pm on Tuesday 10 November 2026, UK time" in told
    assert "Keep the bidders." in told


def test_a_cancelled_review_is_told_by_the_link(client, task):
    review = task.consultation.review
    cancel_review(review_id=review.pk, reason="Overtaken.", by=make_manager(review.programme), now=NOW)

    assert "was cancelled" in words(client.get(path_by_link(link_of(task))))


def test_a_secret_is_in_no_line_of_the_log(client, task):
    link = link_of(task)
    secret = secret_of(link.pk, holder_id=task.person_id)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutSecrets("{levelname} {name} {message}", style="{"))
    logging.getLogger().addHandler(handler)
    try:
        strict = Client(enforce_csrf_checks=True)
        client.get(path_by_link(link, "task_question", uuid4()))
        client.delete(path_by_link(link))
        strict.post(path_by_link(link, "check_answers"))
        try:
            raise RuntimeError(path_by_link(link))
        except RuntimeError:
            logging.getLogger("a room").exception("broke at %s", path_by_link(link))
    finally:
        logging.getLogger().removeHandler(handler)

    written = stream.getvalue()
    assert written.count(f"/answer/{link.pk}/[secret]/") >= 5
    assert secret not in written


def test_the_log_of_the_product_is_written_so():
    formatters: Any = product_settings.LOGGING["formatters"]

    assert formatters["line"]["class"] == "config.logs.WithoutSecrets"


def test_nothing_of_a_secret_is_in_the_cache(client, task, servers):
    link = link_of(task)
    client.get(path_by_link(link))
    client.get(reverse("link_task", args=[link.pk, "wrong"]))

    store = redis.Redis.from_url(product_settings.REDIS_URL)
    kept = " ".join(f"{key!r} {store.dump(key)!r}" for key in store.scan_iter("*"))
    assert "wrong-secret" in kept
    assert secret_of(link.pk, holder_id=task.person_id) not in kept


def test_replacing_a_link_sends_a_new_one_and_ends_the_old(client, task):
    old = link_of(task)
    by = make_manager(task.consultation.review.programme)

    new = replace_link(link_id=old.pk, by=by, now=NOW)

    old.refresh_from_db()
    assert (old.revoked_at, old.revoked_by) == (NOW, by)
    assert client.get(path_by_link(old)).status_code == 404
    assert client.get(path_by_link(link_of(task))).status_code == 200
    assert set(reminders_about(task).values_list("state", "link_path")) == {("planned", path_in_mail(new))}
    mail = mails().get()
    assert mail.subject == f"Your new link: {task.consultation.title}"
    assert mail.is_urgent
    assert path_in_mail(new) in mail.text
    assert path_in_mail(new) in mail.html
    event = events_about(task.consultation_id)[0]
    assert event.summary == f"sent {task.person.name} a new link to answer {task.consultation.title}"
    assert event.scope_id == task.consultation.review.programme.scope_id


def test_replacing_a_link_takes_the_place_of_a_reminder_that_waits(task):
    queue_due(now=NOW, limit=10)
    invitation = mails().get()

    replace_link(link_id=link_of(task).pk, by=make_manager(task.consultation.review.programme), now=NOW)

    invitation.refresh_from_db()
    assert invitation.state == "superseded"
    assert mails().filter(state="pending").count() == 1


def test_replacing_an_old_link_again_is_a_conflict(task):
    old = link_of(task)
    by = make_manager(task.consultation.review.programme)
    replace_link(link_id=old.pk, by=by, now=NOW)

    with pytest.raises(Conflict, match="was given a newer link meanwhile"):
        replace_link(link_id=old.pk, by=by, now=NOW)
    with pytest.raises(Conflict, match="revoked already"):
        revoke_link(link_id=old.pk, by=by, now=NOW)
    assert AnswerLink.objects.count() == 2


def test_revoking_a_link_ends_it_and_its_reminders_and_a_new_one_can_follow(client, task):
    link = link_of(task)
    by = make_manager(task.consultation.review.programme)

    revoke_link(link_id=link.pk, by=by, now=NOW)

    assert client.get(path_by_link(link)).status_code == 404
    assert set(reminders_about(task).values_list("state", "state_reason")) == {
        ("cancelled", "The link to answer was revoked.")
    }
    assert not mails().exists()
    replace_link(link_id=link.pk, by=by, now=NOW)
    assert client.get(path_by_link(link_of(task))).status_code == 200


@pytest.mark.parametrize("act", [revoke_link, replace_link])
@pytest.mark.parametrize("who", ["reader", "moderator", "administrator", "the contact"])
def test_links_are_for_those_who_run_the_consultation(task, act, who):
    programme = task.consultation.review.programme
    by = {
        "reader": lambda: make_reader(programme),
        "moderator": lambda: make_moderator(programme),
        "administrator": make_administrator,
        "the contact": lambda: task.person,
    }[who]()

    with pytest.raises(NotPermitted):
        act(link_id=link_of(task).pk, by=by, now=NOW)


def test_no_new_link_once_it_is_over_or_without_an_account(task):
    link = link_of(task)
    by = make_manager(task.consultation.review.programme)

    with pytest.raises(Refused, match="is over"):
        replace_link(link_id=link.pk, by=by, now=task.consultation.review.closes_at)
    task.person.is_active = False
    task.person.save()
    with pytest.raises(Refused, match="has no account in use"):
        replace_link(link_id=link.pk, by=by, now=NOW)
    assert AnswerLink.objects.get().revoked_at is None


def test_links_are_seen_revoked_and_replaced_on_the_pages_without_their_secret(client, task):
    consultation, link = task.consultation, link_of(task)
    secret = secret_of(link.pk, holder_id=task.person_id)
    client.force_login(make_manager(consultation.review.programme))
    listed = reverse("answer_links", args=[consultation.pk])

    told = words(client.get(listed))
    assert task.person.name in told
    assert task.unit_name in told
    assert "Works" in told
    for name in ("revoke_answer_link", "replace_answer_link"):
        told += words(client.get(reverse(name, args=[consultation.pk, link.pk])))
    assert secret not in told
    assert client.post(reverse("revoke_answer_link", args=[consultation.pk, link.pk])).url == listed
    assert "Revoked" in words(client.get(listed))
    assert client.post(reverse("replace_answer_link", args=[consultation.pk, link.pk])).url == listed
    assert "Works" in words(client.get(listed))
    again = client.post(reverse("replace_answer_link", args=[consultation.pk, link.pk]))
    assert again.status_code == 409
    assert "was given a newer link meanwhile" in words(again)
    other = link_of(make_partner_task())
    assert client.post(reverse("revoke_answer_link", args=[consultation.pk, other.pk])).status_code == 404


def test_links_are_seen_revoked_and_replaced_by_api(task):
    consultation, link = task.consultation, link_of(task)
    client = APIClient()
    client.force_authenticate(make_cio(consultation.review.programme.scope.parent.portfolio))
    listed = reverse("api_answer_links", args=[consultation.pk])

    [row] = client.get(listed).json()["results"]
    assert row == {
        "id": str(link.pk),
        "person": str(task.person_id),
        "name": task.person.name,
        "organisation": task.unit_name,
        "made_at": row["made_at"],
        "revoked_at": None,
    }
    revoked = client.post(reverse("api_revoke_answer_link", args=[consultation.pk, link.pk]))
    assert revoked.json()["revoked_at"] is not None
    assert client.post(reverse("api_revoke_answer_link", args=[consultation.pk, link.pk])).status_code == 409
    new = client.post(reverse("api_replace_answer_link", args=[consultation.pk, link.pk]))
    assert (new.status_code, new.json()["id"] != str(link.pk)) == (201, True)
    client.force_authenticate(make_reader(consultation.review.programme))
    assert client.get(listed).status_code == 403
    client.force_authenticate(task.person)
    assert client.get(listed).status_code == 404


def test_answering_by_a_replaced_link_is_refused_by_the_page(client, task):
    link = link_of(task)
    address = path_by_link(link, "task_question", questions_of(task.consultation).get().pk)
    revoke_link(link_id=link.pk, by=make_manager(task.consultation.review.programme), now=NOW)

    assert client.post(address, {"answer": "Too late", "seen_number": 0}).status_code == 404
    assert not DraftAnswer.objects.exists()


def test_the_receipt_leads_to_the_link_of_a_contact_and_to_the_task_of_staff(task):
    answer_task(task, "Keep it.")
    link = link_of(task)

    assert path_in_mail(link) in mails().get(recipient=task.person).text
