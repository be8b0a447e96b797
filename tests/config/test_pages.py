import re
from typing import Any

import pytest
from django.test import Client, RequestFactory

from config import pages
from config.middleware import RefusalMiddleware
from partners.audit.rules import NotPermitted, Refused
from tests.builders import make_person

pytestmark = pytest.mark.django_db
PUBLIC = ["/privacy/", "/help/", "/accessibility/", "/accounts/login/", "/accounts/password/reset/"]
GALLERY = [
    "/gallery/",
    "/gallery/form/?state=wrong",
    "/gallery/tables/",
    "/gallery/question/",
    "/gallery/confirm/",
    "/gallery/receipt/",
]
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("path", PUBLIC + GALLERY)
def test_a_page_anybody_may_see_answers_without_inline_script_or_style(client: Client, path: str) -> None:
    response = client.get(path)

    html = response.content.decode()
    assert response.status_code == 200
    assert INLINE.findall(html) == []
    assert html.count("<h1") == 1
    assert '<html lang="en-GB"' in html
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_a_page_with_an_error_says_so_in_its_title(client: Client) -> None:
    right, wrong = client.get("/gallery/form/"), client.get("/gallery/form/?state=wrong")

    assert "<title>Every field - Transformation portfolio</title>" in right.content.decode()
    assert "<title>Error: Every field - Transformation portfolio</title>" in wrong.content.decode()


def test_the_privacy_page_tells_the_true_cookies(client: Client) -> None:
    html = client.get("/privacy/").content.decode()

    assert "After 12 hours, or when you sign out" in html
    assert "After 364 days" in html
    assert set(client.get("/accounts/login/").cookies) == {"csrftoken"}
    assert all(name in html for name in ("sessionid", "csrftoken", "messages"))


def test_signing_in_sets_the_cookies_that_the_privacy_page_names(client: Client) -> None:
    person = make_person()
    person.set_password("three unlikely words")
    person.save()

    response = client.post(
        "/accounts/login/", {"login": person.email, "password": "three unlikely words", "next": "/help/"}
    )

    assert response.status_code == 302
    assert set(response.cookies) <= {"sessionid", "csrftoken", "messages"}
    assert response.cookies["sessionid"]["max-age"] == 12 * 60 * 60


def test_a_missing_page_says_what_to_do(client: Client) -> None:
    client.force_login(make_person())

    response = client.get("/nothing-here/")

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/accounts/login/", {"login": "a@example.org"})

    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


@pytest.mark.parametrize(
    ("refusal", "status", "title"),
    [
        (NotPermitted("You cannot close it. Ask the CIO & co."), 403, "You do not have permission to do this"),
        (Refused("It is closed & sealed. Open a new one."), 409, "This could not be done"),
    ],
)
def test_a_refusal_shows_its_sentence(refusal: Exception, status: int, title: str) -> None:
    request = RequestFactory().post("/x/")
    request.user = make_person()

    response = RefusalMiddleware(lambda _: pages.help_page(request)).process_exception(request, refusal)

    assert response is not None
    html = response.content.decode()
    assert response.status_code == status
    assert title in html
    assert str(refusal).replace("&", "&amp;") in html


def test_the_page_of_a_failure_needs_no_database(django_db_blocker: Any) -> None:
    request = RequestFactory().get("/x/")

    with django_db_blocker.block():
        response = pages.server_error(request)

    assert response.status_code == 500
    assert "There is a problem" in response.content.decode()


def test_a_bad_request_has_a_page() -> None:
    assert pages.bad_request(RequestFactory().get("/x/"), Exception()).status_code == 400


def test_nobody_changes_an_address_or_signs_up(client: Client) -> None:
    client.force_login(make_person())

    assert "An administrator keeps it" in client.get("/accounts/email/").content.decode()
    assert client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}).status_code == 200
    client.logout()
    assert "Ask an administrator" in client.get("/accounts/signup/").content.decode()
    assert client.get("/accounts/confirm-email/").status_code in (302, 404)
