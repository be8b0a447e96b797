"""Milestones from a file: found by name and workstream, their baseline never changed."""

from datetime import date

import pytest

from partners.files.rules.tables import write_csv, write_xlsx
from programmes.imports.enums import ImportKind
from programmes.scheduling.models import DeliveryMilestone, DeliveryMilestoneEvent
from tests.builders import make_manager, make_programme, make_workstream
from tests.programmes.imports.test_operations import imported, problems_of

pytestmark = pytest.mark.django_db
HEADINGS = ("Name", "Workstream", "Critical", "Baseline", "Forecast", "Achieved", "Reason")
MILESTONES = {"kind": ImportKind.MILESTONES}


@pytest.fixture
def programme():
    return make_programme("Digital first")


@pytest.fixture
def manager(programme):
    return make_manager(programme)


def rows_of(*rows, headings=HEADINGS) -> bytes:
    return write_csv(headings, rows)


def kept_days() -> list[tuple]:
    return list(
        DeliveryMilestone.objects.order_by("name", "workstream__name").values_list(
            "name", "workstream__name", "is_critical", "baseline_on", "forecast_on", "achieved_on"
        )
    )


def test_days_are_read_in_both_ways_and_the_rest_is_filled_as_told(programme, manager):
    make_workstream(programme, "Custody")
    content = rows_of(
        ("Signed", "custody", "Yes", "2026-09-18", "25/9/2026", "", "Late supplier"),
        ("Signed", "", "", "1/2/2026", "", "2026-02-02", ""),
    )

    imported(programme, content, manager, **MILESTONES)

    assert kept_days() == [
        ("Signed", "Custody", True, date(2026, 9, 18), date(2026, 9, 25), None),
        ("Signed", None, False, date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 2)),
    ]
    events = DeliveryMilestoneEvent.objects.order_by("pk")
    assert list(events.values_list("forecast_from_on", "forecast_to_on", "achieved_on", "reason")) == [
        (date(2026, 9, 18), date(2026, 9, 25), None, "Late supplier"),
        (date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 2), ""),
    ]


@pytest.mark.parametrize("write", [write_csv, lambda headings, rows: write_xlsx("Any", headings, rows)])
def test_the_same_file_again_changes_nothing(programme, manager, write):
    make_workstream(programme, "Custody")
    rows = [
        ("Signed", "custody", "yes", date(2026, 9, 18), date(2026, 9, 25), None, "Late supplier"),
        ("Live", None, None, date(2026, 2, 1), None, date(2026, 2, 2), None),
    ]
    imported(programme, write(HEADINGS, rows), manager, **MILESTONES)

    again = imported(programme, write(HEADINGS, rows), manager, **MILESTONES)

    assert again.words == "0 new, 0 changed, 2 the same"
    assert DeliveryMilestoneEvent.objects.count() == 2


def test_a_forecast_moves_with_its_reason_and_is_in_the_history(programme, manager):
    imported(programme, rows_of(("Live", "", "", "2026-10-01", "", "", "")), manager, **MILESTONES)

    plan = imported(programme, rows_of(("Live", "", "yes", "", "2026-11-02", "", "Tests")), manager, **MILESTONES)

    assert [change.words for change in plan.rows[0].changes] == [
        "Critical: no becomes yes",
        "Forecast: Thursday 1 October 2026 becomes Monday 2 November 2026",
    ]
    assert kept_days() == [("Live", None, True, date(2026, 10, 1), date(2026, 11, 2), None)]
    event = DeliveryMilestoneEvent.objects.get()
    assert (event.forecast_from_on, event.forecast_to_on, event.reason) == (
        date(2026, 10, 1),
        date(2026, 11, 2),
        "Tests",
    )


def test_nothing_is_coerced(programme, manager):
    content = rows_of(
        ("A", "", "maybe", "2026-09-18", "", "", ""),
        ("B", "", "", "9/18/2026", "", "", ""),
        ("C", "", "", "18 Sept", "", "", ""),
        ("D", "", "", "", "", "", ""),
        ("E", "Nowhere", "", "2026-09-18", "", "", ""),
        ("F", "", "", "2026-02-01", "", "2027-01-01", ""),
        ("G", "", "", "0026-09-18", "", "", ""),
    )

    assert problems_of(programme, content, manager, **MILESTONES) == [
        (2, "Critical", '"maybe" is not understood. Write "yes" or "no".'),
        (3, "Baseline", '"9/18/2026" is no day that exists. Write a day such as 2026-09-18 or 18/9/2026.'),
        (4, "Baseline", '"18 Sept" is not understood. Write a day such as 2026-09-18 or 18/9/2026.'),
        (5, "Baseline", "is empty. Give the day first agreed of a new milestone."),
        (
            6,
            "Workstream",
            "Nowhere is no workstream of this programme. Add it first, mend the name, or leave it empty.",
        ),
        (7, "Achieved", "Friday 1 January 2027 is still to come. Today is Wednesday 16 September 2026."),
        (8, "Baseline", "The day must be between 2000 and 2099. Check the year."),
    ]


def test_what_cannot_be_done_by_hand_is_not_done_by_a_file(programme, manager):
    rows = [("Live", "", "", "2026-10-01", "", "", ""), ("Done", "", "", "2026-02-01", "", "2026-02-02", "")]
    imported(programme, rows_of(*rows), manager, **MILESTONES)
    content = rows_of(
        ("Live", "", "", "2026-10-02", "2026-12-01", "", ""),
        ("Done", "", "", "", "2026-12-01", "2026-03-03", "Again"),
    )

    assert problems_of(programme, content, manager, **MILESTONES) == [
        (2, "Baseline", "never changes: it is Thursday 1 October 2026. Write that, or leave it empty."),
        (2, "Reason", "is empty. Say why the forecast moves."),
        (3, "Achieved", "was Monday 2 February 2026. Take that back on its page first, or leave this empty."),
        (3, "Forecast", "stays as it is: the milestone was achieved on Monday 2 February 2026. Leave this empty."),
    ]


def test_a_workstream_of_another_programme_is_not_found(programme, manager):
    make_workstream(make_programme(), "Elsewhere")

    found = problems_of(programme, rows_of(("A", "Elsewhere", "", "2026-09-18", "", "", "")), manager, **MILESTONES)

    assert [(line, column) for line, column, _ in found] == [(2, "Workstream")]


def test_a_new_milestone_of_a_closed_workstream_is_refused(programme, manager):
    workstream = make_workstream(programme, "Custody")
    workstream.closed_at, workstream.closed_by, workstream.close_reason = workstream.started_at, manager, "Done"
    workstream.save()

    assert problems_of(programme, rows_of(("A", "Custody", "", "2026-09-18", "", "", "")), manager, **MILESTONES) == [
        (2, "Workstream", "Custody is closed. Reopen it first, or take the row out.")
    ]


def test_a_number_is_no_day(programme, manager):
    content = write_xlsx("Any", ("Name", "Baseline"), [("A", 46283)])

    assert problems_of(programme, content, manager, **MILESTONES) == [
        (2, "Baseline", "46283 is a number and not a date. Write a day such as 2026-09-18 or 18/9/2026.")
    ]


def test_the_example_of_the_template_is_not_imported(programme, manager):
    content = rows_of(("Example: contract signed", "Example: data migration", "yes", "2026-09-18", "", "", ""))

    assert [line for line, _, _ in problems_of(programme, content, manager, **MILESTONES)] == [2]
