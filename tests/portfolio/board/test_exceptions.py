"""Each exception is raised by what it says, on the day on which it was known, and by nothing else."""

import re
from datetime import date, datetime, time, timedelta

import pytest

from partners.calendar.rules import as_at
from partners.clock.operations import set_clock
from partners.clock.rules import UK
from portfolio.board.queries import Wanted, board_of
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent, Stage, StageDateMove
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import AssuranceRating, WorkstreamLink
from tests.builders import NOW, make_cio, make_person, make_portfolio, make_programme, make_workstream, report

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
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


def make_milestone(programme, name="Go live", *, baseline_on, forecast_on=None, critical=True, at=LONG_AGO):
    return DeliveryMilestone.objects.create(
        programme=programme,
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
