"""What stood on one day and stands on a later one, programme by programme; only what differs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from partners.calendar.rules import AsAt
from partners.clock.rules import words_for_date
from portfolio.board.queries.board import Board
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import programme_ids_in
from portfolio.plan.queries import money_at
from portfolio.plan.rules import Money
from programmes.decisions.queries import DecisionRow, decisions_taken
from programmes.overview.queries import ProgrammeRow
from programmes.savings.queries import totals_at
from programmes.savings.rules import Saved
from programmes.scheduling.models import DeliveryMilestoneEvent, GateOutcome, StageDateMove
from programmes.scheduling.queries import stages_known_at
from programmes.scheduling.rules import StageDates
from programmes.workstreams.models import Workstream

NOTHING, NO_DAY = "Not set up", "no day"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: what it is, and how it read then and reads now. Empty is nothing."""

    part: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class ChangedProgramme:
    """A programme with everything that differs, at least one thing."""

    id: UUID
    name: str
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Since:
    """Two days compared. ``programmes`` are those that differ, by name; ``same`` counts the others."""

    programmes: list[ChangedProgramme]
    same: int
    money_then: Money
    money_now: Money


@dataclass(frozen=True, slots=True)
class _Happened:
    """What happened between the two instants, in words by programme. ``reasons`` are those of the latest moves of planned
    days, by stage and whether it is its finish."""

    moved: dict[UUID, list[Difference]]
    reasons: dict[tuple[UUID, bool], str]
    gates: dict[UUID, list[str]]
    decisions: dict[UUID, list[DecisionRow]]
    opened: dict[UUID, list[str]]
    closed: dict[UUID, list[str]]


def since_of(portfolio: Portfolio, before: Board, after: Board, *, then: AsAt, now: AsAt) -> Since:
    """Two boards of the portfolio compared; a constant number of queries."""
    old, new = ({row.id: row for row in board.rows} for board in (before, after))
    stages = [stages_known_at(list(new), on=day.on, known_at=day.known_at) for day in (then, now)]
    saved = [totals_at(list(new), on=day.on, known_at=day.known_at) for day in (then, now)]
    happened = _happened(portfolio, then, now)
    found = []
    for pk, row in new.items():
        differences = [
            *_of_rows(old.get(pk), row),
            *_of_stages(stages[0].get(pk, []), stages[1].get(pk, []), happened.reasons),
            *happened.moved.get(pk, []),
            *_of_money(*(each[pk] for each in saved)),
            *_of_events(pk, happened),
        ]
        if differences:
            found.append(ChangedProgramme(pk, row.name, differences))
    return Since(
        programmes=sorted(found, key=lambda each: (each.name.casefold(), each.id)),
        same=len(new) - len(found),
        money_then=money_at(portfolio, on=then.on, known_at=then.known_at),
        money_now=money_at(portfolio, on=now.on, known_at=now.known_at),
    )


def _of_rows(old: ProgrammeRow | None, new: ProgrammeRow) -> Iterator[Difference]:
    if old is None:
        yield Difference("Programme", NOTHING, "Set up")
        return
    for part, words in (("Rating", _rating), ("Reports", _reports), ("Stage", _stage), ("Ended", _ended)):
        then, now = words(old), words(new)
        if then != now:
            yield Difference(part, then, now)


def _rating(row: ProgrammeRow) -> str:
    return f"{row.overall.label} ({row.stands.source.label.lower()})"


def _reports(row: ProgrammeRow) -> str:
    return row.rollup.coverage_words


def _stage(row: ProgrammeRow) -> str:
    return f"{row.stage_title}, {'under way' if row.started_on else 'not started'}" if row.stage else "All finished"


def _ended(row: ProgrammeRow) -> str:
    return words_for_date(row.ended_on) if row.ended_on else ""


def _of_stages(
    old: list[StageDates], new: list[StageDates], reasons: dict[tuple[UUID, bool], str]
) -> Iterator[Difference]:
    before = {stage.id: stage for stage in old}
    for stage in new:
        was = before.get(stage.id)
        if was is None:
            continue
        for part, then, now, is_finish in (
            ("planned start", was.planned_start_on, stage.planned_start_on, False),
            ("planned finish", was.planned_finish_on, stage.planned_finish_on, True),
        ):
            if then != now:
                why = reasons.get((stage.id, is_finish), "")
                yield Difference(f"{stage.title}: {part}", _day(then), _moved_to(now, why))


def _of_money(old: Saved, new: Saved) -> Iterator[Difference]:
    for part in ("planned", "expected", "delivered"):
        then, now = getattr(old, part), getattr(new, part)
        if (then.low_pence, then.high_pence) != (now.low_pence, now.high_pence):
            yield Difference(f"Savings {part}", _pounds(then.low_pence), _pounds(now.low_pence))


def _of_events(pk: UUID, happened: _Happened) -> Iterator[Difference]:
    for part, found in (("Gate", happened.gates), ("New workstream", happened.opened)):
        for words in found.get(pk, []):
            yield Difference(part, "", words)
    for words in happened.closed.get(pk, []):
        yield Difference("Workstream", words, "Closed")
    for row in happened.decisions.get(pk, []):
        yield Difference("Decision", "", f"{row.title}, {row.office}, {words_for_date(row.taken_on)}")


def _happened(portfolio: Portfolio, then: AsAt, now: AsAt) -> _Happened:
    ids = programme_ids_in(portfolio)
    between = (then.known_at, now.known_at)
    found = _Happened(_milestones_moved(ids, *between), _reasons(ids, *between), {}, {}, {}, {})
    outcomes = GateOutcome.objects.filter(
        stage__programme__in=ids, recorded_at__gt=between[0], recorded_at__lte=between[1]
    ).order_by("recorded_at", "pk")
    for outcome in outcomes.select_related("stage"):
        words = f"{outcome.stage.title}: {outcome.get_result_display()}, {words_for_date(outcome.decided_on)}"
        found.gates.setdefault(outcome.stage.programme_id, []).append(words)
    for row in decisions_taken(ids, until=now.on, known_at=now.known_at):
        if row.recorded_at > then.known_at:
            found.decisions.setdefault(row.programme_id, []).append(row)
    workstreams = Workstream.objects.filter(programme__in=ids).order_by("name", "pk")
    for moment, into in (("started_at", found.opened), ("closed_at", found.closed)):
        within = workstreams.filter(**{f"{moment}__gt": between[0], f"{moment}__lte": between[1]})
        for programme_id, name in within.values_list("programme_id", "name"):
            into.setdefault(programme_id, []).append(name)
    return found


def _milestones_moved(ids: RawSQL, after: datetime, until: datetime) -> dict[UUID, list[Difference]]:
    """Milestones that are expected on another day than they were, with the latest reason; dropped ones left out."""
    events = DeliveryMilestoneEvent.objects.filter(
        Q(milestone__dropped_at=None) | Q(milestone__dropped_at__gt=until),
        milestone__programme__in=ids,
        recorded_at__gt=after,
        recorded_at__lte=until,
    ).exclude(forecast_from_on=F("forecast_to_on"))
    days: dict[UUID, tuple[UUID, str, date, date, str]] = {}
    for pk, programme_id, name, was_on, now_on, why in events.order_by("milestone__name", "pk").values_list(
        "milestone_id",
        "milestone__programme_id",
        "milestone__name",
        "forecast_from_on",
        "forecast_to_on",
        "reason",
    ):
        days[pk] = (programme_id, name, days[pk][2] if pk in days else was_on, now_on, why)
    found: dict[UUID, list[Difference]] = {}
    for programme_id, name, was_on, now_on, why in days.values():
        if was_on != now_on:
            difference = Difference(f"{name}: expected", _day(was_on), _moved_to(now_on, why))
            found.setdefault(programme_id, []).append(difference)
    return found


def _reasons(ids: RawSQL, after: datetime, until: datetime) -> dict[tuple[UUID, bool], str]:
    moves = StageDateMove.objects.filter(stage__programme__in=ids, recorded_at__gt=after, recorded_at__lte=until)
    return {
        (pk, is_finish): why
        for pk, is_finish, why in moves.order_by("pk").values_list("stage_id", "is_finish", "reason")
    }


def _moved_to(day: date | None, why: str) -> str:
    return f"{_day(day)}, because: {why}" if why else _day(day)


def _day(day: date | None) -> str:
    return words_for_date(day) if day else NO_DAY


def _pounds(pence: int) -> str:
    return f"£{pence / 100:,.0f}"


def programmes_named(changed: Collection[ChangedProgramme], text: str) -> list[ChangedProgramme]:
    """Those whose name holds the text, in any case."""
    return [each for each in changed if text.casefold() in each.name.casefold()]
