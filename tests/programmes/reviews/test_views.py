from uuid import uuid4

import pytest
from django.urls import reverse

from partners.clock.operations import set_clock
from programmes.reviews.models import Review
from tests.builders import NOW, make_manager, make_person, make_programme, make_reader, make_review

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(db):
    set_clock(to=NOW)


def entered(**more):
    return {
        "title": "Autumn review",
        "purpose": "To look at the work.",
        "starts_on_day": "15",
        "starts_on_month": "9",
        "starts_on_year": "2026",
        "weeks": "8",
        "request_key": str(uuid4()),
        "step": "plan",
    } | more


def signed_in(client, user):
    client.force_login(user)
    return client


def test_a_manager_sees_the_dates_before_opening(client):
    programme = make_programme()
    signed_in(client, make_manager(programme))
    page = reverse("open_review", args=[programme.pk])

    planned = client.post(page, entered())

    assert planned.status_code == 200
    assert "5pm on Tuesday 10 November 2026, UK time" in planned.content.decode()
    assert not Review.objects.exists()

    opened = client.post(page, entered(step="open", dates_shown="2026-09-15/8"))

    review = Review.objects.get()
    assert opened.url == reverse("review", args=[review.pk])
    assert "Review set up. Next, draft a consultation." in client.get(opened.url).content.decode()


def test_changed_dates_are_shown_again_before_opening(client):
    programme = make_programme()
    signed_in(client, make_manager(programme))

    page = client.post(
        reverse("open_review", args=[programme.pk]), entered(step="open", weeks="4", dates_shown="2026-09-15/8")
    )

    assert "5pm on Tuesday 13 October 2026, UK time" in page.content.decode()
    assert not Review.objects.exists()


def test_a_refused_plan_is_told_beside_its_field(client):
    programme = make_programme()
    signed_in(client, make_manager(programme))

    page = client.post(
        reverse("open_review", args=[programme.pk]),
        entered(closes_on_day="31", closes_on_month="10", closes_on_year="2026"),
    )

    assert page.status_code == 409
    assert "The next possible day is Monday 2 November 2026" in page.content.decode()
    assert 'href="#id_closes_on_day"' in page.content.decode()


@pytest.mark.parametrize("bad", [{"title": "x" * 201}, {"weeks": "9"}, {"starts_on_day": "31"}, {"request_key": "x"}])
def test_bad_input_is_shown_again_and_nothing_is_written(client, bad):
    programme = make_programme()
    signed_in(client, make_manager(programme))

    page = client.post(reverse("open_review", args=[programme.pk]), entered(step="open") | bad)

    assert page.status_code == 200
    assert "There is a problem" in page.content.decode()
    assert not Review.objects.exists()


def test_a_title_of_two_lines_is_refused(client):
    programme = make_programme()
    signed_in(client, make_manager(programme))

    page = client.post(
        reverse("open_review", args=[programme.pk]),
        entered(title="One\nTwo", step="open", dates_shown="2026-09-15/8"),
    )

    assert page.status_code == 409
    assert "Write this on one line" in page.content.decode()


def test_a_reader_sees_reviews_and_cannot_open_or_cancel(client):
    review = make_review()
    signed_in(client, make_reader(review.programme))

    listed = client.get(reverse("reviews_of_programme", args=[review.programme_id])).content.decode()
    assert review.title in listed
    assert "Open a review" not in listed
    assert client.get(reverse("open_review", args=[review.programme_id])).status_code == 403
    assert client.post(reverse("cancel_review", args=[review.pk]), {"reason": "No"}).status_code == 403


def test_a_stranger_finds_nothing(client):
    review = make_review()
    signed_in(client, make_person())

    for name, pk in (
        ("reviews_of_programme", review.programme_id),
        ("open_review", review.programme_id),
        ("review", review.pk),
        ("cancel_review", review.pk),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 404


def test_a_cancelled_review_says_why(client):
    review = make_review()
    signed_in(client, make_manager(review.programme))
    page = reverse("cancel_review", args=[review.pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": ""}).status_code == 200
    assert client.post(page, {"reason": "The direction is decided."}).url == reverse("review", args=[review.pk])
    shown = client.get(reverse("review", args=[review.pk])).content.decode()
    assert "Review cancelled." in shown
    assert "The direction is decided." in shown
    assert client.post(page, {"reason": "Again."}).status_code == 409


def test_the_list_takes_the_same_queries_for_one_and_three(client, django_assert_num_queries):
    programme = make_programme()
    signed_in(client, make_reader(programme))
    page = reverse("reviews_of_programme", args=[programme.pk])

    for _ in range(2):
        make_review(programme)
        with django_assert_num_queries(8):
            client.get(page)
        make_review(programme)
