import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from partners.audit.models import DAYS, MutableModel, both_or_neither
from partners.clock.rules import words_for_days
from partners.people.enums import HoldingKind, Role, ScopeKind
from partners.people.rules.offices import Days


class Unit(MutableModel):
    """A part of the organisation that people belong to; units form a tree."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds an account by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, MutableModel):
    """A person with an account. E-mail is kept in lower case; somebody who left keeps the row and loses access.

    ``is_partner`` marks a contact of a partner organisation: never one of the staff, and sees their own dealings only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    is_active = models.BooleanField(default=True)
    is_partner = models.BooleanField(default=False, db_default=False)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            both_or_neither("left"),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | models.Q(is_active=False),
                name="partners_user_left_is_inactive",
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="partners_user_email_lower"),
            models.CheckConstraint(
                condition=Q(is_partner=False) | Q(unit__isnull=True), name="partners_user_partner_has_no_unit"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    # Django's admin asks these four; the admin reads and never writes (partners/admin.py).
    @property
    def is_staff(self) -> bool:
        return self.is_active and self.role_holdings.filter(role=Role.ADMINISTRATOR, ended_at=None).exists()

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Scope(MutableModel):
    """A place where roles are held. A portfolio and a programme each own one; a role holds in what lies below it.

    ``is_record`` marks that of a portfolio that is kept as a record of days past: nobody is asked for anything in it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=ScopeKind)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    is_record = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=ScopeKind.ORGANISATION, parent__isnull=True)
                | (~models.Q(kind=ScopeKind.ORGANISATION) & models.Q(parent__isnull=False)),
                name="partners_scope_parent_unless_organisation",
            ),
            models.UniqueConstraint("parent", Lower("name"), name="partners_scope_name_once"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind=ScopeKind.ORGANISATION), name="partners_scope_one_organisation"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleHolding(MutableModel):
    """Somebody holds a role at a scope from one instant to another; the end is open while they hold it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_holdings")
    role = models.CharField(max_length=30, choices=Role)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="role_holdings")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("ended"),
            models.UniqueConstraint(
                fields=["user", "role", "scope"],
                condition=models.Q(ended_at__isnull=True),
                name="partners_roleholding_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class ApiToken(MutableModel):
    """A secret that signs API calls in as its owner. Only its SHA-256 is stored; it can be revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class BrowserSession(AbstractBaseSession, MutableModel):
    """Somebody signed in with a browser. Knows its person, so that a leaver's sessions end at once."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="browser_sessions")
    signed_in_at = models.DateTimeField(null=True)
    browser = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return self.browser or "Session"


class PeopleImport(MutableModel):
    """A file of people or units between its preview and its confirmation; removed by either end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(max_length=100)
    content = models.TextField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.file_name


class Office(MutableModel):
    """An office of a body that takes decisions on what lies in its scope, as a law or a scheme gives it.

    The days of its existence are inclusive and open where unknown. ``clerk`` may record what its holder decided.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="offices")
    title = models.CharField(max_length=200)
    body = models.CharField(max_length=200)
    established_on = models.DateField(null=True, blank=True)
    abolished_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    clerk = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="clerk_of")
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint("scope", Lower("title"), Lower("body"), name="partners_office_once"),
            models.CheckConstraint(
                condition=Q(abolished_on__isnull=True)
                | Q(established_on__isnull=True)
                | Q(abolished_on__gte=F("established_on")),
                name="partners_office_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def days(self) -> Days:
        """The days on which there is this office."""
        return Days(self.established_on, self.abolished_on)


class OfficeHolding(MutableModel):
    """Somebody holds an office from one day to another, both inclusive; the start is empty where it is not on record.

    The holder has a name and perhaps an account. One holder at a time; a day without one is a vacancy.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="holdings")
    holder_name = models.CharField(max_length=200)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="office_holdings")
    kind = models.CharField(max_length=20, choices=HoldingKind, default=HoldingKind.SUBSTANTIVE)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(from_on__isnull=True) | Q(to_on__gte=F("from_on")),
                name="partners_officeholding_in_order",
            ),
            ExclusionConstraint(
                name="partners_officeholding_one_at_a_time",
                expressions=[(DAYS, RangeOperators.OVERLAPS), ("office", RangeOperators.EQUAL)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder_name}, {self.office}"

    @property
    def days(self) -> Days:
        return Days(self.from_on, self.to_on)


class Leave(MutableModel):
    """Days (inclusive) on which somebody is away, and who stands in for them. Taken back rather than deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leaves")
    from_on = models.DateField()
    to_on = models.DateField()
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="stands_in_for")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("cancelled"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="partners_leave_in_order"),
            models.CheckConstraint(
                condition=Q(delegate__isnull=True) | ~Q(delegate=F("user")), name="partners_leave_by_somebody_else"
            ),
            ExclusionConstraint(
                name="partners_leave_one_at_a_time",
                expressions=[(DAYS, RangeOperators.OVERLAPS), ("user", RangeOperators.EQUAL)],
                condition=Q(cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.words}"

    @property
    def words(self) -> str:
        """The days as people say them."""
        return words_for_days(self.from_on, self.to_on)
