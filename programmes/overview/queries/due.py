"""What is due in the next days: steps of reviews, planned steps of stages, reporting days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from partners.calendar.rules import UK, local_date
from programmes.overview.rules import DueKind
from programmes.reviews.queries import milestones_due
from programmes.scheduling.enums import StageKind
from programmes.scheduling.models import Stage
from programmes.workstreams.queries import Programmes
from programmes.workstreams.rules import ReportingRule, end_of

_TITLES = dict(StageKind.choices)


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
    programme_ids: Programmes, *, reporting: ReportingRule, now: datetime, days: int, most: int | None = None
) -> list[Due]:
    """What is late, then what is due until the end of the day that many days ahead, the earliest first; two queries.

    The caller has scoped the programmes. ``most`` limits what is due and not what is late.
    """
    today = local_date(now)
    last_on = today + timedelta(days=days)
    found = [
        *_steps_of_stages(programme_ids, today=today, last_on=last_on),
        *_steps_of_reviews(programme_ids, now=now, last_on=last_on, most=most),
        *_reporting_days(reporting, today, last_on),
    ]
    found.sort(key=lambda due: (not due.is_late, due.on, due.at or now, due.place, due.about, due.title))
    late = sum(due.is_late for due in found)
    return found if most is None else found[: late + most]


def _steps_of_stages(programme_ids: Programmes, *, today: date, last_on: date) -> list[Due]:
    finish = Q(finished_on=None, planned_finish_on__lte=last_on)
    start = Q(started_on=None, planned_start_on__lte=last_on)
    stages = Stage.objects.filter(finish | start, programme__in=programme_ids).order_by("programme_id", "position")
    rows = stages.values_list(
        "pk",
        "kind",
        "programme",
        "programme__name",
        "planned_start_on",
        "started_on",
        "planned_finish_on",
        "finished_on",
    )
    return [
        Due(
            on,
            None,
            DueKind.STAGE,
            f"Planned {word}",
            _TITLES[kind],
            name,
            pk,
            reverse("stages_of_programme", args=[programme_id]),
            on < today,
        )
        for pk, kind, programme_id, name, starts_on, started_on, finishes_on, finished_on in rows
        for word, on, done_on in (("start", starts_on, started_on), ("finish", finishes_on, finished_on))
        if on is not None and done_on is None and on <= last_on
    ]


def _steps_of_reviews(programme_ids: Programmes, *, now: datetime, last_on: date, most: int | None) -> list[Due]:
    return [
        Due(
            local_date(step.due_at),
            step.due_at,
            DueKind.REVIEW,
            step.title,
            step.review_title,
            step.programme_name,
            step.review_id,
            reverse("review", args=[step.review_id]),
        )
        for step in milestones_due(programme_ids, since=now, until=end_of(last_on), limit=most)
    ]


def _reporting_days(reporting: ReportingRule, today: date, last_on: date) -> list[Due]:
    return [
        Due(day.on, None, DueKind.REPORTING, "Status reports are due", "", "", None, "")
        for day in reporting.between(today, last_on)
    ]
