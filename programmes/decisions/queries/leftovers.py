from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from partners.consortia.models import Relationship
from programmes.decisions.enums import PartnerFate, WorkFate
from programmes.decisions.models import Decision, EngagementFate, RelationshipFate, SavingFate, WorkstreamFate
from programmes.decisions.rules import (
    Dispositions,
    LastDay,
    PartnerDisposition,
    WorkDisposition,
    no_disposition,
)
from programmes.engagements.models import Engagement
from programmes.engagements.queries import engagements_to_end, relationships_left_by
from programmes.register.models import Programme
from programmes.savings.models import Saving
from programmes.savings.queries import savings_to_come
from programmes.workstreams.models import Workstream


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a programme that ends leaves behind: open workstreams, engagements not over, those who bid, savings to come."""

    workstreams: list[Workstream]
    engagements: list[Engagement]
    relationships: list[Relationship]
    savings: list[Saving]

    @property
    def is_empty(self) -> bool:
        return not (self.workstreams or self.engagements or self.relationships or self.savings)


@dataclass(frozen=True, slots=True)
class Disposed:
    """The dispositions of a decision, by the id of the thing."""

    workstreams: dict[UUID, WorkstreamFate] = field(default_factory=dict)
    engagements: dict[UUID, EngagementFate] = field(default_factory=dict)
    relationships: dict[UUID, RelationshipFate] = field(default_factory=dict)
    savings: dict[UUID, SavingFate] = field(default_factory=dict)


def left_behind(programme: Programme, *, on: date) -> LeftBehind:
    """What the programme would leave behind if it ended on the day; four queries."""
    open_ = Workstream.objects.filter(programme=programme, closed_at=None).select_related("programme__scope", "lead")
    return LeftBehind(
        workstreams=list(open_.order_by("name", "pk")),
        engagements=list(engagements_to_end(programme, on)),
        relationships=list(relationships_left_by(programme)),
        savings=savings_to_come(programme),
    )


def dispositions_of(decision: Decision) -> Disposed:
    """Every disposition that the decision holds, with what it is about; four queries."""
    workstreams = WorkstreamFate.objects.select_related(
        "decision", "workstream__programme__scope", "workstream__lead", "move_to__scope"
    )
    engagements = EngagementFate.objects.select_related("decision", "engagement__organisation")
    relationships = RelationshipFate.objects.select_related(
        "decision", "relationship__consortium", "relationship__organisation", "owner"
    )
    savings = SavingFate.objects.select_related("decision", "saving", "move_to__scope")
    return Disposed(
        workstreams={row.workstream_id: row for row in workstreams.filter(decision=decision).order_by("pk")},
        engagements={row.engagement_id: row for row in engagements.filter(decision=decision).order_by("pk")},
        relationships={row.relationship_id: row for row in relationships.filter(decision=decision).order_by("pk")},
        savings={row.saving_id: row for row in savings.filter(decision=decision).order_by("pk")},
    )


def dispositions_given(decision: Decision) -> Dispositions:
    """The dispositions as they are given, to be compared or given again."""
    rows = dispositions_of(decision)
    return Dispositions(
        workstreams=tuple(
            WorkDisposition(pk, WorkFate(row.fate), row.move_to_id, row.note) for pk, row in rows.workstreams.items()
        ),
        engagements=tuple(LastDay(pk, row.ends_on, row.note) for pk, row in rows.engagements.items()),
        relationships=tuple(
            PartnerDisposition(pk, PartnerFate(row.fate), row.owner_id, row.expires_on, row.note)
            for pk, row in rows.relationships.items()
        ),
        savings=tuple(
            WorkDisposition(pk, WorkFate(row.fate), row.move_to_id, row.note) for pk, row in rows.savings.items()
        ),
    )


def without_disposition(left: LeftBehind, disposed: Disposed) -> list[str]:
    """A sentence for each thing that is left behind and has no disposition; no query."""

    def missing(kind: str, things: Iterable[tuple[UUID, str]], known: dict[UUID, object]) -> list[str]:
        return [no_disposition(kind, name) for pk, name in things if pk not in known]

    return [
        *missing("Workstream", ((each.pk, each.name) for each in left.workstreams), {**disposed.workstreams}),
        *missing(
            "Engagement", ((each.pk, engagement_name(each)) for each in left.engagements), {**disposed.engagements}
        ),
        *missing(
            "Relationship", ((each.pk, each.party_name) for each in left.relationships), {**disposed.relationships}
        ),
        *missing("Saving", ((each.pk, each.title) for each in left.savings), {**disposed.savings}),
    ]


def engagement_name(engagement: Engagement) -> str:
    """Who, and who sent them: "Four consultants of Hartley Consulting"."""
    return f"{engagement.who} of {engagement.organisation}" if engagement.organisation else engagement.who


def programmes_to_move_to(programme: Programme) -> QuerySet[Programme]:
    """Running programmes of the same portfolio, by name: where workstreams and savings may go."""
    found = Programme.objects.filter(scope__parent_id=programme.scope.parent_id, ended_on=None)
    return found.exclude(pk=programme.pk).select_related("scope").order_by("name", "pk")
