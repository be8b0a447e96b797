"""Lists as the rows of a file. The caller has scoped and narrowed them."""

from collections.abc import Collection, Iterator
from operator import attrgetter
from uuid import UUID

from django.db.models import QuerySet

from partners.files.rules.tables import Cell
from programmes.register.models import Programme
from programmes.reporting.models import StatusStep
from programmes.scheduling.models import DeliveryMilestone
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.queries import updates_of, without_withheld
from programmes.workstreams.rules import Excepted, Standing

WORKSTREAM_COLUMNS = (
    "Name",
    "Description",
    "Lead",
    "Reviewer",
    "Programme",
    "Status",
    "Last rating",
    "Reported",
    "Reports for",
    "Asks for",
    "Closed",
    "Reason of closing",
)
HISTORY_COLUMNS = (
    "Reported",
    "Reported by",
    "Reports for",
    "Late",
    "Rating",
    "Schedule",
    "Cost",
    "Scope",
    "Benefits",
    "What changed",
    "Steps",
    "Asks for",
    "Ask",
    "Path to green",
    "Due",
    "Corrects an earlier one because",
    "Corrected later",
)
MILESTONE_COLUMNS = ("Name", "Workstream", "Critical", "Baseline", "Forecast", "Achieved", "Dropped because")


SHOWN: dict[str, str] = {
    **{rating.value: str(rating.label) for rating in Rating},
    **{standing.value: standing.label for standing in Standing},
}


def workstreams_as_table(workstreams: QuerySet[Workstream]) -> Iterator[list[Cell]]:
    """One row for each workstream read by ``with_standing``, under ``WORKSTREAM_COLUMNS``; people by address."""
    for each in workstreams.select_related("programme", "lead", "reviewer"):
        yield [
            each.name,
            each.description,
            each.lead.email if each.lead else "",
            each.reviewer.email if each.reviewer else "",
            each.programme.name,
            SHOWN[each.shown],
            _last_rating(each),
            each.current_reported_at,
            each.current_period_on,
            each.get_current_ask_kind_display() if each.current_ask_kind else "",
            each.closed_at,
            each.close_reason,
        ]


def history_as_table(workstream: Workstream, *, withheld: Collection[Excepted]) -> Iterator[list[Cell]]:
    """Every update, newest first, also those corrected later, but for those of days whose ratings are withheld; under
    ``HISTORY_COLUMNS``."""
    for each in without_withheld(updates_of(workstream.pk), withheld).prefetch_related("steps"):
        yield [
            each.reported_at,
            each.reported_by.name,
            each.period_on,
            each.is_late,
            each.get_rating_display(),
            *(_rating(each, part) for part in ("schedule", "cost", "scope", "benefits")),
            each.changed,
            "\n".join(f"{'Done' if step.is_done else 'To do'}: {step.text}" for step in _steps(each)),
            each.get_ask_kind_display(),
            each.ask,
            each.path_to_green,
            each.path_due_on,
            each.correction_reason,
            hasattr(each, "superseded_by"),
        ]


def milestones_as_table(programme: Programme, *, workstream_id: UUID | None) -> Iterator[list[Cell]]:
    """One row for each milestone, the first agreed first, also those dropped; under ``MILESTONE_COLUMNS``.

    Its first columns are those of an import.
    """
    found = DeliveryMilestone.objects.filter(programme=programme).select_related("workstream")
    if workstream_id:
        found = found.filter(workstream_id=workstream_id)
    for each in found.order_by("baseline_on", "name", "pk"):
        yield [
            each.name,
            each.workstream.name if each.workstream else "",
            each.is_critical,
            each.baseline_on,
            each.forecast_on,
            each.achieved_on,
            each.drop_reason,
        ]


def _last_rating(workstream: Workstream) -> str:
    if workstream.current_is_withheld:
        return Standing.WITHHELD.label
    return str(workstream.get_current_rating_display() or "")


def _steps(update: StatusUpdate) -> list[StatusStep]:
    return sorted(update.steps.all(), key=attrgetter("position"))


def _rating(update: StatusUpdate, part: str) -> str:
    return str(getattr(update, f"get_{part}_display")() or "")
