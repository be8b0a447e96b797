import pytest

from partners.audit.rules import Conflict, changed_meanwhile, listed


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed_reads_as_a_sentence(words, text):
    assert listed(words) == text


@pytest.mark.parametrize(
    ("changes", "beginning"),
    [
        ([("Ama Mensah", ["the name"])], "Ama Mensah changed the name of this unit while you were working on it. "),
        (
            [("Ama Mensah", ["the name", "the code"]), ("Bo Lee", ["the name"]), ("Ama Mensah", [])],
            "Ama Mensah and Bo Lee changed the name and the code of this unit while you were working on it. ",
        ),
        ([], "Somebody changed this unit while you were working on it. "),
    ],
)
def test_changed_meanwhile_names_people_and_parts_once(changes, beginning):
    conflict = changed_meanwhile("this unit", changes)

    assert isinstance(conflict, Conflict)
    assert conflict.sentence.startswith(beginning)
