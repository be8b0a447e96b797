from datetime import date, datetime
from uuid import UUID

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date
from partners.people.models import User
from programmes.register.models import Programme
from programmes.savings.models import Saving, SavingMove, SavingStatement
from programmes.savings.queries import latest_statements


def lock_saving(saving_id: UUID) -> Saving:
    """The saving read afresh and locked, with its programme, scope and owner. Programmes are locked before savings."""
    rows = Saving.objects.select_for_update(of=("self",), no_key=True).select_related("programme__scope", "owner")
    return rows.get(pk=saving_id)


def drop_saving(saving: Saving, *, on: date, decision_id: UUID, source: str, by: User, now: datetime) -> None:
    """State that nothing is planned or expected of a saving any more; what is delivered stays.

    Stated on the day of the decision, or on that of the latest statement where that is later.
    """
    lock_saving(saving.pk)
    SavingStatement.objects.bulk_create(
        SavingStatement(
            saving=saving,
            year=latest.year,
            number=latest.number + 1,
            delivered_pence=latest.delivered_pence,
            stated_on=max(on, latest.stated_on),
            source=source,
            decision_id=decision_id,
            recorded_at=now,
            recorded_by=by,
        )
        for latest in latest_statements(saving)
        if latest.planned_pence or latest.expected_pence
    )


def move_saving(saving: Saving, *, to: Programme, on: date, decision_id: UUID, by: User, now: datetime) -> None:
    """Put a saving, with all its statements, into another programme of the same portfolio from a day on.

    Raises: Refused when it is there already, the programme is of another portfolio or has a saving with this title, or
    the saving came to where it is on a later day.
    """
    saving = lock_saving(saving.pk)
    if to.pk == saving.programme_id:
        raise Refused(f"{saving} is in {to} already. Choose another programme.")
    if to.scope.parent_id != saving.programme.scope.parent_id:
        raise Refused(f"{to} is in another portfolio. Move {saving} within its own.")
    if Saving.objects.filter(programme=to, title=saving.title).exists():
        raise Refused(f"{to} has a saving called {saving} already. Rename one of them first.")
    last = SavingMove.objects.filter(saving=saving).order_by("-pk").first()
    if last and on < last.moved_on:
        raise Refused(
            f"{saving} came to {saving.programme} on {words_for_date(last.moved_on)}. Choose that day or a later one."
        )
    SavingMove.objects.create(
        saving=saving,
        from_programme=saving.programme,
        to_programme=to,
        moved_on=on,
        decision_id=decision_id,
        recorded_at=now,
        recorded_by=by,
    )
    saving.programme = to
    saving.version += 1
    saving.save(update_fields=["programme", "version"])
