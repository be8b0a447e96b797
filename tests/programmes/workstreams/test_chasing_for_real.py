"""A reporting day before a bank holiday weekend with a real worker, beat and mail server; and what a large portfolio
costs."""

import time
from datetime import date, datetime

import pytest
from django.db import connection

from bench.generate import NOW as MEASURED_AT
from bench.generate import fill
from config.demo.post import is_settled
from partners.clock.operations import set_clock
from partners.clock.queries import business_now
from partners.clock.rules import UK
from partners.people.models import Leave
from programmes.reminders.models import PlannedReminder
from programmes.reminders.operations import queue_due
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations.chasing import settle_next
from programmes.workstreams.queries.chasing import chase
from tests.builders import make_manager, make_person, make_programme, make_reader, make_workstream, report
from tests.processes import wait_until

THURSDAY, FRIDAY, SATURDAY, BANK_HOLIDAY, TUESDAY, WEDNESDAY, NEXT_THURSDAY, NEXT_FRIDAY = (
    date(2026, 8, 27),
    date(2026, 8, 28),
    date(2026, 8, 29),
    date(2026, 8, 31),
    date(2026, 9, 1),
    date(2026, 9, 2),
    date(2026, 9, 3),
    date(2026, 9, 4),
)


def at(day, hour=10, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UK)


def is_quiet():
    now = business_now()
    return is_settled(now) and not chase(now=now).settlement.total


@pytest.mark.prove
def test_each_is_written_to_once_on_the_day_that_is_theirs(own_database, smtp_sink, request):
    prompt, silent, away = make_person("Prompt"), make_person("Silent"), make_person("Away")
    owner = make_person("Owner")
    programme = make_programme("Custody", owner=owner)
    reviewer, delegate = make_manager(programme, "Reviewer"), make_reader(programme, "Delegate")
    started = at(date(2026, 8, 25))
    works = {
        lead: make_workstream(programme, f"Work of {lead}", lead=lead, now=started) for lead in (prompt, silent, away)
    }
    Workstream.objects.update(reviewer=reviewer)
    Leave.objects.create(
        user=away, from_on=FRIDAY, to_on=NEXT_FRIDAY, delegate=delegate, recorded_at=started, recorded_by=away
    )
    report(works[prompt], by=prompt, now=at(THURSDAY))
    set_clock(to=at(THURSDAY, 17))
    request.getfixturevalue("workers")
    letters = {}

    for day in (FRIDAY, SATURDAY, BANK_HOLIDAY, TUESDAY, WEDNESDAY, NEXT_THURSDAY, NEXT_FRIDAY):
        wait_until(is_quiet, seconds=60)
        before = len(smtp_sink.received)
        set_clock(to=at(day))
        wait_until(is_quiet, seconds=60)
        letters[day] = sorted(
            (mail.recipients[0], mail.message["Subject"].split(":")[0])
            for mail in smtp_sink.received[before:]
            if mail.message["Subject"].endswith(": Custody")
        )
        if day == FRIDAY:
            report(works[away], by=delegate, now=at(FRIDAY, 11))

    due, next_due = (
        "Status due by the end of Friday 28 August 2026",
        "Status due by the end of Friday 4 September 2026",
    )
    assert letters == {
        FRIDAY: sorted([(silent.email, due), (delegate.email, due)]),
        SATURDAY: [],
        BANK_HOLIDAY: [],
        TUESDAY: [],
        WEDNESDAY: [(reviewer.email, "Status late since Friday 28 August 2026")],
        NEXT_THURSDAY: [],
        NEXT_FRIDAY: sorted(
            [
                (owner.email, "Status missing since Friday 28 August 2026"),
                *((person.email, next_due) for person in (prompt, silent, delegate)),
            ]
        ),
    }
    told = PlannedReminder.objects.filter(state="queued").values_list("message__state", flat=True)
    assert set(told) == {"sent"}


@pytest.mark.prove
def test_a_thousand_programmes_with_twenty_thousand_workstreams(own_database, capsys):
    fill(own_database.owner_url, programmes=1000)
    Workstream.objects.filter(closed_at=None).update(reviewer=None)
    seconds = {}

    began = time.monotonic()
    while settle_next(now=MEASURED_AT, limit=100) == 100:
        pass
    seconds["opens"] = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.monotonic()
    assert settle_next(now=MEASURED_AT, limit=100) == 0
    seconds["nothing to do"] = time.monotonic() - began
    while queue_due(now=MEASURED_AT, limit=500).total:
        pass
    planned = PlannedReminder.objects.count()

    print({key: round(value, 2) for key, value in seconds.items()}, planned)  # noqa: T201
    assert planned > 1000
    assert seconds["opens"] < 120
    assert seconds["nothing to do"] < 5
