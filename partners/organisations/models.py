import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from partners.audit.models import MutableModel, both_or_neither
from partners.organisations.enums import Sector
from partners.people.models import User


class Organisation(MutableModel):
    """An organisation outside that we deal with, alone or as a member of consortia."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    sector = models.CharField(max_length=20, choices=Sector)
    about = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="partners_organisation_name_once")]

    def __str__(self) -> str:
        return self.name


class Contact(MutableModel):
    """Somebody of an organisation whom we write to. Their account is a partner's: it sees their own dealings only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contacts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contacts")
    job_title = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("ended"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="partners_contact_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.organisation}"
