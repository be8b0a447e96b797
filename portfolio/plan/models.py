import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.plan.enums import EstimateKind


class RequirementEstimate(AppendOnlyModel):
    """What somebody said, on a day, has to be saved over some financial years: a range in pence, or one figure twice.

    Estimates that disagree are all kept. Of those that count, the latest by ``stated_on`` is the requirement; a
    pressure adds to it. ``first_year`` and ``last_year`` are those in which the financial years begin.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="estimates")
    kind = models.CharField(max_length=20, choices=EstimateKind)
    title = models.CharField(max_length=200)
    low_pence = models.BigIntegerField()
    high_pence = models.BigIntegerField()
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    counts = models.BooleanField(default=True)
    stated_by = models.CharField(max_length=200)
    stated_on = models.DateField()
    covers = models.CharField(max_length=300, blank=True)
    price_base = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(low_pence__gte=0, high_pence__gte=F("low_pence")),
                name="portfolio_requirementestimate_range",
            ),
            models.CheckConstraint(
                condition=Q(first_year__gte=2000, last_year__gte=F("first_year"), last_year__lte=2100),
                name="portfolio_requirementestimate_years",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RequirementYear(AppendOnlyModel):
    """The part of an estimate that falls into one financial year."""

    id = models.BigAutoField(primary_key=True)
    estimate = models.ForeignKey(RequirementEstimate, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField()
    pence = models.BigIntegerField()

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["estimate", "year"], name="portfolio_requirementyear_once"),
            models.CheckConstraint(condition=Q(pence__gte=0), name="portfolio_requirementyear_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.estimate}, {self.year}"


class Scenario(MutableModel):
    """Estimates taken together: their lows and their highs add up to a range; withdrawn rather than deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("withdrawn"),
            models.UniqueConstraint(
                "portfolio", Lower("name"), condition=Q(withdrawn_at__isnull=True), name="portfolio_scenario_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioPart(AppendOnlyModel):
    """An estimate that a scenario is made of."""

    id = models.BigAutoField(primary_key=True)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="parts")
    estimate = models.ForeignKey(RequirementEstimate, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["scenario", "estimate"], name="portfolio_scenariopart_once")]

    def __str__(self) -> str:
        return str(self.estimate)
