from datetime import datetime

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Conflict
from partners.people.models import User
from partners.people.permissions import CHANGE_SETTINGS, check
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.models import ReportingSettings
from programmes.workstreams.rules import ReportingPattern


@transaction.atomic(durable=True)
def change_reporting_settings(
    *, frequency: Frequency, weekday: Weekday, version: int, by: User, now: datetime
) -> ReportingSettings:
    """Choose on which days reports are due, for every workstream and at once. Returns what holds when it is that already.

    Raises: NotPermitted; Conflict when ``version`` is not the latest.
    """
    settings, _ = ReportingSettings.objects.select_for_update().get_or_create(pk=1)
    check(by, CHANGE_SETTINGS, None)
    before: dict[str, object] = {"frequency": settings.frequency, "weekday": settings.weekday}
    after: dict[str, object] = {"frequency": str(frequency), "weekday": str(weekday)}
    if before == after:
        return settings
    if settings.version != version:
        raise Conflict(
            "Somebody changed the reporting day while you were choosing. Nothing was saved. Look at what it is now, "
            "and save again if yours is still right."
        )
    settings.frequency, settings.weekday = frequency, weekday
    settings.version += 1
    settings.save()
    words = ReportingPattern(settings.frequency, int(settings.weekday)).words
    record(
        by=by,
        now=now,
        action="workstreams.change_reporting_settings",
        subject=settings,
        summary=f"changed when reports are due to: {words}",
        before={"version": version, **before},
        after={"version": settings.version, **after},
    )
    return settings
