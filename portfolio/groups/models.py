import uuid

from django.db import models

from partners.audit.models import MutableModel
from partners.people.models import Scope


class Portfolio(MutableModel):
    """Programmes that are looked at together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, related_name="portfolio")
    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name
