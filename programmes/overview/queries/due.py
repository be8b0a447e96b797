"""What is due in the next days: steps of reviews, planned steps of stages, reporting days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.urls import reverse

from partners.calendar.rules import UK, local_date
from programmes.overview.rules import DueKind
from programmes.reviews.queries import milestones_due
from programmes.scheduling.rules import StageDates
from programmes.workstreams.rules import ReportingRule, end_of


@dataclass(frozen=True, slots=True)
class Due:
    """Something to happen on a day, or at an instant (``at``), to a stage or a review (``about``).

    ``place`` is its programme, empty for every programme. ``is_late`` says that the day has passed without it. ``page`` is the address that shows it; empty where there is none.
    """

    on: date
    at: datetime | None
    kind: DueKind
    title: str
    about: str
    place: str
    subject_id: UUID | None
    page: str
    is_late: bool = False

    @property
    def at_time(self) -> time | None:
        """The time of day in the UK."""
        return self.at.astimezone(UK).time() if self.at else None


def due_in(
    names: Mapping[UUID, str],
    stages: Mapping[UUID, Sequence[StageDates]],
    *,
    reporting: ReportingRule,
    now: datetime,
    days: int,
    most: int | None = None,
) -> list[Due]:
    """What is late, then what is due until the end of the day that many days ahead, the earliest first; one query.

    ``names`` holds the programmes, which the caller has scoped, and ``stages`` those of each. ``most`` limits what is
    due and not what is late.
    """
    today = local_date(now)
    last_on = today + timedelta(days=days)
    found = [
        *_steps_of_stages(names, stages, today=today, last_on=last_on),
        *_steps_of_reviews(names, now=now, last_on=last_on, most=most),
        *(_reporting_days(reporting, today, last_on) if names else []),
    ]
    found.sort(key=lambda due: (not due.is_late, due.on, due.at or now, due.place, due.about, due.title))
    late = sum(due.is_late for due in found)
    return found if most is None else found[: late + most]


def _steps_of_stages(
    names: Mapping[UUID, str], stages: Mapping[UUID, Sequence[StageDates]], *, today: date, last_on: date
) -> list[Due]:
    return [
        Due(
            on,
            None,
            DueKind.STAGE,
            f"Planned {word}",
            stage.title,
            name,
            stage.id,
            reverse("stages_of_programme", args=[pk]),
            on < today,
        )
        for pk, name in names.items()
        for stage in stages.get(pk, ())
        for word, on, done_on in (
            ("start", stage.planned_start_on, stage.started_on),
            ("finish", stage.planned_finish_on, stage.finished_on),
        )
        if on is not None and done_on is None and on <= last_on
    ]


def _steps_of_reviews(names: Mapping[UUID, str], *, now: datetime, last_on: date, most: int | None) -> list[Due]:
    return [
        Due(
            local_date(step.due_at),
            step.due_at,
            DueKind.REVIEW,
            step.title,
            step.review_title,
            names[step.programme_id],
            step.review_id,
            reverse("review", args=[step.review_id]),
        )
        for step in milestones_due(list(names), since=now, until=end_of(last_on), limit=most)
    ]


def _reporting_days(reporting: ReportingRule, today: date, last_on: date) -> list[Due]:
    return [
        Due(day.on, None, DueKind.REPORTING, "Status reports are due", "", "", None, "")
        for day in reporting.between(today, last_on)
    ]
