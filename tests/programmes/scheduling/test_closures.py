from datetime import date

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.calendar.models import Closure
from partners.calendar.queries import working_calendar
from partners.calendar.rules import ClosureRefused
from programmes.scheduling import operations
from tests.builders import NOW, make_administrator, make_person
from tests.threads import InThread


def add(alex, name="Closed", first_on=date(2026, 12, 29), last_on=date(2026, 12, 31)):
    return operations.add_closure(name=name, first_on=first_on, last_on=last_on, by=alex, now=NOW)


def change(closure, alex, **changes):
    saved = {"name": closure.name, "first_on": closure.first_on, "last_on": closure.last_on}
    values = saved | {"version": closure.version} | changes
    return operations.change_closure(closure_id=closure.pk, by=alex, now=NOW, **values)


@pytest.fixture
def alex(db):
    return make_administrator("Alex Morgan")


def test_add_closure_joins_the_working_calendar(alex):
    assert working_calendar().is_working(date(2026, 12, 30))

    closure = add(alex)

    assert working_calendar().reason_closed(date(2026, 12, 30)) == "Closed"
    event = AuditEvent.objects.get()
    assert (event.actor_name, event.action, event.subject_id) == ("Alex Morgan", "scheduling.add_closure", closure.pk)
    assert event.summary == "added the closure Closed, Tuesday 29 to Thursday 31 December 2026"
    assert event.after == {"name": "Closed", "first_on": "2026-12-29", "last_on": "2026-12-31", "version": 1}


def test_add_closure_twice_is_told_of_the_first(alex):
    add(alex)

    with pytest.raises(ClosureRefused, match="These days overlap Closed"):
        add(alex)

    assert Closure.objects.count() == 1


def test_change_closure_may_overlap_what_it_was(alex):
    closure = add(alex)

    changed = change(closure, alex, first_on=date(2026, 12, 30), last_on=date(2027, 1, 2))

    assert (changed.last_on, changed.version) == (date(2027, 1, 2), 2)
    event = AuditEvent.objects.latest("pk")
    assert event.before == {"first_on": "2026-12-29", "last_on": "2026-12-31", "version": 1}
    assert event.after == {"first_on": "2026-12-30", "last_on": "2027-01-02", "version": 2}


def test_change_closure_into_another_is_refused(alex):
    closure = add(alex)
    add(alex, "Other", date(2027, 2, 1), date(2027, 2, 2))

    with pytest.raises(ClosureRefused, match="overlap Other"):
        change(closure, alex, last_on=date(2027, 2, 1))
    with pytest.raises(ClosureRefused, match="before the first"):
        change(closure, alex, last_on=date(2026, 12, 28))


def test_change_closure_from_an_old_version_is_refused(alex):
    closure = add(alex)
    change(closure, alex, name="First")

    with pytest.raises(Conflict, match="Alex Morgan changed the name of the closure First"):
        change(closure, make_administrator(), name="Second")


def test_remove_closure_makes_working_days_again(alex):
    closure = add(alex)

    operations.remove_closure(closure_id=closure.pk, by=alex, now=NOW)

    assert working_calendar().is_working(date(2026, 12, 30))
    assert AuditEvent.objects.latest("pk").summary.startswith("removed the closure Closed, Tuesday 29")
    with pytest.raises(Refused, match="already removed"):
        operations.remove_closure(closure_id=closure.pk, by=alex, now=NOW)


def test_only_administrators_keep_closures(alex):
    closure, stranger = add(alex), make_person()

    for act in (
        lambda: add(stranger, "Mine", date(2027, 3, 1), date(2027, 3, 1)),
        lambda: change(closure, stranger, name="Mine"),
        lambda: operations.remove_closure(closure_id=closure.pk, by=stranger, now=NOW),
    ):
        with pytest.raises(NotPermitted, match="change the settings"):
            act()


def test_two_closures_of_the_same_days_at_once_leave_one(own_database):
    alex = make_administrator()

    def refused() -> bool:
        try:
            add(alex)
        except ClosureRefused:
            return True
        return False

    running = [InThread(refused) for _ in range(2)]

    assert sorted(each.result() for each in running) == [False, True]
    assert Closure.objects.count() == 1
