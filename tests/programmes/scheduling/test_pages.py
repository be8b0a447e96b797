"""Pages of a programme's stages, and the same acts through the API."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import transaction

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from programmes.register.changes import end_programme
from programmes.scheduling.enums import GateResult
from programmes.scheduling.models import GateOutcome, Stage
from programmes.scheduling.operations import StagePlan, finish_stage, plan_stages, start_stage
from programmes.scheduling.queries import stages_of
from tests.builders import NOW, decide_gate, make_administrator, make_manager, make_programme, make_reader, pass_gates

pytestmark = pytest.mark.django_db
KINDS = ("technology", "information", "business")


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return pass_gates(make_programme("Mobile officer"))


@pytest.fixture
def stages(programme):
    return stages_of([programme.pk])[programme.pk]


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Priya Nair")
    client.force_login(manager)
    return manager


def boxes(name, day=None):
    found = (day.day, day.month, day.year) if day else ("", "", "")
    return {f"{name}_{box}": str(value) for box, value in zip(("day", "month", "year"), found, strict=True)}


def plan_form(versions=(1, 1, 1), **spans):
    form: dict[str, str] = {}
    for kind, version in zip(KINDS, versions, strict=True):
        start, finish = spans.get(kind, (None, None))
        form |= boxes(f"planned_start_{kind}", start) | boxes(f"planned_finish_{kind}", finish)
        form |= {f"version_{kind}": str(version)}
    return form


def start(programme, stage, by, on=date(2026, 3, 2)):
    return start_stage(programme_id=programme.pk, stage_id=stage.id, on=on, by=by, now=NOW)


def finish(programme, stage, by, on=date(2026, 6, 1)):
    return finish_stage(programme_id=programme.pk, stage_id=stage.id, on=on, by=by, now=NOW)


def test_the_page_tells_each_stage_in_words(client, programme, stages, manager):
    first, second, third = stages
    plans = (
        StagePlan(first.id, 1, date(2026, 3, 2), date(2026, 5, 29)),
        StagePlan(second.id, 1, date(2026, 6, 1), date(2026, 8, 28)),
        StagePlan(third.id, 1, date(2026, 8, 3), date(2027, 3, 31)),
    )
    plan_stages(programme_id=programme.pk, plans=plans, by=manager, now=NOW)
    start(programme, first, manager)
    finish(programme, first, manager)
    start(programme, second, manager, date(2026, 6, 1))

    shown = client.get(f"/programmes/{programme.pk}/stages/").content.decode()

    for words in (
        "Finished: Monday 1 June 2026",
        "Under way: since Monday 1 June 2026",
        "Not started: planned for Monday 3 August 2026",
        "Monday 2 March 2026 to Friday 29 May 2026",
        "Started on the planned day",
        "Finished 3 days late",
        "Late: it should have finished 19 days ago",
        "Business transformation is planned to start on Monday 3 August 2026, before Information transformation",
        "Record the finish of Information transformation",
        "Take back the start of Information transformation",
    ):
        assert words in shown


def test_a_reader_sees_stages_and_no_buttons(client, programme, stages):
    start(programme, stages[0], make_manager(programme))
    client.force_login(make_reader(programme))
    base, api = f"/programmes/{programme.pk}/stages/", f"/api/programmes/{programme.pk}/stages/"
    one = f"{stages[0].id}/"
    as_json = {"content_type": "application/json"}

    shown = client.get(base).content.decode()
    assert "Under way" in shown
    assert not any(words in shown for words in ("Change the plan", "Record the", "Take back"))
    statuses = [
        client.get(f"{base}plan/").status_code,
        client.post(f"{base}plan/", plan_form()).status_code,
        client.get(f"{base}{one}finish/").status_code,
        client.post(f"{base}{one}finish/", boxes("on", date(2026, 6, 1))).status_code,
        client.post(f"{base}{one}start/undo/", {"reason": "Why"}).status_code,
        client.patch(
            api,
            {"stages": [{"stage": stages[0].id, "version": 1, "planned_start_on": None, "planned_finish_on": None}]},
            **as_json,
        ).status_code,
        client.post(f"{api}{one}start/", {"on": "2026-03-02"}, **as_json).status_code,
        client.post(f"{api}{one}finish/", {"on": "2026-03-02"}, **as_json).status_code,
        client.post(f"{api}{one}undo/", {"step": "start", "reason": "Why"}, **as_json).status_code,
    ]
    assert statuses == [403] * len(statuses)
    assert AuditEvent.objects.count() == 1


def test_a_stranger_finds_no_such_stages(client, programme, stages):
    client.force_login(make_manager(make_programme()))
    base, api = f"/programmes/{programme.pk}/stages/", f"/api/programmes/{programme.pk}/stages/"
    one = f"{stages[0].id}/"

    statuses = [client.get(f"{base}{rest}").status_code for rest in ("", "plan/", f"{one}start/", f"{one}start/undo/")]
    statuses += [client.get(api).status_code, client.post(f"{api}{one}start/", {"on": "2026-03-02"}).status_code]

    assert statuses == [404] * len(statuses)


def test_stages_of_another_programme_are_not_found_under_this_one(client, programme, stages):
    theirs = stages_of([(other := make_programme()).pk])[other.pk][0]
    client.force_login(make_administrator())
    as_json = {"content_type": "application/json"}

    found = []
    for stage_id in (theirs.id, uuid4()):
        base, api = f"/programmes/{programme.pk}/stages/{stage_id}", f"/api/programmes/{programme.pk}/stages/{stage_id}"
        found += [
            client.get(f"{base}/{step}/").status_code for step in ("start", "finish", "start/undo", "finish/undo")
        ]
        found += [client.post(f"{base}/start/", boxes("on", date(2026, 3, 2))).status_code]
        found += [
            client.post(f"{api}/{step}/", {"on": "2026-03-02"}, **as_json).status_code for step in ("start", "finish")
        ]
        found += [client.post(f"{api}/undo/", {"step": "start", "reason": "Why"}, **as_json).status_code]

    assert found == [404] * len(found)


def test_the_plan_is_saved_and_shown_in_the_form_again(client, programme, manager):
    address = f"/programmes/{programme.pk}/stages/plan/"
    form = plan_form(technology=(date(2026, 3, 2), date(2026, 6, 1)))

    saved = client.post(address, form)

    assert (saved.status_code, saved.headers["Location"]) == (302, f"/programmes/{programme.pk}/stages/")
    stage = Stage.objects.get(programme=programme, position=1)
    assert (stage.planned_start_on, stage.planned_finish_on) == (date(2026, 3, 2), date(2026, 6, 1))
    assert 'name="planned_finish_technology_month" type="text" value="6"' in client.get(address).content.decode()
    assert client.post(address, form).status_code == 302  # a repeat
    assert AuditEvent.objects.count() == 1


def test_the_plan_told_of_another_plan_keeps_what_was_typed(client, programme, stages, manager):
    theirs = StagePlan(stages[0].id, 1, date(2026, 1, 5), date(2026, 1, 30))
    plan_stages(programme_id=programme.pk, plans=[theirs], by=make_manager(programme, "Tom Hale"), now=NOW)
    address, mine = f"/programmes/{programme.pk}/stages/plan/", (date(2026, 3, 2), date(2026, 6, 1))

    response = client.post(address, plan_form(technology=mine))

    shown = response.content.decode()
    assert response.status_code == 409
    for words in (
        "Tom Hale changed the planned start and the planned finish of ICT-enabled technology transformation",
        "Monday 2 March 2026 to Monday 1 June 2026",
        "Monday 5 January 2026 to Friday 30 January 2026",
        'name="version_technology" value="2"',
    ):
        assert words in shown
    assert client.post(address, plan_form((2, 1, 1), technology=mine)).status_code == 302


@pytest.mark.parametrize(
    ("more", "sentence", "status"),
    [
        (boxes("planned_start_technology", date(2026, 6, 1)), "Give both planned days of ICT-enabled", 409),
        (
            boxes("planned_start_technology", date(2026, 6, 1)) | boxes("planned_finish_technology", date(2026, 3, 2)),
            "is planned to finish before it starts on Monday 1 June 2026. Choose a later finish",
            409,
        ),
        (
            plan_form(
                technology=(date(2026, 3, 2), date(2026, 6, 1)), information=(date(2026, 2, 27), date(2026, 8, 28))
            ),
            "Information transformation is planned to start on Friday 27 February 2026, before ICT-enabled technology "
            "transformation is planned to start on Monday 2 March 2026. Stages come in this order",
            409,
        ),
        (
            boxes("planned_start_business", date(2026, 6, 1)) | {"planned_start_business_day": "31"},
            "Planned start of Business transformation must be a real date",
            200,
        ),
        ({"version_technology": ""}, "This page is out of date", 200),
    ],
)
def test_the_plan_says_what_to_mend(client, programme, manager, more, sentence, status):
    response = client.post(f"/programmes/{programme.pk}/stages/plan/", plan_form() | more)

    assert (response.status_code, sentence in response.content.decode()) == (status, True)
    assert AuditEvent.objects.count() == 0


def test_steps_are_recorded_and_taken_back(client, programme, stages, manager):
    base = f"/programmes/{programme.pk}/stages/{stages[0].id}"
    on = boxes("on", date(2026, 3, 2))
    assert 'name="on_day" type="text" value="16"' in client.get(f"{base}/start/").content.decode()

    assert client.post(f"{base}/start/", on).status_code == 302
    repeated = client.post(f"{base}/start/", on)
    assert (repeated.status_code, "started on Monday 2 March 2026 already" in repeated.content.decode()) == (409, True)
    early = client.post(f"{base}/finish/", boxes("on", date(2026, 3, 1)))
    assert (early.status_code, "Choose that day or a later one" in early.content.decode()) == (409, True)
    future = client.post(f"{base}/finish/", boxes("on", date(2026, 9, 17)))
    assert (future.status_code, "must be today or in the past" in future.content.decode()) == (409, True)
    assert client.post(f"{base}/finish/", on).status_code == 302
    assert client.post(f"{base}/start/undo/", {"reason": "Why"}).status_code == 409
    assert client.post(f"{base}/finish/undo/", {"reason": ""}).status_code == 200
    assert "recorded for Monday 2 March 2026" in client.get(f"{base}/finish/undo/").content.decode()
    assert client.post(f"{base}/finish/undo/", {"reason": "Wrong day"}).status_code == 302
    assert client.post(f"{base}/finish/undo/", {"reason": "Wrong day"}).status_code == 409
    assert Stage.objects.get(pk=stages[0].id).started_on == date(2026, 3, 2)


def test_a_later_stage_waits_for_the_one_before(client, programme, stages, manager):
    response = client.post(f"/programmes/{programme.pk}/stages/{stages[1].id}/start/", boxes("on", date(2026, 3, 2)))

    assert response.status_code == 409
    assert "Information transformation can start when ICT-enabled technology" in response.content.decode()


def decide(programme, position, result, on, **more):
    stage = Stage.objects.get(programme=programme, position=position)
    return decide_gate(stage, result, on=on, office_title="Commissioner", **more)


def test_the_page_shows_the_gate_before_each_stage(client):
    programme = make_programme()
    client.force_login(make_reader(programme))
    decide(programme, 1, GateResult.PROCEED, date(2026, 1, 5))
    paused = decide(programme, 1, GateResult.PAUSE, date(2026, 2, 2))
    decide(programme, 2, GateResult.WITH_CONDITIONS, date(2026, 3, 2), conditions="Two officers a shift.")

    shown = " ".join(client.get(f"/programmes/{programme.pk}/stages/").content.decode().split())

    gates = shown.split("The gate before each stage")[1].split("Planned and actual days")[0]
    for words in (
        "Paused",
        "Commissioner, Ola Brand",
        f'href="/decisions/{paused.decision_id}/"',
        "Monday 2 February 2026",
        "Before: passed on",
        "Passed with conditions",
        "Two officers a shift.",
        "Not decided",
        "Nobody yet",
    ):
        assert words in gates


def test_a_start_before_its_gate_is_refused_on_the_page_and_through_the_api(client):
    programme = make_programme()
    client.force_login(make_manager(programme))
    stage = Stage.objects.get(programme=programme, position=1)
    page = f"/programmes/{programme.pk}/stages/{stage.pk}/start/"
    sentence = "The gate before ICT-enabled technology transformation has not been passed on or before"

    asked = client.get(page).content.decode()
    told = client.post(page, boxes("on", date(2026, 3, 2)))
    answered = client.post(f"/api{page}", {"on": "2026-03-02"}, content_type="application/json")

    assert ("The gate before this stage is not decided" in asked, "Draft a decision" in asked) == (True, True)
    assert (told.status_code, sentence in told.content.decode()) == (409, True)
    assert (answered.status_code, answered.json()["field"], sentence in answered.json()["detail"]) == (409, "on", True)
    decide(programme, 1, GateResult.PROCEED, date(2026, 3, 2))
    assert "Commissioner (Ola Brand) passed the gate before it" in client.get(page).content.decode()
    assert client.post(page, boxes("on", date(2026, 3, 1))).status_code == 409
    assert client.post(page, boxes("on", date(2026, 3, 2))).status_code == 302


def test_no_stage_starts_in_a_programme_that_ended(client, programme, stages, manager):
    with transaction.atomic():
        end_programme(programme, on=date(2026, 9, 1), reason="A new direction.", by=manager, now=NOW)
    base = f"/programmes/{programme.pk}/stages/"

    shown = client.get(base).content.decode()

    assert "The programme ended on Tuesday 1 September 2026. No stage starts any more." in shown
    assert not any(words in shown for words in ("Change the plan", "Record the start"))
    for answer in (
        client.post(f"{base}{stages[0].id}/start/", boxes("on", date(2026, 3, 2))),
        client.post(f"{base}plan/", plan_form(technology=(date(2026, 3, 2), date(2026, 6, 1)))),
    ):
        assert (answer.status_code, "Nothing new starts in it" in answer.content.decode()) == (409, True)


def test_a_programme_without_stages_says_so(client):
    programme = make_programme()
    client.force_login(make_manager(programme))
    Stage.objects.filter(programme=programme).delete()

    assert "No stages" in client.get(f"/programmes/{programme.pk}/stages/").content.decode()


def test_stages_through_the_api(client, programme, stages, manager):
    api = f"/api/programmes/{programme.pk}/stages/"
    as_json = {"content_type": "application/json"}
    first, second, _ = stages
    first_gate = GateOutcome.objects.get(stage=first.id)

    def plan(*rows):
        keys = ("stage", "version", "planned_start_on", "planned_finish_on")
        return client.patch(api, {"stages": [dict(zip(keys, row, strict=True)) for row in rows]}, **as_json)

    planned = plan((first.id, 1, "2026-03-02", "2026-06-01"), (second.id, 1, "2026-05-01", "2026-07-01"))
    started = client.post(f"{api}{first.id}/start/", {"on": "2026-03-02"}, **as_json)

    assert planned.status_code == 200
    assert planned.json()["warnings"] == [
        "Information transformation is planned to start on Friday 1 May 2026, before ICT-enabled technology "
        "transformation is planned to finish on Monday 1 June 2026."
    ]
    row = {
        "id": str(first.id),
        "position": 1,
        "kind": "technology",
        "title": "ICT-enabled technology transformation",
        "state": "under_way",
        "is_active": True,
        "planned_start_on": "2026-03-02",
        "planned_finish_on": "2026-06-01",
        "started_on": "2026-03-02",
        "finished_on": None,
        "is_late": True,
        "gates": [
            {
                "result": "proceed",
                "conditions": "",
                "waiver_reason": "",
                "review": None,
                "decided_on": "2000-01-01",
                "decision": str(first_gate.decision_id),
                "office_title": "Chief Constable",
                "holder_name": "Ola Brand",
            }
        ],
        "version": 3,
    }
    assert (started.status_code, started.json()) == (200, row)
    assert client.get(api).json()["stages"][0] == row
    assert plan((first.id, 1, None, None)).status_code == 409
    assert plan((first.id, 3, "2026-06-01", "2026-03-02")).json()["field"] == "planned_finish_technology"
    assert plan((second.id, 2, "2026-02-27", "2026-07-01")).json()["field"] == "planned_start_information"
    assert client.post(f"{api}{second.id}/start/", {"on": "2026-06-01"}, **as_json).status_code == 409
    assert client.post(f"{api}{first.id}/finish/", {"on": "2026-06-01"}, **as_json).json()["state"] == "finished"
    undone = client.post(f"{api}{first.id}/undo/", {"step": "finish", "reason": "Wrong day"}, **as_json)
    assert (undone.status_code, undone.json()) == (200, row | {"version": 5})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"stages": []},
        {"stages": "x"},
        {"stages": [{"stage": "x", "version": 1, "planned_start_on": None, "planned_finish_on": None}]},
        {"stages": [{"stage": str(uuid4()), "version": 1, "planned_start_on": "June", "planned_finish_on": None}]},
        {"stages": [{"stage": str(uuid4()), "version": 1}]},
        {"stages": [{"stage": str(uuid4()), "version": 10**12, "planned_start_on": None, "planned_finish_on": None}]},
    ],
)
def test_bad_plans_through_the_api_are_invalid(client, programme, manager, body):
    response = client.patch(f"/api/programmes/{programme.pk}/stages/", body, content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize("body", [{}, {"on": "x"}, {"on": None}, {"on": "2026-02-30"}])
def test_bad_days_through_the_api_are_invalid(client, programme, stages, manager, body):
    api = f"/api/programmes/{programme.pk}/stages/{stages[0].id}"

    statuses = [
        client.post(f"{api}/{act}/", body, content_type="application/json").status_code
        for act in ("start", "finish", "undo")
    ]

    assert statuses == [400] * 3


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("/programmes/{pk}/stages/", 9),
        ("/programmes/{pk}/stages/plan/", 6),
        ("/programmes/{pk}/stages/{stage}/start/", 8),
        ("/api/programmes/{pk}/stages/", 7),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, page, queries, count):
    programme = make_programme()
    client.force_login(make_manager(programme))
    Stage.objects.filter(programme=programme, position__gt=count).delete()
    first = pass_gates(programme).stages.get(position=1)

    with django_assert_num_queries(queries):
        response = client.get(page.format(pk=programme.pk, stage=first.pk))

    assert response.status_code == 200
