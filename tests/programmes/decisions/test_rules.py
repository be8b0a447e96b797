from uuid import uuid4

import pytest

from partners.audit.rules import Refused
from programmes.decisions.enums import NeedLevel
from programmes.decisions.rules import (
    ComparedOption,
    Need,
    check_choice,
    common_needs,
    comparison_rows,
    words_for_common_needs,
)

LIGHT, HEAVY = NeedLevel.LIGHT, NeedLevel.HEAVY


def option(title="Option", *, is_chosen=False, because="", notes=None, **needs):
    return ComparedOption(
        id=uuid4(),
        title=title,
        description="",
        ambition="Less",
        delivery_model="Taskforce",
        is_chosen=is_chosen,
        rejected_because=because,
        needs=needs,
        notes=notes or {},
    )


def test_what_is_common_is_needed_under_every_option_at_the_lowest_of_its_levels():
    options = [option(Cloud=HEAVY, Training=HEAVY), option(Cloud=LIGHT, Training=HEAVY, Data=HEAVY)]

    assert common_needs(options) == [Need("Cloud", LIGHT), Need("Training", HEAVY)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "There is no option yet, so nothing can be said of partners."),
        ([option()], "Under the one option, no partner is needed."),
        ([option(Cloud=HEAVY)], "Under the one option, partners are needed heavily for Cloud."),
        (
            [option(Cloud=HEAVY), option(Data=HEAVY)],
            "Whichever of the 2 options is chosen, no capability of partners is needed under every one.",
        ),
        (
            [option(Cloud=HEAVY, Data=HEAVY, Legal=LIGHT), option(Cloud=HEAVY, Data=HEAVY, Legal=HEAVY)],
            "Whichever of the 2 options is chosen, partners are needed heavily for Cloud and Data and lightly for Legal.",
        ),
    ],
)
def test_the_common_need_in_a_sentence(options, words):
    assert words_for_common_needs(options) == words


def test_the_comparison_has_a_row_for_each_capability_that_some_option_needs():
    options = [option("A", is_chosen=True, Cloud=HEAVY, notes={"Cloud": "from day one"}), option("B", because="Slow")]

    assert comparison_rows(options) == [
        ["Ambition", "Less", "Less"],
        ["Delivery model", "Taskforce", "Taskforce"],
        ["Partners: Cloud", "Heavy: from day one", "Not needed"],
        ["Why, or why not", "Proposed", "Slow"],
    ]


@pytest.mark.parametrize(
    ("options", "is_gate_decision", "words"),
    [
        ([], False, "A decision needs at least one option"),
        ([option()], False, "No option is chosen"),
        ([option()], True, "No option is chosen"),
        (
            [option(is_chosen=True), option("B"), option("C"), option("D", because="Slow")],
            False,
            "Say why not: B and C",
        ),
    ],
)
def test_a_choice_that_is_not_whole_is_refused(options, is_gate_decision, words):
    with pytest.raises(Refused, match=words):
        check_choice(options, is_gate_decision=is_gate_decision)


def test_a_gate_decision_needs_no_option():
    check_choice([], is_gate_decision=True)
    check_choice([option(is_chosen=True), option(because="Slow")], is_gate_decision=False)
