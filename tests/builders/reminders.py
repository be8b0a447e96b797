"""What reminders are planned for, and the tick that queues those that are due."""

from datetime import date, datetime, timedelta

from partners.people.models import User
from programmes.raid.enums import RaidKind
from programmes.register.models import Programme
from programmes.reminders.operations import queue_due, sweep
from programmes.scheduling.operations import StagePlan, plan_stages
from tests.builders.core import (
    NOW,
    launch,
    make_administrator,
    make_cio,
    make_consultation,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_question,
    make_review,
    make_unit,
    make_workstream,
)
from tests.builders.partners import make_claim, make_organisation, make_relationship
from tests.builders.raid import raise_raid


def queue_all(now: datetime) -> None:
    while queue_due(now=now, limit=100).total:
        pass


def plan_first_stage(programme: Programme, by: User, starts_on: date, *, now: datetime = NOW) -> None:
    """Its gate is the day it starts."""
    stage = programme.stages.get(position=1)
    plan = StagePlan(stage.pk, stage.version, starts_on, starts_on + timedelta(weeks=6))
    plan_stages(programme_id=programme.pk, plans=[plan], by=by, now=now)


def make_everything_due() -> None:
    """Things of every kind that people are reminded of at the end of September."""
    portfolio = make_portfolio()
    programme = make_programme(portfolio=portfolio)
    manager = make_manager(programme, "Mo Manager")
    make_administrator("Ada Administrator")
    make_cio(portfolio, "Cy Cio")
    make_workstream(programme, lead=manager)
    plan_first_stage(programme, manager, date(2026, 10, 2))
    unit = make_unit()
    make_person("Pat Person", unit=unit)
    consultation = make_consultation(make_review(programme), units=[unit])
    make_question(consultation)
    launch(consultation)
    raise_raid(programme, RaidKind.ACTION, by=manager, owner_id=manager.pk, due_on=date(2026, 9, 28))
    make_relationship(portfolio, make_organisation("Alpha"), owner=manager, expires_on=date(2026, 10, 28))
    make_claim(make_organisation("Beta"), expires_on=date(2026, 10, 28))
    sweep(now=NOW)
