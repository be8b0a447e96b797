from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from partners.audit.queries import Statement
from partners.people.models import Office, OfficeHolding, User
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to

TO_AN_OFFICE = [DecisionState.PROPOSED, DecisionState.TAKEN]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision that was taken. ``is_superseded``: a later one took its place, as far as was known."""

    id: UUID
    programme_id: UUID
    programme_name: str
    title: str
    office: str
    body: str
    holder_name: str
    taken_on: date
    recorded_at: datetime
    ends_programme: bool
    is_superseded: bool


@dataclass(frozen=True, slots=True)
class UndecidedRow:
    """A decision that was proposed to an office and not taken."""

    id: UUID
    programme_id: UUID
    programme_name: str
    title: str
    office: str
    proposed_at: datetime


def decisions_visible_to(user: User, *, on: date | None = None) -> QuerySet[Decision]:
    """Decisions of the programmes that the person may see; and those proposed to an office that they hold or clerk for.

    ``on`` is today; without it only who holds an office without an end counts. Whoever took one sees it ever after.
    With programme, scope and office. Unordered.
    """
    seen = Q(programme__in=programmes_visible_to(user).order_by().values("pk"))
    if user.is_active:
        offices = offices_of(user, on=on).values("pk")
        seen |= Q(office__in=offices, state__in=TO_AN_OFFICE) | Q(holding__user=user)
    return Decision.objects.filter(seen).select_related("programme__scope", "office__clerk")


def offices_of(user: User, *, on: date | None) -> QuerySet[Office]:
    """Offices that the person holds on the day, or is the clerk of."""
    holdings = OfficeHolding.objects.filter(user=user)
    last = Q(to_on=None) | Q(to_on__gte=on) if on else Q(to_on=None)
    first = Q(from_on=None) | Q(from_on__lte=on) if on else Q()
    return Office.objects.filter(Q(clerk=user) | Exists(holdings.filter(last, first, office=OuterRef("pk"))))


def has_part_in_an_office(user: User) -> bool:
    """Whether the person is the clerk of an office, or holds or held one."""
    return user.is_active and Office.objects.filter(Q(clerk=user) | Q(holdings__user=user)).exists()


def waiting_for(user: User, *, on: date) -> list[Decision]:
    """Decisions proposed to an office that the person holds on the day or clerks for, the longest waiting first."""
    proposed = Decision.objects.filter(office__in=offices_of(user, on=on).values("pk"), state=DecisionState.PROPOSED)
    return list(proposed.select_related("programme", "office").order_by("proposed_at", "pk"))


def decisions_of(programme: Programme) -> list[Decision]:
    """Every decision on a programme with its office and holder: those not taken first, then the latest taken first."""
    found = Decision.objects.filter(programme=programme).select_related("office", "holding")
    found = found.annotate(is_superseded=_superseded())
    open_first = [DecisionState.PROPOSED, DecisionState.DRAFT, DecisionState.TAKEN, DecisionState.WITHDRAWN]
    newest = sorted(found, key=lambda each: (each.recorded_at or each.drafted_at, each.pk), reverse=True)
    newest.sort(key=lambda each: each.taken_on or date.max, reverse=True)
    return sorted(newest, key=lambda each: open_first.index(DecisionState(each.state)))


def decisions_taken(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, *, until: date, known_at: datetime, limit: int | None = None
) -> list[DecisionRow]:
    """Decisions taken by the end of a day and on record by an instant (both inclusive), the latest first, at most
    ``limit``; one query."""
    rows = _TAKEN.rows(programmes=programme_ids, until=until, known_at=known_at, limit=limit)
    return [DecisionRow(*row) for row in rows]


def decisions_listed(
    user: User,
    *,
    on: date,
    state: str = "",
    programme_id: UUID | None = None,
    office_id: UUID | None = None,
    scope_id: UUID | None = None,
    taken_from: date | None = None,
    taken_to: date | None = None,
) -> QuerySet[Decision]:
    """Visible decisions, narrowed, what happened last first; with holder and ``is_superseded``. Both days inclusive."""
    found = decisions_visible_to(user, on=on).select_related("programme__scope", "office__clerk", "holding")
    found = found.annotate(
        is_superseded=_superseded(), latest_at=Coalesce("recorded_at", "withdrawn_at", "proposed_at", "drafted_at")
    )
    if state:
        found = found.filter(state=state)
    if programme_id:
        found = found.filter(programme=programme_id)
    if office_id:
        found = found.filter(office=office_id)
    if scope_id:
        found = found.filter(programme__scope__parent=scope_id)
    if taken_from:
        found = found.filter(taken_on__gte=taken_from)
    if taken_to:
        found = found.filter(taken_on__lte=taken_to)
    return found.order_by("-latest_at", "pk")


def undecided(
    programme_ids: Collection[UUID] | QuerySet | RawSQL, *, known_at: datetime, limit: int | None = None
) -> list[UndecidedRow]:
    """Decisions that were proposed and neither taken nor withdrawn at an instant, the longest waiting first, at most
    ``limit``; one query."""
    return [UndecidedRow(*row) for row in _UNDECIDED.rows(programmes=programme_ids, known_at=known_at, limit=limit)]


def decisions_to_supersede(programme: Programme) -> QuerySet[Decision]:
    """Decisions taken on the programme and not superseded, the latest first."""
    taken = Decision.objects.filter(programme=programme, state=DecisionState.TAKEN)
    return taken.filter(~_superseded()).order_by("-taken_on", "-recorded_at", "pk")


def decision_in_full(decision: Decision) -> Decision:
    """The decision read again with everything that its record names."""
    named = ("programme__scope", "office__clerk", "office__successor", "holding", "gate", "supersedes")
    people = ("drafted_by", "proposed_by", "recorded_by", "withdrawn_by")
    return Decision.objects.select_related(*named, *people).get(pk=decision.pk)


def superseding(decision: Decision) -> Decision | None:
    """The decision that took the place of this one."""
    later = Decision.objects.filter(supersedes=decision, state=DecisionState.TAKEN)
    return later.select_related("office", "holding").first()


def _superseded(known: Q | None = None) -> Exists:
    return Exists(
        Decision.objects.filter(known or Q(), supersedes=OuterRef("pk"), state=DecisionState.TAKEN).order_by()
    )


def _taken(programmes: RawSQL, until: RawSQL, known_at: RawSQL) -> QuerySet:
    """In the order of the columns of ``DecisionRow``."""
    known = Q(taken_on__lte=until, recorded_at__lte=known_at)
    found = Decision.objects.filter(known, programme__in=programmes, state=DecisionState.TAKEN)
    return found.order_by("-taken_on", "-recorded_at", "pk").values_list(
        "pk",
        "programme_id",
        "programme__name",
        "title",
        "office__title",
        "office__body",
        "holding__holder_name",
        "taken_on",
        "recorded_at",
        "ends_programme",
        _superseded(known),
    )


def _undecided(programmes: RawSQL, known_at: RawSQL) -> QuerySet:
    """In the order of the columns of ``UndecidedRow``."""
    over = Q(recorded_at__lte=known_at) | Q(withdrawn_at__lte=known_at)
    found = Decision.objects.filter(programme__in=programmes, proposed_at__lte=known_at).exclude(over)
    columns = ("pk", "programme_id", "programme__name", "title", "office__title", "proposed_at")
    return found.order_by("proposed_at", "pk").values_list(*columns)


_TAKEN, _UNDECIDED = Statement(_taken), Statement(_undecided)
