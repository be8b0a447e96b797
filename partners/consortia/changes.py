from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db.models import Max

from partners.audit.rules import Refused
from partners.consortia.enums import RelationshipState
from partners.consortia.models import Consortium, Relationship, RelationshipStanding
from partners.consortia.rules import NOTE_LENGTH, SOURCE_LENGTH, check_standing, check_step, steps_to
from partners.organisations.models import Organisation
from partners.people.models import Scope, User
from partners.people.rules.typed import one_line

_FOLLOWERS: list[Callable[[UUID, datetime], None]] = []


def follow_what_ends(follower: Callable[[UUID, datetime], None]) -> None:
    """Let a floor above be told, in the same transaction, of a relationship or a claim that changed; at start only."""
    _FOLLOWERS.append(follower)


def tell_followers(changed_id: UUID, *, now: datetime) -> None:
    """The last part of an act that changed when a relationship, a term or a claim ends, or who keeps it."""
    for follower in _FOLLOWERS:
        follower(changed_id, now)


def lock_relationship(relationship_id: UUID) -> Relationship:
    """The relationship read afresh and locked, with its party and scope."""
    rows = Relationship.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("scope", "organisation", "consortium").get(pk=relationship_id)


def open_relationship(
    scope: Scope,
    *,
    organisation: Organisation | None = None,
    consortium: Consortium | None = None,
    state: RelationshipState,
    since_on: date,
    owner: User | None = None,
    expires_on: date | None = None,
    note: str = "",
    source: str = "",
    request_key: UUID | None = None,
    by: User,
    now: datetime,
) -> Relationship:
    """The first standing between a portfolio (its scope, locked) and one party, in whatever state it is found.

    ``request_key`` becomes its id.

    Raises: Refused when the portfolio has a relationship with the party already, or the standing is not allowed.
    """
    party = consortium or organisation
    if Relationship.objects.filter(scope=scope, organisation=organisation, consortium=consortium).exists():
        raise Refused(
            f"{scope.name} has a relationship with {party} already. Open it and set where it stands.", field="party"
        )
    relationship = Relationship.objects.create(
        pk=request_key or uuid4(),
        scope=scope,
        organisation=organisation,
        consortium=consortium,
        state=state,
        recorded_at=now,
        recorded_by=by,
        version=0,
    )
    set_standing(
        relationship,
        state=state,
        since_on=since_on,
        owner=owner,
        expires_on=expires_on,
        note=note,
        source=source,
        by=by,
        now=now,
    )
    return relationship


def set_standing(
    relationship: Relationship,
    *,
    state: RelationshipState,
    since_on: date,
    owner: User | None = None,
    expires_on: date | None = None,
    note: str = "",
    source: str = "",
    decision_id: UUID | None = None,
    by: User,
    now: datetime,
) -> RelationshipStanding:
    """Write where a relationship stands from a day on. The relationship is locked; its state and version follow.

    Where it stands already may be stated anew, as with another expiry or owner.

    Raises: StepNotAllowed; NeedsOwnerAndExpiry; Refused for a day before that of the standing it follows, days out of
    order or text that is not allowed.
    """
    check_step(RelationshipState(relationship.state), state)
    so_far = RelationshipStanding.objects.filter(relationship=relationship).aggregate(
        number=Max("number"), since_on=Max("since_on")
    )
    check_standing(
        state, since_on=since_on, expires_on=expires_on, has_owner=owner is not None, not_before=so_far["since_on"]
    )
    standing = RelationshipStanding.objects.create(
        relationship=relationship,
        number=(so_far["number"] or 0) + 1,
        state=state,
        since_on=since_on,
        expires_on=expires_on,
        owner=owner,
        note=one_line(note, limit=NOTE_LENGTH, field="note", named="the note", required=False),
        source=one_line(source, limit=SOURCE_LENGTH, field="source", named="the source", required=False),
        decision_id=decision_id,
        recorded_at=now,
        recorded_by=by,
    )
    relationship.state, relationship.version = state, relationship.version + 1
    relationship.save(update_fields=["state", "version"])
    tell_followers(relationship.pk, now=now)
    return standing


def bring_to(
    relationship: Relationship,
    wanted: RelationshipState,
    *,
    since_on: date,
    owner: User | None = None,
    expires_on: date | None = None,
    note: str = "",
    source: str = "",
    decision_id: UUID | None = None,
    by: User,
    now: datetime,
) -> RelationshipStanding:
    """Set the standing by every step that leads there (``rules.steps_to``), all from the same day; returns the last.

    Raises: as ``set_standing``.
    """
    *between, _ = steps_to(RelationshipState(relationship.state), wanted)
    for state in between:
        set_standing(
            relationship, state=state, since_on=since_on, source=source, decision_id=decision_id, by=by, now=now
        )
    return set_standing(
        relationship,
        state=wanted,
        since_on=since_on,
        owner=owner,
        expires_on=expires_on,
        note=note,
        source=source,
        decision_id=decision_id,
        by=by,
        now=now,
    )
