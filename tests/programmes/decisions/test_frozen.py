"""What was decided is kept as it was: the database refuses every change of it, whoever asks and by whichever way."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from partners.audit.rules import Refused
from programmes.decisions.enums import NeedLevel
from programmes.decisions.operations import (
    add_option,
    change_decision,
    propose_decision,
    set_dispositions,
    withdraw_decision,
)
from programmes.decisions.queries import dispositions_given, draft_of
from programmes.decisions.rules import OptionDraft, ReviewDraft
from tests.builders import (
    NOW,
    dispose_of_everything,
    make_bid,
    make_capability,
    make_decision,
    make_engagement,
    make_manager,
    make_option,
    make_programme,
    make_saving,
    make_workstream,
    propose,
    take,
    version_of,
)

pytestmark = pytest.mark.django_db
PARTS = {
    "decisionoption": "title = 'Other'",
    "workstreamfate": "note = 'Other'",
    "engagementfate": "note = 'Other'",
    "relationshipfate": "note = 'Other'",
    "savingfate": "note = 'Other'",
    "reviewtoopen": "title = 'Other'",
}


@pytest.fixture
def whole():
    """A proposed decision with a row in each of its tables."""
    programme = make_programme("Business partnering")
    make_workstream(programme)
    make_engagement(programme)
    make_bid(programme)
    make_saving(programme)
    review = ReviewDraft("Work so far", "To look at it.", date(2026, 9, 22), 8)
    decision = make_decision(programme, ends_programme=True, review=review)
    make_option(decision, needs={make_capability(): NeedLevel.HEAVY})
    return propose(dispose_of_everything(decision))


@pytest.fixture
def taken(whole):
    return take(whole)


def tried(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@pytest.mark.parametrize("part", PARTS)
def test_each_part_may_change_until_the_decision_is_taken(whole, part):
    assert tried(f"UPDATE programmes_{part} SET {PARTS[part]} WHERE decision_id = %s", whole.pk) == 1


@pytest.mark.parametrize("part", PARTS)
def test_no_statement_changes_removes_or_adds_a_part_of_a_taken_decision(taken, part):
    table = f"programmes_{part}"
    with pytest.raises(DatabaseError, match="never changed"):
        tried(f"UPDATE {table} SET {PARTS[part]} WHERE decision_id = %s", taken.pk)
    with pytest.raises(DatabaseError, match="never changed"):
        tried(f"DELETE FROM {table} WHERE decision_id = %s", taken.pk)
    with pytest.raises(DatabaseError, match="never changed"):
        tried(f"INSERT INTO {table} SELECT * FROM {table} WHERE decision_id = %s", taken.pk)
    with pytest.raises(DatabaseError):
        tried(f"TRUNCATE {table} CASCADE")


def test_no_statement_changes_the_needs_of_a_taken_decision(taken):
    of_it = "option_id IN (SELECT id FROM programmes_decisionoption WHERE decision_id = %s)"

    with pytest.raises(DatabaseError, match="never changed"):
        tried(f"UPDATE programmes_optionneed SET level = 1 WHERE {of_it}", taken.pk)
    with pytest.raises(DatabaseError, match="never changed"):
        tried(f"DELETE FROM programmes_optionneed WHERE {of_it}", taken.pk)
    with pytest.raises(DatabaseError, match="never changed"):
        tried(
            "INSERT INTO programmes_optionneed (option_id, capability_id, level, note) "
            "SELECT id, %s, 1, '' FROM programmes_decisionoption WHERE decision_id = %s",
            make_capability().pk,
            taken.pk,
        )
    with pytest.raises(DatabaseError):
        tried("TRUNCATE programmes_optionneed")


@pytest.mark.parametrize("change", ["title = 'Other'", "state = 'draft'", "taken_on = '2020-01-01'", "version = 99"])
def test_no_statement_changes_a_taken_decision(taken, change):
    with pytest.raises(DatabaseError, match="never changed"):
        tried(f"UPDATE programmes_decision SET {change} WHERE id = %s", taken.pk)
    with pytest.raises(DatabaseError, match="never changed"):
        tried("DELETE FROM programmes_decision WHERE id = %s", taken.pk)
    with pytest.raises(DatabaseError):
        tried("TRUNCATE programmes_decision CASCADE")


def test_a_part_cannot_be_slipped_from_another_decision_into_a_taken_one(taken):
    other = make_option(make_decision(make_programme()))

    with pytest.raises(DatabaseError, match="never changed"):
        tried("UPDATE programmes_decisionoption SET decision_id = %s, position = 9 WHERE id = %s", taken.pk, other.pk)


def test_every_act_on_a_taken_decision_is_refused_in_a_sentence(taken):
    acted = {"decision_id": taken.pk, "by": make_manager(taken.programme), "now": NOW}
    words = "was taken on Wednesday 16 September 2026 and is never changed"

    with pytest.raises(Refused, match=words):
        change_decision(version=taken.version, draft=draft_of(taken), **acted)
    with pytest.raises(Refused, match=words):
        add_option(option=OptionDraft("New", 1, "other"), request_key=taken.pk, **acted)
    with pytest.raises(Refused, match=words):
        set_dispositions(version=taken.version, dispositions=dispositions_given(taken), **acted)
    with pytest.raises(Refused, match=words):
        propose_decision(version=version_of(taken), **acted)
    with pytest.raises(Refused, match=words):
        withdraw_decision(reason="Too late", **acted)


def test_a_withdrawn_decision_is_frozen_too(whole):
    withdraw_decision(decision_id=whole.pk, reason="Overtaken", by=make_manager(whole.programme), now=NOW)

    with pytest.raises(DatabaseError, match="never changed"):
        tried("UPDATE programmes_decision SET title = 'Other' WHERE id = %s", whole.pk)
    with pytest.raises(DatabaseError, match="never changed"):
        tried("UPDATE programmes_decisionoption SET title = 'Other' WHERE decision_id = %s", whole.pk)
