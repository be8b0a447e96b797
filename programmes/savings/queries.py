from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.people.models import User
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.savings.models import Saving, SavingMove, SavingStatement
from programmes.savings.rules import (
    Cut,
    Line,
    Move,
    ProgrammeSavings,
    Saved,
    Stated,
    Tally,
    YearSaved,
    lines_of,
    place_at,
    saved_of,
    savings_of_programme,
)


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


def savings_at(programme: Programme, *, on: date, known_at: datetime) -> ProgrammeSavings:
    """What the programme saves on a day, from what was recorded by ``known_at``."""
    places = _places([programme.pk], on=on, known_at=known_at)
    here = [pk for pk, place in places.items() if place == programme.pk]
    rows = Saving.objects.filter(pk__in=here).order_by("title", "pk").values_list("pk", "title", "owner__name")
    return savings_of_programme(
        stated_at([programme.pk], on=on, known_at=known_at), [(pk, title, owner or "") for pk, title, owner in rows]
    )


def saving_years(saving: Saving, *, on: date, known_at: datetime) -> list[YearSaved]:
    """What one saving comes to in each financial year on a day; it stands in its programme then."""
    stated = stated_at([saving.programme_id], on=on, known_at=known_at)
    tally = Tally(stated)
    return [
        YearSaved(each.year, saved_of(tally, Cut(year=each.year, saving_id=saving.pk)), each.stated_on)
        for each in stated
        if each.saving_id == saving.pk
    ]


def lines_at(programme: Programme, cut: Cut, *, on: date, known_at: datetime) -> list[Line]:
    """What a figure of the programme is the sum of, by saving and financial year."""
    return list(lines_of(stated_at([programme.pk], on=on, known_at=known_at), cut))


def totals_at(programme_ids: Collection[UUID], *, on: date, known_at: datetime) -> dict[UUID, Saved]:
    """What each of these programmes saves in all financial years, for lists of them; four queries."""
    tally = Tally(stated_at(programme_ids, on=on, known_at=known_at))
    return {pk: saved_of(tally, Cut(programme_id=pk)) for pk in programme_ids}


def stated_at(programmes: Collection[UUID] | QuerySet | RawSQL, *, on: date, known_at: datetime) -> list[Stated]:
    """What each saving that stood in one of the programmes came to, by the statements that counted on a day.

    Of the statements made by then and recorded by ``known_at`` the one with the highest number counts. ``programmes``
    are ids, or a QuerySet of them. By programme, saving and financial year; one query where there are no savings, else
    four.
    """
    places = _places(programmes, on=on, known_at=known_at)
    if not places:
        return []
    names = dict(
        Programme.objects.filter(Q(pk__in=set(places.values())) & Q(pk__in=programmes)).values_list("pk", "name")
    )
    there = [pk for pk, place in places.items() if place in names]
    rows = (
        SavingStatement.objects.filter(saving__in=there, stated_on__lte=on, recorded_at__lte=known_at)
        .order_by("saving_id", "year", "-number")
        .distinct("saving_id", "year")
        .select_related("saving", "recorded_by")
    )
    found = [_stated(row, places[row.saving_id], names[places[row.saving_id]]) for row in rows]
    return sorted(found, key=lambda each: (each.programme, each.saving, each.saving_id, each.year))


def _places(programmes: Collection[UUID] | QuerySet | RawSQL, *, on: date, known_at: datetime) -> dict[UUID, UUID]:
    """Savings that were known and are, or were, in one of the programmes, each with where it stood on the day."""
    savings = dict(_KNOWN.rows(programmes=programmes, known_at=known_at))
    if not savings:
        return {}
    moves: dict[UUID, list[Move]] = {}
    for move in SavingMove.objects.filter(saving__in=savings).order_by("pk"):
        moves.setdefault(move.saving_id, []).append(
            Move(move.from_programme_id, move.to_programme_id, move.moved_on, move.recorded_at)
        )
    return {
        pk: place_at(programme_id, moves.get(pk, ()), on=on, known_at=known_at) for pk, programme_id in savings.items()
    }


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


def _known(programmes: RawSQL, known_at: RawSQL) -> QuerySet:
    """Savings that are, or were, in one of the programmes, each with the programme that it began in."""
    touched = SavingMove.objects.filter(Q(from_programme__in=programmes) | Q(to_programme__in=programmes))
    there = Q(programme__in=programmes) | Q(pk__in=touched.values("saving"))
    return Saving.objects.filter(there, recorded_at__lte=known_at).order_by("pk").values_list("pk", "programme_id")


_KNOWN = Statement(_known)
