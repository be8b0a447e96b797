from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict, Refused
from partners.people.enums import ScopeKind
from partners.people.models import Scope, User
from partners.people.permissions import CHANGE_SETTINGS, check
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.models import PortfolioReporting, ReportingSettings
from programmes.workstreams.permissions import check_can_choose_reporting
from programmes.workstreams.queries import pattern_of
from programmes.workstreams.rules import ReportingPattern

MEANWHILE = (
    "Somebody changed the reporting day while you were choosing. Nothing was saved. Look at what it is now, and save "
    "again if yours is still right."
)


@transaction.atomic(durable=True)
def change_reporting_settings(
    *, frequency: Frequency, weekday: Weekday, first_on: date | None = None, version: int, by: User, now: datetime
) -> ReportingSettings:
    """Choose on which days reports are due, at once, for every portfolio that has chosen nothing of its own.

    Returns what holds when it is that already. ``first_on`` lies in a week in which a fortnightly report is due.

    Raises: NotPermitted; Conflict when ``version`` is not the latest; Refused for every second week without ``first_on``.
    """
    settings, _ = ReportingSettings.objects.select_for_update().get_or_create(pk=1)
    check(by, CHANGE_SETTINGS, None)
    chosen = _chosen(frequency, weekday, first_on)
    before = _values(settings)
    if _change(settings, chosen, version):
        record(
            by=by,
            now=now,
            action="workstreams.change_reporting_settings",
            subject=settings,
            summary=f"changed when reports are due to: {pattern_of(settings).words}",
            before={"version": version, **before},
            after={"version": settings.version, **_values(settings)},
        )
    return settings


@transaction.atomic(durable=True)
def choose_portfolio_reporting(
    *,
    scope_id: UUID,
    frequency: Frequency,
    weekday: Weekday,
    first_on: date | None = None,
    version: int,
    by: User,
    now: datetime,
) -> PortfolioReporting:
    """Choose on which days the workstreams of one portfolio report, at once. ``version`` is 0 where nothing was chosen.

    Raises: NotPermitted; Conflict; Refused, as in ``change_reporting_settings``.
    """
    scope = Scope.objects.select_for_update(of=("self",), no_key=True).get(pk=scope_id, kind=ScopeKind.PORTFOLIO)
    check_can_choose_reporting(by, scope)
    chosen = _chosen(frequency, weekday, first_on)
    reporting = PortfolioReporting.objects.filter(pk=scope.pk).first() or PortfolioReporting(scope=scope, version=0)
    is_new, before = reporting.version == 0, _values(reporting)
    if is_new and version != 0:
        raise Conflict(MEANWHILE)
    if _change(reporting, chosen, version, is_new=is_new):
        record(
            by=by,
            now=now,
            action="workstreams.choose_portfolio_reporting",
            subject=reporting,
            scope_id=scope.pk,
            summary=f"chose when reports are due in {scope.name}: {pattern_of(reporting).words}",
            before=None if is_new else {"version": version, **before},
            after={"version": reporting.version, **_values(reporting)},
        )
    return reporting


def _chosen(frequency: Frequency, weekday: Weekday, first_on: date | None) -> ReportingPattern:
    if frequency != Frequency.FORTNIGHTLY:
        return ReportingPattern(str(frequency), int(weekday))
    if first_on is None:
        raise Refused("Enter a day in one of the weeks in which reports are due.", field="first_on")
    return ReportingPattern(str(frequency), int(weekday), first_on)


def _change(
    choice: ReportingSettings | PortfolioReporting, chosen: ReportingPattern, version: int, *, is_new: bool = False
) -> bool:
    """Save it unless it says so already. Raises: Conflict."""
    if not is_new and pattern_of(choice) == chosen:
        return False
    if choice.version != version:
        raise Conflict(MEANWHILE)
    choice.frequency, choice.weekday, choice.first_on = chosen.frequency, str(chosen.weekday), chosen.first_on
    choice.version += 1
    choice.save()
    return True


def _values(choice: ReportingSettings | PortfolioReporting) -> dict[str, object]:
    first_on = choice.first_on.isoformat() if choice.first_on else None
    found: dict[str, object] = {"frequency": str(choice.frequency), "weekday": str(choice.weekday)}
    return found | ({"first_on": first_on} if first_on else {})
