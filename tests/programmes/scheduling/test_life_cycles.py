"""Life cycles: their versions, the acts of administrators, and which one a programme follows."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from programmes.register.changes import end_programme
from programmes.scheduling.models import LifeCycle, LifeCycleVersion, Stage
from programmes.scheduling.operations import (
    StagePlan,
    add_life_cycle,
    change_life_cycle,
    choose_default_life_cycle,
    choose_life_cycle,
    offer_life_cycle,
    plan_stages,
    publish_version,
    start_stage,
)
from programmes.scheduling.queries import stage_kinds, stages_given, stages_of, version_followed_by, versions_of
from programmes.scheduling.rules import MOST_STAGES, StageGiven, checked_stages
from tests.builders import (
    NOW,
    make_administrator,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    pass_gates,
)
from tests.threads import outcomes_of

TWO = [
    StageGiven("Discover", "Gate before discovery", ("Is it clear?",)),
    StageGiven("Deliver", "Gate before delivery"),
]


@pytest.fixture
def alex(db):
    return make_administrator("Alex Morgan")


@pytest.fixture
def gateway(db):
    return LifeCycle.objects.get(key="gateway")


@pytest.fixture
def default(db):
    return LifeCycle.objects.get(is_default=True)


def add(alex, name="Discovery", **more):
    facts = {"description": "", "stages": TWO, "request_key": uuid4(), "by": alex, "now": NOW}
    return add_life_cycle(name=name, **(facts | more))


def publish(life_cycle, alex, stages, *, based_on=1, note="Clearer"):
    return publish_version(life_cycle_id=life_cycle.pk, based_on=based_on, note=note, stages=stages, by=alex, now=NOW)


def titles(programme):
    return [stage.title for stage in stages_of([programme.pk])[programme.pk]]


def test_three_life_cycles_come_with_the_product(db):
    found = {row.key: [s.title for s in versions_of(row)[0].stages] for row in LifeCycle.objects.all()}

    assert {key: len(stages) for key, stages in found.items()} == {"transformation": 3, "gateway": 6, "pm2": 4}
    assert found["pm2"] == ["Initiating", "Planning", "Executing", "Closing"]


def test_a_life_cycle_is_added_once_with_its_first_version(alex):
    key = uuid4()

    first, again = (add(alex, request_key=key) for _ in range(2))

    (shown,) = versions_of(first)
    assert (first.pk, again.pk, first.key, first.is_offered, first.is_default) == (key, key, "discovery", True, False)
    assert [(row.key, row.title, row.gate_title, row.checklist) for row in shown.stages] == [
        ("discover", "Discover", "Gate before discovery", ["Is it clear?"]),
        ("deliver", "Deliver", "Gate before delivery", []),
    ]
    assert [event.summary for event in events_about(key)] == ["added the life cycle Discovery"]


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        ([], "at least one stage"),
        ([StageGiven(f"Stage {n}", "Gate") for n in range(MOST_STAGES + 1)], "20 stages at most, this has 21"),
        ([StageGiven("A", "Gate"), StageGiven("a", "Gate")], "Two stages are called a"),
        ([StageGiven("A", "Gate", key="x"), StageGiven("B", "Gate", key="x")], "B is there twice"),
        ([StageGiven(" ", "Gate")], "Enter a title for stage 1"),
        ([StageGiven("A", "")], "Enter a name for the gate before A"),
        ([StageGiven("A\nB", "Gate")], "on one line"),
        ([StageGiven("A" * 201, "Gate")], "Shorten a title"),
        ([StageGiven("A", "Gate", ("x" * 301,))], "Shorten a line of the checklist"),
        ([StageGiven("A", "Gate", ("x",) * 21)], "20 is the most"),
    ],
)
def test_stages_that_cannot_be_are_refused(stages, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        checked_stages(stages)

    assert refused.value.field == "stages"


def test_titles_that_look_alike_get_keys_of_their_own():
    found = checked_stages(
        [StageGiven("Go!", "Gate"), StageGiven("Go?", "Gate"), StageGiven("\N{GREEK SMALL LETTER PI}", "Gate")]
    )

    assert [stage.key for stage in found] == ["go", "go-2", "stage"]


def test_a_new_version_leaves_what_programmes_follow(alex, default):
    before, portfolio = make_programme(), make_portfolio()
    stages = stages_given(versions_of(default)[0].stages)
    renamed = [StageGiven("New technology", stages[0].gate_title, stages[0].checklist, stages[0].key), *stages[1:]]

    version = publish(default, alex, renamed)
    after = make_programme(portfolio=portfolio)

    followed_before, followed_after = version_followed_by(before), version_followed_by(after)
    assert followed_before is not None
    assert followed_after is not None
    assert (version.number, followed_before.number, followed_after.number) == (2, 1, 2)
    assert titles(before)[0] == "ICT-enabled technology transformation"
    assert titles(after)[0] == "New technology"
    assert stage_kinds()["technology"] == "New technology"
    assert [shown.followed_by for shown in versions_of(default)] == [1, 1]
    assert events_about(default.pk).latest("pk").summary == (
        "published version 2 of the life cycle Three stages of transformation: Clearer"
    )


def test_the_same_stages_make_no_version(alex, default):
    stages = stages_given(versions_of(default)[0].stages)

    assert publish(default, alex, stages).number == 1
    assert not events_about(default.pk).exists()


def test_a_version_over_a_newer_one_names_who_published_it(alex, default):
    publish(default, alex, TWO)

    with pytest.raises(Conflict, match="Alex Morgan published version 2 of Three stages"):
        publish(default, make_administrator(), TWO[:1])


def test_withdrawing_destroys_nothing(alex, gateway):
    programme = make_programme()
    choose_life_cycle(programme_id=programme.pk, life_cycle_id=gateway.pk, by=make_manager(programme), now=NOW)

    for _ in range(2):
        offer_life_cycle(life_cycle_id=gateway.pk, is_offered=False, by=alex, now=NOW)

    other = make_programme()
    assert len(titles(programme)) == 6
    assert events_about(gateway.pk).count() == 1
    with pytest.raises(Refused, match="not offered"):
        choose_life_cycle(programme_id=other.pk, life_cycle_id=gateway.pk, by=make_manager(other), now=NOW)
    with pytest.raises(Refused, match="Offer it before"):
        choose_default_life_cycle(life_cycle_id=gateway.pk, by=alex, now=NOW)


def test_there_is_one_default_and_it_is_not_withdrawn(alex, gateway, default):
    choose_default_life_cycle(life_cycle_id=gateway.pk, by=alex, now=NOW)

    assert [row.key for row in LifeCycle.objects.filter(is_default=True)] == ["gateway"]
    assert len(titles(make_programme())) == 6
    with pytest.raises(Refused, match="Choose another default"):
        offer_life_cycle(life_cycle_id=gateway.pk, is_offered=False, by=alex, now=NOW)


def test_a_life_cycle_is_renamed_and_keeps_its_key(alex, gateway):
    def rename(name, version=1, by=alex):
        return change_life_cycle(life_cycle_id=gateway.pk, version=version, name=name, description="", by=by, now=NOW)

    assert (rename("Gates").key, rename("Gates").version) == ("gateway", 2)
    with pytest.raises(Conflict, match="Alex Morgan changed the name"):
        rename("Other", by=make_administrator())
    with pytest.raises(Refused, match="already"):
        rename("three stages of TRANSFORMATION", version=2)


@pytest.mark.parametrize(
    "who", [make_person, lambda: make_manager(make_programme()), lambda: make_cio(make_portfolio())]
)
def test_nobody_but_an_administrator_keeps_life_cycles(db, gateway, who):
    stranger = who()

    for act in (
        lambda: add(stranger),
        lambda: publish(gateway, stranger, TWO),
        lambda: offer_life_cycle(life_cycle_id=gateway.pk, is_offered=False, by=stranger, now=NOW),
        lambda: choose_default_life_cycle(life_cycle_id=gateway.pk, by=stranger, now=NOW),
        lambda: change_life_cycle(
            life_cycle_id=gateway.pk, version=1, name="Mine", description="", by=stranger, now=NOW
        ),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_programme_takes_another_life_cycle_and_keeps_what_was_planned(gateway):
    programme = pass_gates(make_programme("Mobile officer"))
    manager = make_manager(programme)
    first = stages_of([programme.pk])[programme.pk][0]
    plan_stages(
        programme_id=programme.pk,
        plans=[StagePlan(first.id, 1, date(2026, 3, 2), date(2026, 6, 1))],
        by=manager,
        now=NOW,
    )

    for _ in range(2):
        choose_life_cycle(programme_id=programme.pk, life_cycle_id=gateway.pk, by=manager, now=NOW)

    kept, followed = Stage.objects.get(pk=first.id), version_followed_by(programme)
    assert followed is not None
    assert (len(titles(programme)), followed.life_cycle) == (6, gateway)
    assert (kept.planned_start_on, kept.is_active, kept.replaced_by) == (date(2026, 3, 2), False, manager)
    assert events_about(programme.pk).latest("pk").summary == (
        "chose the life cycle Gateway 0 to 5, version 1 for Mobile officer"
    )
    assert events_about(programme.pk).count() == 2


def test_no_gate_that_was_passed_lets_a_stage_of_another_life_cycle_start(gateway):
    programme = pass_gates(make_programme())
    manager = make_manager(programme)
    (old, *_) = stages_of([programme.pk])[programme.pk]
    choose_life_cycle(programme_id=programme.pk, life_cycle_id=gateway.pk, by=manager, now=NOW)
    (new, *_) = stages_of([programme.pk])[programme.pk]

    with pytest.raises(Refused, match="has not been passed"):
        start_stage(programme_id=programme.pk, stage_id=new.id, on=NOW.date(), by=manager, now=NOW)
    with pytest.raises(Refused, match="no such stage"):
        start_stage(programme_id=programme.pk, stage_id=old.id, on=NOW.date(), by=manager, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Stage.objects.filter(pk=old.id).update(started_on=NOW.date())


def test_a_programme_that_started_or_ended_keeps_its_life_cycle(gateway):
    started, ended = pass_gates(make_programme()), make_programme()
    by = make_manager(started)
    first = stages_of([started.pk])[started.pk][0]
    start_stage(programme_id=started.pk, stage_id=first.id, on=NOW.date(), by=by, now=NOW)
    with transaction.atomic():
        end_programme(ended, on=NOW.date(), reason="Done", by=by, now=NOW)

    with pytest.raises(Refused, match="keeps its life cycle"):
        choose_life_cycle(programme_id=started.pk, life_cycle_id=gateway.pk, by=by, now=NOW)
    with pytest.raises(Refused, match="Nothing new starts"):
        choose_life_cycle(programme_id=ended.pk, life_cycle_id=gateway.pk, by=make_manager(ended), now=NOW)
    with pytest.raises(NotPermitted):
        choose_life_cycle(programme_id=started.pk, life_cycle_id=gateway.pk, by=make_reader(started), now=NOW)


def test_two_versions_at_once_do_not_share_a_number(own_database):
    alex, bo = make_administrator(), make_administrator()
    gateway = LifeCycle.objects.get(key="gateway")

    results = outcomes_of([lambda: publish(gateway, alex, TWO[:1]), lambda: publish(gateway, bo, TWO)])

    assert sorted(LifeCycleVersion.objects.filter(life_cycle=gateway).values_list("number", flat=True)) == [1, 2]
    assert [type(result) for result in results].count(Conflict) == 1


# Pages and the API


@pytest.fixture
def admin(client, alex):
    client.force_login(alex)
    return client


def rows(*stages, count=5):
    sent = {"rows": str(count)}
    for number in range(1, count + 1):
        given = stages[number - 1] if number <= len(stages) else ("", "", "", "")
        order, title, gate, checklist = given
        sent |= {
            f"order_{number}": order or str(number),
            f"title_{number}": title,
            f"gate_title_{number}": gate,
            f"checklist_{number}": checklist,
            f"key_{number}": "",
        }
    return sent


def test_an_administrator_adds_one_and_publishes_another_version(admin):
    added = admin.post(
        reverse("add_life_cycle"),
        {"name": "Discovery", "description": "For small ones", "request_key": str(uuid4())}
        | rows(
            ("2", "Deliver", "Gate before delivery", ""),
            ("1", "Discover", "First gate", "Is it clear?\r\n\r\nWho pays?"),
        ),
    )
    life_cycle = LifeCycle.objects.get(name="Discovery")
    page = admin.get(reverse("publish_version", args=[life_cycle.pk])).content.decode()
    published = admin.post(
        reverse("publish_version", args=[life_cycle.pk]),
        {"note": "One stage", "based_on": "1"}
        | rows(("1", "Discover and deliver", "First gate", ""))
        | {"key_1": "discover"},
    )

    newest, oldest = versions_of(life_cycle)
    assert (added.status_code, published.status_code) == (302, 302)
    assert [(row.title, row.checklist) for row in oldest.stages] == [
        ("Discover", ["Is it clear?", "Who pays?"]),
        ("Deliver", []),
    ]
    assert 'value="Discover"' in page
    assert [(row.key, row.title) for row in newest.stages] == [("discover", "Discover and deliver")]


def test_a_stage_without_a_gate_is_told_what_to_mend(admin, gateway):
    response = admin.post(
        reverse("publish_version", args=[gateway.pk]),
        {"note": "More", "based_on": "1"} | rows(("1", "Discover", "", "")),
    )

    assert response.status_code == 200
    assert "Enter a name for the gate before this stage" in response.content.decode()
    assert LifeCycleVersion.objects.filter(life_cycle=gateway).count() == 1


def test_acts_on_a_life_cycle_through_the_pages(admin, gateway):
    for page in ("withdraw_life_cycle", "offer_life_cycle", "default_life_cycle"):
        assert admin.get(reverse(page, args=[gateway.pk])).status_code == 200
        assert admin.post(reverse(page, args=[gateway.pk])).status_code == 302
    refused = admin.post(reverse("withdraw_life_cycle", args=[gateway.pk]))
    admin.post(reverse("change_life_cycle", args=[gateway.pk]), {"name": "Gates", "description": "", "version": "4"})

    gateway.refresh_from_db()
    shown = admin.get(reverse("life_cycle", args=[gateway.pk])).content.decode()
    assert (gateway.is_default, gateway.name) == (True, "Gates")
    assert (refused.status_code, "Choose another default" in refused.content.decode()) == (409, True)
    assert "Gateway 3: Investment decision" in shown


def test_only_administrators_see_the_pages(client, gateway):
    client.force_login(make_manager(make_programme()))

    for page in ("life_cycle", "publish_version", "change_life_cycle", "withdraw_life_cycle", "default_life_cycle"):
        assert client.get(reverse(page, args=[gateway.pk])).status_code == 403
    assert client.get(reverse("life_cycles")).status_code == 403


def test_a_list_of_life_cycles_costs_the_same_whoever_follows(admin, django_assert_max_num_queries):
    for _ in range(3):
        make_programme()

    with django_assert_max_num_queries(9):
        page = admin.get(reverse("life_cycles")).content.decode()

    assert "Gateway 0 to 5" in page


def test_a_manager_chooses_the_life_cycle_of_a_programme(client, gateway):
    programme = make_programme()
    client.force_login(make_manager(programme))
    page = reverse("choose_life_cycle", args=[programme.pk])

    shown = client.get(page).content.decode()
    chosen = client.post(page, {"life_cycle": str(gateway.pk)})
    nothing = client.post(page, {"life_cycle": "x"})

    assert "Business justification, Delivery strategy" in shown
    assert (chosen.status_code, nothing.status_code) == (302, 200)
    assert "Benefits realisation" in client.get(reverse("stages_of_programme", args=[programme.pk])).content.decode()


def test_the_api_keeps_life_cycles(admin):
    def send(method, path, **body):
        return getattr(admin, method)(f"/api/life-cycles/{path}", body, content_type="application/json")

    stages = [{"title": "Discover", "gate_title": "First gate", "checklist": ["Is it clear?"]}]
    key = str(uuid4())
    added = send("post", "", name="Discovery", stages=stages, request_key=key)
    published = send("post", f"{key}/versions/", based_on=1, note="More", stages=[*stages, stages[0] | {"title": "Go"}])
    stale = send("post", f"{key}/versions/", based_on=1, note="More", stages=stages)
    renamed = send("patch", f"{key}/", version=1, name="Finding out")
    withdrawn = send("post", f"{key}/offer/", is_offered=False)
    wrong = send("post", "", name="X", stages=[{"title": "A\nB", "gate_title": "G"}], request_key=str(uuid4()))

    assert (added.status_code, published.status_code, stale.status_code) == (201, 201, 409)
    assert [len(row["stages"]) for row in published.json()["versions"]] == [2, 1]
    assert (renamed.json()["name"], withdrawn.json()["is_offered"], wrong.status_code) == ("Finding out", False, 400)
    assert send("post", f"{key}/default/").status_code == 409
    assert admin.get("/api/life-cycles/").json()["count"] == 4
    assert admin.get(f"/api/life-cycles/{uuid4()}/").status_code == 404


def test_a_programme_is_set_up_with_a_life_cycle(client, gateway):
    portfolio = make_portfolio()
    owner = make_cio(portfolio)
    client.force_login(owner)
    form = {
        "name": "Drones",
        "summary": "",
        "delivery_model": "taskforce",
        "owner": owner.email,
        "manager": owner.email,
    }
    page = reverse("set_up_programme", args=[portfolio.pk])

    shown = client.get(page).content.decode()
    client.post(page, form | {"life_cycle": str(gateway.pk)})
    wrong = client.post(page, form | {"name": "Other", "life_cycle": str(uuid4())})
    as_json = {"name": "By API", "delivery_model": "taskforce", "owner": str(owner.pk), "manager": str(owner.pk)}
    api = f"/api/portfolios/{portfolio.pk}/programmes/"
    added = client.post(api, as_json | {"life_cycle": str(gateway.pk)}, content_type="application/json")

    assert "Three stages of transformation" in shown
    assert wrong.status_code == 200
    assert added.json()["stage"] == "business-justification"
    assert client.get("/api/programmes/", {"stage": "business-justification"}).json()["count"] == 2
    assert client.get("/api/programmes/", {"stage": "nonsense"}).status_code == 400
