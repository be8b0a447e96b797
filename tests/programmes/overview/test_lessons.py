"""Lessons of programmes of a like kind, on a page and through the API."""

import re
from uuid import UUID

import pytest
from django.db import transaction

from partners.clock.operations import set_clock
from programmes.register.enums import DeliveryModel
from programmes.register.models import Lesson
from programmes.scheduling.models import LifeCycle, LifeCycleVersion, Stage, StageDefinition
from programmes.scheduling.queries.lessons import lessons_like
from tests.builders import NOW, make_manager, make_person, make_portfolio, make_programme, make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


@pytest.fixture
def portfolio():
    return make_portfolio()


@pytest.fixture
def custody(portfolio):
    return make_programme("Custody", portfolio=portfolio, delivery_model=DeliveryModel.TASKFORCE)


def learn(programme, title, *, text="We did.", day=1):
    return Lesson.objects.create(
        programme=programme,
        title=title,
        text=text,
        learned_on=NOW.date().replace(day=day),
        recorded_at=NOW,
        recorded_by=programme.set_up_by,
    )


@transaction.atomic
def follow_another_life_cycle(programme, number=1, cycle=None):
    """Its stages are those of a version of another life cycle."""
    cycle = cycle or LifeCycle.objects.create(key="agile", name="Agile")
    version = LifeCycleVersion.objects.create(life_cycle=cycle, number=number, published_at=NOW)
    definition = StageDefinition.objects.create(
        of_version=version, position=1, key="discovery", title="Discovery", gate_title="Gate", checklist=[]
    )
    Stage.objects.filter(programme=programme).delete()
    Stage.objects.create(programme=programme, definition=definition, position=1, kind="discovery", title="Discovery")
    return cycle


def titles(lessons):
    return [lesson.title for lesson in lessons]


def test_a_like_kind_is_the_same_delivery_or_the_same_life_cycle_in_any_version(portfolio, custody):
    manager = make_manager(custody)
    same_model = make_programme("Radios", portfolio=portfolio)
    same_cycle = make_programme("Estates", portfolio=portfolio, delivery_model=DeliveryModel.OTHER)
    neither = make_programme("Fleet", portfolio=portfolio, delivery_model=DeliveryModel.OTHER)
    for programme in (same_model, same_cycle, neither):
        programme.owner = manager
        programme.save()
    cycle = follow_another_life_cycle(custody)
    follow_another_life_cycle(same_cycle, number=2, cycle=cycle)
    learn(same_model, "Of the model", day=2)
    learn(same_cycle, "Of the cycle", day=3)
    learn(neither, "Of neither", day=4)
    learn(custody, "Its own", day=5)

    assert titles(lessons_like(custody, manager)) == ["Of the cycle", "Of the model"]


def test_lessons_of_programmes_that_one_may_not_see_are_left_out(portfolio, custody):
    other = make_programme("Radios", portfolio=portfolio)
    learn(other, "Secret")

    assert titles(lessons_like(custody, make_manager(custody))) == []
    other.owner = manager = make_manager(custody)
    other.save()
    assert titles(lessons_like(custody, manager)) == ["Secret"]


def test_a_lesson_that_was_withdrawn_is_left_out(portfolio, custody):
    other = make_programme("Radios", portfolio=portfolio)
    other.owner = manager = make_manager(custody)
    other.save()
    lesson = learn(other, "Wrong")
    assert titles(lessons_like(custody, manager)) == ["Wrong"]
    lesson.withdrawn_at, lesson.withdrawn_by = NOW, manager
    lesson.save()

    assert titles(lessons_like(custody, manager)) == []


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def reader(client, portfolio, custody):
    """Sees Custody, and owns Radios with two lessons."""
    other = make_programme("Radios", portfolio=portfolio)
    other.owner = reader = make_reader(custody)
    other.save()
    learn(other, "Ask early", text="Custody sergeants know.", day=2)
    learn(other, "Buy late", day=3)
    client.force_login(reader)
    return reader


def address(programme, api=""):
    return f"{api}/programmes/{programme.pk}/lessons/like-this/"


def test_the_page_is_searched_by_words_of_the_lesson_and_its_programme(client, custody, reader):
    everything = text_of(client.get(address(custody)))
    found = text_of(client.get(address(custody), {"q": "sergeants radios"}))
    nothing = text_of(client.get(address(custody), {"q": "nowhere"}))

    assert everything.index("Buy late") < everything.index("Ask early")
    assert "Ask early" in found
    assert "Buy late" not in found
    assert "No such lessons" in nothing
    assert "Ask early" in text_of(client.get(f"/programmes/{custody.pk}/lessons/"))
    assert "Buy late" not in text_of(client.get("/lessons/", {"q": "sergeants"}))


def test_a_programme_without_others_like_it_says_so(client, custody):
    client.force_login(make_manager(custody))

    assert "No lessons of a like kind yet" in text_of(client.get(address(custody)))


def test_the_api_lists_and_searches_them(client, custody, reader):
    rows = client.get(address(custody, "/api"), {"q": "early"}).json()["results"]

    assert [(row["title"], row["programme_name"]) for row in rows] == [("Ask early", "Radios")]
    assert UUID(rows[0]["programme"])
    assert client.get("/api/lessons/", {"q": "late"}).json()["count"] == 1


def test_a_stranger_finds_nothing(client, custody):
    client.force_login(make_person())

    assert client.get(address(custody)).status_code == 404
    assert client.get(address(custody, "/api")).status_code == 404
