import json

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    """(exit code, what was printed)."""
    code: str | int | None = 0
    try:
        call_command("review_plan", *arguments)
    except SystemExit as stop:
        code = stop.code
    return code, capsys.readouterr().out


def test_review_plan_prints_instants_in_utc(capsys):
    code, out = run(capsys, "--starts", "2027-03-02", "--weeks", "8", "--json")

    found = json.loads(out)
    assert code == 0
    assert {key: found[key] for key in ("opens_at", "closes_at", "working_days", "advice")} == {
        "opens_at": "2027-03-02T10:00:00Z",
        "closes_at": "2027-04-27T16:00:00Z",
        "working_days": 38,
        "advice": ["It has 38 working days, fewer than 40. With 40 it would close on Thursday 29 April 2027."],
    }
    assert found["milestones"][-2] == {
        "key": "closes",
        "local": "2027-04-27T17:00:00+01:00",
        "utc": "2027-04-27T16:00:00Z",
        "reason": "Eight weeks after it opens",
    }


def test_review_plan_guarantees_working_days(capsys):
    _, out = run(capsys, "--starts", "2026-11-24", "--guarantee-working-days", "40", "--json")

    assert json.loads(out)["closes_at"] == "2027-01-22T17:00:00Z"


def test_review_plan_reads_as_text_too(capsys):
    _, out = run(capsys, "--starts", "2026-09-15")

    assert "5pm on Tuesday 10 November 2026, UK time: The review closes (Eight weeks after it opens)" in out
    assert out.rstrip().endswith("40 working days")


def test_review_plan_of_an_impossible_start_is_a_refusal(capsys):
    code, out = run(capsys, "--starts", "2026-09-19", "--json")

    assert code == 1
    assert json.loads(out) == {
        "error": "refused",
        "message": "A review cannot open on Saturday 19 September 2026, which is not a working day. "
        "The next possible day is Monday 21 September 2026.",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--starts", "tomorrow"],
        ["--starts", "2026-09-15", "--weeks", "eight"],
        ["--starts", "2026-09-15", "--guarantee-working-days", "-1"],
    ],
)
def test_review_plan_that_cannot_be_read_exits_2(capsys, arguments):
    code, out = run(capsys, *arguments)

    assert code == 2
    assert json.loads(out)["error"] == "bad_input"
