from programmes.register.models import Programme
from programmes.scheduling.enums import StageKind
from programmes.scheduling.models import Stage


def add_default_stages(programme: Programme) -> list[Stage]:
    """The default life cycle, nothing planned yet. The audit event is the caller's."""
    return Stage.objects.bulk_create(
        Stage(programme=programme, position=position, kind=kind) for position, kind in enumerate(StageKind, 1)
    )
