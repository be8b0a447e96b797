"""What a decision does to a programme: its end, and how it is delivered from a day on."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Refused
from partners.clock.operations import set_clock
from programmes.register.changes import change_delivery_model, end_programme
from programmes.register.enums import DeliveryModel
from programmes.register.models import DeliveryModelPeriod, Programme
from programmes.register.permissions import check_runs
from programmes.register.queries import delivery_model_at, delivery_models_of
from programmes.workstreams.operations import add_workstream, close_workstream, reopen_workstream
from tests.builders import (
    NOW,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
    report,
)

pytestmark = pytest.mark.django_db
DAY = NOW.date()
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def programme():
    return make_programme("Business partnering", delivery_model=DeliveryModel.BUSINESS_PARTNER)


def end(programme, on=SEPTEMBER):
    with transaction.atomic():
        end_programme(programme, on=on, reason="A new direction.", by=programme.set_up_by, now=NOW)
    return programme


def deliver(programme, to, from_on=DAY, now=NOW):
    with transaction.atomic():
        return change_delivery_model(
            programme, to=to, from_on=from_on, decision_id=uuid4(), by=programme.set_up_by, now=now
        )


def test_end_programme_says_when_why_and_by_whom_and_no_event(programme):
    end(programme)

    row = Programme.objects.get(pk=programme.pk)
    assert (row.ended_on, row.end_reason, row.ended_at, row.ended_by, row.version) == (
        SEPTEMBER,
        "A new direction.",
        NOW,
        programme.set_up_by,
        2,
    )
    assert AuditEvent.objects.count() == 0


def test_a_programme_ends_once(programme):
    end(programme)

    with pytest.raises(
        Refused, match=r"Business partnering ended on Tuesday 1 September 2026\. Nothing new starts in it"
    ):
        end(programme, on=DAY)

    assert Programme.objects.get(pk=programme.pk).ended_on == SEPTEMBER


@pytest.mark.parametrize("missing", ["ended_on", "end_reason", "ended_by"])
def test_the_database_refuses_half_an_end(programme, missing):
    end(programme)

    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).update(**{missing: "" if missing == "end_reason" else None})


def test_a_running_programme_runs(programme):
    check_runs(programme)

    with pytest.raises(Refused):
        check_runs(end(programme))


def test_change_delivery_model_adds_a_period_and_says_it_on_the_programme(programme):
    later = NOW + timedelta(days=3)

    period = deliver(programme, DeliveryModel.TASKFORCE, from_on=DAY + timedelta(days=2), now=later)

    row = Programme.objects.get(pk=programme.pk)
    assert (row.delivery_model, row.version) == ("taskforce", 2)
    assert [each.delivery_model for each in delivery_models_of(programme)] == ["taskforce", "business_partner"]
    assert (period.recorded_at, period.decision_id is None) == (later, False)
    assert AuditEvent.objects.count() == 0


def test_the_same_model_an_earlier_day_and_an_ended_programme_are_refused(programme):
    with pytest.raises(Refused, match="on record as delivered this way already: Business partner, from"):
        deliver(programme, DeliveryModel.BUSINESS_PARTNER)
    with pytest.raises(Refused, match="is on record as Business partner from Wednesday 16 September 2026"):
        deliver(programme, DeliveryModel.TASKFORCE, from_on=DAY - timedelta(days=1))
    with pytest.raises(Refused, match="Nothing new starts in it"):
        deliver(end(programme), DeliveryModel.TASKFORCE)

    assert DeliveryModelPeriod.objects.filter(programme=programme).count() == 1


def test_the_delivery_model_of_a_day_is_what_counted_then_and_was_known_then(programme):
    first, second = DAY + timedelta(days=10), DAY + timedelta(days=20)
    deliver(programme, DeliveryModel.TASKFORCE, from_on=first, now=NOW + timedelta(days=15))
    deliver(programme, DeliveryModel.OTHER, from_on=second, now=NOW + timedelta(days=20))
    deliver(programme, DeliveryModel.INTERNALLY_SUPPORTED, from_on=second, now=NOW + timedelta(days=21))

    def at(on, known=None):
        return delivery_model_at(programme, on=on, known_at=NOW + timedelta(days=known) if known is not None else None)

    assert [at(DAY - timedelta(days=1)), at(DAY), at(first - timedelta(days=1)), at(first), at(second)] == [
        None,
        "business_partner",
        "business_partner",
        "taskforce",
        "internally_supported",
    ]
    assert [at(first, 14), at(first, 15), at(second, 20), at(second, 21)] == [
        "business_partner",
        "taskforce",
        "other",
        "internally_supported",
    ]


def test_an_ended_programme_starts_no_workstream_and_its_open_ones_report(programme):
    kept, closed = make_workstream(programme), make_workstream(programme)
    manager = make_manager(programme)
    close_workstream(workstream_id=closed.pk, reason="Done", by=manager, now=NOW)
    end(programme)

    for refused in (
        lambda: add_workstream(programme_id=programme.pk, name="New", by=manager, now=NOW),
        lambda: reopen_workstream(workstream_id=closed.pk, reason="Again", by=manager, now=NOW),
    ):
        with pytest.raises(Refused, match="Nothing new starts in it"):
            refused()
    assert report(kept, by=manager)


def test_the_page_of_an_ended_programme_says_so_and_offers_nothing_new(client, programme):
    set_clock(to=NOW)
    client.force_login(make_manager(programme))
    page = f"/programmes/{programme.pk}/"
    running = client.get(page).content.decode()
    end(programme)

    ended = client.get(page).content.decode()

    said = ("Ended on Tuesday 1 September 2026", "because: A new direction.", "Nothing new starts in it")
    offered = ("Add a workstream", "Plan the stages")
    assert [words in running for words in (*said, *offered)] == [False] * 3 + [True] * 2
    assert [words in ended for words in (*said, *offered)] == [True] * 3 + [False] * 2


def test_lists_leave_ended_programmes_out_unless_asked(client, programme):
    set_clock(to=NOW)
    portfolio = make_portfolio()
    owner = make_cio(portfolio)
    gone = end(make_programme("Gone", portfolio=portfolio, owner=owner))
    make_programme("Here", portfolio=portfolio, owner=owner)
    client.force_login(owner)

    def names(query=""):
        return [row["name"] for row in client.get(f"/api/programmes/{query}").json()["results"]]

    assert (names(), names("?ended=true"), names("?ended=false")) == (["Here"], ["Gone"], ["Here"])
    assert client.get("/api/programmes/?ended=perhaps").status_code == 400
    mine = client.get("/api/my-week/").json()["programmes"]
    assert [row["name"] for row in mine] == ["Here"]
    told = client.get(f"/api/programmes/{gone.pk}/").json()
    assert (told["ended_on"], told["end_reason"]) == ("2026-09-01", "A new direction.")


def test_how_a_programme_was_delivered_is_a_page_and_in_the_api(client, programme):
    period = deliver(programme, DeliveryModel.TASKFORCE)
    client.force_login(make_reader(programme))
    page = f"/programmes/{programme.pk}/delivery-models/"

    shown, told = client.get(page).content.decode(), client.get(f"/api{page}").json()["results"]

    rows = shown.split("<tbody")[1]
    assert rows.index("Taskforce") < rows.index("Business partner") < rows.index("Set up with it")
    assert f"/decisions/{period.decision_id}/" in shown
    assert [(row["delivery_model"], row["decision"]) for row in told] == [
        ("taskforce", str(period.decision_id)),
        ("business_partner", None),
    ]
    client.force_login(make_person())
    assert [client.get(address).status_code for address in (page, f"/api{page}")] == [404, 404]
