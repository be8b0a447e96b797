"""Decisions drafted, proposed and taken, with their options and what becomes of what they leave behind."""

from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from partners.consortia.models import Capability
from partners.people.models import Office, User
from programmes.decisions.enums import Ambition, NeedLevel, PartnerFate, WorkFate
from programmes.decisions.models import Decision, DecisionOption
from programmes.decisions.operations import (
    add_option,
    choose_option,
    draft_decision,
    propose_decision,
    set_dispositions,
    take_decision,
)
from programmes.decisions.queries import left_behind
from programmes.decisions.rules import (
    Dispositions,
    Draft,
    LastDay,
    NeedDraft,
    OptionDraft,
    PartnerDisposition,
    WorkDisposition,
)
from programmes.engagements.models import Engagement
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.savings.enums import Confidence
from programmes.savings.models import Saving, SavingStatement
from tests.builders.core import NOW, make_manager, make_person
from tests.builders.offices import make_holding, make_office

_number = count(1)
TODAY = NOW.date()


def make_deciding_office(programme: Programme, *, holder: User | None = None, clerk: User | None = None) -> Office:
    """An office over the programme's portfolio, held on every day, with a clerk."""
    title = f"Commissioner {next(_number)}"
    office = make_office(title, scope=programme.scope.parent, clerk=clerk or make_person("Clem Clerk"))
    make_holding(office, user=holder or make_person("Ola Brand"))
    return office


def holder_of(office: Office) -> User:
    holding = office.holdings.select_related("user").latest("from_on")
    assert holding.user
    return holding.user


def a_draft(office: Office, **more: Any) -> Draft:
    words = Draft(
        title="How we go on", question="How do we go on?", office_id=office.pk, rationale="It costs too much."
    )
    return replace(words, **more)


def make_decision(
    programme: Programme, *, office: Office | None = None, by: User | None = None, now: datetime = NOW, **effects: Any
) -> Decision:
    """A draft without options. ``effects`` are parts of ``Draft``."""
    return draft_decision(
        programme_id=programme.pk,
        draft=a_draft(office or make_deciding_office(programme), **effects),
        request_key=uuid4(),
        by=by or make_manager(programme),
        now=now,
    )


def make_capability(name: str = "") -> Capability:
    return Capability.objects.create(name=name or f"Capability {next(_number)}")


def make_option(
    decision: Decision,
    title: str = "",
    *,
    needs: dict[Capability, NeedLevel] | None = None,
    ambition: Ambition = Ambition.LESS,
    by: User | None = None,
) -> DecisionOption:
    return add_option(
        decision_id=decision.pk,
        option=OptionDraft(
            title=title or f"Option {next(_number)}",
            ambition=ambition,
            delivery_model=DeliveryModel.INTERNALLY_SUPPORTED,
            needs=tuple(NeedDraft(capability.pk, level) for capability, level in (needs or {}).items()),
        ),
        request_key=uuid4(),
        by=by or make_manager(decision.programme),
        now=NOW,
    )


def version_of(decision: Decision) -> int:
    return Decision.objects.values_list("version", flat=True).get(pk=decision.pk)


def make_saving(
    programme: Programme, title: str = "", *, planned_pence: int = 100_00, expected_pence: int = 0
) -> Saving:
    """A saving with one statement for 2026 to 2027."""
    saving = Saving.objects.create(
        programme=programme, title=title or f"Saving {next(_number)}", recorded_at=NOW, recorded_by=make_person()
    )
    SavingStatement.objects.create(
        saving=saving,
        year=2026,
        number=1,
        planned_pence=planned_pence,
        expected_pence=expected_pence,
        confidence=Confidence.SOLID if planned_pence else "",
        stated_on=date(2026, 4, 1),
        source="Plan",
        recorded_at=NOW,
        recorded_by=saving.recorded_by,
    )
    return saving


def dispositions_for(
    programme: Programme,
    *,
    owner: User | None = None,
    move_to: Programme | None = None,
    fate: WorkFate = WorkFate.STOP,
    partner_fate: PartnerFate = PartnerFate.AVAILABLE,
    on: date = TODAY,
) -> Dispositions:
    """One disposition for each thing that the programme leaves behind on the day."""
    left = left_behind(programme, on=on)
    owner = owner or make_person("Robin Owner")
    to: UUID | None = move_to.pk if move_to else None
    return Dispositions(
        workstreams=tuple(WorkDisposition(each.pk, fate, to) for each in left.workstreams),
        engagements=tuple(LastDay(each.pk, _last_day(each, on)) for each in left.engagements),
        relationships=tuple(
            PartnerDisposition(each.pk, partner_fate, owner.pk, date(2030, 1, 1)) for each in left.relationships
        ),
        savings=tuple(WorkDisposition(each.pk, fate, to) for each in left.savings),
    )


def dispose_of_everything(decision: Decision, **more: Any) -> Decision:
    return set_dispositions(
        decision_id=decision.pk,
        version=version_of(decision),
        dispositions=dispositions_for(decision.programme, **more),
        by=make_manager(decision.programme),
        now=NOW,
    )


def propose(decision: Decision, *, by: User | None = None, now: datetime = NOW) -> Decision:
    """Proposed with its first option chosen; one is added where a decision that is not about a gate has none."""
    by = by or make_manager(decision.programme)
    if decision.gate_id is None and not decision.options.exists():
        make_option(decision)
    options = list(decision.options.order_by("position"))
    if options:
        first, *others = options
        choose_option(
            decision_id=decision.pk,
            version=version_of(decision),
            option_id=first.pk,
            rejected_because={each.pk: "It costs more." for each in others},
            by=by,
            now=now,
        )
    return propose_decision(decision_id=decision.pk, version=version_of(decision), by=by, now=now)


def take(
    decision: Decision, *, on: date = TODAY, by: User | None = None, version: int | None = None, now: datetime = NOW
) -> Decision:
    """Taken by whoever holds the office."""
    return take_decision(
        decision_id=decision.pk,
        version=version or version_of(decision),
        taken_on=on,
        by=by or holder_of(decision.office),
        now=now,
    )


def make_taken_decision(programme: Programme, **effects: Any) -> Decision:
    """Taken on the day of ``NOW``; everything that it leaves behind is stopped or stays available."""
    decision = make_decision(programme, **effects)
    if decision.ends_programme:
        dispose_of_everything(decision)
    propose(decision)
    return take(decision)


def make_world_of_decisions(programme: Programme, office: Office, *, by: User) -> Decision:
    """A draft that would end the programme, a proposed and a taken one; returns the draft."""
    draft = make_decision(programme, office=office, by=by, title="End it", ends_programme=True)
    make_option(draft, "Go on", needs={make_capability(): NeedLevel.HEAVY}, by=by)
    propose(make_decision(programme, office=office, by=by, title="Go on with less"), by=by)
    take(propose(make_decision(programme, office=office, by=by, title="Look at the options"), by=by))
    return draft


def _last_day(engagement: Engagement, on: date) -> date:
    return max(on, engagement.starts_on)
