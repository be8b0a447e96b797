from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict
from partners.people.models import User
from programmes.register.models import Programme
from programmes.reminders.changes import apply_difference, lock_planning
from programmes.reminders.models import ReminderSweep
from programmes.reminders.permissions import check_can_plan_anew, check_can_sweep
from programmes.reminders.queries import counted_by_programme, fingerprint_of, last_sweep, sources, within_sight
from programmes.reminders.rules import EVERYTHING, Difference, Within, within_programme

SWEEP_EVERY = timedelta(hours=1)


@transaction.atomic(durable=True)
def plan_anew(*, programme_id: UUID, subject_id: UUID | None = None, expected: str, by: User, now: datetime) -> int:
    """Plan the reminders of a programme, or of one thing in it, as the rules say now; returns how many changed.

    ``expected`` is the fingerprint of what the person looked at (``queries.replan_of``). What has gone out stays, and is
    not sent again.

    Raises: NotPermitted; Conflict when something else would change than was looked at.
    """
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    programme = rows.get(pk=programme_id)
    check_can_plan_anew(by, programme)
    within = within_programme(programme.pk, subject_id)
    lock_planning([programme.pk])
    found = [(source, source.difference(within, now)) for source in sources()]
    if expected != fingerprint_of([each for _, each in found]):
        raise Conflict("Something else would change now than when you looked at it. Nothing is saved yet: look again.")
    total = sum(each.total for _, each in found)
    for source, each in found:
        if total and source.settle_first:
            source.settle_first(within)
        apply_difference(each, now=now)
    if total:
        record(
            by=by,
            now=now,
            action="reminders.plan_anew",
            subject=programme,
            scope_id=programme.scope_id,
            summary=f"planned the reminders of {programme.name} anew",
            after=dict(_counted([each for _, each in found])),
        )
    return total


@transaction.atomic(durable=True)
def plan_what_is_missing(*, by: User, now: datetime) -> int:
    """Plan what the rules ask for and is not there, and cancel what nobody asks for; returns how many changed.

    In every programme for an administrator, in those of their portfolios for a CIO. What would go out at another time
    stays as it is: planning anew shows it first.

    Raises: NotPermitted.
    """
    check_can_sweep(by)
    found = _put_right(within_sight(by), now=now)
    total = sum(each.total for each in found.values())
    if total:
        record(
            by=by,
            now=now,
            action="reminders.plan_what_is_missing",
            subject=by,
            summary="planned the reminders that were missing",
            after=dict(_counted(list(found.values()))),
        )
    return total


@transaction.atomic(durable=True)
def sweep(*, now: datetime, at_once: bool = False) -> int:
    """The same everywhere, once an hour at most unless ``at_once``; returns how many changed. Not an act.

    Keeps what it found, by kind.
    """
    last = last_sweep()
    if last and not at_once and now - last.swept_at < SWEEP_EVERY and last.swept_at <= now:
        return 0
    found = _put_right(EVERYTHING, now=now)
    ReminderSweep.objects.create(
        swept_at=now, found={kind: dict(_counted([each])) for kind, each in found.items() if each.total}
    )
    return sum(each.total for each in found.values())


def _put_right(within: Within, *, now: datetime) -> dict[str, Difference]:
    """Looks first, and locks only where something is not as it should be: then it looks again."""
    places = {
        place for source in sources() for place in counted_by_programme(source.difference(within, now).without_moves())
    }
    programme_ids = frozenset(place for place in places if place)
    if None in places:
        lock_planning(None)
    lock_planning(programme_ids)
    found = {}
    for source in sources():
        if source.is_of_programmes:
            again = Within(programme_ids=programme_ids)
        elif within.programme_ids is None:
            again = EVERYTHING
        else:
            continue
        found[source.kind] = source.difference(again, now).without_moves()
        apply_difference(found[source.kind], now=now)
    return found


def _counted(found: list[Difference]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in found:
        counts.update(
            missing=len(each.missing), moved=len(each.moved), unwanted=len(each.unwanted), reworded=len(each.reworded)
        )
    return counts
