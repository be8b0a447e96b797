"""Where the relationship of a portfolio with a partner stands, and what binds the two."""

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile
from partners.clock.rules import local_date
from partners.consortia import changes
from partners.consortia.enums import RelationshipState, TermKind
from partners.consortia.models import Consortium, Relationship, RelationshipStanding, RelationshipTerm
from partners.consortia.permissions import check_can_keep_relationships
from partners.consortia.rules import TERM_LENGTH, standing_words
from partners.organisations.models import Organisation
from partners.people.enums import ScopeKind
from partners.people.models import Scope, User
from partners.people.queries import active_people
from partners.people.rules.typed import check_day, one_line


@transaction.atomic(durable=True)
def start_relationship(
    *,
    scope_id: UUID,
    organisation_id: UUID | None = None,
    consortium_id: UUID | None = None,
    state: RelationshipState,
    since_on: date,
    owner_id: UUID | None = None,
    expires_on: date | None = None,
    note: str = "",
    source: str = "",
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> Relationship:
    """Start the relationship of a portfolio with one partner, where it stands today. One party is given.

    Raises: NotPermitted; NeedsOwnerAndExpiry; Refused when there is one already, for an unknown party or owner, a day
    in the future, days out of order or text that is not allowed.
    """
    scope = Scope.objects.select_for_update(no_key=True).get(pk=scope_id, kind=ScopeKind.PORTFOLIO)
    check_can_keep_relationships(by, scope)
    known = Relationship.objects.filter(pk=request_key or uuid4(), scope=scope).first()
    if known:
        return known
    organisation, consortium = _party(organisation_id, consortium_id)
    check_day(since_on, field="since_on", named="The first day", today=local_date(now))
    relationship = changes.open_relationship(
        scope,
        organisation=organisation,
        consortium=consortium,
        state=state,
        since_on=since_on,
        owner=_owner(owner_id),
        expires_on=expires_on,
        note=note,
        source=source,
        request_key=request_key,
        by=by,
        now=now,
    )
    words = standing_words(state, since_on=since_on, expires_on=expires_on, on=local_date(now))
    record(
        by=by,
        now=now,
        action="consortia.start_relationship",
        subject=relationship,
        scope_id=scope.pk,
        summary=f"started the relationship with {relationship.party_name}: {words}",
        after={"state": str(state), "since_on": since_on.isoformat(), "version": relationship.version},
    )
    return relationship


@transaction.atomic(durable=True)
def set_standing(
    *,
    relationship_id: UUID,
    version: int,
    state: RelationshipState,
    since_on: date,
    owner_id: UUID | None = None,
    expires_on: date | None = None,
    note: str = "",
    source: str = "",
    by: User,
    now: datetime,
) -> RelationshipStanding:
    """Say where a relationship stands from a day on, today at the latest.

    Raises: NotPermitted; Conflict when somebody set it since ``version``; StepNotAllowed; NeedsOwnerAndExpiry; Refused
    for an unknown owner, a day in the future, days out of order or text that is not allowed.
    """
    relationship = changes.lock_relationship(relationship_id)
    check_can_keep_relationships(by, relationship.scope)
    if relationship.version != version:
        raise _changed_meanwhile(relationship, version)
    before: dict[str, object] = {"state": relationship.state, "version": version}
    check_day(since_on, field="since_on", named="The first day", today=local_date(now))
    standing = changes.set_standing(
        relationship,
        state=state,
        since_on=since_on,
        owner=_owner(owner_id),
        expires_on=expires_on,
        note=note,
        source=source,
        by=by,
        now=now,
    )
    words = standing_words(state, since_on=since_on, expires_on=expires_on, on=local_date(now))
    record(
        by=by,
        now=now,
        action="consortia.set_standing",
        subject=relationship,
        scope_id=relationship.scope_id,
        summary=f"set the relationship with {relationship.party_name}: {words}",
        before=before,
        after={"state": str(state), "since_on": since_on.isoformat(), "version": relationship.version},
    )
    return standing


@transaction.atomic(durable=True)
def add_term(
    *,
    relationship_id: UUID,
    kind: TermKind,
    text: str,
    from_on: date,
    to_on: date | None = None,
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> RelationshipTerm:
    """Record something that binds the two sides, until a day (inclusive) or for good.

    Raises: NotPermitted; Refused for days out of order or text that is not allowed.
    """
    relationship = changes.lock_relationship(relationship_id)
    check_can_keep_relationships(by, relationship.scope)
    known = RelationshipTerm.objects.filter(pk=request_key or uuid4(), relationship=relationship).first()
    if known:
        return known
    text = one_line(text, limit=TERM_LENGTH, field="text", named="what binds")
    check_day(from_on, field="from_on", named="The first day")
    if to_on:
        check_day(to_on, field="to_on", named="The last day")
        if to_on < from_on:
            raise Refused("The last day must be the first day or later.", field="to_on")
    term = RelationshipTerm.objects.create(
        pk=request_key or uuid4(),
        relationship=relationship,
        kind=kind,
        text=text,
        from_on=from_on,
        to_on=to_on,
        recorded_at=now,
        recorded_by=by,
    )
    changes.tell_followers(relationship.pk, now=now)
    record(
        by=by,
        now=now,
        action="consortia.add_term",
        subject=relationship,
        scope_id=relationship.scope_id,
        summary=f"recorded what binds {relationship.party_name}: {text}",
        after={
            "kind": str(kind),
            "text": text,
            "from_on": from_on.isoformat(),
            "to_on": to_on.isoformat() if to_on else None,
        },
    )
    return term


@transaction.atomic(durable=True)
def withdraw_term(*, term_id: UUID, by: User, now: datetime) -> RelationshipTerm:
    """End a term; the row stays.

    Raises: NotPermitted; Refused when it is withdrawn already.
    """
    relationship = changes.lock_relationship(
        RelationshipTerm.objects.values_list("relationship_id", flat=True).get(pk=term_id)
    )
    check_can_keep_relationships(by, relationship.scope)
    term = RelationshipTerm.objects.select_related("withdrawn_by").get(pk=term_id)
    if term.withdrawn_by:
        raise Refused(f"{term.withdrawn_by.name} withdrew this term already. Nothing has changed.")
    term.withdrawn_at, term.withdrawn_by = now, by
    term.save(update_fields=["withdrawn_at", "withdrawn_by"])
    changes.tell_followers(relationship.pk, now=now)
    record(
        by=by,
        now=now,
        action="consortia.withdraw_term",
        subject=relationship,
        scope_id=relationship.scope_id,
        summary=f"withdrew what bound {relationship.party_name}: {term.text}",
        before={"kind": term.kind, "text": term.text},
    )
    return term


def _party(organisation_id: UUID | None, consortium_id: UUID | None) -> tuple[Organisation | None, Consortium | None]:
    """Raises: Refused at ``party`` unless one of the two is given and there is one with this id."""
    organisation = Organisation.objects.filter(pk=organisation_id).first() if organisation_id else None
    consortium = Consortium.objects.filter(pk=consortium_id).first() if consortium_id else None
    if (organisation is None) == (consortium is None):
        raise Refused("Choose one consortium, or one organisation that stands alone.", field="party")
    return organisation, consortium


def _owner(owner_id: UUID | None) -> User | None:
    """Raises: Refused at ``owner`` for anybody but one of the staff who can sign in."""
    if owner_id is None:
        return None
    owner = active_people().select_for_update(no_key=True).filter(pk=owner_id).first()
    if owner is None:
        raise Refused("The owner must be one of the staff with an account. Choose another person.", field="owner")
    return owner


def _changed_meanwhile(relationship: Relationship, version: int) -> Conflict:
    events = changes_since(relationship.pk, version)
    return changed_meanwhile(
        f"the relationship with {relationship.party_name}", [(event.actor_name, ["the standing"]) for event in events]
    )
