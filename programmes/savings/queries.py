from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from partners.people.models import User
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.savings.models import Saving, SavingMove, SavingStatement
from programmes.savings.rules import Move, Stated, place_at


def savings_visible_to(user: User) -> QuerySet[Saving]:
    """Savings of the programmes that the person may see, with programme, its scope and the owner. Unordered."""
    seen = programmes_visible_to(user).order_by().values("pk")
    return Saving.objects.filter(programme__in=seen).select_related("programme__scope", "owner")


def savings_of(programme: Programme) -> QuerySet[Saving]:
    """Savings that stand in the programme now, by title, with their owners."""
    return Saving.objects.filter(programme=programme).select_related("owner").order_by("title", "pk")


def statements_of(saving: Saving) -> QuerySet[SavingStatement]:
    """Every statement of a saving, by financial year, the newest first, with who recorded it."""
    return SavingStatement.objects.filter(saving=saving).select_related("recorded_by").order_by("year", "-number")


def latest_statements(saving: Saving) -> list[SavingStatement]:
    """The latest statement of each financial year of a saving, by year."""
    rows = SavingStatement.objects.filter(saving=saving).order_by("year", "-number").distinct("year")
    return list(rows.select_related("recorded_by"))


def savings_to_come(programme: Programme) -> list[Saving]:
    """Savings of the programme of which something is planned or expected by their latest statements, by title."""
    latest = SavingStatement.objects.filter(saving=OuterRef("saving"), year=OuterRef("year")).order_by("-number")
    open_ = SavingStatement.objects.filter(
        Q(planned_pence__gt=0) | Q(expected_pence__gt=0),
        saving__programme=programme,
        number=Subquery(latest.values("number")[:1]),
    )
    return list(savings_of(programme).filter(pk__in=open_.values("saving")))


def stated_at(programme_ids: Collection[UUID], *, on: date, known_at: datetime) -> list[Stated]:
    """What each saving that stood in one of the programmes came to, by the statements that counted on a day.

    Of the statements made by then and recorded by ``known_at`` the one with the highest number counts. By programme,
    saving and year; four queries.
    """
    names = dict(Programme.objects.filter(pk__in=programme_ids).values_list("pk", "name"))
    touched = SavingMove.objects.filter(Q(from_programme__in=names) | Q(to_programme__in=names))
    savings = dict(
        Saving.objects.filter(Q(programme__in=names) | Q(pk__in=touched.values("saving"))).values_list(
            "pk", "programme_id"
        )
    )
    moves: dict[UUID, list[Move]] = {}
    for move in SavingMove.objects.filter(saving__in=savings).order_by("pk"):
        moves.setdefault(move.saving_id, []).append(
            Move(move.from_programme_id, move.to_programme_id, move.moved_on, move.recorded_at)
        )
    places = {
        pk: place_at(programme_id, moves.get(pk, []), on=on, known_at=known_at) for pk, programme_id in savings.items()
    }
    rows = (
        SavingStatement.objects.filter(
            saving__in=[pk for pk, place in places.items() if place in names],
            stated_on__lte=on,
            recorded_at__lte=known_at,
        )
        .order_by("saving_id", "year", "-number")
        .distinct("saving_id", "year")
        .select_related("saving", "recorded_by")
    )
    found = [_stated(row, places[row.saving_id], names[places[row.saving_id]]) for row in rows]
    return sorted(found, key=lambda each: (each.programme, each.saving, each.saving_id, each.year))


def _stated(row: SavingStatement, programme_id: UUID, programme: str) -> Stated:
    return Stated(
        planned_pence=row.planned_pence,
        expected_pence=row.expected_pence,
        delivered_pence=row.delivered_pence,
        id=row.pk,
        saving_id=row.saving_id,
        saving=row.saving.title,
        programme_id=programme_id,
        programme=programme,
        year=row.year,
        number=row.number,
        confidence=row.confidence,
        stated_on=row.stated_on,
        source=row.source,
        note=row.note,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by.name,
    )
