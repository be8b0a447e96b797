import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import Scope, User
from programmes.register.enums import DeliveryModel, PositionKind


class Programme(MutableModel):
    """A programme of a portfolio. Its scope carries the roles held on it; the scope's parent is the portfolio's.

    Only a decision changes its delivery model or ends it. ``ended_on`` is the last day on which it ran.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, related_name="programme")
    name = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    delivery_model = models.CharField(max_length=30, choices=DeliveryModel)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_programmes")
    set_up_at = models.DateTimeField()
    set_up_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True, db_default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            both_or_neither("ended"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_on__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False, ended_on__isnull=False) & ~Q(end_reason="")),
                name="programmes_programme_ended_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryModelPeriod(AppendOnlyModel):
    """How a programme is delivered from a day on. The latest by ``from_on``, then by ``recorded_at``, counts."""

    id = models.BigAutoField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="delivery_models")
    delivery_model = models.CharField(max_length=30, choices=DeliveryModel)
    from_on = models.DateField()
    decision_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        indexes = [models.Index(fields=["programme", "-from_on", "-id"], name="delivery_model_newest")]

    def __str__(self) -> str:
        return self.get_delivery_model_display()


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


class Position(MutableModel):
    """What somebody said of where a programme should go, on a day, with its source. A view, never a decision.

    ``holder`` names who said it and in which role; withdrawn rather than deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="positions")
    kind = models.CharField(max_length=20, choices=PositionKind)
    holder = models.CharField(max_length=200)
    text = models.TextField()
    stated_on = models.DateField()
    source = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [both_or_neither("withdrawn")]

    def __str__(self) -> str:
        return self.text
