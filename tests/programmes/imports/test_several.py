"""One change of several workstreams: shown first, done to all of them or none, and put back."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, Refused
from partners.clock.operations import set_clock
from partners.people.enums import Role
from partners.people.models import RoleHolding
from programmes.imports.enums import BulkAct
from programmes.imports.operations import change_several, undo_several
from programmes.imports.queries.several import chosen_workstreams, edited_rows
from programmes.imports.rules.several import Edit
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.models import ReportingException, Workstream
from programmes.workstreams.operations import change_workstream
from tests.builders import (
    NOW,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
)

pytestmark = pytest.mark.django_db
THIS_FRIDAY = date(2026, 9, 18)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def programme():
    return make_programme("Digital first")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Shah")


@pytest.fixture
def several(programme):
    return [make_workstream(programme, name) for name in ("Body", "Custody", "Dispatch")]


def of(act: BulkAct, person=None, **more) -> Edit:
    return Edit(act=act, person_id=person.pk if person else None, person_name=person.name if person else "", **more)


def changed(workstreams, edit: Edit, by, *, several_id=None, now=NOW) -> int:
    versions = {each.pk: Workstream.objects.get(pk=each.pk).version for each in workstreams}
    return change_several(versions=versions, edit=edit, several_id=several_id or uuid4(), by=by, now=now)


def leads() -> list[tuple]:
    return list(Workstream.objects.order_by("name").values_list("name", "lead__name", "version"))


def holders(programme) -> set[str]:
    held = RoleHolding.objects.filter(role=Role.WORKSTREAM_LEAD, scope=programme.scope, ended_at=None)
    return set(held.values_list("user__name", flat=True))


def test_a_lead_of_several_gets_the_role_and_those_before_lose_it(programme, manager):
    ama, jo = make_person("Ama Mensah"), make_person("Jo Reed")
    several = [make_workstream(programme, name, lead=ama) for name in ("Body", "Custody")]
    kept = make_workstream(programme, "Dispatch", lead=ama)

    assert changed(several, of(BulkAct.LEAD, jo), manager) == 2

    assert leads() == [("Body", "Jo Reed", 2), ("Custody", "Jo Reed", 2), ("Dispatch", "Ama Mensah", 1)]
    assert holders(programme) == {"Ama Mensah", "Jo Reed"}
    changed([kept], of(BulkAct.LEAD), manager)
    assert holders(programme) == {"Jo Reed"}


def test_what_says_so_already_is_left_alone(programme, manager, several):
    jo = make_person("Jo Reed")
    changed(several[:1], of(BulkAct.REVIEWER, jo), manager)

    assert changed(several, of(BulkAct.REVIEWER, jo), manager) == 2

    assert list(Workstream.objects.order_by("name").values_list("reviewer__name", "version")) == [("Jo Reed", 2)] * 3


def test_each_has_it_in_its_history(programme, manager, several):
    changed(several[:2], of(BulkAct.LEAD, make_person("Jo Reed")), manager)

    events = AuditEvent.objects.filter(action="imports.change_several").order_by("summary")
    assert [(event.summary, event.subject_id, event.scope_id) for event in events] == [
        (
            f"changed the workstream {each.name}, with others: the lead is now Jo Reed",
            each.pk,
            programme.scope_id,
        )
        for each in several[:2]
    ]


def test_several_are_closed_with_their_reason(programme, manager, several):
    changed(several[:2], of(BulkAct.CLOSE, reason="Done"), manager)

    assert list(Workstream.objects.order_by("name").values_list("closed_at", "close_reason")) == [
        (NOW, "Done"),
        (NOW, "Done"),
        (None, ""),
    ]


def test_several_are_exempt_for_some_reporting_days(programme, manager, several):
    edit = of(BulkAct.EXEMPT, reason="Moving house", from_on=THIS_FRIDAY, to_on=THIS_FRIDAY)

    assert changed(several, edit, manager) == 3

    assert (
        list(ReportingException.objects.values_list("kind", "from_on", "to_on", "reason"))
        == [(ExceptionKind.EXEMPT, THIS_FRIDAY, THIS_FRIDAY, "Moving house")] * 3
    )


def test_the_preview_says_what_cannot_be_changed_and_why(programme, manager, several):
    _, custody, dispatch = several
    jo = make_person("Jo Reed")
    changed([custody], of(BulkAct.CLOSE, reason="Done"), manager)
    changed([dispatch], of(BulkAct.REVIEWER, jo), manager)
    foreign = make_workstream(make_programme(), "Elsewhere")

    chosen = chosen_workstreams([each.pk for each in (*several, foreign)], by=manager)
    rows = edited_rows(chosen, of(BulkAct.LEAD, jo), by=manager, now=NOW)

    assert [(row.name, row.before, row.after, row.refusal) for row in rows] == [
        ("Body", "Nobody", "Jo Reed", ""),
        ("Custody", "Nobody", "Jo Reed", "It is closed."),
        (
            "Dispatch",
            "Nobody",
            "Jo Reed",
            "Nobody reviews what they report themselves. Choose somebody else to lead or to review it.",
        ),
    ]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (of(BulkAct.CLOSE), "Enter the reason"),
        (of(BulkAct.EXEMPT, reason="Why"), "first and the last reporting day"),
        (of(BulkAct.EXEMPT, reason="Why", from_on=date(2026, 9, 17), to_on=THIS_FRIDAY), "No reports are due"),
        (Edit(BulkAct.LEAD, uuid4(), "Ghost"), "no account"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changed(programme, manager, several, edit, words):
    with pytest.raises(Refused, match=words):
        changed(several, edit, manager)

    assert set(Workstream.objects.values_list("version", "closed_at", "exception_kind")) == {(1, None, "")}


def test_one_that_cannot_be_changed_keeps_all_as_they_are(programme, manager, several):
    changed(several[1:2], of(BulkAct.CLOSE, reason="Done"), manager)

    with pytest.raises(Refused, match=r"Nothing was changed, because of Custody: It is closed\."):
        changed(several, of(BulkAct.LEAD, make_person()), manager)

    assert set(Workstream.objects.values_list("lead", flat=True)) == {None}


def test_what_somebody_changed_meanwhile_is_told(programme, manager, several):
    versions = {each.pk: 1 for each in several}
    change_workstream(
        workstream_id=several[1].pk,
        version=1,
        name="Custody",
        description="By hand",
        lead_id=None,
        reviewer_id=None,
        by=make_manager(programme, "Ama Mensah"),
        now=NOW,
    )

    with pytest.raises(Conflict) as conflict:
        change_several(
            versions=versions, edit=of(BulkAct.LEAD, make_person()), several_id=uuid4(), by=manager, now=LATER
        )

    assert conflict.value.sentence == (
        "Custody was changed while you were working on it. Ama Mensah changed the workstream Custody: described anew. "
        "Nothing of yours is saved: look at what would change now, then confirm."
    )
    assert {name for _, name, _ in leads()} == {None}


def test_nothing_chosen_and_what_is_not_there_are_refused(programme, manager, several):
    foreign = make_workstream(make_programme(), "Elsewhere")

    with pytest.raises(Refused, match="at least one"):
        changed([], of(BulkAct.LEAD), manager)
    with pytest.raises(Refused, match="not there any more"):
        changed([*several, foreign], of(BulkAct.LEAD, make_person()), manager)


def test_a_reader_changes_nothing(programme, several):
    with pytest.raises(Refused, match="You cannot add, change, close or reopen"):
        changed(several, of(BulkAct.LEAD, make_person()), make_reader(programme))


def test_the_chief_information_officer_changes_those_of_several_programmes():
    portfolio = make_portfolio()
    several = [make_workstream(make_programme(portfolio=portfolio), "Custody") for _ in range(3)]

    assert changed(several, of(BulkAct.LEAD, make_person("Jo Reed")), make_cio(portfolio)) == 3

    assert {name for _, name, _ in leads()} == {"Jo Reed"}
    assert RoleHolding.objects.filter(role=Role.WORKSTREAM_LEAD, ended_at=None).count() == 3


def test_leads_are_put_back_to_what_each_was(programme, manager):
    ama, several_id = make_person("Ama Mensah"), uuid4()
    several = [make_workstream(programme, "Body", lead=ama), make_workstream(programme, "Custody")]
    changed(several, of(BulkAct.LEAD, make_person("Jo Reed")), manager, several_id=several_id)

    assert undo_several(several_id=several_id, by=manager, now=LATER) == 2

    assert leads() == [("Body", "Ama Mensah", 3), ("Custody", None, 3)]
    assert holders(programme) == {"Ama Mensah"}
    with pytest.raises(Conflict, match="was changed while"):
        undo_several(several_id=several_id, by=manager, now=LATER)


def test_what_is_not_of_people_or_of_oneself_is_not_put_back(programme, manager, several):
    several_id = uuid4()
    changed(several, of(BulkAct.CLOSE, reason="Done"), manager, several_id=several_id)

    for key, by in ((several_id, manager), (several_id, make_manager(programme)), (uuid4(), manager)):
        with pytest.raises(Refused, match="nothing here that can be put back"):
            undo_several(several_id=key, by=by, now=LATER)


@pytest.fixture
def signed_in(client, manager):
    set_clock(to=NOW)
    client.force_login(manager)
    return client


def hidden(page) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))


def test_ticked_workstreams_are_shown_changed_and_put_back(signed_in, programme, several):
    jo = make_person("Jo Reed")
    path = f"/programmes/{programme.pk}/workstreams/several/"
    assert "Dispatch" in signed_in.get(path).content.decode()

    sent = {"workstream": [str(several[0].pk), str(several[1].pk)], "act": "lead", "person": jo.email}
    preview = signed_in.post(path, sent)
    assert "2 workstreams would change" in preview.content.decode()
    assert {name for _, name, _ in leads()} == {None}

    done = signed_in.post(path, hidden(preview), follow=True)
    assert "Changed 2 workstreams." in done.content.decode()
    assert [name for _, name, _ in leads()] == ["Jo Reed", "Jo Reed", None]

    back = signed_in.post(done.request["PATH_INFO"], follow=True)
    assert "Put back for 2 workstreams." in back.content.decode()
    assert {name for _, name, _ in leads()} == {None}


def test_all_that_the_filter_finds_are_chosen(signed_in, programme, several):
    path = f"/programmes/{programme.pk}/workstreams/several/?q=d"

    preview = signed_in.post(path, {"all": "1", "act": "close", "reason": "Done"}).content.decode()

    assert "3 workstreams would change" in preview
    preview = signed_in.post(path.replace("q=d", "q=disp"), {"all": "1", "act": "close", "reason": "Done"})
    assert "1 workstream would change" in preview.content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"act": "lead"}, "Tick at least one workstream."),
        ({"all": "1"}, 'href="#id_act'),
        ({"all": "1", "act": "close"}, "Enter the reason"),
        ({"all": "1", "act": "exempt", "reason": "Why"}, "Enter the first reporting day"),
        ({"all": "1", "act": "lead", "person": "nobody@example.org"}, "Nobody with an account"),
    ],
)
def test_a_form_that_lacks_something_says_so(signed_in, programme, several, sent, words):
    answer = signed_in.post(f"/programmes/{programme.pk}/workstreams/several/", sent)

    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_a_preview_that_was_tampered_with_is_refused(signed_in, programme, several):
    path = f"/programmes/{programme.pk}/workstreams/several/"

    for chosen in ("x", "1:2:3", "", f"{several[0].pk}:x"):
        answer = signed_in.post(path, {"act": "lead", "chosen": chosen, "several_id": str(uuid4())})
        assert answer.status_code == 409


def test_the_api_tells_and_changes(signed_in, programme, several):
    jo, path = make_person("Jo Reed"), "/api/workstreams/several/"
    sent = {
        "act": "lead",
        "person": str(jo.pk),
        "workstreams": [{"id": str(each.pk), "version": 1} for each in several],
    }

    told = signed_in.post(path, {**sent, "dry_run": True}, content_type="application/json").json()
    assert [(row["before"], row["after"], row["refusal"]) for row in told["rows"]] == [("Nobody", "Jo Reed", "")] * 3
    assert {name for _, name, _ in leads()} == {None}

    done = signed_in.post(path, sent, content_type="application/json")
    assert (done.status_code, done.json()["changed"]) == (200, 3)

    sent |= {"act": "close", "reason": "Done"}
    assert signed_in.post(path, sent, content_type="application/json").status_code == 409
    assert signed_in.post(path, {**sent, "act": "burn"}, content_type="application/json").status_code == 400


def test_those_who_manage_nothing_are_shut_out(client, programme, several):
    set_clock(to=NOW)
    client.force_login(make_reader(programme))

    assert client.get("/workstreams/").status_code == 403
    assert client.get(f"/programmes/{programme.pk}/workstreams/several/").status_code == 403
    client.force_login(make_manager(make_programme()))
    assert client.get(f"/programmes/{programme.pk}/workstreams/several/").status_code == 404
    assert "Custody" not in client.get("/workstreams/").content.decode()
