"""The account pages from end to end: each template is rendered on the way."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from partners.people.models import User
from tests.builders import make_person

pytestmark = pytest.mark.django_db
PASSWORD, NEW_PASSWORD = "three unlikely words", "four other unlikely words"


@pytest.fixture
def person() -> User:
    found = make_person("Ama Mensah")
    found.set_password(PASSWORD)
    found.save()
    return found


def page(client: Client, path: str, data: dict[str, Any] | None = None) -> tuple[str, str]:
    """The title and the HTML of a page, after following redirects."""
    response = client.get(path, follow=True) if data is None else client.post(path, data, follow=True)
    html = response.content.decode()
    assert response.status_code == 200, html
    return re.findall("<title>(.*?) - Transformation portfolio</title>", html)[0], html


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_a_wrong_password_is_told_without_naming_which_was_wrong(client: Client, person: User) -> None:
    title, html = page(client, "/accounts/login/", {"login": person.email, "password": "wrong"})

    assert title == "Error: Sign in"
    assert "There is a problem" in html


def test_a_forgotten_password_is_replaced_through_a_mail(client: Client, person: User) -> None:
    title, _ = page(client, "/accounts/password/reset/", {"email": person.email})

    assert title == "Check your email"
    [sent] = mail.outbox
    [link] = re.findall(r"https?://\S+", str(sent.body))
    assert isinstance(sent, mail.EmailMultiAlternatives)
    html_part = str(sent.alternatives[0][0])
    assert (sent.subject, sent.to) == ("Choose a new password", [person.email])
    assert "Hello Ama Mensah" in sent.body
    assert f'href="{link}"' in html_part

    title, _ = page(client, link)
    assert title == "Choose a new password"

    address = client.get(link, follow=True).redirect_chain[-1][0]
    title, html = page(client, address, {"password1": "short", "password2": "short"})
    assert title == "Error: Choose a new password"
    assert 'href="#id_password1"' in html

    title, _ = page(client, address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert title == "Your password has been changed"
    assert User.objects.get(pk=person.pk).check_password(NEW_PASSWORD)

    title, _ = page(Client(), link)
    assert title == "This link no longer works"


def test_nobody_learns_whether_an_address_has_an_account(client: Client) -> None:
    title, _ = page(client, "/accounts/password/reset/", {"email": "stranger@example.org"})

    assert title == "Check your email"
    assert mail.outbox == []


def test_a_password_is_changed_by_its_owner(client: Client, person: User) -> None:
    client.force_login(person)
    wrong = {"oldpassword": "x", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    assert page(client, "/accounts/password/change/")[0] == "Change your password"
    assert page(client, "/accounts/password/change/", wrong)[0] == "Error: Change your password"
    client.post("/accounts/password/change/", {**wrong, "oldpassword": PASSWORD})

    assert User.objects.get(pk=person.pk).check_password(NEW_PASSWORD)


def test_an_authenticator_app_is_set_up_used_and_given_up(client: Client, person: User) -> None:
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD, "next": "/help/"})
    assert "You sign in with your password alone." in page(client, "/accounts/2fa/")[1]

    again = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    title, html = page(client, "/accounts/reauthenticate/", again)
    secret = re.findall(r'class="app-key">(\w+)<', html)[0]
    assert title == "Set up an authenticator app"
    assert 'src="data:image/svg+xml;base64,' in html
    assert page(client, "/accounts/2fa/totp/activate/", {"code": "0"})[0] == "Error: Set up an authenticator app"

    title, html = page(client, "/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    recovery_codes = re.findall(r'<li><code class="app-key">(\S+)</code>', html)
    assert title == "Recovery codes"
    assert len(recovery_codes) == 10

    other = Client()
    title, _ = page(other, "/accounts/login/", {"login": person.email, "password": PASSWORD, "next": "/help/"})
    assert title == "Enter your code"
    assert page(other, "/accounts/2fa/authenticate/", {"code": "000000"})[0] == "Error: Enter your code"
    assert page(other, "/accounts/2fa/authenticate/", {"code": recovery_codes[0]})[0] == "Help"
    assert "9 unused codes" in page(other, "/accounts/2fa/")[1]
    assert page(other, "/accounts/2fa/reauthenticate/")[0] == "Confirm that it is you"
    assert page(other, "/accounts/2fa/reauthenticate/", {"code": "0"})[0] == "Error: Confirm that it is you"
    assert page(other, "/accounts/2fa/recovery-codes/")[0] == "Confirm that it is you"
    assert page(client, "/accounts/2fa/recovery-codes/")[1].count("<code") == 9

    assert page(client, "/accounts/2fa/recovery-codes/generate/")[0] == "Make new recovery codes"
    assert page(client, "/accounts/2fa/recovery-codes/generate/", {})[0] == "Recovery codes"
    assert page(client, "/accounts/2fa/totp/deactivate/")[0] == "Stop using the authenticator app"
    assert page(client, "/accounts/2fa/totp/deactivate/", {})[0] == "Authenticator app"


def test_changing_how_one_signs_in_asks_who_it_is(client: Client, person: User) -> None:
    client.force_login(person)

    title, html = page(client, "/accounts/2fa/totp/activate/")
    assert title == "Confirm that it is you"
    assert 'name="next"' in html

    assert page(client, "/accounts/reauthenticate/", {"password": "x"})[0] == "Error: Confirm that it is you"
    title, _ = page(client, "/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"})
    assert title == "Set up an authenticator app"


def test_somebody_without_a_password_chooses_one(client: Client) -> None:
    person = make_person()
    person.set_unusable_password()
    person.save()
    client.force_login(person)

    assert page(client, "/accounts/password/change/")[0] == "Choose a password"


def test_signing_out_asks_first_when_it_was_only_a_link(client: Client, person: User) -> None:
    client.force_login(person)

    assert page(client, "/accounts/logout/")[0] == "Sign out"
    title, html = page(client, "/accounts/logout/", {})
    assert title == "Sign in"
    assert "You have signed out." in html


def test_too_many_attempts_are_stopped_in_words(client: Client, person: User) -> None:
    answers = {client.post("/accounts/login/", {"login": person.email, "password": "x"}).status_code for _ in range(12)}
    response = client.post("/accounts/login/", {"login": person.email, "password": "x"})

    assert answers <= {200, 429}
    assert "Too many" in response.content.decode()
