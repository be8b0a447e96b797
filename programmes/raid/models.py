import uuid

from django.db import models
from django.db.models import F, Q

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.people.models import User
from programmes.raid.enums import Impact, Likelihood, Origin, RaidKind, RiskResponse
from programmes.raid.rules import Score, score_of
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream

PREFIXES: dict[str, str] = {RaidKind.RISK: "R", RaidKind.ASSUMPTION: "AS", RaidKind.ISSUE: "I", RaidKind.ACTION: "AC"}


class RaidEntry(MutableModel):
    """A risk, an assumption, an issue or an action of a programme.

    ``number`` counts within programme and kind. A risk has a score as first judged (``likelihood``, ``impact``) and one
    as it stands after treatment (``residual_*``); an issue has an impact alone. ``due_on``: an action is done by then,
    anything else is looked at again. ``parent`` is what an action treats; ``turned_from`` the entry that this one was
    made of. ``outcome`` says how it ended, ``decision_id`` which decision an issue was taken to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="raid_entries")
    workstream = models.ForeignKey(
        Workstream, on_delete=models.PROTECT, null=True, blank=True, related_name="raid_entries"
    )
    kind = models.CharField(max_length=12, choices=RaidKind)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_raid_entries")
    is_in_report = models.BooleanField(default=False)
    due_on = models.DateField(null=True, blank=True)
    likelihood = models.PositiveSmallIntegerField(choices=Likelihood, null=True, blank=True)
    impact = models.PositiveSmallIntegerField(choices=Impact, null=True, blank=True)
    residual_likelihood = models.PositiveSmallIntegerField(choices=Likelihood, null=True, blank=True)
    residual_impact = models.PositiveSmallIntegerField(choices=Impact, null=True, blank=True)
    response = models.CharField(max_length=10, choices=RiskResponse, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="treatments")
    turned_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="turned_into")
    origin = models.CharField(max_length=20, choices=Origin, blank=True)
    origin_id = models.UUIDField(null=True, blank=True)
    decision_id = models.UUIDField(null=True, blank=True)
    raised_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "RAID entries"
        constraints = [
            both_or_neither("closed"),
            models.UniqueConstraint(fields=["programme", "kind", "number"], name="programmes_raidentry_number_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="programmes_raidentry_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=RaidKind.RISK,
                    likelihood__range=(1, 5),
                    impact__range=(1, 5),
                    residual_likelihood__range=(1, 5),
                    residual_impact__range=(1, 5),
                )
                | Q(kind=RaidKind.ISSUE, impact__range=(1, 5), likelihood__isnull=True, residual_impact__isnull=True)
                | Q(
                    kind__in=(RaidKind.ACTION, RaidKind.ASSUMPTION),
                    likelihood__isnull=True,
                    impact__isnull=True,
                    residual_likelihood__isnull=True,
                    residual_impact__isnull=True,
                ),
                name="programmes_raidentry_scored_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(kind=RaidKind.ACTION), name="programmes_raidentry_actions_treat"
            ),
            models.CheckConstraint(
                condition=~Q(kind=RaidKind.ACTION) | Q(due_on__isnull=False), name="programmes_raidentry_action_is_due"
            ),
            models.CheckConstraint(
                condition=Q(origin="", origin_id__isnull=True) | (~Q(origin="") & Q(origin_id__isnull=False)),
                name="programmes_raidentry_origin_whole",
            ),
            models.CheckConstraint(
                condition=Q(decision_id__isnull=True) | Q(kind=RaidKind.ISSUE),
                name="programmes_raidentry_issues_are_decided",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="programmes_raidentry_not_its_own_parent"),
        ]
        indexes = [
            models.Index(fields=["programme", "kind", "due_on"], condition=Q(closed_at__isnull=True), name="raid_open"),
            models.Index(fields=["owner", "due_on"], condition=Q(closed_at__isnull=True), name="raid_owned"),
            models.Index(fields=["origin_id"], condition=Q(origin_id__isnull=False), name="raid_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """Reads "R12", "AS3", "I4" or "AC7"."""
        return f"{PREFIXES[self.kind]}{self.number}"

    @property
    def residual_score(self) -> Score | None:
        """Of a risk, as it stands after treatment."""
        return score_of(self.residual_likelihood, self.residual_impact)


class RaidComment(AppendOnlyModel):
    """What somebody said of an entry. Those named in it were told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(RaidEntry, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]


class RaidMention(AppendOnlyModel):
    """Somebody who was named in a comment, and told of it."""

    id = models.BigAutoField(primary_key=True)
    comment = models.ForeignKey(RaidComment, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="programmes_raidmention_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.comment}"
