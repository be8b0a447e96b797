import re
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.people import operations
from partners.people.adapter import link_to_set_password
from partners.people.models import BrowserSession, User
from tests.builders import NOW, make_administrator, make_person

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"


@pytest.fixture
def ama():
    person = make_person("Ama Mensah")
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password}, **more)


def text_of(response):
    return " ".join(response.content.decode().split())


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def test_sign_in_by_address_whatever_its_capitals(client, ama):
    response = sign_in(client, ama.email.upper(), headers={"User-Agent": "Mozilla (Windows) Firefox/131.0"})

    assert (response.status_code, response.headers["Location"]) == (302, reverse("home"))
    row = BrowserSession.objects.get(user=ama)
    assert (row.browser, row.signed_in_at is not None) == ("Firefox on Windows", True)
    assert "Firefox on Windows" in text_of(client.get("/account/"))


def test_sign_in_removes_sessions_that_have_ended(client, ama):
    """Ended by the real clock, as Django's sessions do."""
    client.force_login(make_person())
    BrowserSession.objects.update(expire_date=datetime(2020, 1, 1, tzinfo=UTC))

    sign_in(Client(), ama.email)

    assert set(BrowserSession.objects.values_list("user_id", flat=True)) == {ama.pk}


def test_sign_in_goes_on_to_the_page_that_was_asked_for(client, ama):
    assert client.get("/units/").headers["Location"] == "/accounts/login/?next=/units/"

    assert sign_in(client, ama.email, query_params={"next": "/account/"}).headers["Location"] == "/account/"
    assert sign_in(Client(), ama.email, query_params={"next": "https://elsewhere.example/"}).headers[
        "Location"
    ] == reverse("home")


def test_a_wrong_password_and_an_unknown_address_read_the_same(ama):
    def told(email, password):
        page = text_of(sign_in(Client(), email, password))
        return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page)

    wrong, unknown = told(ama.email, "not the password"), told("nobody@example.org", "not the password")

    assert "The email address or the password is not correct" in wrong
    assert wrong == unknown


def test_somebody_who_left_is_told_plainly_and_only_with_the_right_password(client, ama):
    operations.record_leaver(person_id=ama.pk, by=make_administrator(), now=NOW)

    refused = sign_in(client, ama.email)
    assert refused.headers["Location"] == reverse("account_inactive")
    assert "You cannot sign in with it any more" in text_of(client.get(refused.headers["Location"]))
    assert not is_signed_in(client)
    assert "is not correct" in text_of(sign_in(Client(), ama.email, "not the password"))


def test_ten_wrong_passwords_are_enough_for_five_minutes(client, ama):
    for _ in range(10):
        sign_in(client, ama.email, "not the password")

    assert "Too many attempts to sign in. Wait 5 minutes" in text_of(sign_in(client, ama.email))
    assert sign_in(client, make_and_know("other").email).status_code == 302


def make_and_know(name):
    person = make_person(name)
    person.set_password(PASSWORD)
    person.save()
    return person


def test_a_stranger_behind_the_proxy_cannot_choose_the_address_that_is_counted(settings, client, ama):
    """With one trusted proxy the last entry counts, which the proxy wrote."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/ip"}

    def attempt(number, forwarded):
        email = f"p{number}@example.org"
        return text_of(sign_in(Client(), email, "wrong", headers={"X-Forwarded-For": forwarded}))

    for number in range(3):
        attempt(number, f"10.0.0.{number}, 192.0.2.7")

    assert "Too many attempts" in attempt(4, "10.9.9.9, 192.0.2.7")
    assert "Too many attempts" not in attempt(5, "10.9.9.9, 192.0.2.8")


def test_nobody_signs_up(client):
    page = client.get("/accounts/signup/")
    sent = client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})

    assert "password1" not in text_of(page)
    assert sent.status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()


def test_nobody_changes_their_own_address(client, ama):
    client.force_login(ama)

    client.post("/accounts/email/", {"action_add": "", "email": "other@example.org"})

    assert User.objects.get(pk=ama.pk).email == ama.email
    assert client.get("/accounts/confirm-email/").status_code == 404
    assert ama.emailaddress_set.count() == 1


# Password reset, with a real mail server


def ask_for_link(email):
    response = Client().post(reverse("account_reset_password"), {"email": email})
    assert response.headers["Location"] == reverse("account_reset_password_done")


def link_in(mail):
    body = mail.message.get_body(("plain",)).get_content()
    [link] = re.findall(r"http://\S+/accounts/password/reset/key/\S+", body)
    return urlsplit(link).path


def set_password(client, path, password):
    form = client.get(path).headers["Location"]
    return client.post(form, {"password1": password, "password2": password})


def test_a_link_in_a_real_mail_sets_a_new_password_once(smtp_sink, settings, ama):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    old, fresh = Client(), "another horse battery"
    sign_in(old, ama.email)
    assert is_signed_in(old)

    ask_for_link(ama.email)

    [mail] = smtp_sink.wait_for(1)
    path = link_in(mail)
    assert mail.recipients == (ama.email,)
    assert settings.PUBLIC_URL in mail.message.get_body(("plain",)).get_content()
    done = set_password(Client(), path, fresh)
    assert done.headers["Location"] == reverse("account_reset_password_from_key_done")
    assert not is_signed_in(old)
    assert User.objects.get(pk=ama.pk).check_password(fresh)
    assert "Set new password" not in text_of(Client().get(path, follow=True))
    assert sign_in(Client(), ama.email, fresh).status_code == 302
    assert "is not correct" in text_of(sign_in(Client(), ama.email, PASSWORD))


def test_no_mail_goes_to_strangers_and_leavers_and_nobody_can_tell(smtp_sink, settings, ama):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    gone = make_person()
    operations.record_leaver(person_id=gone.pk, by=make_administrator(), now=NOW)

    ask_for_link("nobody@example.org")
    ask_for_link(gone.email)
    ask_for_link(ama.email)

    assert [mail.recipients for mail in smtp_sink.wait_for(1)] == [(ama.email,)]


def test_the_link_leads_to_our_own_address_whatever_the_host_header_says(smtp_sink, settings, ama):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.ALLOWED_HOSTS = ["*"]

    Client().post(reverse("account_reset_password"), {"email": ama.email}, headers={"Host": "evil.example"})

    content = smtp_sink.wait_for(1)[0].message.get_body(("plain",)).get_content()
    assert settings.PUBLIC_URL in content
    assert "evil.example" not in content


def test_a_mail_server_that_does_not_answer_is_told_and_not_a_fault(settings, ama):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    response = Client().post(reverse("account_reset_password"), {"email": ama.email})

    assert (response.status_code, "The mail could not be sent" in text_of(response)) == (409, True)


def test_an_administrator_mails_the_link_to_somebody_new(smtp_sink, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    alex, client = make_administrator(), Client()
    person = operations.add_person(email="new@example.org", name="New Person", unit_id=None, by=alex, now=NOW)
    client.force_login(alex)

    sent = client.post(reverse("person_send_link", args=[person.pk]))

    assert "A link to set a password was sent to new@example.org." in text_of(client.get(sent.headers["Location"]))
    set_password(Client(), link_in(smtp_sink.wait_for(1)[0]), PASSWORD)
    assert sign_in(Client(), "new@example.org").status_code == 302
    acts = AuditEvent.objects.filter(subject_id=person.pk).order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["people.add_person", "people.send_link", "people.set_password"]
    operations.record_leaver(person_id=person.pk, by=alex, now=NOW)
    assert client.post(reverse("person_send_link", args=[person.pk])).status_code == 409


@pytest.mark.parametrize(
    ("password", "sentence"), [("short", "at least 12 characters"), ("q1w2e3r4t5y6", "too common")]
)
def test_a_weak_password_is_told_what_is_wrong(ama, password, sentence):
    client = Client()

    response = set_password(client, urlsplit(link_to_set_password(ama)).path, password)

    assert (response.status_code, sentence in text_of(response)) == (200, True)


def test_changing_the_password_keeps_this_browser_and_ends_the_others(ama):
    here, there = Client(), Client()
    sign_in(here, ama.email)
    sign_in(there, ama.email)
    fresh = "another horse battery"

    changed = here.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    )

    assert changed.headers["Location"] == reverse("my_account")
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def told_about(person):
    """What the audit trail says of somebody's account, and that it says no more."""
    events = AuditEvent.objects.filter(subject_id=person.pk).order_by("pk")
    assert not [event for event in events if event.before or event.after or event.scope_id]
    return [(event.actor_name, event.action, event.summary) for event in events]


def test_a_password_that_its_owner_changes_is_on_record(ama):
    client, fresh = Client(), "another horse battery"
    sign_in(client, ama.email)
    form = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}

    client.post(reverse("account_change_password"), form | {"oldpassword": "not the password"})
    assert told_about(ama) == []
    client.post(reverse("account_change_password"), form)

    assert told_about(ama) == [("Ama Mensah", "people.set_password", "changed their password")]


def test_a_password_set_by_the_mailed_link_is_on_record(ama):
    set_password(Client(), urlsplit(link_to_set_password(ama)).path, "another horse battery")

    assert told_about(ama) == [("Ama Mensah", "people.set_password", "set their password by the link that was mailed")]


def test_the_link_of_somebody_who_has_left_since_sets_nothing(ama):
    client, path = Client(), urlsplit(link_to_set_password(ama)).path
    form = client.get(path).headers["Location"]
    operations.record_leaver(person_id=ama.pk, by=make_administrator(), now=NOW)

    response = client.post(form, {"password1": "another horse battery", "password2": "another horse battery"})

    assert (response.status_code, "This account is closed" in text_of(response)) == (409, True)
    assert User.objects.get(pk=ama.pk).check_password(PASSWORD)


def test_a_new_password_keeps_what_others_changed_of_the_account_meanwhile(ama):
    operations.change_person(
        person_id=ama.pk,
        email=ama.email,
        name="Ama Boateng",
        unit_id=None,
        version=ama.version,
        by=make_administrator(),
        now=NOW,
    )

    operations.set_own_password(password="another horse battery", is_by_link=False, by=ama, now=NOW)

    saved = User.objects.get(pk=ama.pk)
    assert (saved.name, saved.check_password("another horse battery")) == ("Ama Boateng", True)


# The authenticator app


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def turn_on_app(client, person):
    """Sign in and turn on an authenticator app; returns its secret."""
    sign_in(client, person.email)
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked.headers["Location"], {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.headers["Location"] == reverse("mfa_view_recovery_codes")
    return secret


@pytest.fixture
def with_app(ama):
    """Ama signed in, with an authenticator app and its secret."""
    client = Client()
    return client, turn_on_app(client, ama)


def test_an_app_is_asked_for_at_the_next_sign_in(ama, with_app):
    _, secret = with_app
    client = Client()

    asked = sign_in(client, ama.email)
    assert asked.headers["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "The code is not correct" in text_of(wrong)
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).status_code == 302
    assert is_signed_in(client)
    assert "In use" in text_of(client.get("/account/"))


def test_what_somebody_does_about_their_app_is_on_record(ama, django_capture_on_commit_callbacks):
    client = Client()
    with django_capture_on_commit_callbacks(execute=True):
        turn_on_app(client, ama)
        client.post(reverse("mfa_generate_recovery_codes"))

    client.post(reverse("mfa_deactivate_totp"))

    assert told_about(ama) == [
        ("Ama Mensah", "people.turn_on_second_step", "turned on their authenticator app"),
        ("Ama Mensah", "people.renew_recovery_codes", "made new recovery codes"),
        ("Ama Mensah", "people.turn_off_second_step", "turned off their authenticator app"),
    ]


def test_a_code_works_once(ama, with_app):
    _, secret = with_app
    first, second = Client(), Client()
    code = code_of(secret)
    sign_in(first, ama.email)
    sign_in(second, ama.email)
    first.post(reverse("mfa_authenticate"), {"code": code})

    second.post(reverse("mfa_authenticate"), {"code": code})

    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_a_recovery_code_works_once_without_the_phone(ama, with_app):
    codes = Authenticator.objects.get(user=ama, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    first, second = Client(), Client()
    sign_in(first, ama.email)
    sign_in(second, ama.email)

    first.post(reverse("mfa_authenticate"), {"code": codes[0]})
    second.post(reverse("mfa_authenticate"), {"code": codes[0]})

    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_an_administrator_lets_somebody_in_who_lost_their_phone(ama, with_app):
    admin = Client()
    admin.force_login(make_administrator())
    page = reverse("person_remove_second_step", args=[ama.pk])

    assert admin.post(page).status_code == 302

    client = Client()
    assert sign_in(client, ama.email).headers["Location"] == reverse("home")
    assert admin.post(page).status_code == 409


def test_a_reset_password_does_not_get_around_the_app(ama, with_app):
    fresh = "another horse battery"
    client = Client()

    set_password(client, urlsplit(link_to_set_password(User.objects.get(pk=ama.pk))).path, fresh)

    assert not is_signed_in(client)
    assert sign_in(client, ama.email, fresh).headers["Location"] == reverse("mfa_authenticate")
