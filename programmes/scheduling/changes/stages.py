from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.changes.reminders import settle_gate_reminders
from programmes.scheduling.models import LifeCycle, LifeCycleVersion, Stage, StageDateMove, StageDefinition
from programmes.scheduling.rules import MovedDate

ROWS_AT_ONCE = 1000
LONGEST_REASON = 500


def add_stages(programme: Programme, life_cycle_id: UUID | None = None) -> list[Stage]:
    """The stages of the newest version of a life cycle (the default one), nothing planned. The event is the caller's.

    Raises: Refused for a life cycle that is not offered.
    """
    offered = LifeCycle.objects.filter(pk=life_cycle_id, is_offered=True) if life_cycle_id else None
    life_cycle = offered.first() if offered is not None else LifeCycle.objects.get(is_default=True)
    if life_cycle is None:
        raise Refused("This life cycle is not offered. Choose another.", field="life_cycle")
    newest = LifeCycleVersion.objects.filter(life_cycle=life_cycle).order_by("-number")[:1]
    return Stage.objects.bulk_create(
        Stage(
            programme=programme,
            definition=definition,
            position=definition.position,
            kind=definition.key,
            title=definition.title,
        )
        for definition in StageDefinition.objects.filter(of_version__in=newest).order_by("position")
    )


def add_default_stages(programme: Programme) -> list[Stage]:
    """``add_stages`` by the default life cycle."""
    return add_stages(programme)


def move_planned_days(stages: Sequence[Stage], moved: Iterable[MovedDate], *, by: User, now: datetime) -> list[Stage]:
    """Give these stages their moved days and keep why each moved; the caller has locked their programmes. No event.

    The reminders of their gates move along.

    Returns those that changed, in their order.
    """
    there, moves = {stage.pk: stage for stage in stages}, []
    changed: dict[UUID, Stage] = {}
    for move in moved:
        stage = changed.setdefault(move.stage.id, there[move.stage.id])
        setattr(stage, "planned_finish_on" if move.is_finish else "planned_start_on", move.to_on)
        moves.append(
            StageDateMove(
                stage=stage,
                is_finish=move.is_finish,
                from_on=move.from_on,
                to_on=move.to_on,
                reason=move.reason[:LONGEST_REASON],
                recorded_at=now,
                recorded_by=by,
            )
        )
    for stage in changed.values():
        stage.version += 1
    Stage.objects.bulk_update(
        changed.values(), ["planned_start_on", "planned_finish_on", "version"], batch_size=ROWS_AT_ONCE
    )
    StageDateMove.objects.bulk_create(moves, batch_size=ROWS_AT_ONCE)
    if changed:
        settle_gate_reminders({stage.programme_id for stage in changed.values()}, now=now)
    return list(changed.values())
