from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, User
from partners.people.permissions import standing_of
from partners.people.queries import active_people
from programmes.register.enums import DeliveryModel
from programmes.register.models import DeliveryModelPeriod, Lesson, Position, Programme, ProgrammeConstraint


def programmes_visible_to(user: User) -> QuerySet[Programme]:
    """Programmes that the person owns or holds a role on, or whose portfolio they hold one on; with scope and owner.

    Administrators see all. Unordered: the caller orders and ends with ``pk``.
    """
    standing = standing_of(user)
    programmes = Programme.objects.select_related("scope", "owner")
    if not user.is_active:
        return programmes.none()
    if standing.everywhere:
        return programmes
    places = [place for _, place in standing.held]
    return programmes.filter(Q(owner=user) | Q(scope_id__in=places) | Q(scope__parent_id__in=places))


def may_see(*, programme: str, person: str) -> Q:
    """``programmes_visible_to`` as a condition on rows that name a programme and a person by these paths."""
    held = RoleHolding.objects.filter(
        Q(scope=OuterRef(f"{programme}__scope"))
        | Q(scope=OuterRef(f"{programme}__scope__parent"))
        | Q(scope__kind=ScopeKind.ORGANISATION),
        user=OuterRef(person),
        ended_at=None,
    )
    return Q(Exists(held)) | Q(**{f"{programme}__owner": F(person)})


def people_who_see(programme: Programme) -> QuerySet[User]:
    """Everybody who can sign in and may see the programme, by name."""
    places = Q(scope=programme.scope_id) | Q(scope=programme.scope.parent_id) | Q(scope__kind=ScopeKind.ORGANISATION)
    held = RoleHolding.objects.filter(places, user=OuterRef("pk"), ended_at=None)
    return active_people().filter(Exists(held) | Q(pk=programme.owner_id)).order_by("name", "pk")


def in_charge_of(programme: Programme) -> list[User]:
    """Its programme managers, by name; without one its owner, without one the CIOs of its portfolio. One query."""
    manages = Q(role=Role.PROGRAMME_MANAGER, scope=programme.scope_id)
    oversees = Q(role=Role.CIO, scope=programme.scope.parent_id)
    held = RoleHolding.objects.filter(user=OuterRef("pk"), ended_at=None)
    found: QuerySet[Any] = active_people().annotate(
        manages=Exists(held.filter(manages)), oversees=Exists(held.filter(oversees))
    )
    people: list[Any] = list(found.filter(Q(manages=True) | Q(oversees=True) | Q(pk=programme.owner_id)))
    managers = [each for each in people if each.manages]
    return managers or [each for each in people if each.pk == programme.owner_id] or people


def programmes_that_are_asked(ids: Collection[UUID] | None = None) -> QuerySet[Programme]:
    """Those of these programmes (of all without ids) that run, in a portfolio that is no record; with scope and owner."""
    found = Programme.objects.filter(ended_at=None, scope__parent__is_record=False)
    found = found if ids is None else found.filter(pk__in=ids)
    return found.select_related("scope", "owner").order_by("pk")


def owns_a_programme(user: User) -> bool:
    return user.is_active and Programme.objects.filter(owner=user).exists()


def delivery_models_of(programme: Programme) -> QuerySet[DeliveryModelPeriod]:
    """How the programme is and was delivered, the one that counts first, with who recorded it."""
    rows = DeliveryModelPeriod.objects.filter(programme=programme).select_related("recorded_by")
    return rows.order_by("-from_on", "-recorded_at", "-pk")


def newest_delivery_model(programme: Programme) -> DeliveryModelPeriod:
    return delivery_models_of(programme)[0]


def delivery_model_at(programme: Programme, *, on: date, known_at: datetime | None = None) -> DeliveryModel | None:
    """How the programme was delivered on a day, by what was on record at ``known_at`` (now without one).

    None before the first day on record.
    """
    rows = delivery_models_of(programme).filter(from_on__lte=on)
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    newest = rows.first()
    return DeliveryModel(newest.delivery_model) if newest else None


def delivery_models_at(programme_ids: Collection[UUID] | QuerySet, *, on: date, known_at: datetime) -> dict[UUID, str]:
    """``delivery_model_at`` of many programmes, by programme; its first one where none was on record then. Two queries."""
    rows = DeliveryModelPeriod.objects.filter(programme__in=programme_ids).distinct("programme_id")
    first = rows.order_by("programme_id", "from_on", "recorded_at", "pk")
    then = rows.filter(from_on__lte=on, recorded_at__lte=known_at)
    newest = then.order_by("programme_id", "-from_on", "-recorded_at", "-pk")
    return {
        **dict(first.values_list("programme_id", "delivery_model")),
        **dict(newest.values_list("programme_id", "delivery_model")),
    }


def constraints_of(programme: Programme) -> QuerySet[ProgrammeConstraint]:
    """What holds for the programme now, in the order recorded, with who recorded it."""
    live = ProgrammeConstraint.objects.filter(programme=programme, withdrawn_at=None)
    return live.select_related("recorded_by").order_by("recorded_at", "pk")


def lessons_of(programme: Programme) -> QuerySet[Lesson]:
    """What was learned from the programme and not withdrawn, newest first, with who recorded it."""
    live = Lesson.objects.filter(programme=programme, withdrawn_at=None)
    return live.select_related("recorded_by").order_by("-learned_on", "-recorded_at", "pk")


def lessons_visible_to(user: User) -> QuerySet[Lesson]:
    """Lessons of every programme the person may see, newest first, with the programme."""
    seen = programmes_visible_to(user).order_by().values("pk")
    live = Lesson.objects.filter(programme__in=seen, withdrawn_at=None)
    return live.select_related("programme").order_by("-learned_on", "-recorded_at", "pk")


def lessons_saying(lessons: QuerySet[Lesson], words: str) -> QuerySet[Lesson]:
    """Those whose title, text or programme holds every one of the words; all without any."""
    for word in words.split():
        lessons = lessons.filter(
            Q(title__icontains=word) | Q(text__icontains=word) | Q(programme__name__icontains=word)
        )
    return lessons


def constraints_visible_to(user: User) -> QuerySet[ProgrammeConstraint]:
    """What holds now for every programme the person may see, newest first, with the programme."""
    seen = programmes_visible_to(user).order_by().values("pk")
    live = ProgrammeConstraint.objects.filter(programme__in=seen, withdrawn_at=None)
    return live.select_related("programme").order_by("-recorded_at", "pk")


def positions_of(programme: Programme) -> QuerySet[Position]:
    """What was said of where the programme should go and not withdrawn, newest first, with who recorded it."""
    live = Position.objects.filter(programme=programme, withdrawn_at=None)
    return live.select_related("recorded_by").order_by("-stated_on", "-recorded_at", "pk")


def positions_visible_to(user: User) -> QuerySet[Position]:
    """Positions on every programme the person may see, newest first, with the programme."""
    seen = programmes_visible_to(user).order_by().values("pk")
    live = Position.objects.filter(programme__in=seen, withdrawn_at=None)
    return live.select_related("programme").order_by("-stated_on", "-recorded_at", "pk")


def newest_lessons_by_model(user: User, *, each: int) -> dict[str, list[Lesson]]:
    """The newest visible lessons of each delivery model, at most ``each``; one query."""
    place = Window(
        RowNumber(),
        partition_by=F("programme__delivery_model"),
        order_by=[F("learned_on").desc(), F("recorded_at").desc(), F("pk").asc()],
    )
    found: dict[str, list[Lesson]] = {}
    for lesson in lessons_visible_to(user).annotate(place=place).filter(place__lte=each):
        found.setdefault(lesson.programme.delivery_model, []).append(lesson)
    return found


def newest_constraints_by_model(user: User, *, each: int) -> dict[str, list[ProgrammeConstraint]]:
    """The newest visible constraints of each delivery model, at most ``each``; one query."""
    place = Window(
        RowNumber(),
        partition_by=F("programme__delivery_model"),
        order_by=[F("recorded_at").desc(), F("pk").asc()],
    )
    found: dict[str, list[ProgrammeConstraint]] = {}
    for constraint in constraints_visible_to(user).annotate(place=place).filter(place__lte=each):
        found.setdefault(constraint.programme.delivery_model, []).append(constraint)
    return found


def newest_positions_by_model(user: User, *, each: int) -> dict[str, list[Position]]:
    """The newest visible positions of each delivery model, at most ``each``; one query."""
    place = Window(
        RowNumber(),
        partition_by=F("programme__delivery_model"),
        order_by=[F("stated_on").desc(), F("recorded_at").desc(), F("pk").asc()],
    )
    found: dict[str, list[Position]] = {}
    for position in positions_visible_to(user).annotate(place=place).filter(place__lte=each):
        found.setdefault(position.programme.delivery_model, []).append(position)
    return found


def constraint_of(programme: Programme, constraint_id: UUID) -> ProgrammeConstraint | None:
    """The constraint, withdrawn or not, if it is one of this programme's."""
    return ProgrammeConstraint.objects.filter(programme=programme, pk=constraint_id).first()


def lesson_of(programme: Programme, lesson_id: UUID) -> Lesson | None:
    """The lesson, withdrawn or not, if it is one of this programme's."""
    return Lesson.objects.filter(programme=programme, pk=lesson_id).first()


def position_of(programme: Programme, position_id: UUID) -> Position | None:
    """The position, withdrawn or not, if it is one of this programme's."""
    return Position.objects.filter(programme=programme, pk=position_id).first()
