"""Over programmes of every size: what was left behind before is what is disposed of afterwards, and nothing slips through."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.audit.rules import Refused
from partners.consortia.enums import RelationshipState
from partners.consortia.models import RelationshipStanding
from programmes.decisions.enums import PartnerFate, WorkFate
from programmes.decisions.operations import set_dispositions
from programmes.decisions.queries import dispositions_of, left_behind, without_disposition
from programmes.decisions.rules import Dispositions, LastDay, PartnerDisposition, WorkDisposition
from programmes.engagements.models import Engagement
from programmes.register.models import Programme
from programmes.savings.models import SavingStatement
from programmes.workstreams.models import Workstream
from tests.builders import (
    NOW,
    make_bid,
    make_bidder,
    make_deciding_office,
    make_decision,
    make_engagement,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_saving,
    make_workstream,
    propose,
    take,
    version_of,
)

TODAY = NOW.date()
ending_programmes = st.fixed_dictionaries(
    {
        "workstreams": st.lists(st.sampled_from(WorkFate), max_size=3),
        "engagements": st.lists(st.integers(min_value=0, max_value=90), max_size=3),
        "relationships": st.lists(st.sampled_from(PartnerFate), max_size=3),
        "savings": st.lists(st.sampled_from(WorkFate), max_size=3),
    }
)
each_example = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def built(fates):
    """A programme with these things, the decision that ends it, and the dispositions that say so."""
    portfolio = make_portfolio()
    programme, other = make_programme(portfolio=portfolio), make_programme(portfolio=portfolio)
    owner = make_person()
    work = lambda thing, fate: WorkDisposition(thing.pk, fate, other.pk if fate == WorkFate.MOVE else None)  # noqa: E731
    dispositions = Dispositions(
        workstreams=tuple(work(make_workstream(programme), fate) for fate in fates["workstreams"]),
        engagements=tuple(
            LastDay(make_engagement(programme).pk, TODAY + timedelta(days=days)) for days in fates["engagements"]
        ),
        relationships=tuple(
            PartnerDisposition(
                make_bid(programme, make_bidder(programme, state=RelationshipState.ENGAGED)).relationship_id,
                fate,
                owner.pk,
                TODAY + timedelta(days=365),
            )
            for fate in fates["relationships"]
        ),
        savings=tuple(work(make_saving(programme), fate) for fate in fates["savings"]),
    )
    decision = make_decision(programme, office=make_deciding_office(programme), ends_programme=True)
    return propose(decision), dispositions


def say(decision, dispositions):
    return set_dispositions(
        decision_id=decision.pk,
        version=version_of(decision),
        dispositions=dispositions,
        by=make_manager(decision.programme),
        now=NOW,
    )


@pytest.mark.django_db
@given(fates=ending_programmes)
@each_example
def test_what_was_left_behind_is_what_was_disposed_of(fates):
    decision, dispositions = built(fates)
    before = left_behind(decision.programme, on=TODAY)
    say(decision, dispositions)

    taken = take(decision)

    after = dispositions_of(taken)
    assert set(after.workstreams) == {each.pk for each in before.workstreams}
    assert set(after.engagements) == {each.pk for each in before.engagements}
    assert set(after.relationships) == {each.pk for each in before.relationships}
    assert set(after.savings) == {each.pk for each in before.savings}
    for pk, row in after.relationships.items():
        standing = RelationshipStanding.objects.filter(relationship=pk).latest("number")
        assert (standing.state, standing.decision_id) == (row.fate, taken.pk)
    for each in before.workstreams:
        each.refresh_from_db()
        fate = after.workstreams[each.pk].fate
        assert bool(each.closed_at) is (fate == WorkFate.STOP)
        assert (each.programme_id == taken.programme_id) is (fate != WorkFate.MOVE)
    assert set(Engagement.objects.filter(programme=taken.programme).values_list("ended_on", flat=True)) == {
        row.ends_on for row in after.engagements.values()
    }
    stopped = [pk for pk, row in after.savings.items() if row.fate == WorkFate.STOP]
    assert SavingStatement.objects.filter(saving__in=stopped, decision_id=taken.pk).count() == len(stopped)


@pytest.mark.django_db
@given(fates=ending_programmes, data=st.data())
@each_example
def test_with_one_disposition_missing_it_is_refused_and_nothing_changes(fates, data):
    decision, dispositions = built(fates)
    parts = [part.name for part in fields(Dispositions) if getattr(dispositions, part.name)]
    if not parts:
        return
    part = data.draw(st.sampled_from(parts))
    kept = list(getattr(dispositions, part))
    del kept[data.draw(st.integers(min_value=0, max_value=len(kept) - 1))]
    say(decision, replace(dispositions, **{part: tuple(kept)}))
    missing = without_disposition(left_behind(decision.programme, on=TODAY), dispositions_of(decision))

    with pytest.raises(Refused) as refused:
        take(decision)

    assert len(missing) == 1
    assert refused.value.sentence == f"{missing[0]} Say what becomes of each, then take the decision."
    assert Programme.objects.get(pk=decision.programme_id).ended_on is None
    assert not Workstream.objects.filter(programme=decision.programme, closed_at__isnull=False).exists()
    assert not Engagement.objects.filter(programme=decision.programme, ended_on__isnull=False).exists()
    assert not RelationshipStanding.objects.filter(decision_id=decision.pk).exists()
    assert not SavingStatement.objects.filter(decision_id=decision.pk).exists()
