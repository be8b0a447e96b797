import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from partners.audit.models import MutableModel, both_or_neither
from partners.people.models import Scope, User
from programmes.register.enums import DeliveryModel


class Programme(MutableModel):
    """A programme of a portfolio. Its scope carries the roles held on it; the scope's parent is the portfolio's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, related_name="programme")
    name = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    delivery_model = models.CharField(max_length=30, choices=DeliveryModel)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_programmes")
    set_up_at = models.DateTimeField()
    set_up_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class ProgrammeConstraint(MutableModel):
    """What a programme must not become, or must keep to; withdrawn rather than deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="constraints")
    text = models.CharField(max_length=500)
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.UniqueConstraint(
                "programme",
                Lower("text"),
                condition=Q(withdrawn_at__isnull=True),
                name="programmes_programmeconstraint_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Lesson(MutableModel):
    """Something learned, kept for this programme and for later ones; withdrawn rather than deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="lessons")
    title = models.CharField(max_length=200)
    text = models.TextField()
    learned_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.UniqueConstraint(
                "programme", Lower("title"), condition=Q(withdrawn_at__isnull=True), name="programmes_lesson_title_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title
