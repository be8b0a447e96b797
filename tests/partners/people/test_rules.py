import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.people.rules import (
    ONE_LINE,
    LastAdministrator,
    below,
    browser_words,
    check_administrators_left,
    hash_of,
    new_secret,
    units_in_a_circle,
)


def test_new_secret_is_long_and_never_the_same():
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(secret.startswith("tp_") and len(secret) == 35 for secret in secrets)


def test_hash_of_is_sha_256():
    assert hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("text", ["", "Ama Mensah", "Siân Ó Briain", "李小龍", "=1+1", "O'Neil-Smith, Jr."])
def test_one_line_takes_names(text):
    assert re.match(ONE_LINE, text)


@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\0", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"])
def test_one_line_refuses_what_is_not_on_a_line(character):
    assert not re.match(ONE_LINE, f"Ama{character}Mensah")
    assert not re.match(ONE_LINE, f"Ama{character}")


@pytest.mark.parametrize("text", ["\u200b", "\u3164", "\ufeff\u200b", "\u00ad"])
def test_one_line_refuses_what_nobody_sees(text):
    assert not re.match(ONE_LINE, text)
    assert re.match(ONE_LINE, f"Ama{text}")


def test_below_holds_the_unit_and_all_beneath():
    parents = {"force": None, "ops": "force", "north": "ops", "digital": "force"}

    assert below("force", parents) == {"force", "ops", "north", "digital"}
    assert below("ops", parents) == {"ops", "north"}
    assert below("north", parents) == {"north"}


def test_below_ends_in_a_circle():
    assert below("a", {"a": "b", "b": "a"}) == {"a", "b"}


def test_units_in_a_circle_names_those_in_it_and_not_those_below_it():
    parents = {"top": None, "a": "b", "b": "c", "c": "a", "beneath": "a", "own": "own"}

    assert units_in_a_circle(parents) == ["a", "b", "c", "own"]


@given(st.dictionaries(st.integers(0, 20), st.none() | st.integers(0, 20)))
def test_units_in_a_circle_agrees_with_walking_up(parents):
    def leads_back(unit):
        above = parents[unit]
        for _ in range(len(parents)):
            if above == unit:
                return True
            above = parents.get(above)
        return False

    assert units_in_a_circle(parents) == [unit for unit in parents if leads_back(unit)]


def test_check_administrators_left_needs_one_more():
    check_administrators_left(1)
    with pytest.raises(LastAdministrator, match="Make somebody else administrator first"):
        check_administrators_left(0)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("", "A browser"),
        ("curl/8.0", "A browser"),
    ],
)
def test_browser_words(user_agent, words):
    assert browser_words(user_agent) == words
