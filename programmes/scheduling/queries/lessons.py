from django.db.models import Q, QuerySet

from partners.people.models import User
from programmes.register.models import Lesson, Programme
from programmes.register.queries import lessons_visible_to
from programmes.scheduling.models import LifeCycle, Stage

LESSONS_SHOWN = 5


def lessons_for_gates(programme: Programme, user: User) -> list[Lesson]:
    """The newest lessons of the programme itself and of those of a like kind that the person may see, a few."""
    own = lessons_visible_to(user).filter(programme=programme)
    return list((own | lessons_like(programme, user))[:LESSONS_SHOWN])


def lessons_like(programme: Programme, user: User) -> QuerySet[Lesson]:
    """Lessons that the person may see of other programmes of a like kind, newest first, with the programme.

    A like kind: delivered the same way, or following the same life cycle in whichever version.
    """
    followed = LifeCycle.objects.filter(versions__definitions__stages__programme=programme)
    same_cycle = Stage.objects.filter(definition__of_version__life_cycle__in=followed).values("programme")
    like = Q(programme__delivery_model=programme.delivery_model) | Q(programme__in=same_cycle)
    return lessons_visible_to(user).filter(like).exclude(programme=programme)
