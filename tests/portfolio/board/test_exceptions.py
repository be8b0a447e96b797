"""Each exception is raised by what it says, on the day on which it was known, and by nothing else."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction

from partners.calendar.rules import as_at
from partners.clock.operations import set_clock
from partners.clock.rules import UK, end_of_day, local_date
from portfolio.board.queries import Wanted, board_of
from portfolio.board.rules import words_for_conditions
from programmes.decisions.rules import ConditionDraft
from programmes.raid.models import RaidEntry
from programmes.raid.operations import change_entry, reopen_entry
from programmes.raid.rules import Facts
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent, Stage, StageDateMove
from programmes.scheduling.operations import achieve_milestone, take_back_milestone
from programmes.workstreams.changes import close_by_decision
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import AssuranceRating, ReportingException, Workstream, WorkstreamLink
from programmes.workstreams.operations import reopen_workstream
from tests.builders import (
    NOW,
    make_cio,
    make_deciding_office,
    make_decision,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_workstream,
    propose,
    report,
    take,
)
from tests.builders.gates import stage_of
from tests.builders.raid import close_raid

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
EXPLAINED = {"milestone": "It is only the paperwork."}
LONG_AGO = NOW - timedelta(days=60)


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio("The whole force")


@pytest.fixture
def programme(portfolio):
    made = make_programme("Custody", portfolio=portfolio)
    type(made).objects.filter(pk=made.pk).update(set_up_at=LONG_AGO)
    return made


def raised(portfolio, now=NOW, when=None):
    board = board_of(portfolio, Wanted(), now=now, when=when)
    return [(one.key, one.words) for row in board.shown for one in board.raised.get(row.id, [])]


def make_milestone(
    programme, name="Go live", *, baseline_on, forecast_on=None, critical=True, at=LONG_AGO, workstream=None
):
    return DeliveryMilestone.objects.create(
        programme=programme,
        workstream=workstream,
        name=name,
        is_critical=critical,
        baseline_on=baseline_on,
        forecast_on=forecast_on or baseline_on,
        recorded_at=at,
        recorded_by=make_person(),
    )


def plan(programme, starts_on):
    stage = Stage.objects.get(programme=programme, position=1)
    stage.planned_start_on, stage.planned_finish_on = starts_on, starts_on + timedelta(days=300)
    stage.save()
    return stage


def assure(programme, rating, *, expires_on=TODAY + timedelta(days=60)):
    return AssuranceRating.objects.create(
        programme=programme,
        scale="five_point",
        rating=rating,
        words="As seen.",
        assured_by="Gateway team",
        assured_on=TODAY - timedelta(days=1),
        expires_on=expires_on,
        recorded_at=NOW,
        recorded_by=make_person(),
    )


def test_a_quiet_programme_raises_nothing(client, portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.GREEN)
    make_milestone(programme, baseline_on=TODAY + timedelta(days=9))
    client.force_login(make_cio(portfolio))

    content = client.get(f"/portfolios/{portfolio.pk}/").content.decode()

    assert raised(portfolio) == []
    assert "Quiet: no programme that runs" in content
    assert "app-exceptions" not in content


def test_red_silent_and_late(portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.RED)
    make_workstream(programme, now=LONG_AGO)
    Stage.objects.filter(programme=programme, position=1).update(
        planned_start_on=TODAY - timedelta(days=5), planned_finish_on=TODAY + timedelta(days=99)
    )

    found = dict(raised(portfolio))

    assert found["red"] == "Off track: own reports"
    assert found["silent"] == "1 workstream silent"
    assert found["late"].endswith("5 days late to start")


@pytest.mark.parametrize(
    ("rating", "baseline", "forecast", "critical", "is_raised"),
    [
        (Rating.GREEN, -3, -3, True, True),
        (Rating.GREEN, 10, 20, True, True),
        (Rating.GREEN, 0, 0, True, False),
        (Rating.GREEN, 10, 10, True, False),
        (Rating.GREEN, -3, -3, False, False),
        (Rating.AMBER, -3, -3, True, False),
    ],
)
def test_a_watermelon_is_green_beside_a_critical_milestone_that_slipped(
    portfolio, programme, rating, baseline, forecast, critical, is_raised
):
    report(make_workstream(programme, now=LONG_AGO), rating)
    make_milestone(
        programme,
        baseline_on=TODAY + timedelta(days=baseline),
        forecast_on=TODAY + timedelta(days=forecast),
        critical=critical,
    )

    assert ("watermelon" in dict(raised(portfolio))) == is_raised


def test_a_milestone_that_was_achieved_since_is_a_watermelon_only_as_at_the_day_before(portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.GREEN, now=NOW - timedelta(days=2))
    milestone = make_milestone(programme, baseline_on=TODAY - timedelta(days=4))
    DeliveryMilestone.objects.filter(pk=milestone.pk).update(achieved_on=TODAY)
    DeliveryMilestoneEvent.objects.create(
        milestone=milestone,
        forecast_from_on=milestone.forecast_on,
        forecast_to_on=milestone.forecast_on,
        achieved_on=TODAY,
        recorded_at=NOW - timedelta(hours=1),
        recorded_by=make_person(),
    )
    yesterday = as_at(TODAY - timedelta(days=1), now=NOW)

    assert raised(portfolio) == []
    assert raised(portfolio, when=yesterday) == [("watermelon", "On track, but Go live is overdue")]


def test_a_forecast_that_moved_since_slipped_only_from_then_on(portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.GREEN, now=NOW - timedelta(days=2))
    milestone = make_milestone(programme, baseline_on=TODAY + timedelta(days=5))
    DeliveryMilestone.objects.filter(pk=milestone.pk).update(forecast_on=TODAY + timedelta(days=30))
    DeliveryMilestoneEvent.objects.create(
        milestone=milestone,
        forecast_from_on=milestone.baseline_on,
        forecast_to_on=TODAY + timedelta(days=30),
        reason="Supplier",
        recorded_at=NOW - timedelta(hours=1),
        recorded_by=make_person(),
    )
    yesterday = as_at(TODAY - timedelta(days=1), now=NOW)

    assert raised(portfolio) == [("watermelon", "On track, but Go live is expected later than agreed")]
    assert raised(portfolio, when=yesterday) == []


def test_assurance_that_differs_diverges_and_what_expired_does_not(portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.GREEN)
    assurance = assure(programme, "amber_red")

    found = dict(raised(portfolio))

    assert found["red"] == "Off track: assurance"
    assert found["diverging"].startswith("Own reports: On track. Assurance: Amber/red by Gateway team")
    AssuranceRating.objects.filter(pk=assurance.pk).update(withdrawn_at=NOW, withdrawn_by=make_person())
    assert raised(portfolio) == []


def test_who_waits_for_a_workstream_that_is_red(portfolio, programme):
    waiting = make_workstream(programme, now=LONG_AGO)
    report(waiting, Rating.GREEN)
    provider = make_workstream(make_programme("Records", portfolio=make_portfolio()), now=LONG_AGO)
    report(provider, Rating.RED)
    assert raised(portfolio) == []

    WorkstreamLink.objects.create(
        dependant=waiting, provider=provider, what="Data", recorded_at=NOW, recorded_by=make_person()
    )

    assert raised(portfolio) == [("provider", "1 workstream waits for one off track")]


@pytest.mark.parametrize(("ahead", "is_raised"), [(-3, True), (30, True), (31, False)])
def test_a_gate_is_due_thirty_days_before_its_stage(portfolio, programme, ahead, is_raised):
    plan(programme, TODAY + timedelta(days=ahead))

    assert ("gate" in dict(raised(portfolio))) == is_raised


def test_a_gate_was_due_by_the_day_then_planned(portfolio, programme):
    stage = plan(programme, TODAY + timedelta(days=90))
    StageDateMove.objects.create(
        stage=stage,
        is_finish=False,
        from_on=TODAY + timedelta(days=10),
        to_on=TODAY + timedelta(days=90),
        reason="Moved",
        recorded_at=NOW - timedelta(hours=1),
        recorded_by=make_person(),
    )

    assert "gate" not in dict(raised(portfolio))
    assert "gate" in dict(raised(portfolio, when=as_at(TODAY - timedelta(days=1), now=NOW)))


def decide_at_gate(programme, result, *conditions, now=NOW, office=None):
    decision = make_decision(
        programme,
        office=office,
        gate_id=stage_of(programme).pk,
        gate_result=result,
        gate_conditions=tuple(ConditionDraft(text, make_manager(programme).pk, due_on) for text, due_on in conditions),
        now=now,
    )
    return take(propose(decision, now=now), on=local_date(now), now=now)


@pytest.mark.parametrize(("result", "word"), [(GateResult.PAUSE, "paused"), (GateResult.STOP, "stopped")])
@pytest.mark.parametrize("ahead", [None, 10, 200])
def test_a_refused_gate_shows_whenever_its_stage_is_planned(portfolio, programme, result, word, ahead):
    if ahead:
        plan(programme, TODAY + timedelta(days=ahead))
    decide_at_gate(programme, result)

    found = dict(raised(portfolio))

    assert found == {"refused": f"Gate to {stage_of(programme).title}: {word} on Wednesday 16 September 2026"}
    decide_at_gate(programme, GateResult.PROCEED)
    assert raised(portfolio) == []


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ([20], "1 condition of a gate to meet, by Sunday 20 September 2026"),
        ([16, 30], "2 conditions of a gate to meet, the first by Wednesday 16 September 2026"),
        ([15, 30, 1], "3 conditions of a gate to meet, 2 overdue since Tuesday 1 September 2026"),
    ],
)
def test_conditions_are_counted_with_the_nearest_day(due, words):
    assert words_for_conditions([date(2026, 9, day) for day in due], on=TODAY) == words


def test_a_workstream_is_green_beside_its_own_milestone_whatever_the_programme_says(portfolio, programme):
    retention, intake = (make_workstream(programme, name, now=LONG_AGO) for name in ("Retention", "Intake"))
    report(retention, Rating.GREEN)
    report(intake, Rating.AMBER)
    overdue = TODAY - timedelta(days=3)
    make_milestone(programme, "Of nobody", baseline_on=overdue)
    make_milestone(programme, "Of amber", baseline_on=overdue, workstream=intake)
    assert raised(portfolio) == []

    make_milestone(programme, "First deletion", baseline_on=overdue, workstream=retention)

    assert raised(portfolio) == [("watermelon", "Retention on track, but First deletion is overdue")]
    report(intake, Rating.GREEN, explanations=EXPLAINED)
    assert dict(raised(portfolio))["watermelon"] == "On track, but Of nobody is overdue and 2 more slipped"


def test_two_workstreams_beside_their_milestones_are_one_exception(portfolio, programme):
    for name, days in (("Retention", 3), ("Intake", 9), ("Fleet", None)):
        workstream = make_workstream(programme, name, now=LONG_AGO)
        report(workstream, Rating.GREEN if days else Rating.AMBER)
        if days:
            make_milestone(programme, f"{name} live", baseline_on=TODAY - timedelta(days=days), workstream=workstream)

    assert raised(portfolio) == [
        ("watermelon", "Intake on track, but Intake live is overdue; 1 more workstream like it")
    ]


def test_a_rating_that_is_withheld_is_not_told(portfolio, programme):
    retention, intake = (make_workstream(programme, name, now=LONG_AGO) for name in ("Retention", "Intake"))
    report(retention, Rating.GREEN)
    report(intake, Rating.AMBER)
    make_milestone(programme, "First deletion", baseline_on=TODAY - timedelta(days=3), workstream=retention)
    retention.refresh_from_db()
    said = {"workstream": retention, "kind": "withheld", "reason": "Tender", "recorded_at": NOW - timedelta(minutes=1)}
    period = retention.current_period_on
    assert period
    days = {"from_on": period, "to_on": period}

    withheld = ReportingException.objects.create(recorded_by=make_person(), **said, **days)

    assert "watermelon" not in dict(raised(portfolio))
    for ended_at, later, is_told in (
        (end_of_day(period) + timedelta(hours=1), timedelta(days=9), False),
        (NOW, timedelta(hours=1), True),
    ):
        ReportingException.objects.filter(pk=withheld.pk).update(ended_at=ended_at, ended_by=make_person())
        assert ("watermelon" in dict(raised(portfolio, now=NOW + later))) == is_told


def test_a_closed_workstream_is_beside_nothing(portfolio, programme):
    retention = make_workstream(programme, "Retention", now=LONG_AGO)
    report(retention, Rating.GREEN, now=NOW - timedelta(days=2))
    report(make_workstream(programme, now=LONG_AGO), Rating.AMBER)
    make_milestone(programme, "First deletion", baseline_on=TODAY - timedelta(days=3), workstream=retention)
    Workstream.objects.filter(pk=retention.pk).update(closed_at=NOW, closed_by=make_person(), close_reason="Merged.")

    assert raised(portfolio) == []
    assert "watermelon" in dict(raised(portfolio, when=as_at(TODAY - timedelta(days=1), now=NOW)))


def test_every_day_raises_what_it_raised_then(portfolio, programme):
    retention, intake = (make_workstream(programme, name, now=LONG_AGO) for name in ("Retention", "Intake"))
    manager, office = make_manager(programme), make_deciding_office(programme)
    live = make_milestone(programme, "First deletion", baseline_on=TODAY + timedelta(days=3), workstream=retention)

    def conditions():
        return RaidEntry.objects.filter(programme=programme).order_by("number")

    def decide(result, *asked):
        return lambda now: decide_at_gate(programme, result, *asked, office=office, now=now)

    def move_a_condition(now):
        entry = conditions()[0]
        facts = Facts(title=entry.title, owner_id=entry.owner_id, due_on=date(2026, 11, 2))
        change_entry(entry_id=entry.pk, version=entry.version, facts=facts, by=manager, now=now)

    def close_workstream(now):
        retention.refresh_from_db()
        with transaction.atomic():
            close_by_decision([retention], reason="Not needed.", by=manager, now=now)

    def say(rating):
        def act(now):
            report(retention, Rating.GREEN, explanations=EXPLAINED, now=now)
            report(intake, rating, now=now)

        return act

    entered = ("Name two suppliers.", date(2026, 10, 2)), ("Agree the price.", date(2026, 10, 9))
    by: dict[str, Any] = {"by": manager}
    acts = [
        say(Rating.RED),
        decide(GateResult.PAUSE),
        lambda now: None,
        decide(GateResult.WITH_CONDITIONS, *entered),
        move_a_condition,
        say(Rating.AMBER),
        lambda now: close_raid(conditions()[0], now=now, **by),
        lambda now: reopen_entry(entry_id=conditions()[0].pk, reason="Too early.", now=now, **by),
        lambda now: achieve_milestone(milestone_id=live.pk, achieved_on=local_date(now), now=now, **by),
        lambda now: take_back_milestone(milestone_id=live.pk, reason="A slip.", now=now, **by),
        close_workstream,
        lambda now: reopen_workstream(workstream_id=retention.pk, reason="Wanted after all.", now=now, **by),
        lambda now: close_raid(conditions()[0], now=now, **by),
        decide(GateResult.STOP),
        lambda now: close_raid(conditions()[1], now=now, **by),
    ]
    then = {}
    for number, act in enumerate(acts):
        day = TODAY + timedelta(days=2 * number)
        act(datetime.combine(day, time(12), tzinfo=UK))
        then[day] = raised(portfolio, now=end_of_day(day))
    now = end_of_day(TODAY + timedelta(days=90))

    assert {day: raised(portfolio, now=now, when=as_at(day, now=now)) for day in then} == then
    seen = [[key for key, _ in one] for one in then.values()]
    assert sorted({key for keys in seen for key in keys}) == ["conditions", "red", "refused", "silent", "watermelon"]
    assert [("watermelon" in keys, "conditions" in keys, "refused" in keys) for keys in seen] == [
        (False, False, False),
        (False, False, True),
        (True, False, True),
        (True, True, False),
        (True, True, False),
        (True, True, False),
        (True, True, False),
        (True, True, False),
        (False, True, False),
        (True, True, False),
        (False, True, False),
        (True, True, False),
        (True, True, False),
        (True, True, True),
        (True, False, True),
    ]
    told = [dict(one).get("conditions", "") for one in then.values()]
    assert "the first by Friday 2 October 2026" in told[3]
    assert "the first by Friday 9 October 2026" in told[4]
    assert told[6].startswith("1 condition ")


def test_each_count_leads_to_as_many_programmes(client, portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.RED)
    report(make_workstream(make_programme("Records", portfolio=portfolio), now=LONG_AGO), Rating.RED)
    make_workstream(make_programme("Fleet", portfolio=portfolio), now=LONG_AGO)
    client.force_login(make_cio(portfolio))
    address = f"/portfolios/{portfolio.pk}/"

    content = client.get(address).content.decode()
    counts = re.findall(r'only=(\w+)#programmes"[^>]*><span class="app-signal__shape[^>]*>.</span> <b>(\d+)<', content)

    assert counts == [("red", "2"), ("silent", "1")]
    for only, count in [*counts, ("exceptions", "3")]:
        page = client.get(address, {"only": only}).content.decode()
        assert len(re.findall(r'<th scope="row"[^>]*><a [^>]*href="/programmes/', page)) == int(count)


def test_a_programme_that_ended_raises_nothing(portfolio, programme):
    report(make_workstream(programme, now=LONG_AGO), Rating.RED)
    type(programme).objects.filter(pk=programme.pk).update(
        ended_on=TODAY, ended_at=NOW, ended_by=make_person(), end_reason="By decision."
    )

    assert raised(portfolio, now=datetime.combine(TODAY, time(18), tzinfo=UK)) == []
    assert date(2026, 9, 16) == TODAY
