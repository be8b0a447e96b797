from programmes.register.models import Programme
from programmes.scheduling.models import LifeCycleVersion, Stage, StageDefinition


def add_default_stages(programme: Programme) -> list[Stage]:
    """The newest version of the default life cycle, nothing planned yet. The audit event is the caller's."""
    versions = LifeCycleVersion.objects.filter(life_cycle__is_default=True).order_by("-number")
    definitions = StageDefinition.objects.filter(of_version=versions[:1]).order_by("position")
    return Stage.objects.bulk_create(
        Stage(
            programme=programme,
            definition=definition,
            position=definition.position,
            kind=definition.key,
            title=definition.title,
        )
        for definition in definitions
    )
