from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people import operations
from partners.people.models import Unit
from partners.people.operations.units import BelowItself, CodeTaken
from partners.people.queries import unit_and_below, units_with_counts
from tests.builders import NOW, make_administrator, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alex():
    return make_administrator("Alex Morgan")


def add(alex, code, parent=None):
    return operations.add_unit(
        code=code, name=f"Unit {code}", parent_id=parent.pk if parent else None, by=alex, now=NOW
    )


def change(unit, alex, **changes):
    saved = {"code": unit.code, "name": unit.name, "parent_id": unit.parent_id, "version": unit.version}
    return operations.change_unit(unit_id=unit.pk, by=alex, now=NOW, **(saved | changes))


def test_add_unit_below_another(alex):
    ops = add(alex, "OPS")

    north = add(alex, "N", ops)

    assert (north.parent, north.version) == (ops, 1)
    event = AuditEvent.objects.get(subject_id=north.pk)
    assert (event.action, event.summary) == ("people.add_unit", "added the unit Unit N")
    assert event.after == {"code": "N", "name": "Unit N", "parent": "OPS", "version": 1}


def test_add_unit_with_a_code_in_use_is_refused_whatever_its_capitals(alex):
    add(alex, "OPS")

    with pytest.raises(CodeTaken, match="Unit OPS has this code"):
        add(alex, "ops")


def test_add_unit_below_an_unknown_one_is_refused(alex):
    with pytest.raises(Refused) as refused:
        operations.add_unit(code="N", name="North", parent_id=uuid4(), by=alex, now=NOW)

    assert refused.value.field == "parent"


def test_change_unit_keeps_before_and_after(alex):
    ops, north = add(alex, "OPS"), add(alex, "N")

    change(north, alex, name="North area", parent_id=ops.pk)

    event = AuditEvent.objects.filter(subject_id=north.pk).latest("pk")
    assert event.before == {"name": "Unit N", "parent": None, "version": 1}
    assert event.after == {"name": "North area", "parent": "OPS", "version": 2}


def test_change_unit_may_change_the_capitals_of_its_own_code(alex):
    unit = add(alex, "ops")

    with pytest.raises(CodeTaken):
        change(add(alex, "N"), alex, code="OPS")
    assert change(unit, alex, name="Operations").name == "Operations"


def test_change_unit_below_itself_is_refused(alex):
    top = add(alex, "A")
    middle = add(alex, "B", top)
    bottom = add(alex, "C", middle)

    for unit, parent in [(top, top), (top, middle), (top, bottom), (middle, bottom)]:
        with pytest.raises(BelowItself) as refused:
            change(unit, alex, parent_id=parent.pk)
        assert refused.value.field == "parent"

    assert change(bottom, alex, parent_id=top.pk).parent == top


def test_change_unit_from_an_old_version_is_refused(alex):
    unit = add(alex, "A")
    change(unit, alex, name="First")

    with pytest.raises(Conflict, match="Alex Morgan changed the name of the unit First"):
        change(unit, make_administrator(), name="Second")

    assert Unit.objects.get(pk=unit.pk).name == "First"


def test_only_administrators_keep_units(alex):
    unit, stranger = add(alex, "A"), make_person()

    with pytest.raises(NotPermitted):
        add(stranger, "B")
    with pytest.raises(NotPermitted):
        change(unit, stranger, name="Mine")


def test_unit_and_below_follows_the_tree(alex):
    top = add(alex, "A")
    middle = add(alex, "B", top)
    bottom = add(alex, "C", middle)
    add(alex, "D")

    assert unit_and_below(middle.pk) == {middle.pk, bottom.pk}


def test_units_with_counts_leaves_out_who_left(alex):
    unit = add(alex, "A")
    make_person(unit=unit)
    operations.record_leaver(person_id=make_person(unit=unit).pk, by=alex, now=NOW)

    assert [vars(each)["active_people"] for each in units_with_counts("unit a")] == [1]
