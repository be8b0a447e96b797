"""What is due in the next days: stages, milestones, steps of reviews, actions, reporting days."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from partners.audit.queries import Statement
from partners.clock.rules import UK, local_date
from programmes.overview.rules import DueKind, PlannedStep
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.reviews.queries import milestones_due
from programmes.scheduling.models import DeliveryMilestone
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
    programme_ids: Collection[UUID] | QuerySet | RawSQL,
    steps: Iterable[PlannedStep],
    *,
    reporting: Collection[ReportingRule],
    now: datetime,
    days: int,
    most: int | None = None,
) -> list[Due]:
    """What is late, then what is due until the end of the day that many days ahead, the earliest first; three queries.

    The caller has scoped the programmes. ``steps`` are those planned for their current stages: a later one cannot
    start before. ``reporting`` are the rules that their portfolios follow, each once. ``most`` limits what is due and
    leaves out what is late.
    """
    today = local_date(now)
    first_on, last_on = date.min if most is None else today, today + timedelta(days=days)
    found = [
        *(_step_of_stage(step, today) for step in steps if first_on <= step.on <= last_on),
        *_milestones(programme_ids, first_on, last_on, today=today, most=most),
        *_actions(programme_ids, first_on, last_on, today=today, most=most),
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


def _milestones(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, first_on: date, last_on: date, *, today: date, most: int | None
) -> list[Due]:
    rows = _MILESTONES.rows(programmes=programme_ids, first_on=first_on, last_on=last_on, limit=most)
    return [
        Due(
            on=on,
            at=None,
            kind=DueKind.MILESTONE,
            title="Critical milestone" if is_critical else "Milestone",
            about=name,
            place=f"{programme}, {workstream}" if workstream else programme,
            url_name="milestones_of_programme",
            page_id=programme_id,
            is_late=on < today,
        )
        for on, name, is_critical, programme_id, programme, workstream in rows
    ]


def _actions(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, first_on: date, last_on: date, *, today: date, most: int | None
) -> list[Due]:
    rows = _ACTIONS.rows(programmes=programme_ids, first_on=first_on, last_on=last_on, limit=most)
    return [
        Due(
            on=on,
            at=None,
            kind=DueKind.ACTION,
            title=f"Action of {owner}" if owner else "Action of nobody yet",
            about=title,
            place=programme,
            url_name="raid_entry",
            page_id=pk,
            is_late=on < today,
        )
        for on, pk, title, programme, owner in rows
    ]


def _steps_of_reviews(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, *, now: datetime, last_on: date, most: int | None
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


def _reporting_days(reporting: Collection[ReportingRule], today: date, last_on: date) -> list[Due]:
    """Where several rules are followed, each is told by its words."""
    return [
        Due(day.on, None, DueKind.REPORTING, "Status reports are due", about, "", "", None)
        for rule in reporting
        for about in [rule.pattern.words if len(reporting) > 1 else ""]
        for day in rule.between(today, last_on)
    ]


def _open_milestones(programmes: RawSQL, first_on: RawSQL, last_on: RawSQL) -> QuerySet:
    found = DeliveryMilestone.objects.filter(
        programme__in=programmes,
        achieved_on=None,
        dropped_at=None,
        forecast_on__gte=first_on,
        forecast_on__lte=last_on,
    )
    columns = ("forecast_on", "name", "is_critical", "programme_id", "programme__name", "workstream__name")
    return found.order_by("forecast_on", "pk").values_list(*columns)


def _open_actions(programmes: RawSQL, first_on: RawSQL, last_on: RawSQL) -> QuerySet:
    found = RaidEntry.objects.filter(
        programme__in=programmes, kind=RaidKind.ACTION, closed_at=None, due_on__gte=first_on, due_on__lte=last_on
    )
    return found.order_by("due_on", "pk").values_list("due_on", "pk", "title", "programme__name", "owner__name")


_MILESTONES, _ACTIONS = Statement(_open_milestones), Statement(_open_actions)
