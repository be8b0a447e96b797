"""What a person's calendar shows: what their own page and their tasks list as due."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from partners.clock.rules import local_date
from partners.people.models import User
from programmes.overview.queries.due import Due
from programmes.overview.queries.own import own_programmes

PRODUCT = "-//Transformation portfolio//Reminders//EN"
NAME = "Transformation portfolio"
READ_EVERY = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One day, or one instant, by which something is asked. ``uid`` stays the same while the date is moved."""

    uid: str
    when: date | datetime
    title: str
    place: str
    page: str


def calendar_dates(user: User, *, now: datetime) -> list[CalendarDate]:
    """What is asked of the person, and what is due in the programmes that they run, the earliest first.

    Reports owed, actions, tasks of consultations, then stages, milestones and steps of reviews; as many queries as
    their own page.
    """
    own = own_programmes(user, now=now)
    found = [
        *(
            CalendarDate(
                f"status-{due.workstream_id}-{local_date(due.due_at)}",
                local_date(due.due_at),
                f"Report status: {due.workstream_name}",
                due.programme_name,
                reverse("workstream", args=[due.workstream_id]),
            )
            for due in own.statuses
        ),
        *(
            CalendarDate(
                f"action-{entry.pk}",
                entry.due_on,
                f"Action {entry.reference}: {entry.title}",
                entry.programme.name,
                reverse("raid_entry", args=[entry.pk]),
            )
            for entry in own.actions
            if entry.due_on
        ),
        *(
            CalendarDate(
                f"task-{task.id}",
                task.closes_at,
                f"Answer by: {task.title}",
                task.programme_name,
                reverse("task", args=[task.id]),
            )
            for task in own.tasks
        ),
        *_of_programmes(own.due, mine={entry.pk for entry in own.actions}),
    ]
    once = {one.uid: one for one in reversed(found)}
    return sorted(once.values(), key=lambda one: (_day_of(one.when), one.uid))


def calendar_of(dates: list[CalendarDate], *, now: datetime) -> bytes:
    """The dates as iCalendar (RFC 5545); instants in UTC. A later reading has a higher SEQUENCE."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", NAME)
    calendar.add("refresh-interval", READ_EVERY, parameters={"VALUE": "DURATION"})
    for one in dates:
        calendar.add_component(_event(one, now))
    return bytes(calendar.to_ical())


def tag_of(dates: list[CalendarDate]) -> str:
    """The same as long as the dates are the same."""
    return f'"{hashlib.sha256(repr(dates).encode()).hexdigest()[:32]}"'


def _event(one: CalendarDate, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{one.uid}@{settings.MESSAGE_ID_DOMAIN}")
    event.add("summary", one.title)
    event.add("description", f"{one.place}\n{settings.PUBLIC_URL}{one.page}".strip())
    event.add("url", f"{settings.PUBLIC_URL}{one.page}")
    event.add("dtstart", one.when)
    event.add("dtend", one.when if isinstance(one.when, datetime) else one.when + timedelta(days=1))
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", int(now.timestamp()) // 60)
    event.add("transp", "TRANSPARENT")
    return event


def _of_programmes(due: list[Due], *, mine: set[UUID]) -> list[CalendarDate]:
    """A day on which reports are due everywhere belongs to no page, so its uid names the day."""
    return [
        CalendarDate(
            f"{one.kind}-{one.page_id or one.on}-{hashlib.sha256(f'{one.title}/{one.about}'.encode()).hexdigest()[:12]}",
            one.at or one.on,
            f"{one.title}: {one.about}" if one.about else one.title,
            one.place,
            one.page,
        )
        for one in due
        if one.page_id not in mine
    ]


def _day_of(when: date | datetime) -> date:
    return local_date(when) if isinstance(when, datetime) else when
