"""The story of a programme: what is told, as at which day, to whom, and at what cost."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from partners.calendar.rules import AsAt
from partners.clock.operations import set_clock
from partners.clock.rules import end_of_day, local_date
from partners.consortia.changes import bring_to, lock_relationship
from partners.consortia.enums import RelationshipState
from programmes.engagements.enums import EngagementKind
from programmes.engagements.operations import undo_roll_off
from programmes.overview.queries import timeline_of
from programmes.overview.rules import Event, EventKind, in_order
from programmes.register.changes import change_delivery_model, end_programme
from programmes.register.enums import DeliveryModel, PositionKind
from programmes.register.models import Position
from programmes.register.operations import record_constraint, record_lesson, withdraw_constraint, withdraw_lesson
from programmes.reviews.operations import cancel_review
from programmes.savings.models import Saving, SavingStatement
from programmes.scheduling.operations import finish_stage, start_stage, undo_stage_step
from programmes.workstreams.changes import move_by_decision
from programmes.workstreams.operations import close_workstream, reopen_workstream
from tests.builders import (
    NOW,
    launch,
    make_acknowledgement,
    make_bid,
    make_bidder,
    make_cio,
    make_consultation,
    make_engagement,
    make_firm,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_question,
    make_reader,
    make_review,
    make_taken_decision,
    make_unit,
    make_workstream,
    pass_gates,
)
from tests.builders.gates import answer_all, complete, make_gate_review

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)
LATER = NOW + 90 * DAY


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def programme(portfolio):
    return make_programme("Custody", portfolio=portfolio)


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Grace Adeyemi")


def told(programme, *kinds, user=None, at=LATER, on=None, **more):
    """The events as (day, words), the oldest first; as at the end of ``on`` when given."""
    when = AsAt(on, end_of_day(on)) if on else AsAt(local_date(at), at)
    programme.refresh_from_db()
    user = user or make_manager(programme)
    found = timeline_of(
        programme, user=user, when=when, kinds=kinds or tuple(EventKind), **({"newest_first": False} | more)
    )
    return [(event.on, event.words) for event in found]


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- what each room tells


def test_a_programme_is_set_up_delivered_otherwise_and_ended(programme, manager):
    programme = pass_gates(programme)
    with transaction.atomic():
        change_delivery_model(
            programme,
            to=DeliveryModel.INTERNALLY_SUPPORTED,
            from_on=TODAY + DAY,
            decision_id=uuid4(),
            by=manager,
            now=NOW + 2 * DAY,
        )
        end_programme(programme, on=TODAY + 3 * DAY, reason="Done", by=manager, now=NOW + 4 * DAY)

    assert told(programme, EventKind.PROGRAMME) == [
        (TODAY, "The programme was set up"),
        (TODAY + DAY, "The delivery model became: Internally supported"),
        (TODAY + 3 * DAY, "The programme ended"),
    ]
    assert told(programme, EventKind.PROGRAMME, on=TODAY + DAY) == [(TODAY, "The programme was set up")]
    assert len(told(programme, EventKind.PROGRAMME, on=TODAY + 2 * DAY)) == 2
    assert len(told(programme, EventKind.PROGRAMME, on=TODAY + 3 * DAY)) == 2


def test_stages_are_told_as_they_were_recorded_and_taken_back(programme, manager):
    pass_gates(programme)
    stage = programme.stages.get(kind="technology")
    step = {"programme_id": programme.pk, "stage_id": stage.pk, "by": manager}
    start_stage(on=TODAY - 5 * DAY, now=NOW, **step)
    undo_stage_step(step="start", reason="Wrong day", now=NOW + DAY, **step)
    start_stage(on=TODAY - 3 * DAY, now=NOW + 2 * DAY, **step)
    finish_stage(on=TODAY, now=NOW + 3 * DAY, **step)

    def steps(on):
        return [(day, words) for day, words in told(programme, EventKind.STAGE, on=on) if "Gate" not in words]

    name = "ICT-enabled technology transformation"
    assert steps(TODAY - DAY) == []
    assert steps(TODAY) == [(TODAY - 5 * DAY, f"{name} started")]
    assert steps(TODAY + DAY) == []
    assert steps(TODAY + 2 * DAY) == [(TODAY - 3 * DAY, f"{name} started")]
    assert steps(TODAY + 3 * DAY) == [(TODAY - 3 * DAY, f"{name} started"), (TODAY, f"{name} finished")]


def test_gates_tell_what_was_decided(programme):
    pass_gates(programme, on=TODAY - DAY)

    assert (TODAY - DAY, "Gate before Business transformation: proceed") in told(programme, EventKind.STAGE)
    assert told(programme, EventKind.STAGE, on=TODAY - DAY) == []


def test_a_gate_review_is_told_once_it_is_completed(programme):
    review = make_gate_review(programme)
    assert told(programme, EventKind.STAGE) == []

    complete(answer_all(review))

    event = (TODAY, "Gate review before ICT-enabled technology transformation: amber/green")
    assert told(programme, EventKind.STAGE) == [event]
    assert told(programme, EventKind.STAGE, on=TODAY - DAY) == []


def test_reviews_and_consultations_open_and_close(programme):
    unit = make_unit()
    make_person(unit=unit)
    review = make_review(programme)
    consultation = make_consultation(review, units=[unit])
    make_question(consultation)
    launch(consultation)
    opened, closes = date(2026, 9, 15), date(2026, 11, 10)

    kinds = (EventKind.REVIEW, EventKind.CONSULTATION)
    assert told(programme, *kinds, on=date(2026, 11, 9)) == [
        (opened, f"Review opened: {review}"),
        (TODAY, f"Consultation launched: {consultation}"),
    ]
    assert told(programme, *kinds, on=closes)[2:] == [
        (closes, f"Review closed: {review}"),
        (closes, f"Consultation closed: {consultation}"),
    ]


def test_a_cancelled_review_neither_closes_nor_opens_after(programme, manager):
    ahead = make_review(programme, starts_on=TODAY + 13 * DAY)
    running = make_review(programme)
    for review in (ahead, running):
        cancel_review(review_id=review.pk, reason="Not now", by=manager, now=NOW + DAY)

    assert told(programme, EventKind.REVIEW, on=TODAY) == [(date(2026, 9, 15), f"Review opened: {running}")]
    assert sorted(told(programme, EventKind.REVIEW)) == sorted(
        [
            (date(2026, 9, 15), f"Review opened: {running}"),
            (TODAY + DAY, f"Review cancelled: {ahead}"),
            (TODAY + DAY, f"Review cancelled: {running}"),
        ]
    )


def test_a_workstream_is_added_closed_reopened_and_closed_again(programme, manager):
    one = make_workstream(programme, "Tablets")
    acted = {"workstream_id": one.pk, "by": manager}
    close_workstream(reason="Paused", now=NOW + DAY, **acted)
    reopen_workstream(reason="Goes on", now=NOW + 2 * DAY, **acted)
    close_workstream(reason="Done", now=NOW + 3 * DAY, **acted)

    story = [
        (TODAY, "Workstream added: Tablets"),
        (TODAY + DAY, "Workstream closed: Tablets"),
        (TODAY + 2 * DAY, "Workstream reopened: Tablets"),
        (TODAY + 3 * DAY, "Workstream closed: Tablets"),
    ]
    assert told(programme, EventKind.WORKSTREAM) == story
    for n in range(4):
        assert told(programme, EventKind.WORKSTREAM, on=TODAY + n * DAY) == story[: n + 1]


def test_a_workstream_that_moves_is_told_on_both_sides_to_who_may_see_them(portfolio, programme, manager):
    other = make_programme("Network", portfolio=portfolio)
    one = make_workstream(programme, "Tablets")
    with transaction.atomic():
        move_by_decision(one, to=other, on=TODAY + DAY, decision_id=uuid4(), by=manager, now=NOW + 2 * DAY)
    close_workstream(workstream_id=one.pk, reason="Done", by=make_manager(other), now=NOW + 3 * DAY)
    cio = make_cio(portfolio)

    assert told(programme, EventKind.WORKSTREAM, user=cio) == [
        (TODAY, "Workstream added: Tablets"),
        (TODAY + DAY, "Workstream Tablets went to Network"),
    ]
    assert told(other, EventKind.WORKSTREAM, user=cio) == [
        (TODAY + DAY, "Workstream Tablets came from Custody"),
        (TODAY + 3 * DAY, "Workstream closed: Tablets"),
    ]
    assert told(programme, EventKind.WORKSTREAM, on=TODAY + DAY) == [(TODAY, "Workstream added: Tablets")]
    assert told(programme, EventKind.WORKSTREAM)[1][1] == "Workstream Tablets went to another programme"
    when = AsAt(TODAY + DAY, LATER)
    events = timeline_of(programme, user=cio, when=when, kinds=[EventKind.WORKSTREAM])
    assert {event.page for event in events} == {""}


def test_savings_are_told_by_what_changed(programme, manager):
    saving = Saving.objects.create(programme=programme, title="Fewer buildings", recorded_at=NOW, recorded_by=manager)

    def state(number, on, now, year=2026, **amounts):
        SavingStatement.objects.create(
            saving=saving,
            year=year,
            number=number,
            stated_on=on,
            source="Finance",
            recorded_at=now,
            recorded_by=manager,
            **amounts,
        )

    state(1, TODAY, NOW, expected_pence=100_000_000)
    state(2, TODAY + DAY, NOW + 5 * DAY, delivered_pence=100_000_000)

    at_first, at_last = AsAt(TODAY + 4 * DAY, end_of_day(TODAY + 4 * DAY)), AsAt(local_date(LATER), LATER)
    kinds = [EventKind.SAVING]
    first = timeline_of(programme, user=manager, when=at_first, kinds=kinds)
    assert [(event.on, event.words, event.detail) for event in first] == [
        (TODAY, "Saving stated: Fewer buildings", "2026-27: expected £1m")
    ]
    newest = timeline_of(programme, user=manager, when=at_last, kinds=kinds)[0]
    assert (newest.on, newest.recorded_on, newest.source) == (TODAY + DAY, TODAY + 5 * DAY, "Finance")
    assert newest.detail == "2026-27: expected £1m → delivered £1m"


def test_bidders_are_told_with_what_became_of_them(programme, manager):
    partner = make_bidder(programme, "Alpha", ["Beta", "Gamma"])
    make_bid(programme, partner, named_on=TODAY - 2 * DAY)
    with transaction.atomic():
        bring_to(
            lock_relationship(partner.pk),
            RelationshipState.AVAILABLE,
            since_on=TODAY,
            owner=manager,
            expires_on=TODAY + 30 * DAY,
            by=manager,
            now=NOW,
        )
    story = [
        (TODAY - 2 * DAY, "Alpha bid"),
        (TODAY, "Alpha: available until Friday 16 October 2026"),
    ]

    assert [(day, words.lower()) for day, words in told(programme, EventKind.BIDDER)] == [
        (day, words.lower()) for day, words in story
    ]
    owner = make_person("Olu Owner")
    programme.owner = owner
    programme.save()
    assert told(programme, EventKind.BIDDER, user=owner) == story[:1]


def test_engagements_begin_and_end_as_known(programme, manager):
    firm = make_firm("Northbridge")
    ended = make_engagement(programme, "Design team", starts_on=TODAY - DAY, ended_on=TODAY, organisation_id=firm.pk)
    make_engagement(programme, "Never", starts_on=TODAY + 9 * DAY, ended_on=TODAY, kind=EngagementKind.STAFF)
    make_engagement(programme, "Soon", starts_on=TODAY + 3 * DAY, kind=EngagementKind.ADVISER)
    undo_roll_off(engagement_id=ended.pk, reason="A slip", by=manager, now=NOW + DAY)
    began = (TODAY - DAY, "Consultant began: Design team (Northbridge)")
    off = (TODAY, "Called off before it began: Never")

    assert told(programme, EventKind.ENGAGEMENT, on=TODAY) == [
        began,
        off,
        (TODAY, "Consultant rolled off: Design team (Northbridge)"),
    ]
    assert told(programme, EventKind.ENGAGEMENT, on=TODAY + DAY) == [began, off]
    assert told(programme, EventKind.ENGAGEMENT, on=TODAY + 3 * DAY)[-1] == (TODAY + 3 * DAY, "Adviser began: Soon")


def test_what_was_said_is_told_until_it_is_withdrawn(programme, manager):
    acted = {"programme_id": programme.pk, "by": manager}
    constraint = record_constraint(text="It must not grow.", now=NOW, **acted)
    lesson = record_lesson(title="Ask early", text="x", learned_on=TODAY - DAY, now=NOW, **acted)
    Position.objects.create(
        programme=programme,
        kind=PositionKind.EXPECTATION,
        holder="Ola Brand, chief",
        text="Technology first.",
        stated_on=TODAY,
        source="Interview",
        recorded_at=NOW,
        recorded_by=manager,
    )
    make_acknowledgement(programme, "Good work.", holder="Ola Brand, chief")
    withdraw_constraint(constraint_id=constraint.pk, now=NOW + DAY, **acted)
    withdraw_lesson(lesson_id=lesson.pk, now=NOW + DAY, **acted)

    kinds = (EventKind.CONSTRAINT, EventKind.LESSON, EventKind.VIEW, EventKind.ACKNOWLEDGEMENT)
    assert sorted(told(programme, *kinds, on=TODAY)) == [
        (TODAY - DAY, "Lesson: Ask early"),
        (TODAY, "Constraint recorded"),
        (TODAY, "Expectation: Ola Brand, chief"),
        (TODAY, "Ola Brand, chief acknowledged the work"),
    ]
    assert (TODAY + DAY, "Constraint withdrawn") in told(programme, *kinds)
    assert (TODAY - DAY, "Lesson: Ask early") not in told(programme, *kinds)


def test_a_decision_that_ends_a_programme_is_told_with_all_that_it_did(programme):
    make_workstream(programme, "Tablets")
    make_engagement(programme, "Design team")
    make_bid(programme, make_bidder(programme, "Alpha", ["Beta"]), named_on=TODAY - DAY)
    decision = make_taken_decision(programme, title="End it", ends_programme=True)

    story = told(programme)

    ended = [(day, words) for day, words in story if day >= TODAY]
    for words in (
        f"{decision.office} decided: End it",
        "The programme ended",
        "Workstream closed: Tablets",
        "Consultant rolled off: Design team",
    ):
        assert (TODAY, words) in ended
    assert any(words.startswith("Alpha: available until") for _, words in ended)
    assert [words for _, words in told(programme, on=TODAY - DAY)] == []


# --- order and pages


def test_events_come_by_day_then_by_when_they_were_recorded():
    def event(day, hour, kind=EventKind.LESSON, words=""):
        return Event(TODAY + day * DAY, kind, words, datetime(2026, 9, 20, hour, tzinfo=UTC))

    first, second = event(0, 9), event(1, 8, EventKind.DECISION)
    third, fourth = event(1, 8, EventKind.PROGRAMME), event(1, 10)
    shuffled = [third, first, fourth, second]

    assert in_order(shuffled, newest_first=False) == [first, second, third, fourth]
    assert in_order(shuffled, newest_first=True) == [fourth, third, second, first]


@pytest.fixture
def story(client, programme, manager):
    set_clock(to=NOW + 40 * DAY)
    make_engagement(programme, "Design team", starts_on=date(2026, 8, 20), ended_on=TODAY)
    Position.objects.create(
        programme=programme,
        kind=PositionKind.POSITION,
        holder="Ola Brand, chief",
        text="<script>alert(1)</script>",
        stated_on=TODAY,
        source="Interview",
        recorded_at=NOW,
        recorded_by=manager,
    )
    client.force_login(manager)
    return f"programmes/{programme.pk}/timeline/"


def test_the_page_tells_the_story_by_month(client, story):
    words = text_of(client.get(f"/{story}"))

    assert "newest first, as it was known at the end of Monday 26 October 2026." in words
    august = words.split("August 2026", 2)[-1]
    assert words.index("September 2026") < words.index("Consultant began")
    assert "Recorded on Wednesday 16 September 2026" in august
    assert "A view, not a decision" in words
    assert b"<script>alert(1)" not in client.get(f"/{story}").content
    oldest = text_of(client.get(f"/{story}?order=oldest"))
    assert oldest.index("Consultant began") < oldest.index("Consultant rolled off")


def test_the_page_is_narrowed_and_shown_as_at_a_day(client, story):
    narrowed = text_of(client.get(f"/{story}?kind=engagement"))
    assert "Consultant began: Design team" in narrowed
    assert "A view, not a decision" not in narrowed

    assert "Nothing was known then" in text_of(client.get(f"/{story}?on={TODAY - DAY}"))
    ahead = client.get(f"/{story}?on={TODAY + 300 * DAY}")
    assert "The day must be today or in the past." in text_of(ahead)
    assert "Consultant began: Design team" in text_of(ahead)
    assert client.get(f"/{story}?kind=x&order=y&on_day=40&on_month=1&on_year=2026&page=x").status_code == 200


def test_the_story_through_the_api(client, story):
    rows = client.get(f"/api/{story}?kind=engagement&order=oldest").json()["results"]

    assert [row["words"] for row in rows] == ["Consultant began: Design team", "Consultant rolled off: Design team"]
    assert (rows[0]["on"], rows[0]["recorded_on"], rows[1]["recorded_on"]) == ("2026-08-20", "2026-09-16", None)
    assert rows[0]["page"].startswith("/engagements/")
    assert client.get(f"/api/{story}?on={TODAY - DAY}").json()["results"] == []
    for query in ("kind=x", "order=x", "on=x", f"on={TODAY + 300 * DAY}", "colour=red"):
        assert client.get(f"/api/{story}?{query}").status_code == 400


def test_who_reads_the_story(client, portfolio, programme):
    def statuses(user):
        client.force_login(user)
        return [client.get(f"{api}/programmes/{programme.pk}/timeline/").status_code for api in ("", "/api")]

    assert [statuses(user) for user in (make_reader(programme), make_cio(portfolio))] == [[200, 200]] * 2
    strangers = (make_person(), make_manager(make_programme(portfolio=portfolio)))
    assert [statuses(user) for user in strangers] == [[404, 404]] * 2


# --- cost


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_events(django_assert_num_queries, portfolio, count):
    programme = pass_gates(make_programme("Custody", portfolio=portfolio))
    other, manager, unit = make_programme(portfolio=portfolio), make_manager(programme), make_unit()
    make_person(unit=unit)
    for n in range(count):
        acted: dict[str, Any] = {"programme_id": programme.pk, "by": manager, "now": NOW}
        record_constraint(text=f"Constraint {n}", **acted)
        record_lesson(title=f"Lesson {n}", text="x", learned_on=TODAY, **acted)
        make_acknowledgement(programme, engagement_id=make_engagement(programme, ended_on=TODAY).pk)
        make_bid(programme, make_bidder(programme, f"Group {n}", [f"A{n}", f"B{n}"]))
        consultation = make_consultation(make_review(programme), units=[unit])
        make_question(consultation)
        launch(consultation)
        moved, kept = make_workstream(programme), make_workstream(programme)
        with transaction.atomic():
            move_by_decision(moved, to=other, on=TODAY, decision_id=uuid4(), by=manager, now=NOW)
        close_workstream(workstream_id=kept.pk, reason="x", by=manager, now=NOW)
        reopen_workstream(workstream_id=kept.pk, reason="x", by=manager, now=NOW)
    user = make_reader(programme)
    when = AsAt(local_date(LATER), LATER)

    with django_assert_num_queries(23):
        events = timeline_of(programme, user=user, when=when)

    assert len(events) == 7 + 15 * count
