from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people import operations
from partners.people.enums import HoldingKind
from partners.people.models import Office, OfficeHolding
from partners.people.permissions import can_take_for, check_can_take_for
from partners.people.queries import holding_on, offices_over, organisation
from partners.people.queries.offices import offices_visible_to
from partners.people.rules.offices import Days, held_on, nobody_words, tenures
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_holding,
    make_manager,
    make_office,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
)

pytestmark = pytest.mark.django_db
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def cio(portfolio):
    return make_cio(portfolio, "Helen Osei")


@pytest.fixture
def office(portfolio):
    return make_office(scope=portfolio.scope)


def add(portfolio, by, **said):
    words = {"title": "Chief Constable", "body": "Northshire Police"}
    return operations.add_office(scope_id=portfolio.scope_id, by=by, now=NOW, **(words | said))


def change(office, by, **said):
    saved = {
        part: getattr(office, part)
        for part in ("title", "body", "established_on", "abolished_on", "successor_id", "clerk_id", "source", "version")
    }
    return operations.change_office(office_id=office.pk, by=by, now=NOW, **(saved | said))


def hold(office, by, name="Ola Brand", **said):
    return operations.add_holding(office_id=office.pk, holder_name=name, by=by, now=NOW, **said)


def correct(holding, by, **said):
    saved = {
        part: getattr(holding, part)
        for part in ("holder_name", "user_id", "kind", "from_on", "to_on", "source", "version")
    }
    return operations.correct_holding(holding_id=holding.pk, by=by, now=NOW, **(saved | said))


def decide(holding, on):
    """A decision that was taken by this holding, as the rooms above keep it."""
    from programmes.decisions.enums import DecisionState
    from programmes.decisions.models import Decision

    return Decision.objects.create(
        programme=make_programme(),
        title="The way on",
        question="How do we go on?",
        rationale="It is the best.",
        office=holding.office,
        holding=holding,
        state=DecisionState.TAKEN,
        taken_on=on,
        **{
            f"{act}_{part}": value
            for act in ("drafted", "proposed", "recorded")
            for part, value in (("at", NOW), ("by", holding.recorded_by))
        },
    )


# Rules

days = st.dates(date(2026, 1, 1), date(2026, 2, 28))
spans = st.builds(Days, st.none() | days, st.none() | days).filter(
    lambda span: span.from_on is None or span.to_on is None or span.from_on <= span.to_on
)


@given(spans, spans)
def test_spans_overlap_when_a_day_lies_in_both(one, other):
    every_day = [date(2025, 12, 31) + n * ONE_DAY for n in range(62)]

    assert one.overlaps(other) == any(one.holds(day) and other.holds(day) for day in every_day)


class Held:
    def __init__(self, name, from_on=None, to_on=None):
        self.holder_name, self.days = name, Days(from_on, to_on)


@pytest.mark.parametrize(
    ("exists", "held", "told"),
    [
        (Days(None, None), [], []),
        (Days(MAY, None), [], [(None, MAY, None)]),
        (
            Days(MAY, JULY),
            [Held("A", JUNE, JUNE)],
            [(None, date(2026, 6, 2), JULY), ("A", JUNE, JUNE), (None, MAY, date(2026, 5, 31))],
        ),
        (
            Days(None, None),
            [Held("A", None, MAY), Held("B", date(2026, 5, 2), None)],
            [("B", date(2026, 5, 2), None), ("A", None, MAY)],
        ),
        (
            Days(None, None),
            [Held("A", MAY, JUNE), Held("B", JULY)],
            [("B", JULY, None), (None, date(2026, 6, 2), date(2026, 6, 30)), ("A", MAY, JUNE)],
        ),
        (Days(None, JUNE), [Held("A", MAY, JUNE)], [("A", MAY, JUNE)]),
    ],
)
def test_the_life_of_an_office_shows_its_vacancies(exists, held, told):
    found = tenures(exists, held)

    assert [(t.holding.holder_name if t.holding else None, t.days.from_on, t.days.to_on) for t in found] == told


@pytest.mark.parametrize("day", [MAY - ONE_DAY, MAY, JUNE, JUNE + ONE_DAY, JULY, JULY + ONE_DAY])
def test_the_life_of_an_office_agrees_with_who_held_it(day):
    exists, held = Days(MAY, JULY), [Held("A", MAY, JUNE)]

    told = [t for t in tenures(exists, held) if t.days.holds(day)]

    assert [t.holding for t in told] == ([held_on(exists, held, day)] if exists.holds(day) else [])


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 4, 30), "Mayor was established on Friday 1 May 2026: there was none on Thursday 30 April 2026."),
        (JUNE, "Mayor is vacant on Monday 1 June 2026: nobody is on record as its holder."),
        (
            date(2026, 7, 2),
            "Mayor was abolished on Wednesday 1 July 2026: there is none on Thursday 2 July 2026. Its successor is Council.",
        ),
    ],
)
def test_why_nobody_holds_an_office(day, words):
    assert nobody_words("Mayor", Days(MAY, JULY), day, successor="Council") == words


# Who held it


@pytest.mark.parametrize(
    ("day", "holder"),
    [
        (date(2026, 4, 30), "Ann"),
        (MAY, "Ann"),
        (date(2026, 5, 2), None),
        (JUNE, "Ben"),
        (JULY, "Ben"),
        (date(2026, 7, 2), None),
    ],
)
def test_holding_on_a_day_counts_both_ends_and_the_life_of_the_office(office, day, holder):
    make_holding(office, "Ann", to_on=MAY)
    make_holding(office, "Ben", from_on=JUNE)
    office.abolished_on = JULY

    found = holding_on(office, day)

    assert (found.holder_name if found else None) == holder


def test_offices_over_a_programme_are_those_of_its_portfolio_and_of_the_organisation(portfolio, office):
    whole = make_office("Commissioner")
    make_office(scope=make_portfolio().scope)

    found = offices_over(make_programme(portfolio=portfolio).scope)

    assert list(found) == [office, whole]


def test_offices_are_seen_from_below_and_by_holder_and_clerk(portfolio, office):
    other = make_office(scope=make_portfolio().scope)
    whole = make_office("Commissioner", clerk=(clerk := make_person()))
    make_holding(other, user=(holder := make_person()))

    assert set(offices_visible_to(make_reader(make_programme(portfolio=portfolio)))) == {office, whole}
    assert set(offices_visible_to(make_administrator())) == {office, other, whole}
    assert set(offices_visible_to(holder)) == {other}
    assert set(offices_visible_to(clerk)) == {whole}
    assert set(offices_visible_to(make_person())) == set()


def test_only_the_holder_and_the_clerk_may_record_what_an_office_decides(portfolio, cio):
    clerk, holder = make_person("Sam Carter"), make_person("Ola Brand")
    office = make_office(scope=portfolio.scope, clerk=clerk)
    holding = make_holding(office, user=holder)

    assert [can_take_for(user, office, holding) for user in (holder, clerk)] == [True, True]
    assert [can_take_for(user, office, holding) for user in (cio, make_administrator(), make_person())] == [False] * 3
    with pytest.raises(NotPermitted, match="Ask Ola Brand, who holds it, or Sam Carter, its clerk"):
        check_can_take_for(cio, office, holding)


def test_an_office_without_clerk_and_a_holder_without_account_let_nobody_record(office, cio):
    holding = make_holding(office, "Bob Jones")

    assert not can_take_for(cio, office, holding)
    holding.office.clerk = leaver = make_person()
    leaver.is_active = False
    assert not can_take_for(leaver, office, holding)


# Offices


def test_add_office_keeps_what_was_said_and_one_event(portfolio, cio):
    later, clerk = add(portfolio, cio, title="Mayor"), make_person("Sam Carter")

    office = add(
        portfolio,
        cio,
        established_on=MAY,
        abolished_on=JULY,
        successor_id=later.pk,
        clerk_id=clerk.pk,
        source=" The Act ",
    )

    saved = Office.objects.get(pk=office.pk)
    assert (saved.scope_id, saved.successor, saved.clerk, saved.source) == (portfolio.scope_id, later, clerk, "The Act")
    event = AuditEvent.objects.get(subject_id=office.pk)
    assert (event.action, event.scope_id) == ("people.add_office", portfolio.scope_id)
    assert event.after == {
        "title": "Chief Constable",
        "body": "Northshire Police",
        "established_on": "2026-05-01",
        "abolished_on": "2026-07-01",
        "successor": "Mayor",
        "clerk": "Sam Carter",
        "source": "The Act",
        "version": 1,
    }


def test_the_same_office_twice_is_refused_whatever_its_capitals(portfolio, cio):
    add(portfolio, cio)

    with pytest.raises(Refused, match="has an office CHIEF CONSTABLE here already") as refused:
        add(portfolio, cio, title="CHIEF CONSTABLE")

    assert (refused.value.field, Office.objects.count()) == ("title", 1)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"body": "x" * 201}, "body"),
        ({"source": "a\tb"}, "source"),
        ({"established_on": JUNE, "abolished_on": MAY}, "abolished_on"),
        ({"established_on": date(206, 5, 1)}, "established_on"),
        ({"abolished_on": date(2200, 5, 1)}, "abolished_on"),
        ({"successor_id": uuid4()}, "successor"),
        ({"clerk_id": uuid4()}, "clerk"),
    ],
)
def test_an_office_that_cannot_be_is_refused_where_it_is_wrong(portfolio, cio, said, field):
    with pytest.raises(Refused) as refused:
        add(portfolio, cio, **said)

    assert (refused.value.field, Office.objects.count(), AuditEvent.objects.count()) == (field, 0, 0)


def test_an_office_of_a_programme_is_refused(portfolio, cio):
    programme = make_programme(portfolio=portfolio)

    with pytest.raises(Refused, match="belongs to a portfolio or to the organisation"):
        operations.add_office(scope_id=programme.scope_id, title="Head", body="Team", by=cio, now=NOW)


def test_who_may_manage_offices(portfolio, office, cio):
    outsiders = [make_manager(make_programme(portfolio=portfolio)), make_cio(make_portfolio()), make_person()]
    holding = make_holding(office)
    acts: list[Callable[..., object]] = [
        partial(add, portfolio, title="Mayor"),
        partial(change, office, title="Mayor"),
        partial(hold, office, from_on=MAY),
        partial(correct, holding, holder_name="Ann"),
        lambda by: operations.end_holding(holding_id=holding.pk, to_on=MAY, by=by, now=NOW),
    ]

    for by in outsiders:
        for act in acts:
            with pytest.raises(NotPermitted):
                act(by=by)
    with pytest.raises(NotPermitted):
        operations.add_office(scope_id=organisation().pk, title="Mayor", body="City", by=cio, now=NOW)
    assert AuditEvent.objects.count() == 0
    assert operations.add_office(
        scope_id=organisation().pk, title="Mayor", body="City", by=make_administrator(), now=NOW
    )


def test_change_office_keeps_before_and_after_and_a_repeat_writes_nothing(office, cio):
    change(office, cio, title="Mayor", abolished_on=JULY)

    change(office, cio, title="Mayor", abolished_on=JULY)

    event = AuditEvent.objects.get(subject_id=office.pk)
    assert event.summary == "changed the title and the last day of the office Mayor"
    assert event.before == {"version": 1, "title": "Chief Constable", "abolished_on": None}
    assert event.after == {"version": 2, "title": "Mayor", "abolished_on": "2026-07-01"}


def test_a_change_over_a_newer_one_tells_who_changed_what(portfolio, office, cio):
    change(office, make_cio(portfolio, "Tom Hale"), source="The Act")

    with pytest.raises(Conflict, match="Tom Hale changed the source of the office Chief Constable"):
        change(office, cio, title="Mayor")


def test_a_clerk_who_left_may_stay_on_record_and_is_not_chosen_anew(office, cio):
    clerk = make_person("Sam Carter")
    office = change(office, cio, clerk_id=clerk.pk)
    operations.record_leaver(person_id=clerk.pk, by=make_administrator(), now=NOW)

    assert change(office, cio, title="Mayor").clerk_id == clerk.pk
    with pytest.raises(Refused) as refused:
        change(make_office("Other", scope=office.scope), cio, clerk_id=clerk.pk)
    assert refused.value.field == "clerk"


def test_an_office_cannot_follow_itself_by_any_way_round(portfolio, office, cio):
    second = make_office("Second", scope=portfolio.scope, successor=office)
    third = make_office("Third", scope=portfolio.scope, successor=second)

    for successor in (office, second, third):
        with pytest.raises(Refused, match="cannot follow itself"):
            change(office, cio, successor_id=successor.pk)
    with pytest.raises(Refused, match="no such office here"):
        change(office, cio, successor_id=make_office(scope=make_portfolio().scope).pk)


def test_the_life_of_an_office_holds_its_holders_and_its_decisions(office, cio):
    holding = make_holding(office, from_on=MAY)
    decide(holding, JUNE)

    for said, field in (
        ({"established_on": date(2026, 5, 2)}, "established_on"),
        ({"abolished_on": date(2026, 4, 30)}, "abolished_on"),
        ({"abolished_on": date(2026, 5, 31)}, "abolished_on"),
    ):
        with pytest.raises(Refused) as refused:
            change(office, cio, **said)
        assert refused.value.field == field
    assert change(office, cio, abolished_on=JUNE).version == 2


# Holders


def test_add_holding_keeps_what_was_said_and_one_event(office, cio):
    ola = make_person("Ola Brand")

    holding = hold(office, cio, user_id=ola.pk, kind=HoldingKind.ACTING, from_on=MAY, source="Minute 4")

    saved = OfficeHolding.objects.get(pk=holding.pk)
    assert (saved.user, saved.kind, saved.days, saved.source) == (ola, "acting", Days(MAY, None), "Minute 4")
    event = AuditEvent.objects.get(subject_id=office.pk)
    assert event.summary == "recorded that Ola Brand holds the office Chief Constable from Friday 1 May 2026"
    assert event.after == {
        str(holding.pk): {
            "holder": "Ola Brand",
            "account": ola.email,
            "kind": "acting",
            "from_on": "2026-05-01",
            "to_on": None,
            "source": "Minute 4",
            "version": 1,
        }
    }


@pytest.mark.parametrize(
    ("from_on", "to_on"), [(None, None), (None, MAY), (MAY, None), (JUNE, JUNE), (date(2026, 4, 1), MAY), (JUNE, JULY)]
)
def test_a_second_holder_on_the_same_day_is_refused_by_name(office, cio, from_on, to_on):
    make_holding(office, "Ann Other", from_on=MAY, to_on=JUNE)

    with pytest.raises(
        Refused, match="Ann Other holds this office from Friday 1 May 2026 to Monday 1 June 2026"
    ) as refused:
        hold(office, cio, from_on=from_on, to_on=to_on)

    assert (refused.value.field, OfficeHolding.objects.count()) == ("from_on", 1)


@pytest.mark.parametrize(("from_on", "to_on"), [(None, date(2026, 4, 30)), (date(2026, 6, 2), None)])
def test_holders_follow_each_other_to_the_day(office, cio, from_on, to_on):
    make_holding(office, "Ann Other", from_on=MAY, to_on=JUNE)

    assert hold(office, cio, from_on=from_on, to_on=to_on)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "holder_name"),
        ({"name": "two\nlines"}, "holder_name"),
        ({"from_on": JUNE, "to_on": MAY}, "to_on"),
        ({"from_on": date(206, 5, 1)}, "from_on"),
        ({"from_on": date(2026, 4, 30)}, "from_on"),
        ({"to_on": date(2026, 7, 2)}, "to_on"),
        ({"user_id": uuid4()}, "user"),
        ({"source": "x" * 201}, "source"),
    ],
)
def test_a_holding_that_cannot_be_is_refused_where_it_is_wrong(portfolio, cio, said, field):
    office = make_office(scope=portfolio.scope, established_on=MAY, abolished_on=JULY)

    with pytest.raises(Refused) as refused:
        hold(office, cio, **said)

    assert (refused.value.field, OfficeHolding.objects.count()) == (field, 0)


def test_a_holding_ends_once(office, cio):
    holding = make_holding(office, from_on=MAY)

    ended = operations.end_holding(holding_id=holding.pk, to_on=JUNE, by=cio, now=NOW)

    assert (ended.to_on, ended.version) == (JUNE, 2)
    with pytest.raises(Refused, match=r"to Monday 1 June 2026 already\. To change the last day, correct it"):
        operations.end_holding(holding_id=holding.pk, to_on=JULY, by=cio, now=NOW)
    assert AuditEvent.objects.count() == 1


def test_a_holding_cannot_end_before_it_starts_or_before_a_decision(office, cio):
    holding = make_holding(office, from_on=MAY)
    decide(holding, JUNE)

    for to_on, sentence in (
        (date(2026, 4, 30), "The last day comes before the first"),
        (date(2026, 5, 31), "A decision was taken on Monday 1 June 2026"),
    ):
        with pytest.raises(Refused, match=sentence):
            operations.end_holding(holding_id=holding.pk, to_on=to_on, by=cio, now=NOW)
    assert operations.end_holding(holding_id=holding.pk, to_on=JUNE, by=cio, now=NOW).to_on == JUNE


def test_a_correction_says_what_was_corrected_and_a_repeat_writes_nothing(office, cio):
    holding = make_holding(office, "Ola Brandt", from_on=MAY)

    correct(holding, cio, holder_name="Ola Brand", from_on=JUNE)
    correct(holding, cio, holder_name="Ola Brand", from_on=JUNE)

    [event] = AuditEvent.objects.all()
    assert event.summary == "corrected the name and the first day of Ola Brandt as Chief Constable"
    before, after = ((said or {})[str(holding.pk)]["holder"] for said in (event.before, event.after))
    assert (before, after) == ("Ola Brandt", "Ola Brand")


def test_a_correction_over_a_newer_one_tells_who_changed_what(portfolio, office, cio):
    holding = make_holding(office)
    correct(holding, make_cio(portfolio, "Tom Hale"), source="Minute 4", from_on=MAY)

    with pytest.raises(Conflict, match="Tom Hale changed the first day and the source of who holds Chief Constable"):
        correct(holding, cio, holder_name="Ann")


def test_what_a_decision_rests_on_stays(office, cio):
    holding = make_holding(office, from_on=MAY)
    decide(holding, JUNE)

    for said, field in (
        ({"holder_name": "Ann Other"}, "holder_name"),
        ({"kind": HoldingKind.ACTING}, "kind"),
        ({"from_on": date(2026, 6, 2)}, "from_on"),
        ({"to_on": date(2026, 5, 31)}, "to_on"),
    ):
        with pytest.raises(Refused) as refused:
            correct(holding, cio, **said)
        assert refused.value.field == field
    user = make_person()
    corrected = correct(holding, cio, from_on=JUNE, to_on=JUNE, source="Minute 4", user_id=user.pk)
    assert (corrected.days, corrected.user) == (Days(JUNE, JUNE), user)


def test_a_draft_alone_lets_a_holding_be_corrected(office, cio):
    from programmes.decisions.models import Decision

    holding = make_holding(office)
    Decision.objects.create(
        programme=make_programme(), title="x", question="x", office=office, drafted_at=NOW, drafted_by=cio
    )

    assert correct(holding, cio, holder_name="Ann Other").holder_name == "Ann Other"


@pytest.mark.parametrize(("from_on", "to_on"), [(None, None), (JUNE, JUNE)])
def test_the_database_refuses_two_holders_on_a_day(office, from_on, to_on):
    make_holding(office, from_on=MAY, to_on=JULY)

    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        make_holding(office, from_on=from_on, to_on=to_on)
