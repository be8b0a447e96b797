"""Which step of a relationship may follow which, when members overlap, and whom one can call on."""

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from partners.audit.rules import Refused
from partners.clock.rules import words_for_date, words_for_days
from partners.consortia.enums import NEXT_STATES, MemberRole, RelationshipState
from partners.people.rules.typed import check_day

NOTE_LENGTH, SOURCE_LENGTH, TERM_LENGTH = 500, 200, 500
DESCRIPTION_LENGTH, EVIDENCE_LENGTH, MEMBER_EVIDENCE_LENGTH = 500, 500, 300
CALLABLE = {RelationshipState.AVAILABLE, RelationshipState.CALLED_ON}
SOON = timedelta(days=90)
EXPIRED = "expired"
# How a list goes: whom one can call on first, then what is under way, then what is over.
ORDER = [
    RelationshipState.AVAILABLE,
    RelationshipState.CALLED_ON,
    RelationshipState.CONTRACTED,
    RelationshipState.PREFERRED,
    RelationshipState.BIDDING,
    RelationshipState.ENGAGED,
    RelationshipState.PROSPECT,
    RelationshipState.PROCUREMENT_ENDED,
    RelationshipState.UNSUCCESSFUL,
    RelationshipState.WITHDRAWN,
    RelationshipState.EXITING,
    RelationshipState.CLOSED,
    RelationshipState.BARRED,
]


class StepNotAllowed(Refused):
    """A relationship does not go from where it stands to there."""


class NeedsOwnerAndExpiry(Refused):
    """What is available needs somebody who answers for it, and a last day."""


class Overlaps(Refused):
    """Another membership holds on some of these days."""


@dataclass(frozen=True, slots=True)
class Held:
    """A membership as rules see it; both days inclusive, ``to_on`` open where it has no end."""

    membership_id: UUID
    organisation_id: UUID
    organisation: str
    role: MemberRole
    from_on: date
    to_on: date | None

    def overlaps(self, from_on: date, to_on: date | None) -> bool:
        return (to_on is None or self.from_on <= to_on) and (self.to_on is None or from_on <= self.to_on)


def may_follow(state: RelationshipState) -> set[RelationshipState]:
    """Where a relationship may go from here. It may be stated anew where it stands, and barred from anywhere."""
    return {state, *NEXT_STATES[state], RelationshipState.BARRED}


def steps_to(state: RelationshipState, wanted: RelationshipState) -> list[RelationshipState]:
    """The fewest steps from ``state`` to ``wanted``, ending with it: bidding to available goes by procurement ended.

    Where it stands there already, ``wanted`` alone: it is stated anew.

    Raises: StepNotAllowed when no way leads there.
    """
    if wanted in may_follow(state):
        return [wanted]
    ways: deque[list[RelationshipState]] = deque([[state]])
    seen = {state}
    while ways:
        way = ways.popleft()
        for step in sorted(NEXT_STATES[way[-1]] - seen, key=_by_preference):
            if step == wanted:
                return [*way[1:], step]
            seen.add(step)
            ways.append([*way, step])
    raise _not_allowed(state, wanted)


def check_step(state: RelationshipState, wanted: RelationshipState) -> None:
    """Raises: StepNotAllowed, naming where it may go instead."""
    if wanted not in may_follow(state):
        raise _not_allowed(state, wanted)


def check_standing(
    state: RelationshipState, *, since_on: date, expires_on: date | None, has_owner: bool, not_before: date | None
) -> None:
    """``not_before`` is the day of the standing that this one follows.

    Raises: NeedsOwnerAndExpiry; Refused for days out of order or out of reason.
    """
    check_day(since_on, field="since_on", named="The first day")
    if not_before and since_on < not_before:
        raise Refused(
            f"What holds now has held since {words_for_date(not_before)}. Enter that day or a later one.",
            field="since_on",
        )
    if expires_on:
        check_day(expires_on, field="expires_on", named="The last day")
        if expires_on < since_on:
            raise Refused("The last day must be the first day or later.", field="expires_on")
    if state is RelationshipState.AVAILABLE and not has_owner:
        raise NeedsOwnerAndExpiry("Name who answers for it: a partner is available through somebody.", field="owner")
    if state is RelationshipState.AVAILABLE and not expires_on:
        raise NeedsOwnerAndExpiry("Enter the last day on which the partner is available.", field="expires_on")


def check_membership(
    others: list[Held], *, organisation_id: UUID, role: MemberRole, from_on: date, to_on: date | None
) -> None:
    """``others`` are the other memberships of the consortium.

    Raises: Overlaps, naming the membership in the way; Refused for days out of order or out of reason.
    """
    check_day(from_on, field="from_on", named="The first day")
    if to_on:
        check_day(to_on, field="to_on", named="The last day")
        if to_on < from_on:
            raise Refused("The last day must be the first day or later.", field="to_on")
    for other in others:
        if not other.overlaps(from_on, to_on):
            continue
        if other.organisation_id == organisation_id and other.role == role:
            raise Overlaps(
                f"{other.organisation} is {role.label.lower()} of this consortium {words_for_period(other)} already. "
                "Choose days outside, or correct that membership.",
                field="from_on",
            )
        if other.role == role == MemberRole.LEAD:
            raise Overlaps(
                f"{other.organisation} leads this consortium {words_for_period(other)}, and only one can at a time. "
                "End that membership first, or choose another role.",
                field="role",
            )


def words_for_period(held: Held) -> str:
    """Reads "since Monday 2 January 2012" or "from Monday 2 to Tuesday 3 January 2012"."""
    if held.to_on is None:
        return f"since {words_for_date(held.from_on)}"
    if held.from_on == held.to_on:
        return f"on {words_for_date(held.from_on)}"
    return f"from {words_for_days(held.from_on, held.to_on)}"


def is_over(expires_on: date | None, on: date) -> bool:
    """``expires_on`` is the last day of a standing, a claim or a term."""
    return expires_on is not None and expires_on < on


def standing_words(state: RelationshipState, *, since_on: date, expires_on: date | None, on: date) -> str:
    """Reads "Available until Tuesday 2 July 2013", with "(expired)" after that day, or "Bidding since …"."""
    if expires_on:
        return f"{state.label} until {words_for_date(expires_on)}{' (expired)' if is_over(expires_on, on) else ''}"
    return f"{state.label} since {words_for_date(since_on)}"


def _by_preference(state: RelationshipState) -> tuple[bool, int]:
    """A bid that nobody decided ends with its procurement."""
    return (state is not RelationshipState.PROCUREMENT_ENDED, list(RelationshipState).index(state))


def _not_allowed(state: RelationshipState, wanted: RelationshipState) -> StepNotAllowed:
    onward = sorted(may_follow(state) - {state}, key=_by_preference)
    offered = " or ".join(step.label.lower() for step in onward)
    then = f"From there it may become {offered}." if state is not RelationshipState.BARRED else "It stays barred."
    return StepNotAllowed(
        f"This relationship stands at {state.label.lower()}, which {wanted.label.lower()} does not follow. {then}",
        field="state",
    )
