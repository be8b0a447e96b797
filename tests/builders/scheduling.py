"""Milestones of delivery, made through the operations."""

from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.models import DeliveryMilestone
from programmes.scheduling.operations import add_milestone
from tests.builders.core import NOW, make_manager

_number = count(1)


def make_milestone(programme: Programme, name: str = "", *, by: User | None = None, **more: Any) -> DeliveryMilestone:
    """One that is first agreed for Friday 30 October 2026, by a programme manager unless somebody is named."""
    facts: dict[str, Any] = {
        "workstream_id": None,
        "is_critical": False,
        "baseline_on": date(2026, 10, 30),
        "request_key": uuid4(),
        "now": NOW,
    }
    return add_milestone(
        programme_id=programme.pk,
        name=name or f"Milestone {next(_number)}",
        by=by or make_manager(programme),
        **(facts | more),
    )
