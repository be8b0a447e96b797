from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import models, transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from partners.people.rules.typed import check_day, one_line
from programmes.decisions.enums import PartnerFate, WorkFate
from programmes.decisions.models import Decision, EngagementFate, RelationshipFate, SavingFate, WorkstreamFate
from programmes.decisions.operations.locking import check_version, locked_to_change
from programmes.decisions.queries import (
    LeftBehind,
    dispositions_given,
    dispositions_of,
    left_behind,
    programmes_to_move_to,
    without_disposition,
)
from programmes.decisions.rules import NOTE_LENGTH, Dispositions, LastDay, PartnerDisposition, WorkDisposition
from programmes.engagements.rules import check_last_day
from programmes.register.changes import named_person
from programmes.register.models import Programme
from programmes.workstreams.changes import check_name_is_free


@transaction.atomic(durable=True)
def set_dispositions(
    *, decision_id: UUID, version: int, dispositions: Dispositions, by: User, now: datetime
) -> Decision:
    """Say what becomes of what the programme leaves behind, in place of all that was said before; some may be missing.

    A decision that was proposed stays so, as what is left behind may grow while it waits; its version tells whoever takes
    it. Returns it as it was when it says all this already.

    Raises: NotPermitted; Conflict; Refused when the decision does not end the programme, for a thing that the programme
    does not leave behind, or a disposition that cannot be.
    """
    decision = locked_to_change(decision_id, by=by)
    programme = decision.programme
    if not decision.ends_programme:
        raise Refused(f"This decision does not end {programme.name}, so nothing is left behind.")
    today = local_date(now)
    left = left_behind(programme, on=today)
    rows = [
        *_work(
            decision, WorkstreamFate, "workstream", dispositions.workstreams, {w.pk: w.name for w in left.workstreams}
        ),
        *_work(decision, SavingFate, "saving", dispositions.savings, {s.pk: s.title for s in left.savings}),
        *_last_days(decision, dispositions.engagements, left, today=today),
        *_partners(decision, dispositions.relationships, left, today=today),
    ]
    if dispositions.says_the_same_as(dispositions_given(decision)):
        return decision
    check_version(decision, version)
    for model in (WorkstreamFate, EngagementFate, RelationshipFate, SavingFate):
        model.objects.filter(decision=decision).delete()
    for row in rows:
        row.save(force_insert=True)
    missing = without_disposition(left, dispositions_of(decision))
    decision.version += 1
    decision.save(update_fields=["version"])
    record(
        by=by,
        now=now,
        action="decisions.set_dispositions",
        subject=decision,
        scope_id=programme.scope_id,
        summary=f"said what becomes of {len(rows)} of what the decision {decision.title} leaves behind; "
        f"{len(missing)} without a disposition",
        before={"version": version},
        after={"version": decision.version, "dispositions": [str(row) for row in rows], "missing": missing},
    )
    return decision


def _work(
    decision: Decision,
    model: type[WorkstreamFate] | type[SavingFate],
    kind: str,
    given: Iterable[WorkDisposition],
    known: Mapping[UUID, str],
) -> list[models.Model]:
    given = list(given)
    _check_things(kind, [each.thing_id for each in given], known)
    targets = {each.pk: each for each in programmes_to_move_to(decision.programme)}
    rows: list[models.Model] = []
    for each in given:
        field = f"move_to_{each.thing_id}"
        to = targets.get(each.move_to_id) if each.move_to_id else None
        if (each.fate == WorkFate.MOVE) != bool(each.move_to_id) or (each.move_to_id and to is None):
            raise Refused(
                f"{known[each.thing_id]}: choose the running programme of the same portfolio that it moves to, or another "
                "fate.",
                field=field,
            )
        if to and model is WorkstreamFate:
            _check_name(to, known[each.thing_id], field=field)
        note = _note(each.note, each.thing_id)
        rows.append(model(decision=decision, **{f"{kind}_id": each.thing_id}, fate=each.fate, move_to=to, note=note))
    return rows


def _last_days(
    decision: Decision, given: Collection[LastDay], left: LeftBehind, *, today: date
) -> list[EngagementFate]:
    known = {each.pk: each for each in left.engagements}
    _check_things("engagement", [each.engagement_id for each in given], {pk: each.who for pk, each in known.items()})
    rows = []
    for each in given:
        engagement = known[each.engagement_id]
        try:
            check_last_day(each.ends_on, who=engagement.who, starts_on=engagement.starts_on, today=today)
        except Refused as refused:
            raise Refused(refused.sentence, field=f"ends_on_{each.engagement_id}") from None
        note = _note(each.note, each.engagement_id)
        rows.append(EngagementFate(decision=decision, engagement=engagement, ends_on=each.ends_on, note=note))
    return rows


def _partners(
    decision: Decision, given: Collection[PartnerDisposition], left: LeftBehind, *, today: date
) -> list[RelationshipFate]:
    known = {each.pk: each.party_name for each in left.relationships}
    _check_things("relationship", [each.relationship_id for each in given], known)
    rows = []
    for each in sorted(given, key=lambda each: str(each.owner_id)):  # people are locked in one order
        pk, stays = each.relationship_id, each.fate == PartnerFate.AVAILABLE
        owner, expires_on = (each.owner_id, each.expires_on) if stays else (None, None)
        if stays and owner is None:
            raise Refused(f"{known[pk]}: name who answers for it while it is available.", field=f"owner_{pk}")
        if stays and expires_on is None:
            raise Refused(f"{known[pk]}: enter the last day on which it is available.", field=f"expires_on_{pk}")
        if expires_on:
            check_day(expires_on, field=f"expires_on_{pk}", named="The last day")
            if expires_on < today:
                raise Refused(
                    f"{known[pk]}: the last day must be {words_for_date(today)} or later.", field=f"expires_on_{pk}"
                )
        person = named_person(owner, field=f"owner_{pk}", named="Who answers for it") if owner else None
        rows.append(
            RelationshipFate(
                decision=decision,
                relationship_id=pk,
                fate=each.fate,
                owner=person,
                expires_on=expires_on,
                note=_note(each.note, pk),
            )
        )
    return rows


def _check_things(kind: str, given: list[UUID], known: Mapping[UUID, str]) -> None:
    if len(set(given)) < len(given):
        raise Refused(f"A {kind} has two dispositions. Keep one of the two.")
    if set(given) - set(known):
        raise Refused(f"The programme does not leave one of these {kind}s behind any more. Open the page again.")


def _check_name(to: Programme, name: str, *, field: str) -> None:
    try:
        check_name_is_free(to, name)
    except Refused as refused:
        raise Refused(refused.sentence, field=field) from None


def _note(note: str, thing_id: UUID) -> str:
    return one_line(note, limit=NOTE_LENGTH, field=f"note_{thing_id}", named="the note", required=False)
