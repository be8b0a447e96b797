"""What happened since the last report, and what speaks against a rating: each kind, against each rating."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from partners.audit.rules import Refused
from programmes.raid.enums import RaidKind
from programmes.reporting.enums import ContradictionKind
from programmes.reporting.models import StatusContradiction
from programmes.reporting.queries import contradictions, facts_since
from programmes.reporting.rules import RATINGS, Ratings
from programmes.workstreams.enums import DeliveryConfidence, Rating, Scale
from programmes.workstreams.operations import link_provider, record_assurance
from tests.builders import (
    NOW,
    make_cio,
    make_manager,
    make_programme,
    make_review,
    make_saving,
    make_workstream,
    report,
)
from tests.builders.money import make_saving as make_stated_saving
from tests.builders.money import state
from tests.builders.raid import raise_raid
from tests.builders.scheduling import make_milestone

EARLIER = NOW - timedelta(days=30)
LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture
def programme(db):
    return make_programme("Mobile officer")


@pytest.fixture
def workstream(programme):
    return make_workstream(programme, "Custody tablets", now=LONG_AGO)


def late_milestone(workstream):
    make_milestone(
        workstream.programme, "Go-live", workstream_id=workstream.pk, is_critical=True, baseline_on=date(2026, 9, 1)
    )


def red_provider(workstream):
    provider = make_workstream(workstream.programme, "Network", now=LONG_AGO)
    report(provider, Rating.RED)
    link_provider(
        dependant_id=workstream.pk,
        provider_id=provider.pk,
        what="A connection in each cell",
        request_key=uuid4(),
        by=make_manager(workstream.programme),
        now=NOW,
    )


def short_savings(workstream):
    saving = make_stated_saving(workstream.programme, "Paper forms", now=EARLIER)
    state(saving, planned=4, now=EARLIER, stated_on=EARLIER.date())
    state(saving, planned=3)


def overdue_action(workstream):
    raise_raid(
        workstream.programme,
        RaidKind.ACTION,
        title="Agree the order",
        workstream_id=workstream.pk,
        due_on=date(2026, 9, 10),
        now=EARLIER,
    )


def assured(workstream, rating):
    record_assurance(
        programme_id=workstream.programme_id,
        scale=Scale.FIVE_POINT,
        rating=rating,
        words="The plan is thin.",
        assured_by="the Gateway team",
        assured_on=date(2026, 9, 10),
        expires_on=date(2027, 3, 10),
        request_key=uuid4(),
        by=make_cio(workstream.programme.scope.parent.portfolio),
        now=NOW,
    )


KINDS = [
    (late_milestone, ContradictionKind.MILESTONE, {"overall": "green", "schedule": "green"}),
    (red_provider, ContradictionKind.PROVIDER, {"overall": "green", "schedule": "green"}),
    (short_savings, ContradictionKind.SAVINGS, {"overall": "green", "benefits": "green"}),
    (overdue_action, ContradictionKind.ACTION, {"overall": "green"}),
    (lambda one: assured(one, DeliveryConfidence.RED), ContradictionKind.ASSURANCE, {"overall": "amber"}),
    (lambda one: assured(one, DeliveryConfidence.AMBER), ContradictionKind.ASSURANCE, {"overall": "green"}),
]


@pytest.mark.parametrize(("happen", "kind", "against"), KINDS)
def test_what_speaks_against_a_rating_does_so_from_its_worst_on(workstream, happen, kind, against):
    assert contradictions(workstream, None, NOW) == []
    happen(workstream)

    found = contradictions(workstream, None, NOW)

    assert [(each.kind, dict(each.against)) for each in found] == [(kind, against)]
    for overall in RATINGS:
        for other in RATINGS:
            ratings = Ratings(overall, *[other] * 4)
            expected = any(
                RATINGS.index(overall if name == "overall" else other) <= RATINGS.index(worst)
                for name, worst in against.items()
            )
            assert bool(contradictions(workstream, ratings, NOW)) == expected


@pytest.mark.parametrize(("happen", "kind", "against"), KINDS)
def test_a_contradiction_is_explained_or_refused(workstream, happen, kind, against):
    happen(workstream)
    rating = Rating(against["overall"])

    with pytest.raises(Refused, match="speaks against them") as refused:
        report(workstream, rating)
    assert refused.value.field == f"explain_{kind}"
    with pytest.raises(Refused, match="Shorten the explanation"):
        report(workstream, rating, explanations={kind: "x" * 501})
    update = report(workstream, rating, explanations={kind: "It is in hand."})

    kept = StatusContradiction.objects.get()
    assert (kept.update, kept.kind, kept.explanation) == (update, kind, "It is in hand.")
    assert kept.words == contradictions(workstream, None, NOW)[0].words


def test_an_explanation_of_what_does_not_contradict_is_not_kept(workstream):
    late_milestone(workstream)

    report(workstream, Rating.RED, explanations={ContradictionKind.MILESTONE: "Needless."})

    assert not StatusContradiction.objects.exists()


def test_facts_are_gathered_from_every_room_and_frozen_with_the_update(workstream):
    first = report(workstream, now=EARLIER)
    make_milestone(workstream.programme, "Screens in use", workstream_id=workstream.pk)
    raise_raid(workstream.programme, title="Tablets come late", workstream_id=workstream.pk)
    state(make_stated_saving(workstream.programme, "Paper forms"), planned=4)
    make_review(workstream.programme)
    workstream.refresh_from_db()

    found = facts_since(workstream, EARLIER, NOW)
    update = report(workstream, now=NOW)

    assert first.facts == []
    assert {each.kind for each in found} >= {"milestone_added", "raised", "saving_stated"}
    assert update.facts == [each.kept() for each in found]
    assert facts_since(workstream, NOW, NOW) == []


def test_facts_and_contradictions_are_those_of_this_workstream(workstream):
    other = make_workstream(workstream.programme, "Network", now=LONG_AGO)
    late_milestone(other)
    overdue_action(other)

    assert contradictions(workstream, None, NOW) == []
    assert facts_since(workstream, EARLIER, NOW) == []


@pytest.mark.parametrize("count", [1, 3])
def test_gathering_asks_the_same_queries_for_any_number(workstream, django_assert_max_num_queries, count):
    for n in range(count):
        make_milestone(workstream.programme, f"Milestone {n}", workstream_id=workstream.pk)
        raise_raid(workstream.programme, title=f"Risk {n}", workstream_id=workstream.pk)
        make_saving(workstream.programme)

    with django_assert_max_num_queries(8):
        facts_since(workstream, EARLIER, NOW)
