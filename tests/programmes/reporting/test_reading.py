"""Who reads a status, what they may ask, and who answers; never the author alone."""

import re
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.operations import set_clock
from partners.people.models import RoleHolding, User
from partners.people.operations import record_leave
from programmes.reporting.models import StatusAcknowledgement, StatusAnswer
from programmes.reporting.operations import answer_status_question
from programmes.reporting.queries import questions_for, readers_of, report_states, unacknowledged_for
from programmes.workstreams.enums import ExceptionKind, Rating
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import record_exception
from programmes.workstreams.queries import reporting_days
from programmes.workstreams.rules import ReportState
from tests.builders import (
    NOW,
    acknowledge,
    correct,
    keep_draft,
    make_cio,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    make_workstream,
    report,
)
from tests.builders.post import mails
from tests.threads import outcomes_of

TODAY = NOW.date()
FRIDAY = date(2026, 9, 18)


@pytest.fixture
def programme(db):
    return make_programme("Mobile officer")


@pytest.fixture
def lead(programme):
    return make_person("Fiona Reid")


@pytest.fixture
def workstream(programme, lead):
    return make_workstream(programme, "Custody tablets", lead=lead)


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Nair")


def afresh(person):
    return User.objects.get(pk=person.pk)


def answer(update, by, text="One and three.", key=None):
    return answer_status_question(update_id=update.pk, text=text, request_key=key or uuid4(), by=by, now=NOW)


def mails_to(person):
    return list(mails().filter(recipient=person).order_by("queued_at", "pk").values_list("subject", flat=True))


def test_a_status_waits_for_the_programme_manager_until_acknowledged(workstream, lead, manager):
    update = report(workstream, Rating.AMBER, by=afresh(lead))

    assert [each.update_id for each in unacknowledged_for(manager, NOW)] == [update.pk]
    assert unacknowledged_for(afresh(lead), NOW) == []
    acknowledge(update, by=manager)
    assert unacknowledged_for(manager, NOW) == []
    assert AuditEvent.objects.latest("pk").summary == "acknowledged the status of Custody tablets"


def test_my_week_leads_straight_to_acknowledging_each_report(client, workstream, lead, manager):
    set_clock(to=NOW)
    update = report(workstream, Rating.AMBER, by=afresh(lead))
    client.force_login(manager)
    address = f'href="/workstreams/{workstream.pk}/status/{update.pk}/acknowledge/"'

    assert address in client.get("/my-week/").text
    acknowledge(update, by=manager)
    assert address not in client.get("/my-week/").text


def test_a_status_waits_for_its_named_reviewer_alone(workstream, lead, manager):
    reviewer = make_reader(workstream.programme, "Sam Lee")
    Workstream.objects.update(reviewer=reviewer)
    update = report(workstream, by=afresh(lead))

    assert [each.update_id for each in unacknowledged_for(reviewer, NOW)] == [update.pk]
    assert unacknowledged_for(manager, NOW) == []
    assert acknowledge(update, by=reviewer).acknowledged_by == reviewer


def away(person, delegate, on=TODAY):
    record_leave(person_id=person.pk, from_on=on, to_on=on, delegate_id=delegate.pk, by=person, now=NOW)


def test_while_a_reviewer_is_away_their_stand_in_is_told_and_may_acknowledge(workstream, lead):
    reviewer, stand_in = (make_reader(workstream.programme, name) for name in ("Sam Lee", "Dev Patel"))
    Workstream.objects.update(reviewer=reviewer)
    away(reviewer, stand_in)
    update = report(workstream, by=afresh(lead))

    assert [reader.name for reader in readers_of(workstream, author=lead, on=NOW.date())] == ["Dev Patel", "Sam Lee"]
    assert mails_to(stand_in) == mails_to(reviewer) == ["Status updates wait for you to acknowledge them"]
    assert [each.update_id for each in unacknowledged_for(stand_in, NOW)] == [update.pk]
    assert unacknowledged_for(stand_in, NOW + timedelta(days=1)) == []
    assert acknowledge(update, by=stand_in).acknowledged_by == stand_in


def test_nobody_stands_in_for_the_reader_of_their_own_or_of_what_they_may_not_see(workstream, lead):
    reviewer, stranger = make_reader(workstream.programme, "Sam Lee"), make_person()
    Workstream.objects.update(reviewer=reviewer)
    away(reviewer, stranger)
    away(reviewer, lead, on=NOW.date() + timedelta(days=1))
    update = report(workstream, by=afresh(lead))

    for when in (NOW, NOW + timedelta(days=1)):
        assert readers_of(workstream, author=lead, on=when.date()) == [reviewer]
    assert mails_to(stranger) == []
    with pytest.raises(NotPermitted):
        acknowledge(update, by=stranger)


def test_a_status_of_the_only_manager_waits_one_level_up(workstream, manager):
    cio = make_cio(workstream.programme.scope.parent.portfolio)
    owner = workstream.programme.owner
    others = RoleHolding.objects.filter(scope=workstream.programme.scope, ended_at=None).exclude(user=manager)
    others.update(ended_at=NOW, ended_by=manager)
    report(workstream, by=manager)

    assert unacknowledged_for(manager, NOW) == []
    assert [len(unacknowledged_for(afresh(each), NOW)) for each in (owner or cio, manager)] == [1, 0]


def test_the_queue_asks_the_same_queries_for_any_length(programme, manager, django_assert_num_queries):
    for _ in range(3):
        report(make_workstream(programme, lead=make_person()))
        with django_assert_num_queries(6):
            unacknowledged_for(afresh(manager), NOW)


def test_nobody_acknowledges_their_own(workstream, manager):
    update = report(workstream, by=manager)

    with pytest.raises(NotPermitted, match="You wrote this status"):
        acknowledge(update, by=manager)
    insert = (
        "INSERT INTO programmes_statusacknowledgement (id, update_id, question, acknowledged_at, acknowledged_by_id)"
        " VALUES (gen_random_uuid(), %s, '', now(), %s)"
    )
    with (
        pytest.raises(IntegrityError, match="does not acknowledge it"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(insert, [update.pk, manager.pk])


def test_strangers_acknowledge_nothing(workstream, lead, manager):
    update = report(workstream, by=afresh(lead))

    for stranger in (make_person(), make_reader(workstream.programme), make_manager(make_programme())):
        with pytest.raises(NotPermitted, match="You cannot acknowledge this status"):
            acknowledge(update, by=stranger)
    assert not StatusAcknowledgement.objects.exists()


def test_a_status_is_acknowledged_once_and_a_correction_anew(workstream, lead, manager):
    update = report(workstream, by=afresh(lead))
    acknowledge(update, by=manager)
    with pytest.raises(Conflict, match="Priya Nair has acknowledged this status already"):
        acknowledge(update, by=make_manager(workstream.programme))

    second = correct(update, Rating.RED, by=afresh(lead))
    assert [each.update_id for each in unacknowledged_for(manager, NOW)] == [second.pk]
    third = correct(second, Rating.AMBER, by=afresh(lead))
    with pytest.raises(Refused, match="Acknowledge the correction"):
        acknowledge(second, by=manager)
    acknowledge(third, by=manager)


def test_a_question_reaches_the_author_and_the_answer_whoever_asked(workstream, lead, manager):
    update = report(workstream, by=afresh(lead))
    acknowledge(update, by=manager, question="Which two?")

    assert mails_to(lead) == ["A question about your status"]
    assert [each.question for each in questions_for(afresh(lead))] == ["Which two?"]
    with pytest.raises(NotPermitted, match="You asked this question"):
        answer(update, manager)
    with pytest.raises(NotPermitted, match="You cannot answer this question"):
        answer(update, make_reader(workstream.programme))
    with pytest.raises(Refused, match="Enter the answer"):
        answer(update, afresh(lead), text=" ")
    key = uuid4()
    first = answer(update, afresh(lead), key=key)

    assert answer(update, afresh(lead), key=key) == first
    with pytest.raises(Conflict, match="Fiona Reid has answered"):
        answer(update, make_manager(workstream.programme))
    assert questions_for(afresh(lead)) == []
    assert "Your question about a status is answered" in mails_to(manager)
    assert StatusAnswer.objects.count() == 1


def test_without_a_question_there_is_nothing_to_answer(workstream, lead, manager):
    update = report(workstream, by=afresh(lead))
    with pytest.raises(Refused, match="Nobody has asked"):
        answer(update, afresh(lead))
    acknowledge(update, by=manager)
    with pytest.raises(Refused, match="Nobody has asked"):
        answer(update, afresh(lead))


def test_readers_are_mailed_once_a_day_however_many_statuses_wait(programme, manager):
    for _ in range(3):
        lead = make_person()
        report(make_workstream(programme, lead=lead), by=afresh(lead))

    assert mails_to(manager) == ["Status updates wait for you to acknowledge them"]


def test_mails_name_no_workstream(workstream, lead, manager):
    update = report(workstream, by=afresh(lead))
    acknowledge(update, by=manager, question="Which two?")

    assert {manager.pk, lead.pk} <= set(mails().values_list("recipient", flat=True))
    for message in mails().order_by("pk"):
        assert "Custody tablets" not in message.subject + message.text + message.html
        assert message.heading == "Statuses"


def test_two_who_acknowledge_at_once_the_second_is_told(own_database):
    workstream = make_workstream()
    update = report(workstream, by=make_manager(workstream.programme))
    readers = [make_manager(workstream.programme) for _ in range(3)]

    outcomes = outcomes_of([partial(acknowledge, update, by=reader) for reader in readers])

    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "Conflict", "StatusAcknowledgement"]


def test_report_states_follow_a_report(workstream, lead, manager):
    def state(person=manager):
        found = Workstream.objects.select_related("programme__scope").get()
        return report_states([found], person, reporting_days(NOW), NOW)[found.pk]

    assert state() == ReportState.NOT_STARTED
    keep_draft(workstream, by=afresh(lead))
    assert (state(), state(lead)) == (ReportState.NOT_STARTED, ReportState.DRAFT)
    update = report(workstream, by=afresh(lead))
    assert state(lead) == ReportState.SUBMITTED
    acknowledge(update, by=manager)
    assert state() == ReportState.ACKNOWLEDGED


# Where each report stands, in lists


@pytest.fixture
def standing(client, programme, manager):
    """One workstream of each state that a report takes without waiting, by name."""
    set_clock(to=NOW)
    client.force_login(manager)
    made = {name: make_workstream(programme, name) for name in ("Drafted", "Not started", "Read", "Sent", "Withheld")}
    author = make_manager(programme)
    keep_draft(made["Drafted"], by=manager)
    acknowledge(report(made["Read"], by=author), by=manager)
    report(made["Sent"], by=author)
    record_exception(
        workstream_id=made["Withheld"].pk,
        kind=ExceptionKind.WITHHELD,
        from_on=FRIDAY,
        to_on=FRIDAY,
        reason="The inspection is not out.",
        request_key=uuid4(),
        by=manager,
        now=NOW,
    )
    return made


STATES = {
    "draft": ["Drafted"],
    "not_started": ["Not started"],
    "acknowledged": ["Read"],
    "submitted": ["Sent"],
    "withheld": ["Withheld"],
    "late": [],
    "exempt": [],
}


def names_in(page):
    return re.findall(r'<th scope="row"[^>]*><a[^>]*>(.*?)</a>', page.text)


@pytest.mark.parametrize(("state", "names"), STATES.items())
def test_lists_tell_the_state_of_each_report_and_narrow_by_it(client, programme, standing, state, names):
    page = client.get(f"/programmes/{programme.pk}/workstreams/?report={state}")
    file = client.get(f"/programmes/{programme.pk}/workstreams/list.csv?report={state}")
    found = client.get(f"/api/programmes/{programme.pk}/report-states/?state={state}").json()["results"]

    assert names_in(page) == names
    assert (ReportState(state).label in page.text.partition("<table")[2]) == bool(names)
    rows = file.content.decode("utf-8-sig").splitlines()[1:]
    assert [row.partition(",")[0].strip('"') for row in rows] == names
    assert [(row["workstream_name"], row["state"]) for row in found] == [(name, state) for name in names]


def test_states_of_reports_are_told_to_those_who_see_the_programme(client, programme, standing):
    address = f"/api/programmes/{programme.pk}/report-states/"
    assert [row["state"] for row in client.get(address).json()["results"]] == list(STATES)[:5]
    assert client.get(f"{address}?state=lost").status_code == 400

    client.force_login(make_manager(make_programme()))
    assert client.get(address).status_code == 404


def test_my_week_tells_where_each_report_stands(client, standing):
    page, endpoint = client.get("/my-week/").text, client.get("/api/my-week/").json()

    assert {due["workstream_name"]: due["state"] for due in endpoint["statuses"]} == {
        "Drafted": "draft",
        "Not started": "not_started",
    }
    assert "Go on with your draft" in page
    assert "Not started" in page
