"""`make case` as a whole: real PostgreSQL, Valkey, worker, beat, web server and mail server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 600
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORTFOLIO_STATE", "DJANGO_SETTINGS_MODULE")


@pytest.mark.prove
def test_the_case_is_told_whole_and_every_letter_arrives_once() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS} | {
        "PORTFOLIO_MODE": "demo"
    }

    done = subprocess.run(
        [sys.executable, "-m", "config.case.run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    *_, last = done.stdout.splitlines()
    assert list(json.loads(last).items()) == [
        ("events", 108),
        ("messages_expected", 52),
        ("messages_sent", 52),
        ("lost", 0),
        ("duplicates", 0),
        ("required_gbp", 126_000_000),
        ("delivered_gbp", 78_000_000),
        ("planned_gbp", 48_000_000),
        ("pressure_max_gbp", 16_000_000),
        ("review_opens", "2012-12-03"),
        ("review_closes", "2013-01-28"),
    ]
    for line in (
        "the worker and beat are killed",
        "refused: Workstream Mobile information (illustrative) has no disposition.",
        "refused: The office of West Midlands Police Authority was abolished on Wednesday 21 November 2012",
        "refused: The gate before ICT-enabled technology transformation has not been passed",
        "refused: This consultation closed at 5pm on Monday 28 January 2013",
    ):
        assert line in done.stdout
