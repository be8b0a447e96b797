"""How people sign in: the backend, and the pages of allauth that this product has. An administrator keeps names and email addresses, so nobody changes theirs here."""

from typing import Any

from allauth.account import views
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path

from partners.people.models import User
from partners.post.queries import with_unread


class Accounts(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, which reads with the signed-in person how many entries of their inbox are unread."""

    def get_user(self, user_id: Any) -> User | None:
        person = with_unread(User.objects.filter(pk=user_id)).first()
        return person if person is not None and self.user_can_authenticate(person) else None


def email_is_kept(request: HttpRequest) -> HttpResponse:
    """In place of allauth's page for changing one's address, whose route it needs."""
    return render(request, "account/email.html")


urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("email/", email_is_kept, name="account_email"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
]
