from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from partners.audit.models import AuditEvent
from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people.enums import Role
from programmes.register.models import Programme
from programmes.savings.changes import drop_saving, move_saving
from programmes.savings.models import Saving, SavingMove, SavingStatement
from programmes.savings.operations import add_saving, change_saving, state_saving
from programmes.savings.queries import latest_statements, savings_at, savings_to_come, stated_at, totals_at
from tests.builders import (
    MILLION,
    NOW,
    give_role,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
)
from tests.builders.money import make_saving, state

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LATER = NOW + timedelta(days=20)


@pytest.fixture
def programme() -> Programme:
    return make_programme()


def adding(programme, **changed):
    whole: dict[str, Any] = {
        "title": "Fewer buildings",
        "request_key": uuid4(),
        "by": make_manager(programme),
        "now": NOW,
    }
    return partial(add_saving, programme_id=programme.pk, **(whole | changed))


def stating(saving, **changed):
    whole: dict[str, Any] = {
        "year": 2026,
        "based_on": 0,
        "expected_pence": 78 * MILLION,
        "stated_on": TODAY,
        "source": "Budget paper",
        "request_key": uuid4(),
        "by": make_manager(saving.programme),
        "now": NOW,
    }
    return partial(state_saving, saving_id=saving.pk, **(whole | changed))


def test_add_saving_keeps_it_with_its_owner_and_one_event(programme):
    owner = make_person("Tom Birch")

    saving = adding(programme, description="Leave two.\r\nSell one.", owner_id=owner.pk)()

    saving.refresh_from_db()
    assert (saving.title, saving.description, saving.owner) == ("Fewer buildings", "Leave two.\nSell one.", owner)
    event = events_about(saving.pk).get()
    assert event.summary == "added the saving Fewer buildings, owned by Tom Birch"
    assert event.scope_id == programme.scope_id


def test_add_saving_again_with_the_same_key_does_nothing_new(programme):
    again = adding(programme)

    assert again() == again()
    assert (Saving.objects.count(), AuditEvent.objects.filter(action="savings.add_saving").count()) == (1, 1)


def test_add_saving_with_a_key_of_another_programme_is_refused(programme):
    key = uuid4()
    adding(programme, request_key=key)()

    with pytest.raises(Refused, match="used for something else"):
        adding(make_programme(), request_key=key)()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Two\nlines"}, "title"),
        ({"description": "x" * 2001}, "description"),
        ({"owner_id": uuid4()}, "owner"),
    ],
)
def test_add_saving_refuses_what_may_not_be_typed(programme, changed, field):
    with pytest.raises(Refused) as refusal:
        adding(programme, **changed)()

    assert refusal.value.field == field
    assert not Saving.objects.exists()


def test_add_saving_refuses_a_title_that_the_programme_has(programme):
    adding(programme)()
    adding(make_programme())()

    with pytest.raises(Refused, match="a saving called Fewer buildings already"):
        adding(programme)()


def test_add_saving_refuses_a_programme_that_has_ended(programme):
    Programme.objects.filter(pk=programme.pk).update(
        ended_on=TODAY, ended_at=NOW, ended_by=programme.set_up_by, end_reason="It is over"
    )

    with pytest.raises(Refused, match="ended on"):
        adding(programme)()


@pytest.mark.parametrize("who", [make_person, make_administrator])
def test_acts_on_savings_are_refused_to_others(programme, who):
    saving, stranger = make_saving(programme), who()

    for act in (
        adding(programme, by=stranger, title="Another"),
        stating(saving, by=stranger),
        partial(
            change_saving,
            saving_id=saving.pk,
            version=1,
            title="New",
            description="",
            owner_id=None,
            by=stranger,
            now=NOW,
        ),
    ):
        with pytest.raises(NotPermitted, match="Chief information officer or programme manager"):
            act()
    assert not SavingStatement.objects.exists()


def test_readers_and_leads_are_refused_and_the_cio_may(programme):
    saving = make_saving(programme)
    lead = give_role(make_person(), Role.WORKSTREAM_LEAD, programme.scope)
    cio = give_role(make_person(), Role.CIO, programme.scope.parent)

    for person in (make_reader(programme), lead):
        with pytest.raises(NotPermitted):
            stating(saving, by=person)()
    stating(saving, by=cio)()

    assert SavingStatement.objects.get().recorded_by == cio


def test_change_saving_says_what_changed(programme):
    saving = make_saving(programme, "Fewer buildings")

    changed = change_saving(
        saving_id=saving.pk,
        version=1,
        title="Fewer leases",
        description="",
        owner_id=make_person().pk,
        by=make_manager(programme),
        now=NOW,
    )

    assert changed.version == 2
    assert events_about(saving.pk)[0].summary == "changed the title and the owner of the saving Fewer leases"


def test_change_saving_from_an_older_version_names_who_changed_what_unless_it_says_the_same(programme):
    saving = make_saving(programme, "Fewer buildings")
    ama = make_manager(programme, "Ama Mensah")
    change = partial(change_saving, saving_id=saving.pk, version=1, description="", owner_id=None, now=NOW)
    change(title="Fewer leases", by=ama)

    with pytest.raises(Conflict, match="Ama Mensah changed the title of this saving"):
        change(title="No leases", by=make_manager(programme))
    assert change(title="Fewer leases", by=make_manager(programme)).version == 2


def test_a_statement_counts_after_the_one_before_and_both_stay(programme):
    saving = make_saving(programme)
    state(saving, expected=78)

    state(saving, delivered=78, now=LATER)

    assert list(saving.statements.order_by("number").values_list("number", "expected_pence", "delivered_pence")) == [
        (1, 78 * MILLION, 0),
        (2, 0, 78 * MILLION),
    ]
    event = events_about(saving.pk)[0]
    assert event.summary == f"stated {saving.title} for 2026-27: expected £78m → delivered £78m"
    assert event.after is not None
    assert event.after["delivered_pence"] == 78 * MILLION


def test_what_is_expected_stays_so_after_the_end_of_its_financial_year(programme):
    saving = make_saving(programme)
    state(saving, 2025, expected=78)

    money = savings_at(programme, on=date(2027, 6, 1), known_at=NOW + timedelta(days=400))

    assert (money.saved.expected.low_pence, money.saved.delivered.low_pence) == (78 * MILLION, 0)


def test_the_same_statement_sent_twice_is_kept_once(programme):
    again = stating(make_saving(programme))

    assert again() == again()
    assert (SavingStatement.objects.count(), AuditEvent.objects.filter(action="savings.state_saving").count()) == (1, 1)


def test_a_key_that_was_used_for_another_year_is_refused(programme):
    saving, key = make_saving(programme), uuid4()
    stating(saving, request_key=key)()

    with pytest.raises(Refused, match="used for something else"):
        stating(saving, request_key=key, year=2027)()


def test_a_statement_from_an_older_reading_is_a_conflict_that_names_who_stated_it(programme):
    saving = make_saving(programme, "Fewer buildings")
    state(saving, expected=78, by=make_manager(programme, "Ama Mensah"))

    with pytest.raises(Conflict, match="Ama Mensah changed what Fewer buildings comes to in 2026-27"):
        stating(saving)()
    with pytest.raises(Conflict):
        stating(saving, based_on=2)()

    assert SavingStatement.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"expected_pence": -1}, "expected"),
        ({"expected_pence": 10**13}, "expected"),
        ({"expected_pence": 0}, "planned"),
        ({"planned_pence": 1}, "confidence"),
        ({"confidence": "solid"}, "confidence"),
        ({"year": 2027, "delivered_pence": 1}, "delivered"),
        ({"year": 1999}, "year"),
        ({"year": 2099}, "year"),
        ({"stated_on": TODAY + timedelta(days=1)}, "stated_on"),
        ({"stated_on": date(1999, 1, 1)}, "stated_on"),
        ({"source": ""}, "source"),
        ({"source": "x" * 201}, "source"),
        ({"note": "Two\nlines"}, "note"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_and_nothing_is_written(programme, changed, field):
    saving = make_saving(programme)

    with pytest.raises(Refused) as refusal:
        stating(saving, **changed)()

    assert refusal.value.field == field
    assert not SavingStatement.objects.exists()
    assert not AuditEvent.objects.filter(action="savings.state_saving").exists()


def test_a_statement_of_a_day_before_the_latest_is_refused(programme):
    saving = make_saving(programme)
    state(saving, expected=78)

    with pytest.raises(Refused, match="Wednesday 16 September 2026"):
        stating(saving, based_on=1, stated_on=TODAY - timedelta(days=1))()


def test_something_can_be_stated_as_nothing_any_more(programme):
    saving = make_saving(programme)
    state(saving, planned=5)

    state(saving)

    assert savings_to_come(programme) == []


def test_a_statement_cannot_be_changed_or_removed(programme):
    statement = state(make_saving(programme), expected=1)

    for write in (
        lambda: SavingStatement.objects.filter(pk=statement.pk).update(expected_pence=2),
        lambda: SavingStatement.objects.filter(pk=statement.pk).delete(),
    ):
        with pytest.raises(Exception, match=r"(?i)cannot|permission"), transaction.atomic():
            write()


def test_the_database_refuses_a_plan_without_confidence_and_a_number_twice(programme):
    statement = state(make_saving(programme), planned=1)

    for changed in ({"confidence": "", "number": 2}, {"number": 1}, {"planned_pence": -1, "number": 3}):
        values = SavingStatement.objects.filter(pk=statement.pk).values().get()
        with pytest.raises(IntegrityError), transaction.atomic():
            SavingStatement.objects.create(**(values | {"id": uuid4()} | changed))


def test_savings_to_come_are_those_planned_or_expected_by_their_latest_statements(programme):
    planned, expected, delivered, nothing = (make_saving(programme, title) for title in ("D", "B", "C", "A"))
    state(planned, 2027, planned=1)
    state(expected, expected=1)
    state(delivered, expected=1)
    state(delivered, delivered=1)
    state(make_saving(make_programme()), planned=1)

    assert savings_to_come(programme) == [expected, planned]
    assert nothing not in savings_to_come(programme)


@transaction.atomic
def drop(saving, **changed):
    whole = {"on": TODAY, "decision_id": uuid4(), "source": "Decision: end it", "by": saving.recorded_by, "now": NOW}
    drop_saving(saving, **(whole | changed))


def test_a_saving_that_is_dropped_keeps_what_is_delivered(programme):
    saving, decision = make_saving(programme), uuid4()
    state(saving, 2026, planned=1, expected=2, delivered=3)
    state(saving, 2025, delivered=4)
    state(saving, 2027, planned=5)

    drop(saving, decision_id=decision)

    assert [
        (each.year, each.number, each.amounts.planned_pence, each.amounts.expected_pence, each.delivered_pence)
        for each in latest_statements(saving)
    ] == [
        (2025, 1, 0, 0, 4 * MILLION),
        (2026, 2, 0, 0, 3 * MILLION),
        (2027, 2, 0, 0, 0),
    ]
    assert {each.decision_id for each in latest_statements(saving) if each.number == 2} == {decision}
    assert savings_to_come(programme) == []


def test_a_saving_that_is_dropped_by_an_earlier_decision_is_stated_no_earlier_than_before(programme):
    saving = make_saving(programme)
    state(saving, planned=1)

    drop(saving, on=TODAY - timedelta(days=8))

    assert latest_statements(saving)[0].stated_on == TODAY


@transaction.atomic
def move(saving, to, **changed):
    whole = {"on": TODAY, "decision_id": uuid4(), "by": saving.recorded_by, "now": NOW}
    move_saving(Saving.objects.get(pk=saving.pk), to=to, **(whole | changed))


def test_a_saving_that_moves_counts_where_it_stood_on_each_day():
    portfolio = make_portfolio()
    here, there = (make_programme(portfolio=portfolio) for _ in range(2))
    saving = make_saving(here)
    state(saving, planned=5)
    moved_at = NOW + timedelta(days=10)

    move(saving, there, on=moved_at.date(), now=moved_at)

    def amounts(on, known_at):
        found = totals_at([here.pk, there.pk], on=on, known_at=known_at)
        return [found[pk].saved.low_pence // MILLION for pk in (here.pk, there.pk)]

    assert amounts(TODAY, moved_at) == [5, 0]
    assert amounts(moved_at.date() - timedelta(days=1), moved_at) == [5, 0]
    assert amounts(moved_at.date(), moved_at) == [0, 5]
    assert amounts(moved_at.date(), moved_at - timedelta(seconds=1)) == [5, 0]
    assert [each.programme_id for each in stated_at([there.pk], on=moved_at.date(), known_at=moved_at)] == [there.pk]
    saving.refresh_from_db()
    assert (saving.programme, saving.version, SavingMove.objects.count()) == (there, 2, 1)


def test_a_move_that_cannot_be_is_refused():
    portfolio = make_portfolio()
    here, there = (make_programme(portfolio=portfolio) for _ in range(2))
    saving = make_saving(here, "Fewer buildings")

    with pytest.raises(Refused, match="already"):
        move(saving, here)
    with pytest.raises(Refused, match="another portfolio"):
        move(saving, make_programme())
    make_saving(there, "Fewer buildings")
    with pytest.raises(Refused, match="has a saving called Fewer buildings"):
        move(saving, there)
    assert not SavingMove.objects.exists()


def test_a_move_before_the_last_one_is_refused():
    portfolio = make_portfolio()
    here, there = (make_programme(portfolio=portfolio) for _ in range(2))
    saving = make_saving(here)
    move(saving, there)

    with pytest.raises(Refused, match="Choose that day or a later one"):
        move(saving, here, on=TODAY - timedelta(days=1))


def test_any_past_day_shows_what_was_known_then(programme):
    saving = make_saving(programme)
    state(saving, 2025, expected=10)
    backdated = NOW + timedelta(days=5)
    state(saving, 2025, delivered=10, stated_on=TODAY, now=backdated)
    on = TODAY

    then = savings_at(programme, on=on, known_at=NOW)
    now = savings_at(programme, on=on, known_at=backdated)
    before = savings_at(programme, on=on - timedelta(days=1), known_at=backdated)

    assert (then.saved.expected.low_pence, then.saved.delivered.low_pence) == (10 * MILLION, 0)
    assert (now.saved.expected.low_pence, now.saved.delivered.low_pence) == (0, 10 * MILLION)
    assert before.saved.saved.low_pence == 0


def test_a_saving_that_was_not_recorded_yet_is_not_shown(programme):
    make_saving(programme, now=LATER)

    assert savings_at(programme, on=TODAY, known_at=NOW).savings == ()
    assert len(savings_at(programme, on=LATER.date(), known_at=LATER).savings) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_what_programmes_save_takes_as_many_queries_for_one_as_for_three(count, django_assert_num_queries):
    portfolio = make_portfolio()
    programmes = [make_programme(portfolio=portfolio) for _ in range(count)]
    for programme in programmes:
        state(make_saving(programme), planned=1)
        state(make_saving(programme), expected=1)

    with django_assert_num_queries(4):
        totals_at([programme.pk for programme in programmes], on=TODAY, known_at=NOW)


def test_the_cio_of_another_portfolio_may_not_state(programme):
    with pytest.raises(NotPermitted):
        stating(make_saving(programme), by=make_cio(make_portfolio()))()
