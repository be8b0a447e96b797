"""The checker is able to fail: each kind of fault, from a log and rows that are wrong in one way."""

from hashlib import sha256

import pytest

from partners.post.models import Message
from partners.post.operations import delivering
from tests.builders import NOW, make_person, queue_mail
from tests.chaos.checker import check
from tests.chaos.sink import Log


@pytest.fixture
def log(tmp_path):
    return tmp_path / "mail.log"


def handed_over(state, **more):
    queue_mail(make_person())
    [claim] = delivering.claim_messages(now=NOW, limit=1).claims
    mail = Message.objects.filter(pk=claim.message_id)
    Message.objects.exclude(pk=claim.message_id).update(state="sent", finished_at=NOW)  # the one in the inbox
    mail.update(state=state, lease_token=None, lease_until=None, **({"finished_at": NOW} | more))
    return claim


def found(log, database):
    result = check(log, database.url)
    return len(result.lost), len(result.duplicates), len(result.unresolved), len(result.wrong)


def test_a_message_that_was_sent_once_is_in_order(own_database, log):
    claim = handed_over("sent")
    Log(str(log)).accepted(claim.content, claim.recipient)

    assert sha256(claim.content).hexdigest() in log.read_text()
    assert found(log, own_database) == (0, 0, 0, 0)


def test_a_message_that_counts_as_sent_and_is_not_in_the_log_is_lost(own_database, log):
    handed_over("sent")
    Log(str(log))

    assert found(log, own_database) == (1, 0, 0, 0)


def test_a_message_that_was_accepted_twice_is_doubled(own_database, log):
    claim = handed_over("sent")
    sink = Log(str(log))
    for _ in range(2):
        sink.accepted(claim.content, claim.recipient)

    assert found(log, own_database) == (0, 1, 0, 0)


def test_a_message_that_went_out_with_other_bytes_counts_as_doubled(own_database, log):
    claim = handed_over("sent")
    Log(str(log)).accepted(claim.content + b"more\r\n", claim.recipient)

    assert found(log, own_database) == (0, 1, 0, 0)


def test_a_message_that_is_held_is_unresolved(own_database, log):
    handed_over("held", finished_at=None)
    Log(str(log))

    assert found(log, own_database) == (0, 0, 1, 0)


def test_a_message_that_was_cancelled_and_accepted_is_wrong(own_database, log):
    claim = handed_over("cancelled")
    Log(str(log)).accepted(claim.content, claim.recipient)

    assert found(log, own_database) == (0, 0, 0, 1)


def test_a_refusal_that_the_mail_server_did_not_give_is_lost(own_database, log):
    claim = handed_over("refused")
    sink = Log(str(log))

    assert found(log, own_database) == (1, 0, 0, 0)

    sink.rejected(claim.recipient, "550 5.1.1 no such person")
    assert found(log, own_database) == (0, 0, 0, 0)
