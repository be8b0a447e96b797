import uuid

from django.db import models

from partners.audit.models import MutableModel


class Closure(MutableModel):
    """Days on which the organisation is shut besides weekends and bank holidays; both days inclusive."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    first_on = models.DateField()
    last_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")), name="partners_closure_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name
