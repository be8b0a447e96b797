"""A small world with a row of each kind."""

from datetime import date
from typing import Any
from uuid import uuid4

from partners.people.enums import Role
from partners.people.models import User
from partners.people.operations import create_token, keep_import, record_leave
from partners.post.models import Suppression
from partners.post.operations.holding import stop_sending
from portfolio.board.models import SavedView
from programmes.consultations.operations.answering import save_draft_answer, submit_response
from programmes.register.enums import PositionKind
from programmes.register.operations import record_constraint, record_lesson, record_position
from programmes.reminders.operations import sweep
from programmes.scheduling.operations import add_closure
from programmes.workstreams.enums import Rating
from programmes.workstreams.operations import add_workstream
from tests.builders.beside import make_beside
from tests.builders.consult import make_shared_question, make_world_of_comments
from tests.builders.core import (
    NOW,
    give_role,
    make_administrator,
    make_consultation,
    make_manager,
    make_portfolio,
    make_programme,
    make_question,
    make_review,
    make_task,
    make_unit,
    make_workstream,
    pass_gates,
)
from tests.builders.decisions import make_world_of_decisions
from tests.builders.engagements import make_acknowledgement, make_bid, make_bidder, make_engagement
from tests.builders.gates import make_world_of_gates
from tests.builders.imports import make_import
from tests.builders.money import make_money
from tests.builders.offices import make_holding, make_office
from tests.builders.partners import (
    make_claim,
    make_consortium,
    make_contact,
    make_organisation,
    make_relationship,
    make_term,
)
from tests.builders.post import make_reached
from tests.builders.raid import make_raid
from tests.builders.reporting import acknowledge, keep_draft, report
from tests.builders.scheduling import make_milestone


def make_world() -> User:
    """A small world with a row of each kind, and somebody who may do everything in it; they are asked, too."""
    unit = make_unit()
    person = make_administrator("Robin World")
    person.unit = unit
    person.save()
    portfolio = make_portfolio()
    programme = make_programme(portfolio=portfolio)
    SavedView.objects.create(user=person, portfolio=portfolio, name="Red ones", query="rating=red", saved_at=NOW)
    give_role(person, Role.CIO, portfolio.scope)
    person = give_role(person, Role.PROGRAMME_MANAGER, programme.scope)
    acted: dict[str, Any] = {"by": person, "now": NOW}
    record_constraint(programme_id=programme.pk, text="It must not grow.", source="", **acted)
    record_lesson(programme_id=programme.pk, title="Ask early", text="We did.", learned_on=NOW.date(), **acted)
    record_position(
        programme_id=programme.pk,
        kind=PositionKind.EXPECTATION,
        holder="Ola Brand, chief constable",
        text="Technology comes first.",
        stated_on=NOW.date(),
        source="News report",
        request_key=uuid4(),
        **acted,
    )
    office = make_office(scope=portfolio.scope, clerk=person)
    make_holding(office, user=person)
    pass_gates(programme)
    workstream = add_workstream(programme_id=programme.pk, name="Custody tablets", lead_id=person.pk, **acted)
    asked = report(workstream, Rating.AMBER, by=person, changed="Two of five screens work.")
    acknowledge(asked, by=make_manager(programme), question="Which two?")
    keep_draft(workstream, by=person)
    desks = make_workstream(programme, "Custody desks")
    report(desks, Rating.GREEN)
    make_beside(workstream, desks, by=person)
    engagement = make_engagement(programme, ended_on=NOW.date(), workstream_id=workstream.pk)
    make_acknowledgement(programme, engagement_id=engagement.pk)
    make_bid(programme, make_bidder(programme, "Alpha", ["Beta", "Gamma"]))
    make_bidder(programme, "Delta")
    firm = make_organisation("Epsilon")
    group = make_consortium("Group of Epsilon", firm, make_organisation("Zeta"))
    make_claim(firm)
    make_contact(firm)
    make_term(make_relationship(portfolio, group))
    make_money(portfolio, programme, by=person)
    make_world_of_decisions(programme, office, by=person)
    make_world_of_gates(programme, office, by=person)
    make_raid(programme, by=person)
    make_import(programme, by=person)
    review = make_review(programme)
    make_question(make_consultation(review, units=[unit]))
    launched = make_consultation(review, units=[unit])
    make_shared_question(launched)
    make_task(person, consultation=launched)
    answered = make_consultation(review, units=[unit])
    question = make_question(answered, "What should we change?")
    task = make_task(person, consultation=answered)
    save_draft_answer(task_id=task.pk, question_id=question.pk, value="Ask us earlier.", **acted)
    submit_response(task_id=task.pk, request_key=uuid4(), by=person, now=lambda: NOW)
    make_world_of_comments(review)
    person = give_role(person, Role.MODERATOR, programme.scope)
    make_reached(person)
    stop_sending(words="The relay is being moved.", **acted)
    Suppression.objects.create(address="gone@example.org", reason="550 5.1.1 User unknown", since=NOW)
    keep_import(text="email,name\nnew@example.org,New Person\n", file_name="staff.csv", **acted)
    add_closure(name="Christmas", first_on=date(2026, 12, 29), last_on=date(2026, 12, 31), **acted)
    make_milestone(programme, by=person, is_critical=True, workstream_id=workstream.pk)
    create_token(name="A script", days=30, **acted)
    sweep(now=NOW)
    record_leave(person_id=person.pk, from_on=date(2026, 12, 21), to_on=date(2026, 12, 23), **acted)
    return person
