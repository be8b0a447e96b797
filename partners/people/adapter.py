import logging
from smtplib import SMTPException
from typing import Any
from urllib.parse import quote

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.models import User
from partners.people.sessions import remember_sign_in

RESET = "account_reset_password_from_key"
log = logging.getLogger(__name__)


class MailNotSent(Refused):
    """The mail server did not take the message."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators; nobody signs up. Links in mails lead to the installation's own address."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Ask an administrator in your organisation to open it again.",
        "email_password_mismatch": "The email address or the password is not correct",
        "too_many_login_attempts": "Too many attempts to sign in. Wait 5 minutes, then try again",
        "incorrect_password": "The password is not correct",
        "rate_limited": "Too many attempts. Wait a few minutes, then try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        remember_sign_in(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as failure:
            log.error("the mail server did not take %s: %s", template_prefix, type(failure).__name__)
            raise MailNotSent("The mail could not be sent. Wait a few minutes, then try again.") from None

    def set_password(self, user: User, password: str) -> None:
        is_by_link = self.request.resolver_match.url_name == RESET
        operations.set_own_password(password=password, is_by_link=is_by_link, by=user, now=business_now())

    def get_reset_password_from_key_url(self, key: str) -> str:
        return reset_url(key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("my_account")


class AuthenticatorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Words of the authenticator app."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code is not correct, or too old. Enter the one that your app shows now",
    }


@receiver(authenticator_added)
def note_app_turned_on(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        operations.record_second_step(act="turn_on_second_step", by=user, now=business_now())


@receiver(authenticator_removed)
def note_app_turned_off(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        operations.record_second_step(act="turn_off_second_step", by=user, now=business_now())


@receiver(authenticator_reset)
def note_new_recovery_codes(user: User, **_: Any) -> None:
    operations.record_second_step(act="renew_recovery_codes", by=user, now=business_now())


def link_to_set_password(person: User) -> str:
    """The address where the person sets a password: works once, for as long as a reset mail's."""
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    return reset_url(f"{user_pk_to_url_str(person)}-{key}")


def mail_link_to_set_password(request: HttpRequest, person: User) -> None:
    """Send the reset mail, as if the person had asked for it on the sign-in page.

    Raises: MailNotSent; Refused when the person cannot sign in.
    """
    form = ResetPasswordForm({"email": person.email})
    if not person.is_active or not form.is_valid():
        raise Refused(f"{person.name} cannot sign in, so no link was sent. Bring them back first.")
    form.save(request)


def reset_url(key: str) -> str:
    """Never built from a request's Host header, which a stranger may choose."""
    path = reverse(RESET, kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.PUBLIC_URL + path.replace("UID-KEY", quote(key))
