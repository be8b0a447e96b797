from django.db import models

from partners.audit.models import MutableModel


class ClockOffset(MutableModel):
    """How far the business clock runs from the database's. The one row exists in demo and test only."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="partners_clockoffset_one_row")]

    def __str__(self) -> str:
        return str(self.offset)
