"""What is due in the next days: steps of reviews, planned steps of stages, reporting days."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from partners.clock.rules import UK, local_date
from programmes.overview.rules import DueKind, PlannedStep
from programmes.reviews.queries import milestones_due
from programmes.workstreams.rules import ReportingRule, end_of


@dataclass(frozen=True, slots=True)
class Due:
    """Something to happen on a day, or at an instant (``at``), to a stage or a review (``about``).

    ``place`` is its programme, empty for every programme. ``is_late`` says that the day has passed without it.
    """

    on: date
    at: datetime | None
    kind: DueKind
    title: str
    about: str
    place: str
    url_name: str
    page_id: UUID | None
    is_late: bool = False

    @property
    def page(self) -> str:
        """The address that shows it; empty where there is none."""
        return reverse(self.url_name, args=[self.page_id]) if self.url_name else ""

    @property
    def at_time(self) -> time | None:
        """The time of day in the UK."""
        return self.at.astimezone(UK).time() if self.at else None


def due_in(
    programme_ids: Collection[UUID] | QuerySet,
    steps: Iterable[PlannedStep],
    *,
    reporting: ReportingRule,
    now: datetime,
    days: int,
    most: int | None = None,
) -> list[Due]:
    """What is late, then what is due until the end of the day that many days ahead, the earliest first; one query.

    The caller has scoped the programmes. ``steps`` are those planned for their current stages: a later one cannot
    start before. ``most`` limits what is due and leaves out what is late.
    """
    today = local_date(now)
    first_on, last_on = date.min if most is None else today, today + timedelta(days=days)
    found = [
        *(_step_of_stage(step, today) for step in steps if first_on <= step.on <= last_on),
        *_steps_of_reviews(programme_ids, now=now, last_on=last_on, most=most),
        *_reporting_days(reporting, today, last_on),
    ]
    found.sort(key=lambda due: (not due.is_late, due.on, due.at or now, due.place, due.about, due.title))
    return found[:most]


def _step_of_stage(step: PlannedStep, today: date) -> Due:
    return Due(
        on=step.on,
        at=None,
        kind=DueKind.STAGE,
        title=f"Planned {step.word}",
        about=step.stage,
        place=step.programme_name,
        url_name="stages_of_programme",
        page_id=step.programme_id,
        is_late=step.on < today,
    )


def _steps_of_reviews(
    programme_ids: Collection[UUID] | QuerySet, *, now: datetime, last_on: date, most: int | None
) -> list[Due]:
    return [
        Due(
            on=local_date(step.due_at),
            at=step.due_at,
            kind=DueKind.REVIEW,
            title=step.title,
            about=step.review_title,
            place=step.programme_name,
            url_name="review",
            page_id=step.review_id,
        )
        for step in milestones_due(programme_ids, since=now, until=end_of(last_on), limit=most)
    ]


def _reporting_days(reporting: ReportingRule, today: date, last_on: date) -> list[Due]:
    return [
        Due(day.on, None, DueKind.REPORTING, "Status reports are due", "", "", "", None)
        for day in reporting.between(today, last_on)
    ]
