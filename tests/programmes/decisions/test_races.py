"""Two people at once, on connections of their own."""

import pytest
from django.db import connection, transaction

from partners.audit.rules import Refused
from programmes.decisions.enums import DecisionState
from programmes.decisions.models import Decision
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import add_workstream
from tests.builders import (
    NOW,
    dispose_of_everything,
    holder_of,
    make_deciding_office,
    make_decision,
    make_manager,
    make_portfolio,
    make_programme,
    make_workstream,
    propose,
    take,
)
from tests.threads import InThread, wait_until_somebody_waits_for_a_lock


def ending(programme, office):
    make_workstream(programme, "Custody tablets")
    decision = make_decision(programme, office=office, ends_programme=True)
    return propose(dispose_of_everything(decision))


def outcomes(works):
    """What each found: ``None`` or the sentence of its refusal."""
    found: list[str | None] = []
    for work in [InThread(work) for work in works]:
        try:
            work.result()
        except Refused as refused:
            found.append(refused.sentence)
        else:
            found.append(None)
    return found


@pytest.mark.usefixtures("own_database")
def test_of_two_who_take_it_at_once_one_is_told_that_it_is_taken():
    programme = make_programme("Business partnering")
    office = make_deciding_office(programme)
    decision = ending(programme, office)

    found = outcomes([lambda: take(decision, by=holder_of(office)), lambda: take(decision, by=office.clerk)])

    told = [sentence for sentence in found if sentence]
    assert len(told) == 1
    assert told[0].startswith("This decision was taken on Wednesday 16 September 2026 and is never changed")
    assert Decision.objects.get().state == DecisionState.TAKEN


@pytest.mark.usefixtures("own_database")
def test_of_two_decisions_that_end_it_one_is_taken():
    programme = make_programme("Business partnering")
    office = make_deciding_office(programme)
    first = ending(programme, office)
    second = propose(dispose_of_everything(make_decision(programme, office=office, ends_programme=True)))

    found = outcomes([lambda: take(first), lambda: take(second)])

    told = [sentence for sentence in found if sentence]
    assert len(told) == 1
    assert told[0].startswith("Business partnering ended on Wednesday 16 September 2026")
    assert sorted(Decision.objects.values_list("state", flat=True)) == ["proposed", "taken"]


def test_what_somebody_adds_at_the_same_moment_is_found_or_refused(own_database):
    programme = make_programme("Business partnering")
    office, manager = make_deciding_office(programme), make_manager(programme)
    decision = ending(programme, office)

    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        adding = InThread(lambda: add_workstream(programme_id=programme.pk, name="Late", by=manager, now=NOW))
        wait_until_somebody_waits_for_a_lock(own_database)
        taking = InThread(lambda: take(decision))
    results = []
    for each in (adding, taking):
        try:
            each.result()
        except Refused as refused:
            results.append(refused.sentence)

    assert len(results) == 1
    assert "Workstream Late has no disposition." in results[0] or "Business partnering ended on" in results[0]
    is_taken = Decision.objects.get().state == DecisionState.TAKEN
    assert Workstream.objects.filter(name="Late").exists() is not is_taken


@pytest.mark.usefixtures("own_database")
def test_two_programmes_that_give_each_other_what_they_leave_do_not_lock_each_other_out():
    portfolio = make_portfolio()
    programmes = [make_programme(name, portfolio=portfolio) for name in ("One", "Other")]
    office = make_deciding_office(programmes[0])
    decisions = []
    for programme, other in (programmes, programmes[::-1]):
        make_workstream(programme, f"Stream of {programme.name}")
        decision = make_decision(programme, office=office, ends_programme=True)
        decisions.append(propose(dispose_of_everything(decision, fate="move", move_to=other)))

    found = outcomes([lambda: take(decisions[0]), lambda: take(decisions[1])])

    told = [sentence for sentence in found if sentence]
    assert len(told) == 1
    assert "It cannot move the workstream" in told[0] or "has no disposition" in told[0]
    assert Programme.objects.filter(ended_on__isnull=False).count() == 1


@pytest.mark.usefixtures("own_database")
def test_a_failure_half_way_leaves_nothing_behind():
    portfolio = make_portfolio()
    programme, other = make_programme("One", portfolio=portfolio), make_programme("Other", portfolio=portfolio)
    office = make_deciding_office(programme)
    make_workstream(programme, "A first")
    make_workstream(programme, "Custody tablets")
    decision = propose(
        dispose_of_everything(make_decision(programme, office=office, ends_programme=True), fate="move", move_to=other)
    )
    make_workstream(other, "Custody tablets")

    with pytest.raises(Refused, match="Other has a workstream called Custody tablets already"):
        take(decision)

    connection.close()
    assert set(Workstream.objects.filter(programme=programme).values_list("name", flat=True)) == {
        "A first",
        "Custody tablets",
    }
    assert Programme.objects.get(pk=programme.pk).ended_on is None
    assert Decision.objects.get().state == DecisionState.PROPOSED
