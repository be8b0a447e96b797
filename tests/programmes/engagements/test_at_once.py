"""People who act at the same time, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from django.db import connection

from partners.audit.models import AuditEvent
from partners.audit.rules import Refused
from programmes.engagements.models import Bid, Engagement, RollOff
from programmes.engagements.operations import record_bid, roll_off
from tests.builders import NOW, make_bidder, make_engagement, make_manager, make_programme


def together(acts):
    """What each act comes to: "done" or the first words of its refusal."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(10)
        try:
            act()
        except Refused as refused:
            return refused.sentence.split(".")[0]
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_of_two_roll_offs_at_once_one_counts(own_database):
    programme = make_programme()
    engagement, by = make_engagement(programme, "Design team"), make_manager(programme)

    outcomes = together(
        [
            lambda: roll_off(engagement_id=engagement.pk, ended_on=NOW.date(), reason="Done", by=by, now=NOW),
            lambda: roll_off(engagement_id=engagement.pk, ended_on=NOW.date(), reason="Done", by=by, now=NOW),
        ]
    )

    assert outcomes == ["The last day of Design team is Wednesday 16 September 2026 already", "done"]
    assert (RollOff.objects.count(), Engagement.objects.get().version) == (1, 2)


def test_of_two_records_of_one_bid_at_once_one_counts(own_database):
    programme = make_programme("Custody")
    partner, by = make_bidder(programme, "Alpha", ["Beta"]), make_manager(programme)

    def bid(key):
        return lambda: record_bid(
            programme_id=programme.pk,
            relationship_id=partner.pk,
            named_on=NOW.date(),
            source="Notice",
            request_key=key,
            by=by,
            now=NOW,
        )

    assert together([bid(uuid4()), bid(uuid4())]) == ["Alpha is on record as a bidder for Custody already", "done"]
    assert Bid.objects.count() == AuditEvent.objects.filter(action="engagements.record_bid").count() == 1


def test_the_same_bid_sent_twice_at_once_is_one(own_database):
    programme = make_programme("Custody")
    partner, by, key = make_bidder(programme, "Alpha", ["Beta"]), make_manager(programme), uuid4()

    def bid():
        record_bid(
            programme_id=programme.pk,
            relationship_id=partner.pk,
            named_on=NOW.date(),
            source="Notice",
            request_key=key,
            by=by,
            now=NOW,
        )

    assert together([bid, bid]) == ["done", "done"]
    assert Bid.objects.get().pk == key
