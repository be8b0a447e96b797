"""A review across Christmas whose workers are down: what waited does not burst out when they are back."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from config.demo.post import send_what_is_due
from partners.clock.rules import UK, local_date
from programmes.reminders.models import PlannedReminder
from tests.builders import launch, make_consultation, make_person, make_question, make_review, make_unit

OPENS, BOXING_DAY, BACK_ON, CLOSES = date(2012, 12, 3), date(2012, 12, 26), date(2012, 12, 27), date(2013, 1, 28)
LAST_REMINDER_ON = date(2013, 1, 25)  # a Friday: the day before the close is a Sunday


def at(day, hour):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UK)


@pytest.mark.prove
@pytest.mark.parametrize("down_from", [date(2012, 12, 17), OPENS])
def test_workers_that_are_down_over_christmas_send_one_message_to_each_person_on_their_return(
    own_database, smtp_sink, down_from
):
    people, opened = launched_to(3)
    moment, sent = opened, Counter[tuple[str, date]]()
    while local_date(moment) <= CLOSES:
        if not down_from <= local_date(moment) <= BOXING_DAY:
            before = len(smtp_sink.received)
            send_what_is_due(moment)
            for mail in smtp_sink.received[before:]:
                sent[mail.recipients[0], local_date(moment)] += 1
        moment += timedelta(hours=1)

    by_day = {day for _, day in sent}
    assert set(sent.values()) == {1}
    assert {email for email, _ in sent} == {person.email for person in people}
    assert {day for day in by_day if day.weekday() >= 5 or down_from <= day <= BOXING_DAY} == set()
    assert max(by_day) == LAST_REMINDER_ON
    assert BACK_ON in by_day
    assert PlannedReminder.objects.filter(state="planned").count() == 0


def launched_to(count):
    """A review of eight weeks from 3 December 2012, and a consultation of this many people launched as it opens."""
    unit = make_unit()
    people = [make_person(unit=unit) for _ in range(count)]
    opened = at(OPENS, 10)
    consultation = make_consultation(make_review(starts_on=OPENS, now=at(date(2012, 11, 30), 9)), units=[unit])
    make_question(consultation)
    launch(consultation, now=opened)
    return people, opened
