"""Yesterday's backup put back, with the real programs of PostgreSQL: nothing is sent again unasked."""

import subprocess
from datetime import timedelta
from email.utils import parseaddr

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from config.embedded import servers
from partners.audit.rules import Refused
from partners.post import delivery
from partners.post.enums import Acceptance, DoubtPolicy, Loop
from partners.post.models import Message, PostEpoch, PostSettings, SendingHold
from partners.post.operations import holding
from partners.post.operations.beating import beat
from tests.builders import NOW, make_administrator, make_person, queue_mail

TODAY = NOW + timedelta(days=1)


def deliver(now):
    return delivery.deliver_due(clock=lambda: now, seconds=10)


def run(name, *arguments, **options):
    return subprocess.run(
        [servers.postgres_binaries() / name, *arguments], check=True, capture_output=True, text=True, **options
    ).stdout


def back_up(database):
    return run("pg_dump", "--dbname", database.owner_url, "--no-owner")


def restore(database, backup):
    """Into a database of the same name, as an administrator would: the one that was there is gone."""
    connection.close()
    to_others = psycopg.conninfo.make_conninfo(database.owner_url, dbname="postgres")
    with psycopg.connect(to_others, autocommit=True) as others:
        name = sql.Identifier(database.name)
        others.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        others.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
    run("psql", "--dbname", database.owner_url, "--quiet", "--set", "ON_ERROR_STOP=1", input=backup)


def restore_over_it(database, backup):
    """Into the very database, so that PostgreSQL itself sees nothing new."""
    connection.close()
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO app")
    run(
        "psql",
        "--dbname",
        database.owner_url,
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        input=backup.replace("CREATE SCHEMA public;", ""),
    )


@pytest.fixture
def restored(own_database, smtp_sink, request):
    """One sent before the backup, three after it, of which one is queued only after it; then the backup is put back."""
    sent_before = queue_mail(make_person(), key="before", valid_until=None)
    deliver(NOW)
    beat(Loop.DELIVER, run_ms=1)
    waiting = [queue_mail(make_person(), key=key, due_at=TODAY, valid_until=None) for key in ("a", "b")]
    people = [sent_before.recipient, *(message.recipient for message in waiting)]
    backup = back_up(own_database)
    queue_mail(people[0], key="c", now=TODAY, due_at=TODAY, valid_until=None)
    assert deliver(TODAY) == 3
    getattr(request, "param", restore)(own_database, backup)
    return people[0]


def states():
    return dict(Message.objects.filter(channel="email").order_by("dedup_key").values_list("dedup_key", "state"))


@pytest.mark.parametrize("restored", [restore, restore_over_it], indirect=True)
def test_nothing_is_sent_again_until_a_person_lets_it(restored, smtp_sink):
    later = TODAY + timedelta(hours=1)
    PostSettings.objects.create(doubt_policy=DoubtPolicy.RESEND)
    assert states() == {"a": "pending", "b": "pending", "before": "sent"}

    assert [deliver(later), deliver(later)] == [0, 0]
    hold = SendingHold.objects.get()
    queue_mail(restored, key="c", now=later, due_at=TODAY, valid_until=None)
    delivery.sweep(now=later)

    assert (hold.kind, len(smtp_sink.received)) == ("restore", 4)
    assert hold.words.startswith("The database was restored: ")
    assert states() == {"a": "held", "b": "held", "before": "sent", "c": "held"}


def test_the_mail_system_is_asked_first_and_what_it_has_is_not_sent_again(restored, smtp_sink):
    later = TODAY + timedelta(hours=1)
    admin = make_administrator()
    deliver(later)
    hold = SendingHold.objects.get()
    queue_mail(restored, key="c", now=later, due_at=TODAY, valid_until=None)
    queue_mail(make_person(), key="new", now=later, due_at=TODAY, valid_until=None)
    with pytest.raises(Refused, match="gone through"):
        holding.release_hold(hold_id=hold.pk, note="Looked.", by=admin, now=later)
    beat(Loop.QUEUE_DUE, run_ms=1)
    with pytest.raises(Refused, match="asked"):
        holding.release_hold(hold_id=hold.pk, note="Looked.", by=admin, now=later)
    accepted = {mail.message["Message-ID"] for mail in smtp_sink.received}

    delivery.sweep(
        now=later,
        ask=lambda found: Acceptance.ACCEPTED if found in accepted else Acceptance.NOT_ACCEPTED,
    )

    assert states() == {"a": "sent", "b": "sent", "before": "sent", "c": "sent", "new": "pending"}
    holding.release_hold(hold_id=hold.pk, note="Looked.", by=admin, now=later)
    assert deliver(later + timedelta(hours=2)) == 1
    assert [parseaddr(mail.message["To"])[1] for mail in smtp_sink.received].count(restored.email) == 2
    assert not SendingHold.objects.filter(released_at=None).exists()
    assert PostEpoch.objects.get().mark > 10**12


def test_a_new_epoch_named_by_whoever_restored_stops_mail(own_database, smtp_sink, settings):
    queue_mail(make_person())
    deliver(NOW)
    settings.POST = {**settings.POST, "epoch": "2026-11-25 after the restore"}
    queue_mail(make_person())

    assert deliver(NOW) == 0
    assert SendingHold.objects.get().words.startswith("The database was restored: POST_EPOCH was changed.")


def test_a_database_that_never_sent_anything_is_taken_as_it_is(own_database, smtp_sink, settings):
    queue_mail(make_person())

    assert deliver(NOW) == 1
    assert not SendingHold.objects.exists()
