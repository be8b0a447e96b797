import uuid

from django.db import models
from django.db.models import Q

from partners.audit.models import AppendOnlyModel, MutableModel
from partners.people.models import User


class LifeCycle(MutableModel):
    """A way through ordered stages that programmes share. What it consists of stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    is_default = models.BooleanField(default=False)
    is_offered = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="programmes_lifecycle_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LifeCycleVersion(AppendOnlyModel):
    """The stages of a life cycle as published once. A later version never changes what programmes follow already.

    ``published_by`` is empty for those that come with the product.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    life_cycle = models.ForeignKey(LifeCycle, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["life_cycle", "number"], name="programmes_lifecycleversion_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.life_cycle}, version {self.number}"


class StageDefinition(AppendOnlyModel):
    """One stage of one version, and the gate before it. ``checklist`` is a list of what the gate asks, in words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    of_version = models.ForeignKey(LifeCycleVersion, on_delete=models.PROTECT, related_name="definitions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=50)
    title = models.CharField(max_length=200)
    gate_title = models.CharField(max_length=200)
    checklist = models.JSONField(default=list)

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["of_version", "position"], name="programmes_stagedefinition_position_once"),
            models.UniqueConstraint(fields=["of_version", "key"], name="programmes_stagedefinition_key_once"),
        ]

    def __str__(self) -> str:
        return self.title
