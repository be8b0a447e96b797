import uuid

from django.db import models

from partners.audit.models import MutableModel
from partners.people.models import Scope


class Portfolio(MutableModel):
    """Programmes that are looked at together.

    ``organisation`` is whose they are, where that is not the installation's own. A portfolio that is kept as a record
    is shown as at its ``record_until`` unless another day is asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, related_name="portfolio")
    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    organisation = models.CharField(max_length=200, blank=True, db_default="")
    record_until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name
