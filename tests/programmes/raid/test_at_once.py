"""People who act at the same time, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

from django.db import connection

from partners.audit.rules import Refused
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.operations import raise_entry, turn_entry
from tests.builders import NOW, make_manager, make_programme
from tests.builders.raid import facts, raise_raid


def together(acts):
    """What each act comes to: "done" or the beginning of its refusal."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(10)
        try:
            act()
        except Refused as refused:
            return refused.sentence.split(":")[0]
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_numbers_are_given_once_and_without_gaps(own_database):
    programme = make_programme()
    by = make_manager(programme)

    def act():
        raise_entry(programme_id=programme.pk, kind=RaidKind.RISK, facts=facts(), request_key=uuid4(), by=by, now=NOW)

    outcomes = together([act] * 6)

    assert outcomes == ["done"] * 6
    assert sorted(RaidEntry.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_the_same_request_twice_at_once_is_one_entry(own_database):
    programme = make_programme()
    by, key = make_manager(programme), uuid4()

    def act():
        raise_entry(programme_id=programme.pk, kind=RaidKind.RISK, facts=facts(), request_key=key, by=by, now=NOW)

    assert together([act, act]) == ["done", "done"]
    assert RaidEntry.objects.count() == 1


def test_of_two_who_turn_one_issue_one_does(own_database):
    programme = make_programme()
    by = make_manager(programme)
    issue = raise_raid(programme, RaidKind.ISSUE, by=by)
    due: dict[str, Any] = {"owner_id": by.pk, "due_on": NOW.date()}

    def act():
        turn_entry(
            entry_id=issue.pk,
            version=1,
            into=RaidKind.ACTION,
            facts=facts(RaidKind.ACTION, **due),
            request_key=uuid4(),
            by=by,
            now=NOW,
        )

    assert together([act, act]) == ["I1 is closed already", "done"]
    assert RaidEntry.objects.filter(kind=RaidKind.ACTION).count() == 1


def test_of_two_who_turn_one_issue_and_keep_it_open_one_does(own_database):
    programme = make_programme()
    by = make_manager(programme)
    issue = raise_raid(programme, RaidKind.ISSUE, by=by)
    due: dict[str, Any] = {"owner_id": by.pk, "due_on": NOW.date()}

    def act():
        turn_entry(
            entry_id=issue.pk,
            version=1,
            into=RaidKind.ACTION,
            facts=facts(RaidKind.ACTION, **due),
            keeps_open=True,
            request_key=uuid4(),
            by=by,
            now=NOW,
        )

    outcomes = together([act, act])

    assert outcomes[1] == "done"
    assert "changed I1 while you were working on it" in outcomes[0]
    assert RaidEntry.objects.filter(kind=RaidKind.ACTION).count() == 1
