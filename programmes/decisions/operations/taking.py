from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import models, transaction

from partners.audit.changes import Happening, record_each
from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date
from partners.consortia.models import Relationship
from partners.people.models import Office, OfficeHolding, User
from partners.people.permissions import check_can_take_for
from partners.people.queries import holding_on
from partners.people.rules.offices import nobody_words
from partners.people.rules.typed import check_day
from programmes.decisions.changes import Effect, Taking, check_effects, effects_of
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import (
    Decision,
    EngagementFate,
    RelationshipFate,
    SavingFate,
    WorkstreamFate,
)
from programmes.decisions.operations.locking import (
    check_version,
    conflict,
    locked_decision,
    locked_programmes,
)
from programmes.decisions.permissions import check_has_part_in, check_not_frozen
from programmes.decisions.queries import (
    Disposed,
    LeftBehind,
    dispositions_of,
    draft_of,
    left_behind,
    without_disposition,
)
from programmes.engagements.models import Engagement
from programmes.savings.models import Saving
from programmes.workstreams.changes import settle_chasing_of
from programmes.workstreams.models import Workstream


@transaction.atomic(durable=True)
def take_decision(*, decision_id: UUID, version: int, taken_on: date, by: User, now: datetime) -> Decision:
    """Record that the office took the decision on that day, and do everything that it does, or nothing.

    Locks in this order, each kind by id: the programme with every programme that something moves to, the decision, the
    office, the open workstreams, the engagements, the relationships, the savings. The effects come next, then what is
    planned to chase statuses, and last the decision is marked as taken: from then on the database refuses to change it
    or any part of it.

    ``version`` is the one that whoever takes it has read.

    Raises: NotPermitted unless ``by`` holds the office or is its clerk; Conflict when the decision was changed
    meanwhile; Refused when it is not proposed, for a day in the future, an office that did not exist or was vacant on
    the day, a holder who has left the office, things left behind that have no disposition (naming each), or an effect
    that cannot be (naming it). Then nothing is written.
    """
    decision = _locked(decision_id)
    holding = _checked_holding(decision.office, taken_on, by=by, now=now)
    if decision.state != DecisionState.PROPOSED:
        check_not_frozen(decision)
        raise Refused("This decision is a draft. It can be taken when it has been proposed.")
    check_version(decision, version)
    check_effects(draft_of(decision), decision.programme)
    disposed = _disposed_of_everything(decision, on=local_date(now))
    effects = effects_of(decision, disposed)
    taking = Taking(on=taken_on, holding=holding, by=by, now=now)
    for effect in effects:
        effect.do(taking)
    settle_chasing_of({decision.programme_id, *_targets(decision)}, now=now)
    decision.state, decision.taken_on, decision.holding = DecisionState.TAKEN, taken_on, holding
    decision.recorded_at, decision.recorded_by = now, by
    decision.version += 1
    decision.save(update_fields=["state", "taken_on", "holding", "recorded_at", "recorded_by", "version"])
    record_each(by=by, now=now, action="decisions.take_decision", happenings=_happenings(decision, effects))
    return decision


def _locked(decision_id: UUID) -> Decision:
    read = Decision.objects.get(pk=decision_id)
    programmes = locked_programmes([read.programme_id, *_targets(read)])
    decision = locked_decision(decision_id, programmes)
    if not _targets(decision) <= set(programmes):
        raise conflict(decision, read.version)
    decision.office = (
        Office.objects.select_for_update(of=("self",), no_key=True)
        .select_related("clerk", "successor")
        .get(pk=decision.office_id)
    )
    return decision


def _targets(decision: Decision) -> set[UUID]:
    """Ids of the programmes that something is to move to."""
    moves = [model.objects.filter(decision=decision, move_to__isnull=False) for model in (WorkstreamFate, SavingFate)]
    return {pk for rows in moves for pk in rows.values_list("move_to_id", flat=True) if pk}


def _checked_holding(office: Office, taken_on: date, *, by: User, now: datetime) -> OfficeHolding:
    """By which holding the office was held on the day, when this person may record what it decided.

    Its clerk may record every day; a holder the days of their own holding, while they hold the office.
    """
    today = local_date(now)
    is_clerk = office.clerk_id == by.pk
    check_has_part_in(office, by=by)
    check_day(taken_on, field="taken_on", named="The day of the decision", today=today)
    holding, holding_now = holding_on(office, taken_on), holding_on(office, today)
    if holding is None:
        successor = office.successor.title if office.successor else ""
        words = nobody_words(f"The office of {office}", office.days, taken_on, successor=successor)
        raise Refused(f"{words} Nobody can take a decision in it for that day: choose another day.", field="taken_on")
    if not is_clerk and by.pk not in {holding.user_id}:
        raise Refused(
            f"You did not hold the office of {office} on {words_for_date(taken_on)}: {holding.holder_name} did. "
            f"{_who_may(office, holding_now)}",
            field="taken_on",
        )
    if not is_clerk and (holding_now is None or holding_now.user_id != by.pk):
        raise Refused(f"You do not hold the office of {office} any more. {_who_may(office, holding_now)}")
    check_can_take_for(by, office, holding)
    return holding


def _who_may(office: Office, holding_now: OfficeHolding | None) -> str:
    holder = f"{holding_now.holder_name} holds it now" if holding_now else "Nobody holds it now"
    clerk = f", and {office.clerk.name}, its clerk, records what was decided in it" if office.clerk else ""
    return f"{holder}{clerk}."


def _disposed_of_everything(decision: Decision, *, on: date) -> Disposed:
    """The dispositions, each for something that is left behind and nothing without one; everything locked.

    Dispositions of what has gone meanwhile are dropped before the decision is frozen.

    Raises: Refused, naming each thing without a disposition.
    """
    if not decision.ends_programme:
        _drop_dispositions(decision, LeftBehind([], [], [], []))
        return Disposed()
    left = left_behind(decision.programme, on=on)
    _lock(Workstream, left.workstreams)
    _lock(Engagement, left.engagements)
    _lock(Relationship, left.relationships)
    _lock(Saving, left.savings)
    left = left_behind(decision.programme, on=on)
    missing = without_disposition(left, dispositions_of(decision))
    if missing:
        raise Refused(" ".join([*missing, "Say what becomes of each, then take the decision."]))
    _drop_dispositions(decision, left)
    return dispositions_of(decision)


def _lock(model: type[models.Model], things: Sequence[models.Model]) -> None:
    rows = model.objects.select_for_update(of=("self",), no_key=True)  # type: ignore[attr-defined]
    list(rows.filter(pk__in=[each.pk for each in things]).order_by("pk"))


def _drop_dispositions(decision: Decision, left: LeftBehind) -> None:
    WorkstreamFate.objects.filter(decision=decision).exclude(workstream__in=left.workstreams).delete()
    EngagementFate.objects.filter(decision=decision).exclude(engagement__in=left.engagements).delete()
    RelationshipFate.objects.filter(decision=decision).exclude(relationship__in=left.relationships).delete()
    SavingFate.objects.filter(decision=decision).exclude(saving__in=left.savings).delete()


def _happenings(decision: Decision, effects: list[Effect]) -> list[Happening]:
    """One for the decision, and one for each thing that it touched."""
    taken_on, scope_id = words_for_date(decision.taken_on) if decision.taken_on else "", decision.programme.scope_id
    by_office = f"{decision.holding.holder_name if decision.holding else ''}, {decision.office}"
    taken = Happening(
        decision,
        f"recorded that {by_office}, took the decision {decision.title} on {taken_on}",
        scope_id,
        before={"state": DecisionState.PROPOSED.value},
        after={
            "version": decision.version,
            "state": DecisionState.TAKEN.value,
            "taken_on": str(decision.taken_on),
            "effects": [effect.did for effect in effects],
        },
    )
    return [
        taken,
        *(Happening(effect.subject, f"{effect.did}, by the decision {decision.title}", scope_id) for effect in effects),
    ]
