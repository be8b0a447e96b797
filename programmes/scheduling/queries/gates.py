from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome
from programmes.scheduling.rules import Gate


def gates_of(programme_ids: Collection[UUID] | QuerySet) -> dict[UUID, list[Gate]]:
    """What was decided at the gate before each stage, by the stage's id, the one that counts first; one query."""
    titles = dict(GateResult.choices)
    found: dict[UUID, list[Gate]] = {}
    rows = GateOutcome.objects.filter(stage__programme__in=programme_ids)
    for row in rows.order_by("stage_id", "-decided_on", "-number"):
        found.setdefault(row.stage_id, []).append(
            Gate(
                stage_id=row.stage_id,
                number=row.number,
                result=row.result,
                title=titles[row.result],
                conditions=row.conditions,
                decided_on=row.decided_on,
                decision_id=row.decision_id,
                office_title=row.office_title,
                holder_name=row.holder_name,
                recorded_at=row.recorded_at,
            )
        )
    return found
