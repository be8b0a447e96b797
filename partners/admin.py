"""This floor's part of /admin/, and the base of every part: administrators look, nobody changes anything here.

Rules, locks and the audit trail live in operations, so rows are never written past them.
"""

from collections.abc import Collection
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from partners.models import (
    ApiToken,
    AuditEvent,
    BrowserSession,
    CalendarFeed,
    Capability,
    CapabilityClaim,
    ClockOffset,
    Closure,
    Consortium,
    ConsortiumMembership,
    Contact,
    DeliveryAttempt,
    Document,
    Heartbeat,
    Leave,
    Message,
    Office,
    OfficeHolding,
    Organisation,
    PeopleImport,
    PostBucket,
    PostEpoch,
    PostPreference,
    PostSettings,
    Relationship,
    RelationshipStanding,
    RelationshipTerm,
    RoleHolding,
    Scope,
    SendingHold,
    Suppression,
    Unit,
    User,
)
from partners.people.permissions import is_administrator

COLUMNS = 7
ROWS = 100


class ReadOnlySite(admin.AdminSite):
    """An admin site of ours alone: what other packages register for themselves never appears."""

    site_title = site_header = "Transformation portfolio: records"
    index_title = "Records"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return not isinstance(user, AnonymousUser) and is_administrator(user)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")


site = ReadOnlySite(name="admin")
site.login = secure_admin_login(site.login)  # type: ignore[method-assign]
site.disable_action("delete_selected")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows every field but ``hidden``: secrets, password hashes, bytes of mails, answers of respondents."""

    hidden: Collection[str] = ()
    actions = None
    list_per_page = list_max_show_all = ROWS
    show_full_result_count = False

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("pk",)

    def get_list_display(self, request: HttpRequest) -> Any:
        short = [f for f in self._shown() if not isinstance(f, models.TextField | models.JSONField)]
        return [field.name for field in sorted(short, key=lambda field: not field.primary_key)][:COLUMNS]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return [field.name for field in self._shown() if isinstance(field, models.ForeignKey)]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return [field.name for field in self._shown()]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return self.get_fields(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def _shown(self) -> list[models.Field]:
        return [field for field in self.opts.concrete_fields if field.name not in self.hidden]


def register(model: type[models.Model], *, hidden: Collection[str] = ()) -> None:
    """Show the model's records, without the ``hidden`` fields."""
    site.register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), {"hidden": frozenset(hidden)}))


register(ApiToken, hidden={"secret_hash"})
register(AuditEvent)
register(BrowserSession, hidden={"session_key", "session_data"})
register(CalendarFeed, hidden={"secret_hash"})
register(Capability)
register(CapabilityClaim)
register(ClockOffset)
register(Closure)
register(Consortium)
register(ConsortiumMembership)
register(Contact)
register(DeliveryAttempt)
register(Document, hidden={"content"})
register(Heartbeat)
register(Leave)
register(Message, hidden={"text", "html", "frozen"})
register(Office)
register(OfficeHolding)
register(Organisation)
register(PeopleImport, hidden={"content"})
register(PostBucket)
register(PostEpoch)
register(PostPreference)
register(PostSettings)
register(Relationship)
register(RelationshipStanding)
register(RelationshipTerm)
register(RoleHolding)
register(Scope)
register(SendingHold)
register(Suppression)
register(Unit)
register(User, hidden={"password"})
