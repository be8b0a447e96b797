"""The harness itself, in processes of its own, on servers of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.house import write_dump

LONGEST = 900


@pytest.fixture(scope="session")
def tables(servers, tmp_path_factory):
    """The tables of this test run, so that the harness need not migrate."""
    path: Path = tmp_path_factory.mktemp("chaos") / "tables.sql"
    write_dump(servers.template, path)
    return path


@pytest.fixture
def harness(tables):
    def run(module="tests.chaos", **environment):
        done = subprocess.run(
            [sys.executable, "-m", module],
            env={**os.environ, "CHAOS_TABLES": str(tables), **environment},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        print(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    return run


def test_two_thousand_reminders_are_neither_lost_nor_doubled(harness):
    status, found = harness(N="2000", SEED="1")

    assert (status, found["lost"], found["duplicates"], found["unresolved"], found["wrong"]) == (0, 0, 0, 0, 0)
    assert found["recipients"] == 2000
    assert found["kills"] >= 10
    assert found["postgres_crashes"] >= 1
    assert found["sink_kills"] >= 1


@pytest.mark.prove
def test_twenty_thousand_reminders_are_neither_lost_nor_doubled(harness):
    status, found = harness(N="20000", SEED="7")

    assert (status, found["lost"], found["duplicates"], found["unresolved"], found["wrong"]) == (0, 0, 0, 0, 0)
    assert found["recipients"] == 20000
    assert found["kills"] >= 200
    assert found["postgres_crashes"] >= 5
    assert found["sink_kills"] >= 5
    assert found["valkey_kills"] >= 1
    assert found["valkey_flushes"] >= 1


@pytest.mark.prove
def test_without_a_broker_everything_still_goes_out(harness):
    status, found = harness(N="1000", SEED="3", NO_BROKER="1")

    assert (status, found["lost"], found["duplicates"], found["unresolved"], found["wrong"]) == (0, 0, 0, 0, 0)


@pytest.mark.prove
def test_each_named_point_is_survived(harness):
    status, found = harness("tests.chaos.killpoints")

    assert (status, found["good"]) == (0, True)


@pytest.mark.prove
def test_each_broken_sender_is_caught(harness):
    status, found = harness("tests.chaos.sabotage")

    assert (status, found["caught"]) == (0, found["of"])
