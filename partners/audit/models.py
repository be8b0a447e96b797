import uuid

import pgtrigger
from django.contrib.postgres.fields import DateRangeField, RangeBoundary
from django.db import models
from django.db.models import Func
from django.db.models.functions import Now


class _Days(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


# The days of a row from ``from_on`` to ``to_on``, both inclusive; open where a day is missing. For exclusion constraints.
DAYS = _Days("from_on", "to_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True))


def both_or_neither(pair: str) -> models.CheckConstraint:
    """A constraint that ``<pair>_at`` and ``<pair>_by`` are both set or both empty."""
    at, by = f"{pair}_at__isnull", f"{pair}_by__isnull"
    return models.CheckConstraint(
        condition=models.Q(**{at: True, by: True}) | models.Q(**{at: False, by: False}),
        name=f"%(app_label)s_%(class)s_{pair}_pair",
    )


class MutableModel(models.Model):
    """Base of rows that may change. What changed is told by audit events."""

    class Meta:
        abstract = True


class AppendOnlyModel(models.Model):
    """Base of rows that are written once: triggers refuse UPDATE, DELETE and TRUNCATE to every role.

    The application's role has no such privileges either (``manage.py migrate_database``).
    """

    class Meta:
        abstract = True
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'Cannot truncate % table: its rows are kept for ever', TG_TABLE_NAME;",
            ),
        ]


def frozen_with_its(whole: str, *, is_frozen: str, refusal: str) -> list[pgtrigger.Trigger]:
    """Triggers that keep a part as it was when its ``whole`` was frozen: none added, changed or taken out.

    ``is_frozen`` is a condition in SQL about one row of the part, which it names as ``{row}``; ``refusal`` one sentence.
    """

    def refuse(row: str) -> str:
        raised = f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation';"
        return f"IF {is_frozen.format(row=row)} THEN {raised} END IF;"

    return [
        pgtrigger.Trigger(
            name=f"frozen_with_its_{whole}",
            operation=pgtrigger.Insert,
            when=pgtrigger.Before,
            func=f"{refuse('NEW')} RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name="frozen_against_change",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            func=f"{refuse('OLD')} {refuse('NEW')} RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name="frozen_against_removal",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            func=f"{refuse('OLD')} RETURN OLD;",
        ),
    ]


class AuditEvent(AppendOnlyModel):
    """One act: who did what to which thing, in words, with values before and after."""

    id = models.BigAutoField(primary_key=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    subject_kind = models.CharField(max_length=50)
    subject_id = models.UUIDField(default=uuid.uuid4)
    scope_id = models.UUIDField(null=True)
    summary = models.CharField(max_length=500)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta(AppendOnlyModel.Meta):
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["scope_id", "-happened_at", "-id"], name="audit_by_scope"),
            models.Index(fields=["-happened_at", "-id"], name="audit_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.summary}"
