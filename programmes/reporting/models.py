import uuid

import pgtrigger
from django.db import models

from partners.audit.models import AppendOnlyModel, MutableModel
from partners.people.models import User
from programmes.reporting.enums import ContradictionKind
from programmes.workstreams.models import StatusUpdate, Workstream


class StatusDraft(MutableModel):
    """What one author has typed of a status and not published; removed when it is. ``content`` is the form as typed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="drafts")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="status_drafts")
    based_on = models.ForeignKey(StatusUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workstream", "author"], name="programmes_statusdraft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.workstream} by {self.author}"


class StatusStep(AppendOnlyModel):
    """A next step of a status: set then, or carried over from the one before, and whether it is done.

    Steps from before they were rows may be longer than what may be typed now.
    """

    id = models.BigAutoField(primary_key=True)
    update = models.ForeignKey(StatusUpdate, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    is_done = models.BooleanField(default=False)

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["update", "position"], name="programmes_statusstep_position_once"),
        ]

    def __str__(self) -> str:
        return self.text


class StatusContradiction(AppendOnlyModel):
    """A fact that a rating seemed to contradict, and how the author explained it. ``words`` are as shown then."""

    id = models.BigAutoField(primary_key=True)
    update = models.ForeignKey(StatusUpdate, on_delete=models.PROTECT, related_name="contradictions")
    kind = models.CharField(max_length=20, choices=ContradictionKind)
    words = models.CharField(max_length=500)
    explanation = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.words


REVIEWER_IS_NOT_AUTHOR = """
    IF EXISTS (
        SELECT FROM programmes_statusupdate WHERE id = NEW.update_id AND reported_by_id = NEW.acknowledged_by_id
    ) THEN
        RAISE EXCEPTION 'Whoever wrote a status does not acknowledge it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class StatusAcknowledgement(AppendOnlyModel):
    """Somebody other than the author has read a status; with a question where they have one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    update = models.OneToOneField(StatusUpdate, on_delete=models.PROTECT, related_name="acknowledgement")
    question = models.TextField(blank=True)
    acknowledged_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        triggers = [
            *AppendOnlyModel.Meta.triggers,
            pgtrigger.Trigger(
                name="reviewer_is_not_author",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=REVIEWER_IS_NOT_AUTHOR,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update} read by {self.acknowledged_by}"


class StatusAnswer(AppendOnlyModel):
    """The answer to the question of an acknowledgement."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    acknowledgement = models.OneToOneField(StatusAcknowledgement, on_delete=models.PROTECT, related_name="answer")
    text = models.TextField()
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]
