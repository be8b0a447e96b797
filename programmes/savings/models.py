import uuid

from django.db import models
from django.db.models import Q

from partners.audit.models import AppendOnlyModel, MutableModel
from partners.people.models import User
from programmes.register.models import Programme
from programmes.savings.enums import Confidence
from programmes.savings.rules import Amounts


class Saving(MutableModel):
    """Something that a programme does to save money. What it saves stands in its statements, year by year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="savings")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_savings")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "title"], name="programmes_saving_title_once")]

    def __str__(self) -> str:
        return self.title


class SavingStatement(AppendOnlyModel):
    """What a saving comes to in one financial year, as stated on a day: three parts in pence that never overlap.

    ``year`` is the one in which the financial year begins. The highest ``number`` of a saving and year that was known
    at a time counts then; earlier ones stay. What was expected becomes delivered by a new statement only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    saving = models.ForeignKey(Saving, on_delete=models.PROTECT, related_name="statements")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    planned_pence = models.BigIntegerField(default=0)
    expected_pence = models.BigIntegerField(default=0)
    delivered_pence = models.BigIntegerField(default=0)
    confidence = models.CharField(max_length=20, choices=Confidence, blank=True)
    stated_on = models.DateField()
    source = models.CharField(max_length=200)
    note = models.CharField(max_length=500, blank=True)
    decision_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["saving", "year", "number"], name="programmes_savingstatement_number_once"),
            models.CheckConstraint(
                condition=Q(planned_pence__gte=0, expected_pence__gte=0, delivered_pence__gte=0),
                name="programmes_savingstatement_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(planned_pence=0, confidence="") | (Q(planned_pence__gt=0) & ~Q(confidence="")),
                name="programmes_savingstatement_planned_has_confidence",
            ),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="programmes_savingstatement_year"),
        ]

    def __str__(self) -> str:
        return f"{self.saving}, {self.year}"

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.planned_pence, self.expected_pence, self.delivered_pence)


class SavingMove(AppendOnlyModel):
    """A saving went from one programme to another on a day, by a decision."""

    id = models.BigAutoField(primary_key=True)
    saving = models.ForeignKey(Saving, on_delete=models.PROTECT, related_name="moves")
    from_programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    to_programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    moved_on = models.DateField()
    decision_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.saving} to {self.to_programme}"
