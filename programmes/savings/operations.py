from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile, listed
from partners.calendar.rules import check_year, words_for_year
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import check_day, lines, one_line
from programmes.register.changes import named_person
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.rules import NAME_LENGTH, SOURCE_LENGTH, SUMMARY_LENGTH
from programmes.savings.changes import lock_saving
from programmes.savings.models import Saving, SavingStatement
from programmes.savings.permissions import check_can_state_savings
from programmes.savings.rules import NOTE_LENGTH, Amounts, check_statement, words_for_change

PARTS = {"title": "the title", "description": "the description", "owner_id": "the owner"}
USED_ALREADY = "This request was used for something else. Load the page again and send it once more."


@transaction.atomic(durable=True)
def add_saving(
    *,
    programme_id: UUID,
    title: str,
    description: str = "",
    owner_id: UUID | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Saving:
    """Something that the programme does to save money; what it comes to is stated by financial year afterwards.

    The same request key again returns the first.

    Raises: NotPermitted; Refused when the programme has ended, the words are not allowed, the title is taken, the owner
    has no account, or the key was used for another programme.
    """
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    programme = rows.get(pk=programme_id)
    check_can_state_savings(by, programme)
    known = Saving.objects.filter(pk=request_key).select_related("owner").first()
    if known is not None:
        if known.programme_id != programme.pk:
            raise Refused(USED_ALREADY)
        return known
    check_runs(programme)
    saving = Saving(pk=request_key, programme=programme, recorded_at=now, recorded_by=by)
    _fill(saving, title=title, description=description, owner_id=owner_id)
    saving.save(force_insert=True)
    record(
        by=by,
        now=now,
        action="savings.add_saving",
        subject=saving,
        scope_id=programme.scope_id,
        summary=f"added the saving {saving.title}" + (f", owned by {saving.owner.name}" if saving.owner else ""),
        after={"version": saving.version, **_values(saving)},
    )
    return saving


@transaction.atomic(durable=True)
def change_saving(
    *, saving_id: UUID, version: int, title: str, description: str, owner_id: UUID | None, by: User, now: datetime
) -> Saving:
    """Rename, describe or hand over. Returns it as it was when it says all this already, whatever the version.

    Raises: NotPermitted; Conflict, naming who changed what, when ``version`` is not the latest; Refused when the words
    are not allowed, the title is taken or the new owner has no account.
    """
    saving = lock_saving(saving_id)
    check_can_state_savings(by, saving.programme)
    saved = _values(saving)
    _fill(saving, title=title, description=description, owner_id=owner_id)
    wanted = _values(saving)
    changed = [part for part in PARTS if wanted[part] != saved[part]]
    if not changed:
        return saving
    if saving.version != version:
        raise _changed_meanwhile(saving, version)
    saving.version += 1
    saving.save(update_fields=["title", "description", "owner", "version"])
    record(
        by=by,
        now=now,
        action="savings.change_saving",
        subject=saving,
        scope_id=saving.programme.scope_id,
        summary=f"changed {listed([PARTS[part] for part in changed])} of the saving {saving.title}",
        before={"version": version, **{part: saved[part] for part in changed}},
        after={"version": saving.version, **{part: wanted[part] for part in changed}},
    )
    return saving


@transaction.atomic(durable=True)
def state_saving(
    *,
    saving_id: UUID,
    year: int,
    based_on: int,
    planned_pence: int = 0,
    expected_pence: int = 0,
    delivered_pence: int = 0,
    confidence: str = "",
    stated_on: date,
    source: str,
    note: str = "",
    request_key: UUID,
    by: User,
    now: datetime,
) -> SavingStatement:
    """State what a saving comes to in the financial year that begins in ``year``, in place of the statement before.

    ``based_on`` is the number of the statement that was read, 0 for none. The same request key again returns the first.

    Raises: NotPermitted; Conflict, naming who stated it, when ``based_on`` is not the latest; Refused for what the rules
    refuse, a day in the future or before that of the latest statement, or a first statement of nothing.
    """
    saving = lock_saving(saving_id)
    check_can_state_savings(by, saving.programme)
    known = SavingStatement.objects.filter(pk=request_key).first()
    if known is not None:
        if (known.saving_id, known.year) != (saving.pk, year):
            raise Refused(USED_ALREADY)
        return known
    check_year(year, field="year")
    earlier = list(
        SavingStatement.objects.filter(saving=saving, year=year).select_related("recorded_by").order_by("number")
    )
    latest = earlier[-1] if earlier else None
    if based_on != len(earlier):
        raise _stated_meanwhile(saving, year, [each.recorded_by.name for each in earlier[based_on:]])
    amounts = Amounts(planned_pence, expected_pence, delivered_pence)
    source = one_line(source, limit=SOURCE_LENGTH, field="source", named="the source")
    note = one_line(note, limit=NOTE_LENGTH, field="note", named="the note", required=False)
    check_day(stated_on, field="stated_on", named="The day", today=local_date(now))
    if latest and stated_on < latest.stated_on:
        raise Refused(
            f"The latest statement is of {words_for_date(latest.stated_on)}. Choose that day or a later one.",
            field="stated_on",
        )
    check_statement(amounts, year=year, confidence=confidence, stated_on=stated_on)
    if latest is None and amounts == Amounts(0, 0, 0):
        raise Refused("Enter what is planned, expected or delivered.", field="planned")
    statement = SavingStatement.objects.create(
        pk=request_key,
        saving=saving,
        year=year,
        number=len(earlier) + 1,
        planned_pence=planned_pence,
        expected_pence=expected_pence,
        delivered_pence=delivered_pence,
        confidence=confidence,
        stated_on=stated_on,
        source=source,
        note=note,
        recorded_at=now,
        recorded_by=by,
    )
    words = words_for_change(latest.amounts if latest else None, amounts)
    record(
        by=by,
        now=now,
        action="savings.state_saving",
        subject=saving,
        scope_id=saving.programme.scope_id,
        summary=f"stated {saving.title} for {words_for_year(year)}: {words}",
        before=_figures(latest) if latest else None,
        after=_figures(statement),
    )
    return statement


def _fill(saving: Saving, *, title: str, description: str, owner_id: UUID | None) -> None:
    """Raises: Refused for words that are not allowed, a title that is taken, or an owner without an account."""
    saving.title = one_line(title, limit=NAME_LENGTH, field="title", named="a title")
    saving.description = lines(description, limit=SUMMARY_LENGTH, field="description", named="the description")
    if Saving.objects.filter(programme=saving.programme_id, title=saving.title).exclude(pk=saving.pk).exists():
        raise Refused(
            f"This programme has a saving called {saving.title} already. Choose another title, or open that saving.",
            field="title",
        )
    if owner_id != saving.owner_id:
        saving.owner = named_person(owner_id, field="owner", named="The owner") if owner_id else None


def _values(saving: Saving) -> dict[str, str]:
    """Values as audit events keep them."""
    owner_id = str(saving.owner_id or "")
    return {"title": saving.title, "description": saving.description, "owner_id": owner_id}


def _figures(statement: SavingStatement) -> dict[str, object]:
    """Values as audit events keep them."""
    return {
        "year": words_for_year(statement.year),
        "number": statement.number,
        "planned_pence": statement.planned_pence,
        "expected_pence": statement.expected_pence,
        "delivered_pence": statement.delivered_pence,
        "confidence": str(statement.confidence),
        "stated_on": statement.stated_on.isoformat(),
        "source": statement.source,
    }


def _changed_meanwhile(saving: Saving, version: int) -> Conflict:
    events = changes_since(saving.pk, version)
    changes = [(e.actor_name, [words for part, words in PARTS.items() if part in (e.after or {})]) for e in events]
    return changed_meanwhile("this saving", changes)


def _stated_meanwhile(saving: Saving, year: int, names: list[str]) -> Conflict:
    what = f"what {saving.title} comes to in {words_for_year(year)}"
    return changed_meanwhile(what, [(name, []) for name in names])
