"""Pace, holds, clocks that jump and addresses that do not exist."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted
from partners.post import delivery, watching
from partners.post.enums import Loop
from partners.post.models import Heartbeat, PostBucket, PostSettings, SendingHold, Suppression
from partners.post.operations import delivering, holding
from partners.post.operations.beating import beat
from partners.post.queries import expected_done
from partners.post.rules import (
    Pace,
    Reading,
    forecast_of,
    least_burst,
    next_generation,
    says_no_such_address,
    words_for_jump,
    words_for_length,
)
from tests.builders import NOW, make_administrator, make_person, queue_mail
from tests.builders.post import mails
from tests.threads import outcomes_of

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
BEFORE = Reading(boot="a", since_boot=100.0, wall=1_000_000.0, database=1_000_000.0)


def later(seconds, *, wall=0.0, database=0.0, boot="a"):
    return Reading(
        boot=boot,
        since_boot=BEFORE.since_boot + seconds,
        wall=BEFORE.wall + seconds + wall,
        database=BEFORE.database + seconds + database,
    )


def deliver(now=NOW, seconds=5.0):
    return delivery.deliver_due(clock=lambda: now, seconds=seconds)


def states():
    return sorted(mails().values_list("state", flat=True))


def test_a_forecast_reads_as_people_plan():
    found = forecast_of(20_000, TEN, pace=Pace(30, 30), window=None)

    assert found.words == "20,000 at 30 a minute take 11 hours 7 minutes: what is due at 10am will be out by 9:07pm"
    assert found.done_at == datetime(2026, 11, 24, 21, 7, tzinfo=UTC)


def test_without_a_limit_a_forecast_promises_nothing_but_the_hours():
    found = forecast_of(20_000, TEN, pace=None, window=None)

    assert (found.done_at, found.takes) == (TEN, None)
    assert found.words.startswith("There is no limit")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (1, "1 second"),
        (45, "45 seconds"),
        (61, "1 minute 1 second"),
        (3600, "1 hour"),
        (40_020, "11 hours 7 minutes"),
        (-90_061, "1 day 1 hour"),
    ],
)
def test_a_length_of_time_in_words(seconds, words):
    assert words_for_length(timedelta(seconds=seconds)) == words


def test_a_bucket_fills_at_its_pace_up_to_the_burst_and_never_backwards():
    pace = Pace(per_minute=60, burst=10)

    assert pace.filled(3, 4) == 7
    assert pace.filled(3, 1000) == 10
    assert pace.filled(3, -1000) == 3
    assert pace.wait(0.25) == 0.75
    assert (least_burst(600, pause_seconds=15), least_burst(1, pause_seconds=15)) == (150, 1)


@pytest.mark.django_db
def test_only_so_many_go_out_at_once_and_the_rest_when_the_bucket_fills(smtp_sink):
    PostSettings.objects.create(per_minute=1, burst=3)
    for _ in range(5):
        queue_mail(make_person())

    assert deliver() == 3
    assert deliver() == 0
    PostBucket.objects.update(filled_at=Now() - timedelta(minutes=1))
    assert deliver() == 1

    assert states() == ["pending", "sent", "sent", "sent", "sent"]


@pytest.mark.django_db
def test_a_run_waits_for_the_bucket_while_it_has_time(smtp_sink):
    PostSettings.objects.create(per_minute=1200, burst=1)
    for _ in range(4):
        queue_mail(make_person())

    assert deliver() == 4


def test_many_workers_together_keep_to_the_pace(own_database):
    PostSettings.objects.create(per_minute=1, burst=7)
    for _ in range(20):
        queue_mail(make_person())

    batches = outcomes_of([lambda: delivering.claim_messages(now=NOW, limit=5) for _ in range(4)])

    assert sum(len(batch.claims) for batch in batches if isinstance(batch, delivering.Batch)) <= 7
    assert len(batches) == sum(isinstance(batch, delivering.Batch) for batch in batches)


@pytest.mark.django_db
def test_when_what_is_planned_will_be_out():
    PostSettings.objects.create(per_minute=30)

    assert expected_done(20_000, TEN, is_urgent=True) == datetime(2026, 11, 24, 21, 7, tzinfo=UTC)
    assert expected_done(20_000, TEN) == datetime(2026, 11, 25, 14, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (later(60), ""),
        (later(86_400 * 3), ""),
        (later(60, database=599), ""),
        (later(60, database=3600), "The database's clock jumped forward by 1 hour."),
        (later(60, database=-86_400), "The database's clock jumped back by 1 day."),
        (later(60, wall=1800), "The clock of a machine that sends mail jumped forward by 30 minutes."),
        (later(60, wall=1800, boot="b"), ""),
    ],
)
def test_a_clock_that_jumped_is_told_from_time_that_passed(after, words):
    assert words_for_jump(BEFORE, after, last_beat=None) == words


def test_a_database_whose_clock_went_back_over_a_restart_is_seen_by_the_last_beat():
    ahead = datetime.fromtimestamp(BEFORE.database, tz=UTC) + timedelta(hours=2)

    assert "2 hours behind" in words_for_jump(None, BEFORE, last_beat=ahead)
    assert words_for_jump(None, BEFORE, last_beat=ahead - timedelta(hours=2)) == ""


@pytest.mark.django_db
def test_a_jump_stops_even_urgent_mail_until_a_person_lets_it_go_on(smtp_sink, settings):
    deliver()
    kept = json.loads(Path(settings.POST["marks"]).read_text())
    kept["reading"]["database"] -= 3600
    Path(settings.POST["marks"]).write_text(json.dumps(kept))
    queue_mail(make_person(), is_urgent=True)

    assert [deliver(), deliver()] == [0, 0]

    hold = SendingHold.objects.get()
    assert (hold.kind, hold.words) == ("clock_jump", "The database's clock jumped forward by 1 hour.")
    assert delivering.claim_messages(now=NOW, limit=5).claims == []
    holding.release_hold(hold_id=hold.pk, note="The clock is right now.", by=make_administrator(), now=NOW)
    assert deliver() == 1
    assert SendingHold.objects.filter(released_at=None).count() == 0
    event = AuditEvent.objects.get(action="post.release_hold")
    assert event.after == {"confirmed": "The clock is right now."}


@pytest.mark.django_db
def test_the_clock_of_the_demo_may_jump(smtp_sink):
    assert deliver(now=NOW) == 0
    queue_mail(make_person(), due_at=NOW + timedelta(days=30), valid_until=None, is_urgent=True)

    assert deliver(now=NOW + timedelta(days=40)) == 1

    assert not SendingHold.objects.exists()


@pytest.mark.django_db
def test_a_jump_in_the_middle_of_a_run_ends_the_run(smtp_sink, settings):
    settings.POST = {**settings.POST, "batch": 1}
    for _ in range(3):
        queue_mail(make_person())
    times = iter([NOW, NOW, NOW, NOW + timedelta(days=1), NOW + timedelta(days=1)])

    assert delivery.deliver_due(clock=lambda: next(times), seconds=5) == 1


@pytest.mark.django_db
def test_what_is_claimed_when_mail_is_stopped_is_not_handed_over(smtp_sink):
    message = queue_mail(make_person())
    [claim] = delivering.claim_messages(now=NOW, limit=5).claims
    holding.stop_sending(words="The relay is being moved.", by=make_administrator(), now=NOW)

    assert delivering.mark_in_flight(claim) is False
    message.refresh_from_db()
    assert message.state == "claimed"


@pytest.mark.django_db
def test_only_administrators_stop_mail_or_let_it_go_on_and_each_once():
    admin, other = make_administrator(), make_person()
    with pytest.raises(NotPermitted):
        holding.stop_sending(words="Why", by=other, now=NOW)
    hold = holding.stop_sending(words="Why", by=admin, now=NOW)
    with pytest.raises(Conflict):
        holding.stop_sending(words="Why", by=admin, now=NOW)
    with pytest.raises(NotPermitted):
        holding.release_hold(hold_id=hold.pk, note="Done", by=other, now=NOW)
    holding.release_hold(hold_id=hold.pk, note="Done", by=admin, now=NOW)
    with pytest.raises(Conflict):
        holding.release_hold(hold_id=hold.pk, note="Done", by=admin, now=NOW)


def test_eight_workers_that_see_a_jump_open_one_hold(own_database):
    outcomes_of([lambda: holding.hold_for_a_jump(words="It jumped.", now=NOW) for _ in range(8)])

    assert SendingHold.objects.count() == 1


@pytest.mark.django_db
def test_the_file_of_marks_may_be_missing_or_damaged(smtp_sink, settings):
    queue_mail(make_person())
    marks = Path(settings.POST["marks"])
    marks.parent.mkdir(exist_ok=True)
    marks.write_text("{nonsense")

    assert deliver() == 1
    assert json.loads(marks.read_text())["mark"] == 1


@pytest.mark.django_db
def test_a_broker_that_is_away_stops_nothing(smtp_sink, settings, monkeypatch):
    monkeypatch.setattr(watching, "_broker_is_let_alone_until", 0.0)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    queue_mail(make_person())

    assert deliver() == 1
    monkeypatch.setattr(watching, "_broker_is_let_alone_until", 0.0)


def test_a_mark_after_a_release_is_above_every_one_before():
    assert next_generation(0) == 10**12
    assert next_generation(10**12 + 999) == 2 * 10**12


@pytest.mark.django_db
def test_a_beat_replaces_the_one_before():
    beat(Loop.SWEEP, run_ms=5)
    beat(Loop.SWEEP, run_ms=7, note="3 changed")

    [found] = Heartbeat.objects.all()
    assert (found.loop, found.run_ms, found.note) == ("sweep", 7, "3 changed")


@pytest.mark.parametrize(
    ("reply", "is_gone"),
    [
        ("550 5.1.1 User unknown", True),
        ("550-5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("550 5.1.8 Sender rejected", False),
        ("450 4.1.1 Try later", False),
        ("550 5.7.1 Relaying denied", False),
        ("550 No such mailbox", False),
    ],
)
def test_an_address_that_does_not_exist_is_told_from_other_refusals(reply, is_gone):
    assert says_no_such_address(reply) == is_gone


@pytest.mark.django_db
def test_nothing_more_is_sent_to_an_address_that_does_not_exist_until_it_is_lifted(smtp_sink):
    ama = make_person("Ama Mensah")
    smtp_sink.answer_to = lambda address: "550 5.1.1 User unknown"
    queue_mail(ama)
    deliver()
    smtp_sink.answer_to = lambda address: "250 OK"
    second = queue_mail(ama)

    deliver()

    second.refresh_from_db()
    assert (second.state, len(smtp_sink.received)) == ("suppressed", 0)
    assert Suppression.objects.get().reason == "550 5.1.1 User unknown"
