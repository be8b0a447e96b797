from uuid import UUID

from partners.audit.rules import Refused
from programmes.register.models import Programme
from programmes.scheduling.models import LifeCycle, LifeCycleVersion, Stage, StageDefinition


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
