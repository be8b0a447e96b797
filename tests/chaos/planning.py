"""Rows for a run, written through the product's own changes. Django is set up before this is imported."""

import time
from datetime import timedelta

from django.db import OperationalError, connection, transaction

from partners.clock.operations import set_clock
from partners.clock.queries import business_now
from partners.clock.rules import UK
from partners.people.models import User
from partners.post.enums import EmailChoice
from partners.post.models import PostPreference
from programmes.register.models import Programme
from programmes.reminders.changes import Recipient, end_need, plan_wave
from tests.builders import NOW, make_programme

ONE_IN_REFUSED = 100
VALID_FOR = timedelta(hours=4)
DAILY_IN = timedelta(seconds=15)


def people(count: int) -> list[User]:
    """One in a hundred, the second of them first, has an address that the mail server refuses."""
    return User.objects.bulk_create(
        User(
            email=f"{'refused' if n % ONE_IN_REFUSED == 1 else 'colleague'}{n}@example.org",
            name=f"Person {n}",
            joined_at=NOW,
        )
        for n in range(count)
    )


def prepared() -> Programme:
    """A programme to remind about. The business clock is set to an hour in which mail goes out."""
    set_clock(to=NOW)
    return make_programme()


def plan(programme: Programme, persons: list[User], *, seconds: float = 0, waves: int = 1) -> float:
    """Waves that share everybody between them and fall due over so many seconds; returns how long planning took."""
    now = business_now()
    began = time.monotonic()
    with transaction.atomic():
        for number in range(waves):
            due_at = now + timedelta(seconds=seconds * number / waves)
            plan_wave(
                programme=programme,
                subject_id=programme.pk,
                key=f"last-week/{persons[0].pk}/{number}",
                title="One week left",
                mail_subject="Your views on custody tablets",
                mail_text="We ask for your views on custody tablets.\n\nYou have until 5pm on Friday 2 October 2026.",
                due_at=due_at,
                due_reason="Five working days before the close.",
                valid_until=due_at + VALID_FOR,
                recipients=[Recipient(person.pk, need_of(person), "/my-tasks/") for person in persons[number::waves]],
                now=now,
            )
    return time.monotonic() - began


def answer(person: User) -> bool:
    """Ends what the person owes; False when the database was away."""
    try:
        with transaction.atomic():
            end_need(need=need_of(person), reason="Answered.", now=business_now())
    except OperationalError:
        connection.close()
        return False
    return True


def choose_one_mail_a_day(person: User) -> None:
    """The daily mail comes in a moment, late enough for what is planned now to wait for it."""
    at = (business_now() + DAILY_IN).astimezone(UK).time()
    PostPreference.objects.create(user=person, email=EmailChoice.DAILY, digest_at=at)


def need_of(person: User) -> str:
    return f"task:{person.pk}"
