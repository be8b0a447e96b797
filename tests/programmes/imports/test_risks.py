"""Risks from a file: found by reference or title, scored as they say and never by default."""

from datetime import date

import pytest

from partners.files.rules.tables import write_csv, write_xlsx
from programmes.imports.enums import ImportKind
from programmes.imports.models import ProgrammeImport
from programmes.raid.enums import Origin, RaidKind
from programmes.raid.models import RaidEntry
from tests.builders import make_manager, make_person, make_programme, make_workstream
from tests.programmes.imports.test_operations import imported, problems_of

pytestmark = pytest.mark.django_db
HEADINGS = (
    "Title",
    "Likelihood",
    "Impact",
    "Residual likelihood",
    "Residual impact",
    "Workstream",
    "Owner",
    "Response",
    "Review on",
    "In report",
)
SCORES = ("title", "likelihood", "impact", "residual_likelihood", "residual_impact")
RISKS = {"kind": ImportKind.RISKS}


@pytest.fixture
def programme():
    return make_programme("Digital first")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Shah")


def rows_of(*rows, headings=HEADINGS) -> bytes:
    return write_csv(headings, [(*row, *[""] * (len(headings) - len(row))) for row in rows])


def test_a_score_is_a_number_or_its_word(programme, manager):
    make_workstream(programme, "Custody")
    content = rows_of(
        ("Staff leave", 3, "major", 2, "Minor", "custody", manager.email, "Reduce it", "1/2/2027", "yes"),
        ("No money", "Rare", 5),
    )

    imported(programme, content, manager, **RISKS)

    found = RaidEntry.objects.order_by("number")
    assert list(found.values_list(*SCORES)) == [("Staff leave", 3, 4, 2, 1), ("No money", 1, 5, 1, 5)]
    first = found[0]
    assert first.workstream
    assert (first.reference, first.workstream.name, first.owner, first.response, first.due_on, first.is_in_report) == (
        "R1",
        "Custody",
        manager,
        "reduce",
        date(2027, 2, 1),
        True,
    )
    assert {(risk.origin, risk.origin_id) for risk in found} == {(Origin.IMPORT, ProgrammeImport.objects.get().pk)}


@pytest.mark.parametrize("write", [write_csv, lambda headings, rows: write_xlsx("Any", headings, rows)])
def test_the_same_file_again_changes_nothing(programme, manager, write):
    rows = [("Staff leave", 3, "Major", None, None, None, manager.email, None, date(2027, 2, 1), "yes")]
    imported(programme, write(HEADINGS, rows), manager, **RISKS)

    again = imported(programme, write(HEADINGS, rows), manager, **RISKS)

    assert again.words == "0 new, 0 changed, 1 the same"
    assert RaidEntry.objects.get().version == 1


def test_a_risk_is_found_by_its_reference_and_may_be_called_otherwise(programme, manager):
    imported(programme, rows_of(("Staff leave", 3, 4)), manager, **RISKS)

    content = rows_of(("r1", "Key staff leave", 5, 4), headings=("Reference", "Title", "Likelihood", "Impact"))
    plan = imported(programme, content, manager, **RISKS)

    assert [change.words for change in plan.rows[0].changes] == [
        "Title: Staff leave becomes Key staff leave",
        "Likelihood: 3 becomes 5",
    ]
    risk = RaidEntry.objects.get()
    assert (risk.title, risk.likelihood, risk.residual_likelihood, risk.version) == ("Key staff leave", 5, 3, 2)


def test_nothing_is_coerced(programme, manager):
    stranger = make_person()
    content = rows_of(
        ("A", "", 4),
        ("B", 6, "huge"),
        ("C", 2.5, 4),
        ("D", 3, 4, 2, ""),
        ("E", 3, 4, "", "", "", stranger.email),
        ("F", 3, 4, "", "", "", "", "Ignore it"),
        ("G", 3, 4, "", "", "", "", "", "2026-09-15"),
        ("H", True, 4),
    )

    found = problems_of(programme, content, manager, **RISKS)

    assert [(line, column) for line, column, _ in found] == [
        (2, "Likelihood"),
        (3, "Impact"),
        (3, "Likelihood"),
        (4, "Likelihood"),
        (5, "Residual impact"),
        (6, "Owner"),
        (7, "Response"),
        (8, "Review on"),
        (9, "Likelihood"),
    ]
    assert found[2][2] == (
        '"6" is not understood. Use one of 1 (Rare), 2 (Unlikely), 3 (Possible), 4 (Likely) and 5 (Almost certain).'
    )
    assert found[6][2] == (
        '"Ignore it" is not understood. Use one of Avoid it, Reduce it, Transfer it, Share it and Accept it.'
    )


def test_a_title_of_several_risks_asks_for_the_reference(programme, manager):
    headings = ("Title", "Likelihood", "Impact")
    imported(programme, rows_of(("Staff leave", 3, 4), ("Money", 3, 4), headings=headings), manager, **RISKS)
    RaidEntry.objects.filter(number=2).update(title="Staff leave")

    assert problems_of(programme, rows_of(("staff leave", 1, 1), headings=headings), manager, **RISKS) == [
        (2, "Title", "is that of several risks. Write the reference: R1 or R2.")
    ]


def test_references_that_are_not_there_or_named_twice_are_refused(programme, manager):
    imported(programme, rows_of(("Staff leave", 3, 4)), manager, **RISKS)
    headings = ("Reference", "Title", "Likelihood", "Impact")
    content = rows_of(("R9", "A", 1, 1), ("", "Staff leave", 1, 1), ("R1", "B", 1, 1), headings=headings)

    assert problems_of(programme, content, manager, **RISKS) == [
        (2, "Reference", "R9 is no risk of this programme. Leave it empty for a new one."),
        (4, "Reference", "R1 is on line 3 too. Keep one of the two rows."),
    ]


def test_an_issue_of_the_same_title_is_not_taken_for_a_risk(programme, manager):
    imported(programme, rows_of(("Staff leave", 3, 4)), manager, **RISKS)
    RaidEntry.objects.update(kind=RaidKind.ISSUE, likelihood=None, residual_likelihood=None, residual_impact=None)

    assert imported(programme, rows_of(("Staff leave", 3, 4)), manager, **RISKS).words == (
        "1 new, 0 changed, 0 the same"
    )
