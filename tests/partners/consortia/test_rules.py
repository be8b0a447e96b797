from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations, pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.consortia.enums import NEXT_STATES, MemberRole, RelationshipState
from partners.consortia.rules import (
    ORDER,
    Held,
    NeedsOwnerAndExpiry,
    Overlaps,
    StepNotAllowed,
    check_membership,
    check_standing,
    check_step,
    standing_words,
    steps_to,
)

State = RelationshipState
DAY = date(2026, 9, 1)


class TestSteps:
    @pytest.mark.parametrize(
        ("state", "wanted", "steps"),
        [
            (State.BIDDING, State.AVAILABLE, [State.PROCUREMENT_ENDED, State.AVAILABLE]),
            (State.BIDDING, State.EXITING, [State.PROCUREMENT_ENDED, State.EXITING]),
            (State.BIDDING, State.BARRED, [State.BARRED]),
            (State.PREFERRED, State.AVAILABLE, [State.AVAILABLE]),
            (State.PREFERRED, State.PROCUREMENT_ENDED, [State.PROCUREMENT_ENDED]),
            (State.AVAILABLE, State.AVAILABLE, [State.AVAILABLE]),
            (State.CONTRACTED, State.EXITING, [State.EXITING]),
            (State.PROSPECT, State.AVAILABLE, [State.ENGAGED, State.AVAILABLE]),
            (State.CONTRACTED, State.CALLED_ON, [State.AVAILABLE, State.CALLED_ON]),
        ],
    )
    def test_the_fewest_steps_end_a_bid_with_its_procurement(self, state, wanted, steps):
        assert steps_to(state, wanted) == steps

    @pytest.mark.parametrize("state", list(State))
    @pytest.mark.parametrize("wanted", list(State))
    def test_every_way_is_made_of_steps_that_are_allowed(self, state, wanted):
        if state is State.BARRED and wanted is not State.BARRED:
            with pytest.raises(StepNotAllowed, match=r"It stays barred\.$"):
                steps_to(state, wanted)
            return

        way = [state, *steps_to(state, wanted)]

        assert way[-1] is wanted
        for before, after in pairwise(way):
            check_step(before, after)

    @pytest.mark.parametrize("state", list(State))
    @pytest.mark.parametrize("wanted", list(State))
    def test_a_step_is_allowed_by_the_table_or_repeats_or_bars(self, state, wanted):
        allowed = wanted in NEXT_STATES[state] or wanted in (state, State.BARRED)

        if allowed:
            check_step(state, wanted)
        else:
            with pytest.raises(StepNotAllowed) as refused:
                check_step(state, wanted)
            assert refused.value.field == "state"

    def test_the_refusal_says_where_it_may_go(self):
        with pytest.raises(StepNotAllowed) as refused:
            check_step(State.PROSPECT, State.CONTRACTED)

        assert refused.value.sentence == (
            "This relationship stands at prospect, which contracted does not follow. "
            "From there it may become engaged or closed or barred."
        )

    def test_the_list_has_every_state_once(self):
        assert sorted(ORDER) == sorted(State)


class TestStanding:
    def check(self, state: State = State.AVAILABLE, **more: object) -> None:
        said = {"since_on": DAY, "expires_on": DAY, "has_owner": True, "not_before": None}
        check_standing(state, **(said | more))  # type: ignore[arg-type]

    def test_available_needs_an_owner_and_a_last_day_and_nothing_else_does(self):
        self.check()
        with pytest.raises(NeedsOwnerAndExpiry) as owner:
            self.check(has_owner=False)
        with pytest.raises(NeedsOwnerAndExpiry) as expiry:
            self.check(expires_on=None)
        self.check(State.CALLED_ON, has_owner=False, expires_on=None)

        assert (owner.value.field, expiry.value.field) == ("owner", "expires_on")

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"expires_on": DAY - timedelta(days=1)}, "expires_on"),
            ({"not_before": DAY + timedelta(days=1)}, "since_on"),
            ({"since_on": date(1026, 9, 1)}, "since_on"),
            ({"expires_on": date(2926, 9, 1)}, "expires_on"),
        ],
    )
    def test_days_are_in_order_and_within_reason(self, said, field):
        with pytest.raises(Refused) as refused:
            self.check(**said)

        assert refused.value.field == field

    def test_the_words_never_call_available_what_is_expired(self):
        said = {"since_on": DAY, "expires_on": DAY + timedelta(days=2)}

        on_the_last_day = standing_words(State.AVAILABLE, **said, on=DAY + timedelta(days=2))
        on_the_day_after = standing_words(State.AVAILABLE, **said, on=DAY + timedelta(days=3))
        without_end = standing_words(State.BIDDING, since_on=DAY, expires_on=None, on=DAY)

        assert on_the_last_day == "Available until Thursday 3 September 2026"
        assert on_the_day_after == "Available until Thursday 3 September 2026 (expired)"
        assert without_end == "Bidding since Tuesday 1 September 2026"


ALPHA, BETA = UUID(int=1), UUID(int=2)


def held(organisation: UUID, role: MemberRole, first: int, last: int | None) -> Held:
    return Held(
        membership_id=uuid4(),
        organisation_id=organisation,
        organisation="Alpha" if organisation == ALPHA else "Beta",
        role=role,
        from_on=DAY + timedelta(days=first),
        to_on=None if last is None else DAY + timedelta(days=last),
    )


class TestMemberships:
    def test_a_second_lead_is_told_of_the_first(self):
        others = [held(ALPHA, MemberRole.LEAD, 0, None)]

        with pytest.raises(Overlaps) as refused:
            check_membership(others, organisation_id=BETA, role=MemberRole.LEAD, from_on=DAY, to_on=None)

        assert refused.value.field == "role"
        assert refused.value.sentence == (
            "Alpha leads this consortium since Tuesday 1 September 2026, and only one can at a time. "
            "End that membership first, or choose another role."
        )

    def test_the_same_role_twice_is_told_of_the_other_membership(self):
        others = [held(ALPHA, MemberRole.ADVISER, 0, 9)]

        with pytest.raises(Overlaps) as refused:
            check_membership(
                others,
                organisation_id=ALPHA,
                role=MemberRole.ADVISER,
                from_on=DAY + timedelta(days=9),
                to_on=None,
            )

        assert refused.value.sentence == (
            "Alpha is adviser of this consortium from Tuesday 1 to Thursday 10 September 2026 already. "
            "Choose days outside, or correct that membership."
        )

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([ALPHA, BETA]),
                st.sampled_from([MemberRole.LEAD, MemberRole.MEMBER]),
                st.integers(0, 12),
                st.one_of(st.none(), st.integers(0, 12)),
            ),
            max_size=8,
        )
    )
    def test_what_is_accepted_one_by_one_never_clashes_on_any_day(self, wanted):
        """Against brute force over every day: accepted exactly when no day has two leads or one membership twice."""
        accepted: list[Held] = []
        for organisation, role, first, last in wanted:
            candidate = held(organisation, role, first, last)
            clashes = (last is not None and last < first) or not fine([*accepted, candidate])
            try:
                check_membership(
                    accepted,
                    organisation_id=organisation,
                    role=role,
                    from_on=candidate.from_on,
                    to_on=candidate.to_on,
                )
            except Refused:
                assert clashes
            else:
                assert not clashes
                accepted.append(candidate)


def fine(memberships: Iterable[Held]) -> bool:
    """Whether no day of the fortnight (and of the open time after it) has two leads, or one organisation twice in a role."""
    every = list(memberships)
    for offset in range(20):
        day = DAY + timedelta(days=offset)
        there = [each for each in every if each.from_on <= day and (each.to_on is None or day <= each.to_on)]
        for one, other in combinations(there, 2):
            if one.role == other.role and (one.role == MemberRole.LEAD or one.organisation_id == other.organisation_id):
                return False
    return True
