"""What is missing or stale in a portfolio's own records, with what to do about it and where."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.urls import reverse

from partners.audit.queries import Statement
from partners.people.enums import Role
from partners.people.models import RoleHolding
from portfolio.board.rules import CHECKS
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import programme_ids_in
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.register.models import Programme
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateEvidence, GateOutcome, Stage
from programmes.workstreams.models import RatingOverride, Workstream
from programmes.workstreams.rules import ReportingDays

PASSED = [GateResult.PROCEED, GateResult.WITH_CONDITIONS]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to mend: which check found it, what it is about and in which programme, and the page that mends it."""

    check: str
    subject: str
    programme_id: UUID
    programme_name: str
    page: str

    @property
    def title(self) -> str:
        return CHECKS[self.check].title

    @property
    def advice(self) -> str:
        return CHECKS[self.check].advice


def gaps_in(portfolio: Portfolio, *, days: ReportingDays, today: date) -> list[Gap]:
    """Everything to mend in programmes that run, by check, programme and subject; one query."""
    rows = _GAPS.rows(
        programmes=programme_ids_in(portfolio), period=days.previous_on, since=days.previous_deadline, today=today
    )
    order = list(CHECKS)
    found = [
        Gap(check, subject, programme_id, programme, reverse(CHECKS[check].page, args=[page_id]))
        for check, page_id, subject, programme_id, programme in rows
    ]
    return sorted(found, key=lambda gap: (order.index(gap.check), gap.programme_name.casefold(), gap.subject, gap.page))


def gaps_by_check(gaps: list[Gap]) -> list[tuple[str, str, int]]:
    """How many there are of each check that found any: its key, title and count."""
    counts = Counter(gap.check for gap in gaps)
    return [(key, check.title, counts[key]) for key, check in CHECKS.items() if counts[key]]


def _rows(found: QuerySet, check: str, page_id: str, subject: str, programme: str = "programme__") -> QuerySet:
    """Check, id of the page, what it is about, its programme."""
    return found.order_by().values_list(
        Value(check, CharField()), F(page_id), F(subject), F(f"{programme}id"), F(f"{programme}name")
    )


def _gaps(programmes: RawSQL, period: RawSQL, since: RawSQL, today: RawSQL) -> QuerySet:
    running = Programme.objects.filter(pk__in=programmes, ended_on=None)
    there = {"programme__in": programmes, "programme__ended_on": None}
    managers = RoleHolding.objects.filter(scope=OuterRef("scope_id"), role=Role.PROGRAMME_MANAGER, ended_at=None)
    workstreams = Workstream.objects.filter(closed_at=None, **there)
    old = workstreams.filter(Q(reopened_at=None) | Q(reopened_at__lt=since), started_at__lt=since)
    unsaid = old.filter(Q(current_period_on=None) | Q(current_period_on__lt=period), exception_kind="")
    stages = Stage.objects.filter(is_active=True, replaced_at=None, finished_on=None, **there)
    latest = GateOutcome.objects.filter(stage__programme__in=programmes).order_by("stage_id", "-decided_on", "-number")
    evidence = GateEvidence.objects.filter(review=OuterRef("review"))
    bare = GateOutcome.objects.filter(~Exists(evidence), pk__in=latest.distinct("stage_id").values("pk"))
    unproved = stages.filter(pk__in=bare.filter(result__in=PASSED).values("stage"))
    actions = RaidEntry.objects.filter(kind=RaidKind.ACTION, closed_at=None, **there)
    said = workstreams.filter(programme=OuterRef("programme_id")).exclude(current_rating=None)
    overrides = RatingOverride.objects.filter(withdrawn_at=None, period_on__gte=today, **there)
    checked = [
        _rows(running.filter(owner=None), "owner", "id", "name", ""),
        _rows(running.filter(~Exists(managers)), "manager", "scope_id", "name", ""),
        _rows(unsaid, "silence", "id", "name"),
        _rows(workstreams.filter(lead=None), "lead", "id", "name"),
        _rows(unproved, "gate", "programme_id", "title"),
        _rows(actions.filter(owner=None, due_on__lt=today), "action", "id", "title"),
        _rows(stages.filter(Q(planned_start_on=None) | Q(planned_finish_on=None)), "dates", "programme_id", "title"),
        _rows(overrides.filter(~Exists(said)), "override", "programme_id", "programme__name"),
    ]
    return checked[0].union(*checked[1:], all=True)


_GAPS = Statement(_gaps)
