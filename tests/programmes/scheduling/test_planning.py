"""Planned days: shown before they move, moved together, kept with their reasons; stages skipped and taken up again."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.calendar.models import Closure
from partners.calendar.rules import ClosedDays
from partners.clock.operations import set_clock
from programmes.scheduling.models import Stage, StageDateMove
from programmes.scheduling.operations import (
    StagePlan,
    add_closure,
    plan_stages,
    remove_closure,
    skip_stage,
    start_stage,
    take_up_stage,
)
from programmes.scheduling.queries import effect_of_closure, stages_known_at, stages_of
from tests.builders import NOW, make_administrator, make_manager, make_programme, make_reader, make_review, pass_gates
from tests.threads import outcomes_of

FIRST, FIRST_END = date(2026, 12, 1), date(2026, 12, 24)
SECOND, SECOND_END = date(2026, 12, 29), date(2027, 1, 8)
SHUT = ClosedDays("Christmas closure", date(2026, 12, 29), date(2026, 12, 31))


def stages(programme):
    return stages_of([programme.pk])[programme.pk]


def spans(programme):
    return [(each.planned_start_on, each.planned_finish_on) for each in stages(programme)]


def plan(programme, by, *days, **more):
    found = stages(programme)
    plans = [StagePlan(stage.id, stage.version, *span) for stage, span in zip(found, days, strict=False)]
    return plan_stages(programme_id=programme.pk, plans=plans, by=by, **({"now": NOW} | more))


@pytest.fixture
def programme(db):
    return pass_gates(make_programme("Mobile officer"))


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


@pytest.fixture
def planned(programme, manager):
    plan(programme, manager, (FIRST, FIRST_END), (SECOND, SECOND_END))
    return programme


def close(alex, **more):
    return add_closure(name=SHUT.name, first_on=SHUT.first_on, last_on=SHUT.last_on, by=alex, **({"now": NOW} | more))


def test_what_follows_moves_along_with_one_event_and_a_reason_each(planned, manager):
    plan(planned, manager, (FIRST, date(2026, 12, 18)), move_following=True)

    assert spans(planned)[:2] == [(FIRST, date(2026, 12, 18)), (date(2026, 12, 21), date(2027, 1, 4))]
    latest = events_about(planned.pk).latest("pk")
    assert events_about(planned.pk).count() == 2
    assert latest.summary == (
        "planned ICT-enabled technology transformation of Mobile officer, which moved Information transformation"
    )
    moves = StageDateMove.objects.order_by("pk").values_list("from_on", "to_on", "reason")
    assert list(moves)[4:] == [
        (FIRST_END, date(2026, 12, 18), "Entered"),
        (
            SECOND,
            date(2026, 12, 21),
            "Starts on the next working day after ICT-enabled technology transformation finishes on Friday 18 December "
            "2026",
        ),
        (SECOND_END, date(2027, 1, 4), "Keeps its 8 working days"),
    ]


def test_what_would_move_differently_than_looked_at_is_refused(planned, manager):
    with pytest.raises(Conflict, match="look again"):
        plan(planned, manager, (FIRST, date(2026, 12, 18)), move_following=True, expected="0" * 64)

    assert spans(planned)[0] == (FIRST, FIRST_END)


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def typed(programme, **more):
    sent: dict[str, Any] = {}
    for stage in stages(programme):
        sent |= {f"version_{stage.kind}": str(stage.version)}
        for step in ("start", "finish"):
            day = more.get(f"{step}_{stage.kind}", getattr(stage, f"planned_{step}_on"))
            sent |= boxes(f"planned_{step}_{stage.kind}", day) if day else {}
    return sent


def hidden(page, moves):
    after = page.split(f'name="moves" value="{moves}"')[1]
    return {"moves": moves, "expected": after.split('name="expected" value="')[1].split('"')[0]}


@pytest.mark.parametrize(
    ("answer", "second"),
    [("all", (date(2026, 12, 21), date(2027, 1, 4))), ("mine", (SECOND, SECOND_END))],
)
def test_the_page_shows_what_moves_before_it_is_saved(client, planned, manager, answer, second):
    client.force_login(manager)
    page, sent = reverse("plan_stages", args=[planned.pk]), typed(planned, finish_technology=date(2026, 12, 18))

    shown = client.post(page, sent)
    asked = shown.content.decode()
    before = spans(planned)
    saved = client.post(page, sent | hidden(asked, answer))

    assert (shown.status_code, saved.status_code) == (200, 302)
    for words in ("Other days would move too", "Tuesday 29 December 2026", "Monday 21 December 2026", "Keep only my"):
        assert words in asked
    assert before == [(FIRST, FIRST_END), (SECOND, SECOND_END), (None, None)]
    assert spans(planned)[:2] == [(FIRST, date(2026, 12, 18)), second]


def test_the_page_asks_before_a_day_becomes_the_next_working_day(client, programme, manager):
    client.force_login(manager)
    sent = typed(programme, start_technology=date(2026, 12, 25), finish_technology=date(2027, 1, 8))

    asked = client.post(reverse("plan_stages", args=[programme.pk]), sent).content.decode()
    client.post(reverse("plan_stages", args=[programme.pk]), sent | hidden(asked, "all"))

    assert "which is not a working day (Christmas Day): the next one is taken" in asked
    assert "Keep only my" not in asked
    assert spans(programme)[0] == (date(2026, 12, 29), date(2027, 1, 8))


def test_an_answer_to_what_moved_meanwhile_is_asked_again(client, planned, manager):
    client.force_login(manager)
    page, sent = reverse("plan_stages", args=[planned.pk]), typed(planned, finish_technology=date(2026, 12, 18))
    answer = hidden(client.post(page, sent).content.decode(), "all")
    close(make_administrator())

    response = client.post(page, sent | answer)

    assert response.status_code == 409
    assert spans(planned)[0] == (FIRST, FIRST_END)


def test_the_history_of_a_stage_tells_every_move(client, planned, manager):
    plan(planned, manager, (FIRST, date(2026, 12, 18)), move_following=True)
    client.force_login(make_reader(planned))

    page = client.get(reverse("stage_dates", args=[planned.pk, stages(planned)[1].id])).content.decode()
    strange = client.get(reverse("stage_dates", args=[planned.pk, stages(make_programme())[0].id]))

    for words in ("Tuesday 29 December 2026", "Monday 21 December 2026", "Keeps its 8 working days", "Priya Nair"):
        assert words in page
    assert strange.status_code == 404


def test_stages_are_known_as_they_were_planned_then(django_assert_num_queries, planned, manager):
    later = NOW + timedelta(days=7)
    plan(planned, manager, (FIRST, date(2026, 12, 18)), move_following=True, now=later)

    def known(at):
        found = stages_known_at([planned.pk], on=at.date(), known_at=at)[planned.pk]
        return [(each.planned_start_on, each.planned_finish_on) for each in found[:2]]

    assert known(NOW - timedelta(days=1)) == [(None, None)] * 2
    assert known(NOW) == [(FIRST, FIRST_END), (SECOND, SECOND_END)]
    now = spans(planned)[:2]
    with django_assert_num_queries(2):
        assert known(later) == now


def test_a_skipped_stage_keeps_its_days_and_is_taken_up_again(planned, manager):
    second = stages(planned)[1]

    skip_stage(programme_id=planned.pk, stage_id=second.id, reason="Not needed", by=manager, now=NOW)
    skipped = stages(planned)[1]
    take_up_stage(programme_id=planned.pk, stage_id=second.id, reason="Needed after all", by=manager, now=NOW)

    assert (skipped.is_active, skipped.planned_start_on) == (False, SECOND)
    assert stages(planned)[1].is_active
    assert [event.summary for event in events_about(planned.pk).order_by("pk")][1:] == [
        "skipped Information transformation of Mobile officer, because: Not needed",
        "took up Information transformation of Mobile officer, because: Needed after all",
    ]


def test_no_stage_starts_past_its_gate_by_way_of_skipping(manager, programme):
    other = make_programme()
    by = make_manager(other)
    first, second, _ = stages(other)
    skip_stage(programme_id=other.pk, stage_id=first.id, reason="Not needed", by=by, now=NOW)

    with pytest.raises(Refused, match="has not been passed"):
        start_stage(programme_id=other.pk, stage_id=second.id, on=NOW.date(), by=by, now=NOW)
    with pytest.raises(Refused, match="is skipped"):
        start_stage(programme_id=other.pk, stage_id=first.id, on=NOW.date(), by=by, now=NOW)


def test_what_cannot_be_skipped_or_taken_up_is_refused(programme, manager):
    first, second, third = stages(programme)

    def act(operation, stage, reason="Why", by=manager):
        return operation(programme_id=programme.pk, stage_id=stage.id, reason=reason, by=by, now=NOW)

    for reason in ("", "two\nlines", "x" * 201):
        with pytest.raises(Refused) as refused:
            act(skip_stage, second, reason)
        assert refused.value.field == "reason"
    with pytest.raises(Refused, match="not skipped"):
        act(take_up_stage, first)
    act(skip_stage, first)
    with pytest.raises(Refused, match="skipped already"):
        act(skip_stage, first)
    start_stage(programme_id=programme.pk, stage_id=second.id, on=NOW.date(), by=manager, now=NOW)
    with pytest.raises(Refused, match="Only a stage that has not started"):
        act(skip_stage, second)
    with pytest.raises(Refused, match="comes before it"):
        act(take_up_stage, first)
    act(skip_stage, third)
    with pytest.raises(NotPermitted):
        act(take_up_stage, third, by=make_reader(programme))


def test_the_last_stage_is_not_skipped(programme, manager):
    first, second, third = stages(programme)
    for stage in (first, second):
        skip_stage(programme_id=programme.pk, stage_id=stage.id, reason="Why", by=manager, now=NOW)

    with pytest.raises(Refused, match="the only stage left"):
        skip_stage(programme_id=programme.pk, stage_id=third.id, reason="Why", by=manager, now=NOW)


def test_the_pages_skip_and_take_up(client, programme, manager):
    client.force_login(manager)
    args = [programme.pk, stages(programme)[1].id]

    nothing = client.post(reverse("skip_stage", args=args), {"reason": " "})
    skipped = client.post(reverse("skip_stage", args=args), {"reason": "Not needed"})
    shown = client.get(reverse("stages_of_programme", args=[programme.pk])).content.decode()
    again = client.post(reverse("skip_stage", args=args), {"reason": "Not needed"})
    taken = client.post(reverse("take_up_stage", args=args), {"reason": "Needed"})

    assert [page.status_code for page in (nothing, skipped, again, taken)] == [200, 302, 409, 302]
    assert "Skipped" in shown


def test_the_api_previews_plans_skips_and_tells_the_moves(client, planned, manager):
    client.force_login(manager)
    base = f"/api/programmes/{planned.pk}/stages/"

    def send(method, path, **body):
        return getattr(client, method)(f"{base}{path}", body, content_type="application/json")

    first, second, _ = stages(planned)
    row = {"stage": str(first.id), "version": 2, "planned_start_on": str(FIRST), "planned_finish_on": "2026-12-18"}
    preview = send("post", "preview/", stages=[row]).json()
    stale = send("patch", "", stages=[row], move_following=True, expected="0" * 64)
    saved = send("patch", "", stages=[row], move_following=True, expected=preview["fingerprint"])
    moves = client.get(f"{base}{second.id}/dates/").json()
    skipped = send("post", f"{second.id}/skip/", reason="Not needed")
    taken = send("post", f"{second.id}/take-up/", reason="Needed")

    assert [(move["title"], move["to_on"]) for move in preview["moved"]] == [
        ("ICT-enabled technology transformation", "2026-12-18"),
        ("Information transformation", "2026-12-21"),
        ("Information transformation", "2027-01-04"),
    ]
    assert (stale.status_code, saved.status_code) == (409, 200)
    assert (moves["count"], moves["results"][0]["reason"]) == (4, "Keeps its 8 working days")
    assert (skipped.json()["is_active"], taken.json()["is_active"]) == (False, True)
    assert send("post", f"{second.id}/skip/", reason="two\nlines").status_code == 400


# Closures


def test_a_closure_moves_every_programme_in_one_act(planned, manager):
    other, alex = make_programme("Drones"), make_administrator("Alex Morgan")
    plan(other, make_manager(other), (date(2026, 12, 30), date(2026, 12, 31)))
    make_programme("Not planned")

    effect = effect_of_closure(SHUT)
    close(alex, expected=effect.fingerprint)

    assert [(each.programme_name, len(each.moved)) for each in effect.programmes] == [
        ("Drones", 2),
        ("Mobile officer", 2),
    ]
    assert spans(planned)[:2] == [(FIRST, FIRST_END), (date(2027, 1, 4), date(2027, 1, 13))]
    assert spans(other)[0] == (date(2027, 1, 4), date(2027, 1, 5))
    written = AuditEvent.objects.filter(action="scheduling.add_closure").order_by("pk")
    assert [event.summary for event in written] == [
        "added the closure Christmas closure, Tuesday 29 to Thursday 31 December 2026",
        "moved planned days of Drones, because of the closure Christmas closure",
        "moved planned days of Mobile officer, because of the closure Christmas closure",
    ]
    last = written[2]
    assert last.before is not None
    assert last.after is not None
    assert last.before["information"]["planned_start_on"] == "2026-12-29"
    assert last.after["information"]["planned_start_on"] == "2027-01-04"


def test_a_closure_taken_out_moves_back_what_followed_at_once(planned):
    alex = make_administrator()
    closure = close(alex)

    remove_closure(closure_id=closure.pk, by=alex, now=NOW)

    assert spans(planned)[:2] == [(FIRST, FIRST_END), (SECOND, SECOND_END)]
    assert not Closure.objects.exists()


def test_a_closure_that_would_move_something_else_changes_nothing(planned, manager):
    alex, effect = make_administrator(), effect_of_closure(SHUT)
    plan(planned, manager, (FIRST, FIRST_END), (SECOND, date(2027, 1, 11)))

    with pytest.raises(Conflict, match="look again"):
        close(alex, expected=effect.fingerprint)

    assert not Closure.objects.exists()
    assert spans(planned)[1] == (SECOND, date(2027, 1, 11))


def test_a_plan_that_cannot_be_moved_stops_the_whole_closure(planned):
    other = make_programme("Far ahead")
    Stage.objects.filter(programme=other, position=1).update(
        planned_start_on=date(2026, 12, 1), planned_finish_on=date(2099, 12, 31)
    )

    with pytest.raises(Refused, match="beyond 2099"):
        close(make_administrator())

    assert not Closure.objects.exists()
    assert spans(planned)[1] == (SECOND, SECOND_END)


def test_the_pages_show_what_a_closure_moves_and_the_reviews_that_are_open(client, planned):
    set_clock(to=NOW)
    alex, review = make_administrator(), make_review(planned, starts_on=date(2026, 12, 1), weeks=8)
    client.force_login(alex)
    form = {"name": SHUT.name} | boxes("first_on", SHUT.first_on) | boxes("last_on", SHUT.last_on)

    asked = client.post(reverse("closure_new"), form)
    page = client.get(asked.url).content.decode()
    expected = page.split('name="expected" value="')[1].split('"')[0]
    stale = client.post(asked.url, {"expected": "0" * 64})
    added = client.post(asked.url, {"expected": expected})
    again = client.get(asked.url).content.decode()
    taken_out = client.get(reverse("closure_remove", args=[Closure.objects.get().pk])).content.decode()

    assert asked.url.startswith(reverse("closure_check"))
    for words in ("Mobile officer", "Monday 4 January 2027", "not a working day any more", review.title):
        assert words in page
    assert (stale.status_code, added.status_code) == (409, 302)
    assert spans(planned)[1] == (date(2027, 1, 4), date(2027, 1, 13))
    assert "These days overlap Christmas closure" in again
    assert "Tuesday 29 December 2026" in taken_out


def test_the_effect_of_a_closure_through_the_api(client, planned):
    client.force_login(make_administrator())
    body = {"name": SHUT.name, "first_on": "2026-12-29", "last_on": "2026-12-31"}

    def send(path, **more):
        return client.post(f"/api/closures/{path}", more, content_type="application/json")

    effect = send("effect/", **body).json()
    stale = send("", **body, expected="0" * 64)
    added = send("", **body, expected=effect["fingerprint"])
    wrong = [send("effect/", **more).status_code for more in ({}, {"first_on": "2026-12-29"}, {"first_on": "x"})]

    assert [(each["programme_name"], len(each["moved"])) for each in effect["programmes"]] == [("Mobile officer", 2)]
    assert (stale.status_code, added.status_code, wrong) == (409, 201, [400, 400, 400])
    assert send("effect/", instead_of=added.json()["id"]).json()["programmes"][0]["programme_name"] == "Mobile officer"
    client.force_login(make_manager(planned))
    assert send("effect/", **body).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_effect_of_a_closure_costs_the_same_whatever_it_moves(django_assert_num_queries, db, count):
    for _ in range(count):
        programme = make_programme()
        plan(programme, make_manager(programme), (FIRST, date(2027, 1, 8)))

    with django_assert_num_queries(5):
        effect = effect_of_closure(SHUT)

    assert len(effect.programmes) == count


def test_a_plan_and_a_closure_at_once_leave_a_plan_by_the_new_calendar(own_database):
    programme, alex = make_programme(), make_administrator()
    by = make_manager(programme)
    first = stages(programme)[0]

    outcomes_of(
        [
            lambda: close(alex),
            lambda: plan_stages(
                programme_id=programme.pk,
                plans=[StagePlan(first.id, 1, date(2026, 12, 29), date(2026, 12, 30))],
                by=by,
                now=NOW,
            ),
        ]
    )

    assert spans(programme)[0][0] == date(2027, 1, 4)


def test_two_plans_at_once_never_mix(own_database):
    programme = make_programme()
    by, other = make_manager(programme), make_manager(programme)
    first = stages(programme)[0]

    def wish(who, finish):
        plans = [StagePlan(first.id, 1, FIRST, finish)]
        return lambda: plan_stages(programme_id=programme.pk, plans=plans, by=who, now=NOW)

    results = outcomes_of([wish(by, FIRST_END), wish(other, SECOND_END)])

    assert [type(result) for result in results].count(Conflict) == 1
    assert StageDateMove.objects.count() == 2
