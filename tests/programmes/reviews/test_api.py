from uuid import uuid4

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from partners.clock.operations import set_clock
from programmes.reviews.models import Review
from tests.builders import NOW, make_manager, make_person, make_programme, make_reader, make_review

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(db):
    set_clock(to=NOW)


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def page(name, *args):
    return reverse(f"api_{name}", args=args)


def entered(in_programme, **more):
    return {
        "programme": str(in_programme.pk),
        "title": "Autumn review",
        "purpose": "To look at the work.",
        "starts_on": "2026-09-15",
        "weeks": 8,
    } | more


def test_a_review_is_opened_once_read_and_cancelled():
    programme = make_programme()
    client = api(make_manager(programme))
    header = {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}

    made = client.post(page("reviews"), entered(programme), **header)
    again = client.post(page("reviews"), entered(programme), **header)

    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    assert Review.objects.count() == 1
    detail = client.get(page("review", made.json()["id"])).json()
    assert (detail["state"], len(detail["milestones"])) == ("open", 11)
    assert detail["milestones"][0]["skip_reason"].startswith("Already past")

    cancelled = client.post(page("cancel_review", detail["id"]), {"reason": "It was decided."})
    assert (cancelled.json()["state"], cancelled.json()["cancel_reason"]) == ("cancelled", "It was decided.")
    assert client.post(page("cancel_review", detail["id"]), {"reason": "Again."}).status_code == 409


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"weeks": 9}, 409, "weeks"),
        ({"starts_on": "2026-09-19"}, 409, "starts_on"),
        ({"title": "One\nTwo"}, 409, "title"),
        ({"starts_on": "9999-12-31"}, 409, None),
        ({"starts_on": "0001-01-01"}, 409, None),
        ({"starts_on": "19 September"}, 400, None),
        ({"weeks": "eight"}, 400, None),
        ({"weeks": 10**30}, 400, None),
        ({"closes_on": "2026-11-10"}, 400, None),
        ({"title": ""}, 400, None),
        ({"programme": "none"}, 400, None),
        ({"programme": str(uuid4())}, 404, None),
    ],
)
def test_what_cannot_be_opened(more, status, field):
    programme = make_programme()

    answer = api(make_manager(programme)).post(
        page("reviews"), entered(programme, **more), HTTP_IDEMPOTENCY_KEY=str(uuid4())
    )

    assert answer.status_code == status
    if status == 409:
        assert answer.json()["field"] == field
    assert not Review.objects.exists()


def test_the_list_is_narrowed_by_programme_and_state(django_assert_num_queries):
    programme = make_programme()
    client = api(make_reader(programme))
    make_review()
    early = make_review(programme, weeks=1)
    client.get(page("reviews"))  # the person's roles are read once and kept on the person

    def found(**query):
        with django_assert_num_queries(3):
            return [row["id"] for row in client.get(page("reviews"), query).json()["results"]]

    assert found() == [str(early.pk)]
    for _ in range(2):
        make_review(programme)
    assert len(found()) == 3
    assert len(found(programme=str(programme.pk), state="open")) == 3
    set_clock(to=early.closes_at)
    assert found(state="closed") == [str(early.pk)]
    assert client.get(page("reviews"), {"state": "sleeping"}).status_code == 400
    assert client.get(page("reviews"), {"programme": "none"}).status_code == 400


def test_a_plan_is_shown_and_nothing_written():
    client = api(make_person())

    plan = client.get(page("review_plan"), {"starts_on": "2026-11-24", "guarantee_working_days": 40}).json()

    assert (plan["closes_at"], plan["working_days"]) == ("2027-01-22T17:00:00Z", 40)
    assert client.get(page("review_plan"), {"starts_on": "2026-09-19"}).status_code == 409
    assert client.get(page("review_plan")).status_code == 400
    assert not Review.objects.exists()


def test_readers_may_read_and_strangers_find_nothing():
    review = make_review()
    reader, stranger = api(make_reader(review.programme)), api(make_person())
    header = {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}

    assert reader.get(page("review", review.pk)).status_code == 200
    assert reader.post(page("reviews"), entered(review.programme), **header).status_code == 403
    assert reader.post(page("cancel_review", review.pk), {"reason": "No"}).status_code == 403
    assert stranger.get(page("review", review.pk)).status_code == 404
    assert stranger.post(page("reviews"), entered(review.programme), **header).status_code == 404
    assert stranger.post(page("cancel_review", review.pk), {"reason": "No"}).status_code == 404
    assert stranger.get(page("reviews")).json()["results"] == []
    assert APIClient().get(page("reviews")).status_code == 401
