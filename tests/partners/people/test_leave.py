"""Leave: who is away, who stands in, who may say so; and what the pages and the API make of it."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.rules import NotPermitted, Refused
from partners.clock.operations import set_clock
from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import Leave, User
from partners.people.operations import cancel_leave, record_leave, record_leaver
from partners.people.queries import away_on
from partners.people.queries.leave import places_out_of_sight
from partners.people.rules.leave import Away, stand_ins
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_contact,
    make_person,
    make_portfolio,
    make_programme,
)
from tests.threads import InThread

TODAY = local_date(NOW)
DAY = timedelta(days=1)
A, B, C, D = (UUID(int=n) for n in range(1, 5))


def away(user, delegate=None, first=TODAY, last=TODAY):
    return Away(user, first, last, delegate)


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        ([], {}),
        ([away(A)], {A: None}),
        ([away(A, B)], {A: B}),
        ([away(A, B), away(B, C)], {A: C, B: C}),
        ([away(A, B), away(B)], {A: None, B: None}),
        ([away(A, B), away(B, C), away(C, D)], {A: None, B: D, C: D}),
        ([away(A, B), away(B, A)], {A: None, B: None}),
        ([away(A, B, first=TODAY + DAY, last=TODAY + DAY)], {}),
        ([away(A, B), away(B, C, first=TODAY - DAY, last=TODAY - DAY)], {A: B}),
    ],
)
def test_a_chain_is_followed_once_and_never_in_a_circle(leaves, expected):
    assert stand_ins(leaves, TODAY) == expected


def test_whoever_stands_in_is_here_whoever_is_away_and_names_whom():
    for named in product([A, B, C, D, None], repeat=4):
        leaves = [away(user, delegate) for user, delegate in zip([A, B, C, D], named, strict=True) if user != delegate]

        found = stand_ins(leaves, TODAY)

        assert set(found) == {leave.user_id for leave in leaves}
        assert not set(found.values()) & set(found)


@pytest.fixture
def ama(db):
    return make_person("Ama Mensah")


@pytest.fixture
def ben(db):
    return make_person("Ben Okri")


def leave_of(person, *, first=TODAY, last=TODAY + DAY, delegate=None, by=None, now=NOW, **more):
    return record_leave(
        person_id=person.pk,
        from_on=first,
        to_on=last,
        delegate_id=delegate.pk if delegate else None,
        by=by or person,
        now=now,
        **more,
    )


def test_one_records_ones_own_leave_with_who_stands_in(ama, ben):
    leave = leave_of(ama, delegate=ben)

    assert away_on([ama.pk, ben.pk], TODAY) == {ama.pk: ben}
    assert away_on([ama.pk], TODAY + DAY) == {ama.pk: ben}
    assert away_on([ama.pk], TODAY + 2 * DAY) == {}
    assert away_on([ben.pk], TODAY) == {}
    event = AuditEvent.objects.get(action="people.record_leave")
    assert event.summary == "recorded leave, Wednesday 16 to Thursday 17 September 2026; Ben Okri stands in"
    assert event.after
    assert event.after["leave"] == str(leave.pk)


def test_an_administrator_records_it_for_somebody_and_nobody_else_does(ama, ben):
    administrator = make_administrator()

    leave_of(ama, by=administrator)

    assert AuditEvent.objects.get(action="people.record_leave").summary.startswith("recorded leave of Ama Mensah, ")
    with pytest.raises(NotPermitted, match="the administrator or the person themselves"):
        leave_of(ama, first=TODAY + 5 * DAY, last=TODAY + 5 * DAY, by=ben)
    with pytest.raises(NotPermitted):
        cancel_leave(leave_id=Leave.objects.get().pk, by=ben, now=NOW)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (TODAY, TODAY - DAY, "to_on"),
        (TODAY - 2 * DAY, TODAY - DAY, "to_on"),
        (date(1999, 1, 1), TODAY, "from_on"),
        (TODAY, date(2100, 1, 1), "to_on"),
    ],
)
def test_days_that_cannot_be_are_refused(ama, first, last, field):
    with pytest.raises(Refused) as refused:
        leave_of(ama, first=first, last=last)

    assert refused.value.field == field
    assert Leave.objects.count() == 0


def test_leave_that_overlaps_is_refused_and_leave_that_was_cancelled_does_not_count(ama, ben):
    first = leave_of(ama, last=TODAY + 3 * DAY)
    leave_of(ben, last=TODAY + 3 * DAY)

    with pytest.raises(
        Refused, match="overlap leave that is recorded already, Wednesday 16 to Saturday 19 September 2026"
    ):
        leave_of(ama, first=TODAY + 3 * DAY, last=TODAY + 5 * DAY)

    cancel_leave(leave_id=first.pk, by=ama, now=NOW)
    leave_of(ama, first=TODAY + 3 * DAY, last=TODAY + 5 * DAY)


def test_the_database_refuses_an_overlap_too(ama):
    leave_of(ama)

    with pytest.raises(IntegrityError), transaction.atomic():
        Leave.objects.create(user=ama, from_on=TODAY, to_on=TODAY, recorded_at=NOW, recorded_by=ama)


def test_who_stands_in_is_somebody_else_who_is_one_of_the_staff(ama):
    left, contact = make_person("Lou"), make_contact()
    record_leaver(person_id=left.pk, by=make_administrator(), now=NOW)

    for delegate in (ama, User.objects.get(pk=left.pk), User.objects.get(pk=contact.user_id)):
        with pytest.raises(Refused) as refused:
            leave_of(ama, delegate=delegate)
        assert refused.value.field == "delegate"
    with pytest.raises(Refused, match="one of the staff"):
        record_leave(person_id=ama.pk, from_on=TODAY, to_on=TODAY, delegate_id=uuid4(), by=ama, now=NOW)


def test_a_delegate_who_left_stands_in_for_nobody(ama, ben):
    leave_of(ama, delegate=ben)
    record_leaver(person_id=ben.pk, by=make_administrator(), now=NOW)

    assert away_on([ama.pk], TODAY) == {ama.pk: None}


def test_leave_that_has_begun_ends_and_what_is_over_stays(ama):
    leave = leave_of(ama, last=TODAY + 5 * DAY)

    ended = cancel_leave(leave_id=leave.pk, by=ama, now=NOW + 2 * DAY)

    assert (ended.to_on, ended.cancelled_at) == (TODAY + DAY, None)
    assert away_on([ama.pk], TODAY + DAY) == {ama.pk: None}
    with pytest.raises(Refused, match="is over"):
        cancel_leave(leave_id=leave.pk, by=ama, now=NOW + 2 * DAY)
    assert AuditEvent.objects.filter(action="people.cancel_leave").get().summary == (
        "ended leave that was to last until Monday 21 September 2026"
    )


def test_leave_is_cancelled_once(ama):
    leave = leave_of(ama)
    cancel_leave(leave_id=leave.pk, by=ama, now=NOW)

    with pytest.raises(Refused, match="cancelled already"):
        cancel_leave(leave_id=leave.pk, by=ama, now=NOW)


def test_the_same_request_records_one(ama):
    key = uuid4()

    assert leave_of(ama, request_key=key) == leave_of(ama, request_key=key)
    assert Leave.objects.count() == 1
    assert AuditEvent.objects.filter(action="people.record_leave").count() == 1


def test_two_at_once_record_one(own_database):
    ama = make_person("Ama")

    def record():
        try:
            leave_of(ama)
        except Refused as refused:
            return refused.field
        return None

    outcomes = [thread.result() for thread in [InThread(record), InThread(record)]]

    assert sorted(outcomes, key=str) == [None, "from_on"]
    assert Leave.objects.count() == 1


def test_it_is_said_where_the_delegate_holds_no_role(ama, ben):
    portfolio = make_portfolio("Change")
    here, there = make_programme("Here", portfolio=portfolio), make_programme("There", portfolio=portfolio)
    for programme in (here, there):
        give_role(ama, Role.WORKSTREAM_LEAD, programme.scope)
    give_role(ben, Role.READER, here.scope)

    assert places_out_of_sight(ama, User.objects.get(pk=ben.pk)) == ["There"]
    give_role(ben, Role.READER, portfolio.scope)
    assert places_out_of_sight(ama, User.objects.get(pk=ben.pk)) == []
    assert places_out_of_sight(ama, make_administrator()) == []


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_a_person_records_and_cancels_leave_on_their_pages(client, ama, ben):
    set_clock(to=NOW)
    programme = make_programme("Digital evidence")
    give_role(ama, Role.WORKSTREAM_LEAD, programme.scope)
    client.force_login(ama)
    assert "No leave recorded" in client.get(reverse("my_leave")).content.decode()

    typed = {
        **boxes("from_on", TODAY),
        **boxes("to_on", TODAY + DAY),
        "delegate": ben.email,
        "request_key": str(uuid4()),
    }
    page = client.post(reverse("leave_new"), typed, follow=True)
    assert "Leave recorded." in page.content.decode()
    assert "Ben Okri holds no role on Digital evidence" in page.content.decode()
    assert "Away now" in page.content.decode()
    assert client.post(reverse("leave_new"), {**typed, "request_key": str(uuid4())}).status_code == 409

    client.force_login(ben)
    assert "Ama Mensah, Wednesday 16 to Thursday 17 September 2026" in client.get(reverse("my_leave")).content.decode()
    leave = Leave.objects.get()
    assert client.post(reverse("leave_cancel", args=[leave.pk])).status_code == 404

    client.force_login(ama)
    assert client.get(reverse("leave_cancel", args=[leave.pk])).status_code == 200
    assert "Leave cancelled." in client.post(reverse("leave_cancel", args=[leave.pk]), follow=True).content.decode()
    assert client.post(reverse("leave_cancel", args=[leave.pk])).status_code == 409


def test_an_administrator_keeps_the_leave_of_others_on_their_pages(client, ama):
    set_clock(to=NOW)
    client.force_login(make_administrator())

    assert client.get(reverse("person_absences", args=[ama.pk])).status_code == 200
    typed = {**boxes("from_on", TODAY), **boxes("to_on", TODAY), "request_key": str(uuid4())}
    page = client.post(reverse("person_absence_new", args=[ama.pk]), typed)
    assert page.url == reverse("person_absences", args=[ama.pk])
    assert Leave.objects.get().user == ama
    assert client.get(reverse("person_absences", args=[uuid4()])).status_code == 404

    client.force_login(make_person())
    assert client.get(reverse("person_absences", args=[ama.pk])).status_code == 403


def test_bad_input_on_the_page_is_told_beside_the_box(client, ama):
    client.force_login(ama)

    page = client.post(reverse("leave_new"), {"from_on_day": "31", "from_on_month": "2", "from_on_year": "2026"})

    words = page.content.decode()
    assert page.status_code == 200
    assert "First day away must be a real date" in words
    assert Leave.objects.count() == 0


def test_the_list_costs_the_same_at_one_and_at_three(client, ama, django_assert_num_queries):
    client.force_login(ama)
    counts = []
    for n in (1, 2):
        for m in range(n):
            leave_of(ama, first=TODAY + (10 * n + m) * DAY, last=TODAY + (10 * n + m) * DAY)
        with django_assert_num_queries(9) as found:
            client.get(reverse("my_leave"))
        counts.append(len(found))

    assert counts == [9, 9]


def test_the_api_does_the_same(client, ama, ben):
    set_clock(to=NOW)
    client.force_login(ama)
    sent = {"from_on": "2026-09-16", "to_on": "2026-09-17", "delegate": str(ben.pk), "request_key": str(uuid4())}

    made = client.post("/api/leave/", sent, content_type="application/json")
    again = client.post("/api/leave/", sent, content_type="application/json")

    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    assert (made.json()["person"], made.json()["delegate_name"]) == (str(ama.pk), "Ben Okri")
    other = {**sent, "request_key": str(uuid4())}
    assert client.post("/api/leave/", other, content_type="application/json").status_code == 409
    assert client.post("/api/leave/", {"from_on": "soon"}, content_type="application/json").status_code == 400
    for_ben = {**other, "person": str(ben.pk)}
    assert client.post("/api/leave/", for_ben, content_type="application/json").status_code == 403

    assert [row["id"] for row in client.get("/api/leave/").json()["results"]] == [made.json()["id"]]
    assert client.get("/api/leave/?unknown=1").status_code == 400
    cancelled = client.post(f"/api/leave/{made.json()['id']}/cancel/")
    assert (cancelled.status_code, cancelled.json()["cancelled_at"] is not None) == (200, True)

    client.force_login(ben)
    assert client.get("/api/leave/").json()["results"] == []
    assert client.post(f"/api/leave/{made.json()['id']}/cancel/").status_code == 404


def test_a_partners_contact_has_no_leave_page(client, db):
    contact = make_contact()
    client.force_login(contact.user)

    assert client.get(reverse("my_leave")).status_code == 404
    assert client.get("/api/leave/").status_code == 404
