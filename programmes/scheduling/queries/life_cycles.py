from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from programmes.register.models import Programme
from programmes.scheduling.models import LifeCycle, LifeCycleVersion, Stage, StageDefinition
from programmes.scheduling.rules import StageGiven


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version with its stages in order, and how many programmes follow it."""

    version: LifeCycleVersion
    stages: list[StageDefinition]
    followed_by: int


def stage_kinds() -> dict[str, str]:
    """Every kind of stage that a life cycle has or had, with its newest title; the default life cycle first.

    One query.
    """
    rows = StageDefinition.objects.order_by(
        "-of_version__life_cycle__is_default", "of_version__life_cycle__name", "-of_version__number", "position"
    )
    found: dict[str, str] = {}
    for key, title in rows.values_list("key", "title"):
        found.setdefault(key, title)
    return found


def life_cycles() -> QuerySet[LifeCycle]:
    """Every life cycle, the default first, with ``newest`` (a number) and ``followed_by`` (programmes)."""
    followed = Count(
        "versions__definitions__stages__programme",
        filter=Q(versions__definitions__stages__replaced_at=None),
        distinct=True,
    )
    rows = LifeCycle.objects.annotate(newest=Max("versions__number"), followed_by=followed)
    return rows.order_by("-is_default", "-is_offered", "name", "pk")


def life_cycle_with_id(life_cycle_id: UUID) -> LifeCycle | None:
    return LifeCycle.objects.filter(pk=life_cycle_id).first()


def offered_life_cycles() -> list[tuple[LifeCycle, list[str]]]:
    """What a new programme may follow, the default first, with the titles of its stages; two queries."""
    rows = list(LifeCycle.objects.filter(is_offered=True).order_by("-is_default", "name", "pk"))
    newest = LifeCycleVersion.objects.filter(life_cycle=OuterRef("of_version__life_cycle")).order_by("-number")
    stages = StageDefinition.objects.filter(
        of_version=Subquery(newest.values("pk")[:1]), of_version__life_cycle__in=rows
    )
    titles: dict[UUID, list[str]] = {}
    for life_cycle, title in stages.order_by("position").values_list("of_version__life_cycle", "title"):
        titles.setdefault(life_cycle, []).append(title)
    return [(row, titles.get(row.pk, [])) for row in rows]


def versions_of(life_cycle: LifeCycle) -> list[VersionShown]:
    """The versions of a life cycle, the newest first; three queries."""
    versions = list(life_cycle.versions.select_related("published_by").order_by("-number"))
    stages: dict[UUID, list[StageDefinition]] = {}
    for row in StageDefinition.objects.filter(of_version__in=versions).order_by("position"):
        stages.setdefault(row.of_version_id, []).append(row)
    counted = (
        Stage.objects.filter(definition__of_version__in=versions, replaced_at=None)
        .order_by()
        .values_list("definition__of_version")
        .annotate(followed=Count("programme", distinct=True))
    )
    followed = dict(counted)
    return [VersionShown(row, stages.get(row.pk, []), followed.get(row.pk, 0)) for row in versions]


def stages_given(definitions: Iterable[StageDefinition]) -> list[StageGiven]:
    """The stages of a version as somebody may change them."""
    return [StageGiven(row.title, row.gate_title, tuple(row.checklist), row.key) for row in definitions]


def followers_of(life_cycle: LifeCycle) -> QuerySet:
    """Programmes that follow a life cycle, by name, as ``pk``, ``name`` and the ``number`` of the version."""
    number = Stage.objects.filter(programme=OuterRef("pk"), replaced_at=None).values("definition__of_version__number")
    here = Stage.objects.filter(definition__of_version__life_cycle=life_cycle, replaced_at=None)
    rows = Programme.objects.filter(pk__in=here.order_by().values("programme"))
    return rows.annotate(number=Subquery(number[:1])).order_by("name", "pk").values("pk", "name", "number")


def version_followed_by(programme: Programme) -> LifeCycleVersion | None:
    """The version that the programme follows, with its life cycle."""
    rows = LifeCycleVersion.objects.select_related("life_cycle").filter(
        definitions__stages__programme=programme, definitions__stages__replaced_at=None
    )
    return rows.first()
