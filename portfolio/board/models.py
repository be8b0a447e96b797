import uuid

from django.db import models
from django.db.models.functions import Lower

from partners.audit.models import MutableModel
from partners.people.models import User
from portfolio.groups.models import Portfolio


class SavedView(MutableModel):
    """A filter of a portfolio's board that one person has named. ``query`` is the query string of its address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=500, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "portfolio", Lower("name"), name="portfolio_savedview_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
