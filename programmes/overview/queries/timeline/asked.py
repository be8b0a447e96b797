"""What a story is told of, and to whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from partners.calendar.rules import AsAt
from partners.people.models import User
from programmes.overview.rules import Event
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to

Events = Iterator[Event]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose story, told to whom, as at when."""

    programme: Programme
    user: User
    when: AsAt

    def knew(self, at: datetime | None) -> bool:
        """Whether something that happened at an instant was known then."""
        return at is not None and at <= self.when.known_at

    def page(self, name: str) -> str:
        """The address of a page of the programme."""
        return reverse(name, args=[self.programme.pk])

    def moves(self, rows: QuerySet[Any]) -> list[Any]:
        """Moves to and from the programme in the order recorded; ``is_seen``: the reader may see the other programme."""
        here = self.programme.pk
        seen = programmes_visible_to(self.user).order_by()
        other = Q(pk=OuterRef("from_programme")) | Q(pk=OuterRef("to_programme"))
        found = rows.filter(Q(from_programme=here) | Q(to_programme=here))
        found = found.select_related("from_programme", "to_programme")
        return list(found.annotate(is_seen=Exists(seen.filter(other).exclude(pk=here))).order_by("pk"))

    def words_for_move(self, thing: str, move: Any) -> str:
        """``move`` as ``moves`` found it."""
        is_leaving = move.from_programme_id == self.programme.pk
        other = move.to_programme if is_leaving else move.from_programme
        name = other.name if move.is_seen else "another programme"
        return f"{thing} {'went to' if is_leaving else 'came from'} {name}"
