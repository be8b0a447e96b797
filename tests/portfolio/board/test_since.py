"""What differs since a day, what is missing in the records, and the list as a file."""

import csv
import io
from datetime import date, timedelta

import pytest

from partners.clock.operations import set_clock
from partners.people.enums import Role
from partners.people.models import RoleHolding
from programmes.raid.models import RaidEntry
from programmes.scheduling.models import Stage, StageDateMove
from programmes.scheduling.operations import drop_milestone, forecast_milestone
from programmes.workstreams.enums import Rating
from programmes.workstreams.models import Workstream
from tests.builders import (
    NOW,
    give_role,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_workstream,
    report,
)
from tests.builders.scheduling import make_milestone

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LONG_AGO = NOW - timedelta(days=60)
WEEK_AGO = NOW - timedelta(days=8)


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


@pytest.fixture
def cio(client, portfolio):
    cio = make_cio(portfolio)
    client.force_login(cio)
    return cio


def differences(client, portfolio, **asked):
    found = client.get(f"/api/portfolios/{portfolio.pk}/since/", asked).json()["results"]
    return {row["name"]: [(each["part"], each["then"], each["now"]) for each in row["differences"]] for row in found}


def test_only_what_differs_is_told(client, portfolio, programme, cio):
    workstream = make_workstream(programme, "Tablets", now=LONG_AGO)
    report(workstream, Rating.GREEN, now=WEEK_AGO)
    report(workstream, Rating.RED, now=NOW - timedelta(days=1))
    make_workstream(programme, "Screens", now=NOW - timedelta(days=1))
    stage = Stage.objects.get(programme=programme, position=1)
    stage.planned_start_on, stage.planned_finish_on = TODAY, TODAY + timedelta(days=90)
    stage.save()
    for is_finish, day in ((False, stage.planned_start_on), (True, stage.planned_finish_on)):
        StageDateMove.objects.create(
            stage=stage, is_finish=is_finish, from_on=None, to_on=day, reason="", recorded_at=NOW, recorded_by=cio
        )
    make_programme("Quiet", portfolio=portfolio)
    type(programme).objects.filter(name="Quiet").update(set_up_at=LONG_AGO)

    found = differences(client, portfolio, since="2026-09-08")
    page = client.get(f"/portfolios/{portfolio.pk}/since/?since=2026-09-08").content.decode()

    assert list(found) == ["Custody"]
    assert ("Rating", "On track (own reports)", "Off track (own reports)") in found["Custody"]
    assert ("New workstream", "", "Screens") in found["Custody"]
    assert (f"{stage.title}: planned start", "no day", "Wednesday 16 September 2026") in found["Custody"]
    assert "1 programme with differences, 1 without." in page


def test_two_earlier_days_are_compared(client, portfolio, programme, cio):
    workstream = make_workstream(programme, "Tablets", now=LONG_AGO)
    report(workstream, Rating.GREEN, now=WEEK_AGO)
    report(workstream, Rating.RED, now=NOW - timedelta(hours=1))

    assert differences(client, portfolio, since="2026-09-09", on="2026-09-10") == {}
    assert "Custody" in differences(client, portfolio, since="2026-09-09")


def test_moves_of_dates_are_told_with_their_reason(client, portfolio, programme, cio):
    stage = Stage.objects.get(programme=programme, position=1)
    stage.planned_start_on, stage.planned_finish_on = TODAY + timedelta(days=7), TODAY + timedelta(days=90)
    stage.save()
    StageDateMove.objects.create(
        stage=stage,
        is_finish=False,
        from_on=TODAY,
        to_on=stage.planned_start_on,
        reason="The supplier is late.",
        recorded_at=NOW,
        recorded_by=cio,
    )
    made = {name: make_milestone(programme, name, now=LONG_AGO) for name in ("Go live", "There and back", "Dropped")}
    for name, *days in (
        ("Go live", (6, "Waiting."), (13, "No rack.")),
        ("There and back", (6, "Waiting."), (30, "It came.")),
        ("Dropped", (6, "Waiting.")),
    ):
        for day, reason in days:
            made[name] = forecast_milestone(
                milestone_id=made[name].pk,
                version=made[name].version,
                forecast_on=date(2026, 10 if day == 30 else 11, day),
                reason=reason,
                by=make_manager(programme),
                now=NOW - timedelta(days=1),
            )
    drop_milestone(
        milestone_id=made["Dropped"].pk,
        version=made["Dropped"].version,
        reason="Not needed.",
        by=make_manager(programme),
        now=NOW,
    )

    found = differences(client, portfolio, since="2026-09-08")

    assert found["Custody"] == [
        (
            f"{stage.title}: planned start",
            "Wednesday 16 September 2026",
            "Wednesday 23 September 2026, because: The supplier is late.",
        ),
        ("Go live: expected", "Friday 30 October 2026", "Friday 13 November 2026, because: No rack."),
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("since=2026-09-16", 400), ("since=2030-01-01", 409), ("since=x", 400), ("since=2026-09-01&x=1", 400)],
)
def test_days_that_cannot_be_compared_are_refused(client, portfolio, cio, query, status):
    assert client.get(f"/api/portfolios/{portfolio.pk}/since/?{query}").status_code == status


@pytest.mark.parametrize("query", ["", "since=2026-09-16", "since=2030-01-01", "since_day=31&since_month=2", "on=x"])
def test_the_page_says_what_is_wrong_with_a_day_and_shows_another(client, portfolio, programme, cio, query):
    assert client.get(f"/portfolios/{portfolio.pk}/since/?{query}").status_code == 200


def test_what_is_missing_leads_to_where_it_is_mended(client, portfolio, programme, cio):
    type(programme).objects.filter(pk=programme.pk).update(owner=None)
    workstream = make_workstream(programme, "Tablets", now=LONG_AGO)
    Workstream.objects.filter(pk=workstream.pk).update(lead=None)
    RoleHolding.objects.filter(scope=programme.scope).update(ended_at=NOW, ended_by=cio)
    RaidEntry.objects.create(
        programme=programme,
        kind="action",
        number=1,
        title="Call the supplier",
        due_on=TODAY - timedelta(days=1),
        raised_on=TODAY - timedelta(days=9),
        recorded_at=WEEK_AGO,
        recorded_by=cio,
    )

    found = client.get(f"/api/portfolios/{portfolio.pk}/records/?page_size=100").json()["results"]

    assert {row["check"] for row in found} == {"owner", "manager", "lead", "silence", "action", "dates"}
    for row in found:
        assert client.get(row["page"]).status_code in (200, 403), row
    assert f"Everything ({len(found)})" in client.get(f"/portfolios/{portfolio.pk}/records/").content.decode()
    only = client.get(f"/portfolios/{portfolio.pk}/records/?check=owner").content.decode()
    assert only.count("Name who owns the programme.") == 1
    assert "Name who leads" not in only


def test_what_is_mended_is_no_longer_missing(client, portfolio, programme, cio):
    make_manager(programme)
    type(programme).objects.filter(pk=programme.pk).update(owner=make_person())
    report(make_workstream(programme, now=LONG_AGO, lead=make_person()), Rating.GREEN)
    Stage.objects.filter(programme=programme).update(planned_start_on=TODAY, planned_finish_on=TODAY)

    assert client.get(f"/api/portfolios/{portfolio.pk}/records/").json()["results"] == []
    assert "Nothing is missing" in client.get(f"/portfolios/{portfolio.pk}/records/").content.decode()


def test_the_list_as_a_file_is_whole_narrowed_and_runs_no_formula(client, portfolio, cio):
    for number in range(120):
        make_programme(f"=Programme {number:03}", portfolio=portfolio)
    make_programme("Secret")

    whole = client.get(f"/portfolios/{portfolio.pk}/list.csv")
    narrowed = client.get(f"/portfolios/{portfolio.pk}/list.csv?q=007")
    earlier = client.get(f"/portfolios/{portfolio.pk}/list.csv?on=2026-09-01")
    workbook = client.get(f"/portfolios/{portfolio.pk}/list.xlsx")

    rows = list(csv.reader(io.StringIO(whole.content.decode("utf-8-sig"))))
    assert (len(rows), rows[0][0]) == (121, "Programme")
    assert {row[0][:2] for row in rows[1:]} == {"'="}
    assert b"Secret" not in whole.content
    assert len(narrowed.content.splitlines()) == 2
    assert "The whole force as at 2026-09-16.csv" in whole.headers["Content-Disposition"]
    assert "as at 2026-09-01.csv" in earlier.headers["Content-Disposition"]
    assert workbook.content[:2] == b"PK"


@pytest.mark.parametrize("page", ["since/", "records/", "list.csv", "list.xlsx", "save-view/"])
def test_who_does_not_see_the_portfolio_finds_nothing(client, portfolio, programme, page):
    address = f"/portfolios/{portfolio.pk}/{page}"
    reader = give_role(make_person(), Role.READER, portfolio.scope)

    for user, status in ((make_person(), 404), (make_manager(programme), 404), (reader, 200)):
        client.force_login(user)
        assert client.get(address).status_code == status
