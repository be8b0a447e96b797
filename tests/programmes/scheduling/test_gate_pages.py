"""Pages and endpoints of gate reviews."""

import html
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from partners.clock.operations import set_clock
from programmes.scheduling.models import GateEvidence, GateReview
from programmes.workstreams.enums import DeliveryConfidence
from tests.builders import (
    NOW,
    make_deciding_office,
    make_decision,
    make_manager,
    make_person,
    make_programme,
    make_reader,
    propose,
    take,
)
from tests.builders.gates import (
    PDF,
    add_document,
    answer_all,
    gate_version,
    make_completed_review,
    make_completer,
    make_gate_review,
    recommend,
    stage_of,
)

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def programme():
    return make_programme("Custody")


@pytest.fixture
def review(programme):
    return make_gate_review(programme)


@pytest.fixture
def manager(client, programme):
    manager = make_manager(programme, "Grace Adeyemi")
    client.force_login(manager)
    return manager


def text_of(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def day(name, on):
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def json_of(client, method, path, body=None):
    response = getattr(client, method)(path, body, content_type="application/json")
    return response.status_code, response.json()


@pytest.mark.usefixtures("manager")
def test_a_manager_prepares_a_review_and_a_cio_completes_it(client, programme):
    pages = f"/programmes/{programme.pk}/gate-reviews/"
    opened = client.post(
        f"{pages}open/",
        {
            "stage": str(stage_of(programme).pk),
            "reviewers": "Tom Reed",
            "request_key": str(uuid4()),
            **day("planned_on", NOW.date()),
        },
    )
    review = GateReview.objects.get()
    path = f"/gate-reviews/{review.pk}/"
    assert opened.headers["Location"] == path

    at = f"{path}checklist/{review.checks.get(position=1).pk}/"
    for position in range(1, review.checks.count() + 1):
        sent = {"answer": "met", "note": "", "version": str(gate_version(review))}
        answered = client.post(at, sent)
        following = review.checks.filter(position=position + 1).first()
        at = f"{path}checklist/{following.pk}/" if following else path
        assert answered.headers["Location"] == at
    client.post(
        f"{path}evidence/add/",
        {
            "title": "Business case",
            "address": "",
            "request_key": str(uuid4()),
            "file": SimpleUploadedFile("case.exe", PDF, content_type="text/html"),
        },
    )
    page = text_of(client.get(path))
    assert "Every line is answered." in page
    assert "case.exe.pdf" in page
    assert client.get(f"{path}complete/").status_code == 403

    client.force_login(make_completer(programme))
    assert (
        "Wednesday 9 December 2026" in text_of(client.get(f"{path}complete/"))
        or 'value="9"' in client.get(f"{path}complete/").content.decode()
    )
    completed = client.post(
        f"{path}complete/",
        {
            "version": str(gate_version(review)),
            "rating": "green",
            "summary": "Go on.",
            **day("follow_up_on", NOW.date()),
        },
    )

    assert completed.headers["Location"] == path
    review.refresh_from_db()
    page = text_of(client.get(path))
    assert "Unchanged since it was completed on Wednesday 16 September 2026" in page
    assert review.fingerprint in page
    assert "Take out" not in page
    assert "4 of 4 met, Green, 1 piece of evidence" in text_of(client.get(pages))
    assert "4 of 4 met, Green" in text_of(client.get(f"/programmes/{programme.pk}/stages/"))


def test_a_completed_review_that_was_changed_says_so(client, programme, monkeypatch):
    review = make_completed_review(programme)
    client.force_login(make_reader(programme))
    monkeypatch.setattr("programmes.scheduling.queries.gate_reviews.fingerprint_now", lambda _: "0" * 64)

    page = text_of(client.get(f"/gate-reviews/{review.pk}/"))

    assert "Changed since it was completed on Wednesday 16 September 2026" in page
    assert "Unchanged since" not in page


def test_completing_says_at_the_field_what_is_missing(client, programme, review):
    client.force_login(make_completer(programme))
    path, sent = f"/gate-reviews/{review.pk}/complete/", {"version": "1", "rating": "red", "summary": "No."}

    unanswered = client.post(path, sent)
    answer_all(review)
    conflict = client.post(path, sent)
    undated = client.post(path, sent | {"version": str(gate_version(review))})

    assert (unanswered.status_code, conflict.status_code, undated.status_code) == (409, 409, 409)
    assert "Not answered yet: “The case for going on still holds: it is justified”" in text_of(unanswered)
    assert "changed the checklist of this review" in text_of(conflict)
    assert f'name="version" value="{gate_version(review)}"' in conflict.content.decode()
    assert "Say by when the action plan is assured" in text_of(undated)
    assert not GateReview.objects.exclude(completed_at=None).exists()


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty"),
        (b"<!doctype html><script>alert(1)</script>", "This is no file of a kind that is kept here"),
        (b"MZ\x90\0\3", "This is no file of a kind that is kept here"),
    ],
)
def test_a_file_that_is_not_kept_is_told_at_the_file(client, review, content, words):
    sent = {"title": "Case", "address": "", "request_key": str(uuid4())}
    file = SimpleUploadedFile("case.pdf", content, content_type="application/pdf")

    response = client.post(f"/gate-reviews/{review.pk}/evidence/add/", sent | {"file": file})

    assert response.status_code in (200, 409)
    assert words in text_of(response)
    assert not GateEvidence.objects.exists()


def test_a_document_is_read_by_those_who_see_the_programme_and_nobody_else(client, programme, review):
    evidence = add_document(review)
    other = make_gate_review(make_programme())
    pages = [
        f"/gate-reviews/{review.pk}/evidence/{evidence.pk}/document/",
        f"/api/gate-reviews/{review.pk}/evidence/{evidence.pk}/document/",
    ]

    for page in pages:
        client.force_login(make_reader(programme))
        read = client.get(page)
        assert (read.status_code, read.content) == (200, PDF)
        assert read["Content-Disposition"] == 'attachment; filename="case.pdf"'
        assert (read["X-Content-Type-Options"], read["Cache-Control"]) == ("nosniff", "private, no-store")
        assert read["Content-Security-Policy"] == "sandbox; default-src 'none'"
        for stranger in (make_person(), make_manager(other.stage.programme)):
            client.force_login(stranger)
            assert client.get(page).status_code == 404
            assert client.get(page.replace(str(review.pk), str(other.pk))).status_code == 404


def test_a_link_as_evidence_has_no_document(client, programme, review, manager):
    evidence = add_document(review, upload=None, address="https://plans.example.org/7", by=manager)

    assert client.get(f"/gate-reviews/{review.pk}/evidence/{evidence.pk}/document/").status_code == 404


def test_what_people_typed_is_text(client, programme, manager):
    review = make_gate_review(programme, reviewers=SCRIPT, by=manager)
    add_document(review, SCRIPT, by=manager)
    recommend(review, SCRIPT, by=manager)

    page = client.get(f"/gate-reviews/{review.pk}/").content.decode()

    assert SCRIPT not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3


def test_those_who_may_only_read_are_offered_nothing_to_do(client, programme, review):
    evidence, recommendation, check = add_document(review), recommend(review), review.checks.first()
    client.force_login(make_reader(programme))
    path = f"/gate-reviews/{review.pk}/"

    page = client.get(path)

    assert page.status_code == 200
    for tail in (
        "change/",
        f"checklist/{check.pk}/",
        "evidence/add/",
        f"evidence/{evidence.pk}/remove/",
        "recommendations/add/",
        f"recommendations/{recommendation.pk}/remove/",
        "complete/",
    ):
        assert f"{path}{tail}" not in page.content.decode()
        assert client.get(f"{path}{tail}").status_code == 403
        assert client.post(f"{path}{tail}").status_code == 403


def test_the_decision_shows_what_it_rests_on_also_once_it_is_taken(client, programme):
    review = make_completed_review(programme)
    office = make_deciding_office(programme)
    decision = propose(make_decision(programme, office=office, gate_id=stage_of(programme).pk, gate_result="proceed"))
    client.force_login(make_reader(programme))

    before = text_of(client.get(f"/decisions/{decision.pk}/"))
    take(decision)
    make_completed_review(programme, DeliveryConfidence.GREEN)
    after = text_of(client.get(f"/decisions/{decision.pk}/"))

    for page in (before, after):
        assert "Delivery confidence Amber/green" in page
        assert "4 of 4 met, Amber/green, 1 piece of evidence, 1 recommendation open" in page
        assert "Business case" in page
        assert f"{review.fingerprint[:16]}…, unchanged since it was completed" in page


def test_a_decision_without_a_review_says_so(client, programme):
    office = make_deciding_office(programme)
    decision = propose(make_decision(programme, office=office, gate_id=stage_of(programme).pk, gate_result="proceed"))
    client.force_login(make_reader(programme))

    assert "No gate review of this gate is completed" in text_of(client.get(f"/decisions/{decision.pk}/"))
    take(decision)
    assert "It rested on no gate review." in text_of(client.get(f"/decisions/{decision.pk}/"))


def test_a_review_through_the_api(client, programme, manager):
    root = f"/api/programmes/{programme.pk}"
    body = {
        "stage": str(stage_of(programme).pk),
        "reviewers": "Tom Reed",
        "planned_on": "2026-09-23",
        "request_key": str(uuid4()),
    }

    status, opened = json_of(client, "post", f"{root}/gate-reviews/", body)
    again = json_of(client, "post", f"{root}/gate-reviews/", body)
    assert (status, again[1]["id"], GateReview.objects.count()) == (201, opened["id"], 1)
    one = f"/api/gate-reviews/{opened['id']}"
    for check in opened["checks"]:
        sent = {"version": 99, "answer": "partly", "note": "Half of it."}
        status, _ = json_of(client, "put", f"{one}/checks/{check['id']}/", sent)
        assert status == 200
    address = {"title": "Plan", "address": "https://plans.example.org/7", "request_key": str(uuid4())}
    assert json_of(client, "post", f"{one}/evidence/", address)[0] == 201
    file = {"title": "Case", "request_key": str(uuid4()), "file": SimpleUploadedFile("case.pdf", PDF)}
    sent = client.post(f"{one}/documents/", file)
    assert sent.status_code == 201, sent.content
    ask = {
        "text": "Name owners",
        "owner": str(manager.pk),
        "due_on": "2026-10-14",
        "request_key": str(uuid4()),
    }
    status, found = json_of(client, "post", f"{one}/recommendations/", ask)
    assert (status, [each["owner_name"] for each in found["recommendations"]]) == (201, ["Grace Adeyemi"])
    whole = {"version": found["version"], "rating": "amber_red", "summary": "In doubt.", "follow_up_on": "2026-12-09"}
    assert json_of(client, "post", f"{one}/complete/", whole)[0] == 403
    client.force_login(make_completer(programme))
    assert json_of(client, "post", f"{one}/complete/", whole | {"version": 1})[0] == 409

    status, done = json_of(client, "post", f"{one}/complete/", whole)

    assert (status, done["rating"], done["is_unchanged"], len(done["fingerprint"])) == (200, "amber_red", True, 64)
    assert done["follow_up"]
    assert done["recommendations"][0]["action"]
    assert [each["file_name"] for each in done["evidence"]] == ["", "case.pdf"]
    ready = client.get(f"{root}/gates/").json()
    assert ready[0]["words"] == "0 of 4 met, Amber/red, 2 pieces of evidence, 1 recommendation open"
    assert [each["review"] for each in ready] == [opened["id"], None, None]
    stages = client.get(f"{root}/stages/").json()
    assert stages["stages"][0]["gates"] == []
    listed = client.get(f"{root}/gate-reviews/").json()
    assert [each["id"] for each in listed["results"]] == [opened["id"]]


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("complete/", {"version": 1, "rating": "purple", "summary": "x"}),
        ("complete/", {"version": 0, "rating": "red", "summary": "x"}),
        ("evidence/", {"title": "x", "address": "javascript:alert(1)", "request_key": str(uuid4())}),
        ("evidence/", {"title": "x\ny", "address": "https://example.org", "request_key": str(uuid4())}),
        ("evidence/", {"title": "x", "address": "https://example.org", "request_key": "1"}),
        ("recommendations/", {"text": "x", "owner": "nobody", "due_on": "2026-10-14", "request_key": str(uuid4())}),
        ("recommendations/", {"text": "x", "owner": str(uuid4()), "due_on": "14/10/2026", "request_key": str(uuid4())}),
    ],
)
def test_what_the_api_cannot_read_is_400(client, review, tail, body):
    status, _ = json_of(client, "post", f"/api/gate-reviews/{review.pk}/{tail}", body)

    assert status == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_many(client, programme, django_assert_num_queries, count):
    for position in range(1, count + 1):
        make_completed_review(programme, position=position)
    client.force_login(make_reader(programme))
    client.get(f"/programmes/{programme.pk}/gate-reviews/")

    with django_assert_num_queries(9):
        client.get(f"/programmes/{programme.pk}/gate-reviews/")
