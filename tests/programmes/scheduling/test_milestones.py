"""Milestones of delivery: the acts, the pages and the API."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.operations import set_clock
from partners.people.enums import Role
from programmes.register.changes import end_programme
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent
from programmes.scheduling.operations import (
    achieve_milestone,
    change_milestone,
    drop_milestone,
    forecast_milestone,
    take_back_milestone,
)
from programmes.scheduling.queries import critical_slipped, milestone_facts, milestones_due, milestones_of
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    make_workstream,
)
from tests.builders.scheduling import make_milestone

pytestmark = pytest.mark.django_db
AGREED, LATER = date(2026, 10, 30), date(2026, 11, 13)
TODAY = NOW.date()


@pytest.fixture
def programme():
    return make_programme("Mobile officer")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


@pytest.fixture
def lead(programme):
    return give_role(make_person("Tom Hale"), Role.WORKSTREAM_LEAD, programme.scope)


@pytest.fixture
def milestone(programme, manager):
    return make_milestone(programme, "First site live", by=manager, is_critical=True)


def act(operation, milestone, by, **more):
    return operation(milestone_id=milestone.pk, by=by, now=NOW, **more)


def told(milestone):
    return [(event.action, event.summary) for event in events_about(milestone.pk).order_by("pk")]


def only(programme, today=TODAY):
    (found,) = milestones_of([programme.pk], today=today)
    return found


def test_a_milestone_is_added_once(programme, manager):
    key = uuid4()

    first = make_milestone(programme, "First site live", by=manager, request_key=key)
    again = make_milestone(programme, "First site live", by=manager, request_key=key)

    assert (first.pk, again.pk) == (key, key)
    assert (first.baseline_on, first.forecast_on, first.achieved_on) == (AGREED, AGREED, None)
    assert told(first) == [
        (
            "scheduling.add_milestone",
            "added the milestone First site live to Mobile officer, for Friday 30 October 2026",
        )
    ]


def test_a_key_used_in_another_programme_is_refused(programme, milestone):
    with pytest.raises(Refused, match="another programme"):
        make_milestone(make_programme(), request_key=milestone.pk)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "First site live"}, "name"),
        ({"name": " "}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"baseline_on": date(206, 1, 1)}, "baseline_on"),
        ({"workstream_id": uuid4()}, "workstream"),
    ],
)
def test_a_milestone_that_cannot_be_is_refused(programme, manager, milestone, more, field):
    with pytest.raises(Refused) as refused:
        make_milestone(programme, by=manager, **more)

    assert refused.value.field == field
    assert DeliveryMilestone.objects.count() == 1


def test_a_workstream_of_another_programme_is_refused(programme, manager):
    with pytest.raises(Refused, match="no such open workstream"):
        make_milestone(programme, by=manager, workstream_id=make_workstream().pk)


def test_nothing_is_added_to_a_programme_that_ended(programme, manager):
    with transaction.atomic():
        end_programme(programme, on=TODAY, reason="Done", by=manager, now=NOW)

    with pytest.raises(Refused, match="Nothing new starts in it"):
        make_milestone(programme, by=manager)


def test_a_forecast_keeps_the_day_first_agreed(programme, manager, milestone):
    act(forecast_milestone, milestone, manager, version=1, forecast_on=LATER, reason="The supplier is late")

    found = only(programme)
    assert (found.baseline_on, found.forecast_on, found.slip, found.state) == (AGREED, LATER, 10, "slipping")
    assert found.words == "Expected 10 working days behind the baseline"
    assert told(milestone)[-1] == (
        "scheduling.forecast_milestone",
        "expects the milestone First site live on Friday 13 November 2026 instead of Friday 30 October 2026, because: "
        "The supplier is late",
    )


def test_a_repeated_forecast_changes_nothing(manager, milestone):
    for _ in range(2):
        act(forecast_milestone, milestone, manager, version=1, forecast_on=LATER, reason="The supplier is late")

    assert DeliveryMilestoneEvent.objects.count() == 1


def test_two_forecasts_at_once_name_who_was_first(programme, manager, milestone):
    other = make_manager(programme, "Tom Hale")
    act(forecast_milestone, milestone, other, version=1, forecast_on=LATER, reason="The supplier is late")

    with pytest.raises(Conflict, match="Tom Hale changed the day expected of the milestone First site live"):
        act(forecast_milestone, milestone, manager, version=1, forecast_on=AGREED + timedelta(1), reason="One day")


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "x" * 201])
def test_a_forecast_needs_a_reason(manager, milestone, reason):
    with pytest.raises(Refused) as refused:
        act(forecast_milestone, milestone, manager, version=1, forecast_on=LATER, reason=reason)

    assert refused.value.field == "reason"
    assert not DeliveryMilestoneEvent.objects.exists()


def test_a_milestone_is_achieved_once_and_taken_back(programme, manager, milestone):
    act(achieve_milestone, milestone, manager, achieved_on=TODAY)
    act(achieve_milestone, milestone, manager, achieved_on=TODAY)
    achieved = only(programme)

    act(take_back_milestone, milestone, manager, reason="The test failed")

    assert (achieved.state, achieved.words) == ("achieved", "Achieved 32 working days ahead of the baseline")
    assert only(programme).state == "on_track"
    assert [(event.achieved_on, event.reason) for event in DeliveryMilestoneEvent.objects.order_by("pk")] == [
        (TODAY, ""),
        (None, "The test failed"),
    ]
    with pytest.raises(Refused, match="nothing to take back"):
        act(take_back_milestone, milestone, manager, reason="Again")


def test_what_is_achieved_is_not_achieved_on_another_day_dropped_or_moved(manager, milestone):
    act(achieve_milestone, milestone, manager, achieved_on=TODAY)

    for operation, more in (
        (achieve_milestone, {"achieved_on": TODAY - timedelta(1)}),
        (drop_milestone, {"version": 2, "reason": "Why"}),
        (forecast_milestone, {"version": 2, "forecast_on": LATER, "reason": "Why"}),
    ):
        with pytest.raises(Refused, match="Take that back first"):
            act(operation, milestone, manager, **more)


def test_nothing_is_achieved_in_the_future(manager, milestone):
    with pytest.raises(Refused) as refused:
        act(achieve_milestone, milestone, manager, achieved_on=TODAY + timedelta(1))

    assert refused.value.field == "achieved_on"


def test_a_dropped_milestone_frees_its_name(programme, manager, milestone):
    act(drop_milestone, milestone, manager, version=1, reason="Not needed")

    assert only(programme).words == "Dropped: Not needed"
    assert make_milestone(programme, "First site live", by=manager).pk != milestone.pk
    with pytest.raises(Refused, match="is dropped"):
        act(achieve_milestone, milestone, manager, achieved_on=TODAY)


def test_a_milestone_is_changed(programme, manager, milestone):
    workstream = make_workstream(programme, "Custody")

    changed = act(
        change_milestone,
        milestone,
        manager,
        version=1,
        name="First site",
        workstream_id=workstream.pk,
        is_critical=False,
    )

    assert (changed.name, changed.workstream, changed.is_critical, changed.version) == (
        "First site",
        workstream,
        False,
        2,
    )
    assert told(milestone)[-1][1] == (
        "changed the name, the workstream and whether it is critical of the milestone First site of Mobile officer"
    )


def test_the_lead_keeps_the_milestones_of_their_workstream_only(programme, lead):
    own = make_workstream(programme, lead=lead)
    others = make_workstream(programme)

    milestone = make_milestone(programme, by=lead, workstream_id=own.pk)

    act(forecast_milestone, milestone, lead, version=1, forecast_on=LATER, reason="Late")
    for workstream_id in (None, others.pk):
        with pytest.raises(NotPermitted, match="You cannot add or change milestones of this programme"):
            make_milestone(programme, by=lead, workstream_id=workstream_id)
        with pytest.raises(NotPermitted):
            act(
                change_milestone,
                milestone,
                lead,
                version=2,
                name="Mine",
                workstream_id=workstream_id,
                is_critical=False,
            )


@pytest.mark.parametrize("who", [make_reader, lambda programme: make_person(), lambda programme: make_administrator()])
def test_nobody_else_keeps_milestones(programme, milestone, who):
    stranger = who(programme)

    with pytest.raises(NotPermitted):
        make_milestone(programme, by=stranger)
    for operation, more in (
        (forecast_milestone, {"version": 1, "forecast_on": LATER, "reason": "Why"}),
        (achieve_milestone, {"achieved_on": TODAY}),
        (take_back_milestone, {"reason": "Why"}),
        (drop_milestone, {"version": 1, "reason": "Why"}),
        (change_milestone, {"version": 1, "name": "A", "workstream_id": None, "is_critical": True}),
    ):
        with pytest.raises(NotPermitted):
            act(operation, milestone, stranger, **more)


def test_the_database_keeps_one_open_milestone_of_a_name(programme, milestone):
    with pytest.raises(IntegrityError, match="name_once"), transaction.atomic():
        DeliveryMilestone.objects.create(
            programme=programme,
            name="First site live",
            baseline_on=AGREED,
            forecast_on=AGREED,
            recorded_at=NOW,
            recorded_by=milestone.recorded_by,
        )


def test_late_ones_come_first_and_what_is_over_last(programme, manager):
    make_milestone(programme, "Soon", by=manager, baseline_on=date(2026, 9, 18))
    make_milestone(programme, "Late", by=manager, baseline_on=date(2026, 9, 15))
    make_milestone(programme, "Late and critical", by=manager, baseline_on=date(2026, 9, 15), is_critical=True)
    done = make_milestone(programme, "Done", by=manager, baseline_on=date(2026, 9, 1))
    act(achieve_milestone, done, manager, achieved_on=date(2026, 9, 1))

    found = milestones_of([programme.pk], today=TODAY)
    due = milestones_due([programme.pk], date(2026, 9, 17), today=TODAY)

    assert [each.name for each in found] == ["Late and critical", "Late", "Soon", "Done"]
    assert found[0].words == "Overdue since Tuesday 15 September 2026, 1 working day behind the baseline"
    assert [each.name for each in due] == ["Late and critical", "Late"]


def test_critical_slipped_is_what_a_green_report_has_to_explain(programme, manager, milestone):
    workstream = make_workstream(programme)
    own = make_milestone(programme, "Own", by=manager, workstream_id=workstream.pk, is_critical=True)
    make_milestone(programme, "Not critical", by=manager, baseline_on=date(2026, 9, 1))

    def names(workstream_id, today):
        return [each.name for each in critical_slipped(programme.pk, workstream_id, today)]

    on_time = names(None, AGREED), names(workstream.pk, AGREED)
    act(forecast_milestone, own, manager, version=1, forecast_on=LATER, reason="Late")

    assert on_time == ([], [])
    assert names(workstream.pk, TODAY) == ["Own"]
    assert names(None, TODAY) == ["Own"]
    assert names(None, AGREED + timedelta(1)) == ["First site live", "Own"]


def test_milestone_facts_say_what_became_of_them_since(programme, manager, milestone):
    before = NOW - timedelta(days=1)
    act(forecast_milestone, milestone, manager, version=1, forecast_on=date(2026, 9, 14), reason="Sooner")
    make_milestone(programme, "Second", by=manager)
    dropped = make_milestone(programme, "Third", by=manager)
    act(drop_milestone, dropped, manager, version=1, reason="Not needed")

    facts = milestone_facts(programme.pk, None, before, today=TODAY)

    assert sorted((fact.kind, fact.words) for fact in facts) == [
        ("milestone_added", "First site live was added, for Friday 30 October 2026"),
        ("milestone_added", "Second was added, for Friday 30 October 2026"),
        ("milestone_dropped", "Third was dropped, because: Not needed"),
        (
            "milestone_moved",
            "First site live is now expected on Monday 14 September 2026 instead of Friday 30 October 2026, because: "
            "Sooner",
        ),
    ]
    assert milestone_facts(programme.pk, None, NOW, today=TODAY) == []
    missed = [fact.words for fact in milestone_facts(programme.pk, None, NOW - timedelta(days=3), today=TODAY)]
    assert "First site live was expected on Monday 14 September 2026" in missed


@pytest.mark.parametrize("count", [1, 3])
def test_milestones_of_is_two_queries(django_assert_num_queries, count):
    programmes = [make_programme() for _ in range(count)]
    for programme in programmes:
        make_milestone(programme, is_critical=True)

    with django_assert_num_queries(2):
        found = milestones_of([programme.pk for programme in programmes], today=TODAY)

    assert len(found) == count


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


@pytest.fixture
def signed_in(client, manager):
    set_clock(to=NOW)
    client.force_login(manager)
    return client


def test_a_milestone_goes_its_way_through_the_pages(signed_in, programme):
    listed = reverse("milestones_of_programme", args=[programme.pk])
    empty = signed_in.get(listed).content.decode()

    added = signed_in.post(
        reverse("add_milestone", args=[programme.pk]),
        {"name": "First site live", "is_critical": "on", "request_key": str(uuid4())} | boxes("baseline_on", AGREED),
    )
    milestone = DeliveryMilestone.objects.get()
    moved = signed_in.post(
        reverse("forecast_milestone", args=[milestone.pk]),
        {"version": "1", "reason": "The supplier is late"} | boxes("forecast_on", LATER),
    )
    late = signed_in.get(listed).content.decode()
    signed_in.post(reverse("achieve_milestone", args=[milestone.pk]), boxes("achieved_on", TODAY))
    signed_in.post(reverse("take_back_milestone", args=[milestone.pk]), {"reason": "The test failed"})
    story = signed_in.get(reverse("milestone", args=[milestone.pk])).content.decode()
    signed_in.post(reverse("drop_milestone", args=[milestone.pk]), {"version": "4", "reason": "Not needed"})

    assert "No milestones yet" in empty
    assert (added.url, moved.url) == (listed, reverse("milestone", args=[milestone.pk]))
    assert "Slipping" in late
    assert "10 working days behind the baseline" in late
    assert "Critical" in late
    assert "Achieved on Wednesday 16 September 2026" in story
    assert "The test failed" in story
    assert DeliveryMilestone.objects.get().drop_reason == "Not needed"


def test_a_form_that_is_wrong_says_what_to_do(signed_in, programme, milestone):
    nothing = signed_in.post(reverse("add_milestone", args=[programme.pk]), {"request_key": str(uuid4())})
    taken = signed_in.post(
        reverse("add_milestone", args=[programme.pk]),
        {"name": "First site live", "request_key": str(uuid4())} | boxes("baseline_on", AGREED),
    )

    assert nothing.status_code == 200
    assert "Enter" in nothing.content.decode() or "required" in nothing.content.decode()
    assert taken.status_code == 409
    assert "has a milestone called First site live already" in taken.content.decode()


def test_a_conflict_keeps_what_was_typed(signed_in, programme, manager, milestone):
    act(forecast_milestone, milestone, make_manager(programme, "Tom Hale"), version=1, forecast_on=LATER, reason="Late")
    typed = {"version": "1", "reason": "Sooner"} | boxes("forecast_on", date(2026, 10, 1))

    first = signed_in.post(reverse("forecast_milestone", args=[milestone.pk]), typed)
    second = signed_in.post(reverse("forecast_milestone", args=[milestone.pk]), typed | {"version": "2"})

    assert first.status_code == 409
    assert "Tom Hale changed the day expected" in first.content.decode()
    assert 'value="Sooner"' in first.content.decode()
    assert 'name="version" value="2"' in first.content.decode()
    assert second.status_code == 302


def test_milestones_of_a_programme_that_is_not_seen_are_not_there(client, milestone):
    client.force_login(make_person())

    for name in ("milestone", "change_milestone", "forecast_milestone", "achieve_milestone", "drop_milestone"):
        assert client.get(reverse(name, args=[milestone.pk])).status_code == 404
    assert client.get(reverse("milestones_of_programme", args=[milestone.programme_id])).status_code == 404


def test_a_reader_sees_milestones_and_may_not_change_them(client, programme, milestone):
    client.force_login(make_reader(programme))

    assert client.get(reverse("milestone", args=[milestone.pk])).status_code == 200
    assert "Add a milestone" not in client.get(reverse("milestones_of_programme", args=[programme.pk])).content.decode()
    for name in ("change_milestone", "forecast_milestone", "achieve_milestone", "take_back_milestone"):
        assert client.get(reverse(name, args=[milestone.pk])).status_code == 403
    assert client.get(reverse("add_milestone", args=[programme.pk])).status_code == 403


def test_the_list_is_narrowed_to_a_workstream(signed_in, programme, manager, milestone):
    workstream = make_workstream(programme, "Custody")
    make_milestone(programme, "Own", by=manager, workstream_id=workstream.pk)
    listed = reverse("milestones_of_programme", args=[programme.pk])

    page = signed_in.get(listed, {"workstream": str(workstream.pk)}).content.decode()
    wrong = signed_in.get(listed, {"workstream": "nonsense"})

    assert "Own" in page
    assert "First site live" not in page
    assert wrong.status_code == 200


def test_the_api_does_the_same(signed_in, programme):
    base = f"/api/programmes/{programme.pk}/milestones/"
    key = str(uuid4())
    body = {"name": "First site live", "baseline_on": "2026-10-30", "is_critical": True, "request_key": key}

    added = signed_in.post(base, body, content_type="application/json")
    again = signed_in.post(base, body, content_type="application/json")
    one = f"/api/milestones/{key}/"
    moved = signed_in.post(
        f"{one}forecast/",
        {"version": 1, "forecast_on": "2026-11-13", "reason": "Late"},
        content_type="application/json",
    ).json()
    changed = signed_in.patch(one, {"version": 2, "name": "First site"}, content_type="application/json").json()
    stale = signed_in.patch(one, {"version": 2, "name": "Another"}, content_type="application/json")
    future = signed_in.post(f"{one}achieve/", {"achieved_on": "2027-01-01"}, content_type="application/json")
    wrong = signed_in.post(f"{one}achieve/", {"achieved_on": 7}, content_type="application/json")
    signed_in.post(f"{one}achieve/", {"achieved_on": "2026-09-16"}, content_type="application/json")
    signed_in.post(f"{one}take-back/", {"reason": "Failed"}, content_type="application/json")
    dropped = signed_in.post(f"{one}drop/", {"version": 5, "reason": "Why"}, content_type="application/json").json()

    assert (added.status_code, again.status_code, again.json()["id"]) == (201, 201, key)
    assert (moved["slip"], moved["state"], moved["baseline_on"]) == (10, "slipping", "2026-10-30")
    assert (changed["name"], changed["version"]) == ("First site", 3)
    assert (stale.status_code, future.status_code, wrong.status_code) == (409, 409, 400)
    assert dropped["state"] == "dropped"
    assert signed_in.get(base).json()["results"][0]["id"] == key
    assert signed_in.get(f"/api/milestones/{uuid4()}/").status_code == 404
