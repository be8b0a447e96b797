from datetime import date, datetime
from uuid import UUID

from partners.people.models import User
from programmes.register.models import Programme
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome, LifeCycleVersion, Stage, StageDefinition


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


def record_gate_outcome(
    stage: Stage,
    *,
    result: GateResult,
    decided_on: date,
    decision_id: UUID,
    office_title: str,
    holder_name: str,
    by: User,
    now: datetime,
    conditions: str = "",
) -> GateOutcome:
    """What a decision said at the gate before this stage; the caller has locked the programme. No audit event."""
    return GateOutcome.objects.create(
        stage=stage,
        number=GateOutcome.objects.filter(stage=stage).count() + 1,
        result=result,
        conditions=conditions,
        decided_on=decided_on,
        decision_id=decision_id,
        office_title=office_title,
        holder_name=holder_name,
        recorded_at=now,
        recorded_by=by,
    )
