"""Pages of the register, as people of each role see them."""

import re

import pytest

from partners.clock.operations import set_clock
from programmes.raid.enums import RaidKind
from tests.builders import NOW, make_world
from tests.builders.raid import make_raid, raise_raid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    set_clock(to=NOW)


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_register_shows_what_is_open_with_its_score_in_words(client, programme, manager):
    make_raid(programme, by=manager)
    client.force_login(manager)

    page = text_of(client.get(f"/programmes/{programme.pk}/raid/"))

    assert "R1 Tablets come late High 12 of 25" in page
