from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from partners.people.models import User
from partners.people.permissions import standing_of
from programmes.register.models import Lesson, Programme, ProgrammeConstraint


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


def owns_a_programme(user: User) -> bool:
    return user.is_active and Programme.objects.filter(owner=user).exists()


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


def constraints_visible_to(user: User) -> QuerySet[ProgrammeConstraint]:
    """What holds now for every programme the person may see, newest first, with the programme."""
    seen = programmes_visible_to(user).order_by().values("pk")
    live = ProgrammeConstraint.objects.filter(programme__in=seen, withdrawn_at=None)
    return live.select_related("programme").order_by("-recorded_at", "pk")


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


def constraint_of(programme: Programme, constraint_id: UUID) -> ProgrammeConstraint | None:
    """The constraint, withdrawn or not, if it is one of this programme's."""
    return ProgrammeConstraint.objects.filter(programme=programme, pk=constraint_id).first()


def lesson_of(programme: Programme, lesson_id: UUID) -> Lesson | None:
    """The lesson, withdrawn or not, if it is one of this programme's."""
    return Lesson.objects.filter(programme=programme, pk=lesson_id).first()
