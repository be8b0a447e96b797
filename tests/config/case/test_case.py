"""The case of 2012, row by row: the page that shows it and the endpoint that returns it, read by its CIO's account."""

import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from config.case.letters import balance
from config.case.story import END
from partners.audit.models import AuditEvent
from partners.clock.rules import end_of_day
from portfolio.board.queries import Wanted, board_of
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import portfolios_visible_to
from portfolio.plan.queries import money_at
from tests.builders import make_portfolio
from tests.config.case.conftest import Told

POUNDS = 100
MODERATED = "consultations.moderate_comment"
ON_THE_DAY, AT_THE_END = "2012-11-30", "2013-03-31"


@dataclass(frozen=True)
class Reader:
    """Somebody of the case who reads pages and endpoints."""

    told: Told
    client: Client

    def page(self, address: str) -> str:
        """The words of a page, on one line."""
        response = self.client.get(address)
        assert response.status_code == 200, f"{address} answered {response.status_code}"
        _, _, main = response.content.decode().partition("<main")
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", f"<main{main}")).split())

    def api(self, address: str) -> Any:
        response = self.client.get(f"/api{address}")
        assert response.status_code == 200, f"{address} answered {response.status_code}"
        return response.json()

    def rows(self, address: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api(address)["results"]
        return found

    def programme(self, key: str) -> str:
        return f"/programmes/{self.told.case.programmes[key].pk}/"

    def decision(self, key: str) -> str:
        return f"/decisions/{self.told.case.key_of('decision', key)}/"

    def consultation(self, key: str) -> str:
        return f"/consultations/{self.told.case.consultations[key].pk}/"

    @property
    def review(self) -> str:
        return f"/reviews/{self.told.case.reviews['partnering'].pk}/"

    @property
    def portfolio(self) -> str:
        return f"/portfolios/{portfolio_of(self.told).pk}/"


@pytest.fixture
def cio(told: Told) -> Reader:
    return reader(told, "hale")


def reader(told: Told, key: str) -> Reader:
    client = Client()
    client.force_login(told.case.cast.person(key))
    return Reader(told, client)


def portfolio_of(told: Told) -> Portfolio:
    assert told.case.portfolio
    return told.case.portfolio


def test_every_letter_arrives_once_and_on_its_day(told: Told) -> None:
    found = balance(told.letters)

    assert found.complaints() == []
    assert (found.expected, found.taken) == (52, 52)


def test_what_must_not_be_was_refused(told: Told) -> None:
    refusals = [(f"{at:%d %b %H:%M:%S}", said) for at, said in told.said if isinstance(said, str)]

    assert [(at, said.split(". ")[0].split(": ")[1]) for at, said in refusals] == [
        ("22 Nov 15:30:00", "Workstream Mobile information (illustrative) has no disposition"),
        (
            "26 Nov 10:00:00",
            "The office of West Midlands Police Authority was abolished on Wednesday 21 November 2012",
        ),
        (
            "27 Nov 10:00:00",
            "The gate before ICT-enabled technology transformation has not been passed on or before Tuesday 27 November "
            "2012",
        ),
        (
            "28 Jan 17:00:00",
            "This consultation closed at 5pm on Monday 28 January 2013, UK time, so nothing more can be sent",
        ),
    ]


def test_c1_the_programme_is_ended_by_a_decision_with_everything_that_it_leaves_behind(cio: Reader) -> None:
    page, decision = cio.page(cio.programme("partnering")), cio.page(cio.decision("end"))
    ended, taken = cio.api(cio.programme("partnering")), cio.api(cio.decision("end"))

    assert "Ended on Thursday 22 November 2012" in page
    assert "Much was learned from business partnering" in cio.page(f"{cio.programme('partnering')}lessons/")
    assert (ended["ended_on"], taken["state"], taken["missing"]) == ("2012-11-22", "taken", [])
    for effect in (
        "ended Business partnering",
        "stopped the workstream Partner selection (illustrative)",
        "kept the workstream Contact with the public (illustrative) as it was",
        "moved the workstream Mobile information (illustrative) to Technology task force",
    ):
        assert effect in decision
        assert effect in taken["effects"]
    [lesson] = cio.rows(f"{cio.programme('partnering')}lessons/")
    assert "brand is completed" in lesson["text"]


def test_c2_the_consultants_are_dispersed_and_their_work_is_acknowledged(cio: Reader) -> None:
    programme = cio.programme("partnering")

    assert "22 November 2012" in cio.page(f"{programme}engagements/")
    assert "work of the consultants as good (as reported)" in cio.page(f"{programme}acknowledgements/")
    [engagement] = cio.rows(f"{programme}engagements/")
    [acknowledgement] = cio.rows(f"{programme}acknowledgements/")
    assert (engagement["state"], engagement["ended_on"]) == ("past", "2012-11-22")
    assert (acknowledgement["engagement"], acknowledgement["given_on"]) == (engagement["id"], ON_THE_DAY)


def test_c3_the_offices_their_holders_and_since_when(cio: Reader) -> None:
    page, offices = cio.page("/offices/"), {row["title"]: row for row in cio.rows("/offices/")}

    assert all(words in page for words in ("Bob Jones", "Chris Price", "West Midlands Police Authority"))
    commissioner = offices["Police and crime commissioner for the West Midlands"]
    authority = offices["West Midlands Police Authority"]
    assert (commissioner["holder"]["holder_name"], commissioner["holder"]["from_on"]) == ("Bob Jones", "2012-11-22")
    assert offices["Chief information officer"]["holder"]["holder_name"] == "Chris Price"
    assert (authority["abolished_on"], authority["successor"]) == ("2012-11-21", commissioner["id"])


def test_c4_up_to_eight_weeks_with_staff_and_partners(cio: Reader) -> None:
    page, review = cio.page(cio.review), cio.api(cio.review)

    assert "consultative approach with staff and partners" in page
    assert (review["opens_at"], review["closes_at"]) == ("2012-12-03T10:00:00Z", "2013-01-28T17:00:00Z")
    assert {row["title"] for row in cio.rows(f"{cio.review}consultations/")} == {
        "The work done so far: what staff say (illustrative)",
        "The work done so far: what partners say (illustrative)",
    }
    progress = {key: cio.api(f"{cio.consultation(key)}progress/") for key in ("staff", "partners")}
    assert [(each["asked"], each["answered"]) for each in progress.values()] == [(10, 7), (3, 2)]


def test_c5_three_stages_in_order_and_an_expectation_that_is_no_decision(cio: Reader) -> None:
    programme = cio.programme("taskforce")
    page, said = cio.page(programme), "A similar conclusion: an ICT-enabled technology transformation"

    stages = [stage["title"] for stage in cio.api(f"{programme}stages/")["stages"]]
    assert stages == [
        "ICT-enabled technology transformation",
        "Information transformation",
        "Business transformation",
    ]
    assert all(page.index(first) < page.index(second) for first, second in pairwise(stages))
    [expectation] = [row for row in cio.rows(f"{programme}positions/") if row["text"].startswith(said)]
    assert (expectation["kind"], expectation["holder"].split(",")[0]) == ("expectation", "Chris Price")
    assert "A view, not a decision" in cio.page(f"{programme}positions/")
    assert cio.api(cio.decision("direction"))["state"] == "draft"


def test_c6_what_is_needed_of_partners_whichever_direction_is_taken(cio: Reader) -> None:
    common = "Whichever of the 3 options is chosen, partners are needed heavily for Innovation."

    assert common in cio.page(f"{cio.decision('direction')}options/")
    assert cio.api(cio.decision("direction"))["common_need"] == common


def test_c7_options_by_ambition_and_capabilities_of_both_sectors(cio: Reader) -> None:
    page, options = cio.page(f"{cio.decision('direction')}options/"), cio.api(cio.decision("direction"))["options"]
    innovation = cio.told.case.partners.capability_id("innovation")
    calls = cio.api(f"/partners/who-can/?capability={innovation}&on={ON_THE_DAY}")

    assert all(words in page for words in ("Less than first planned", "As first planned"))
    assert [option["ambition"] for option in options] == [1, 1, 2]
    assert [row["party_name"] for row in calls] == [
        "Harbour Lane Consortium (fictional)",
        "Midshire University (fictional)",
    ]
    public = cio.api(f"/partners/who-can/?capability={innovation}&on={ON_THE_DAY}&sector=public")
    assert [row["party_name"] for row in public] == ["Midshire University (fictional)"]
    shown = cio.page(f"/partners/who-can/?capability={innovation}&on_day=30&on_month=11&on_year=2012")
    assert all(row["party_name"] in shown for row in calls)


def test_c8_the_consortia_that_bid_stay_available(cio: Reader) -> None:
    page, bids = cio.page("/partners/"), cio.rows(f"{cio.programme('partnering')}bids/")
    rows = {row["id"]: row for row in cio.rows("/partners/relationships/")}

    standings = [rows[bid["relationship"]]["standing"] for bid in bids]
    assert [each["state"] for each in standings] == ["available"] * 6
    assert {each["owner_name"] for each in standings} == {"Rowan Hale (illustrative)"}
    assert {each["decision"] for each in standings} == {cio.api(cio.decision("end"))["id"]}
    assert all(rows[bid["relationship"]]["party_name"] in page for bid in bids)
    assert sum(max(len(rows[bid["relationship"]]["members"]), 1) for bid in bids) == 13


def test_c9_never_privatisation_and_what_was_learned_is_shown_to_the_next(cio: Reader) -> None:
    programme, never = cio.programme("partnering"), "It was never intended to be privatisation."

    assert never in cio.page(f"{programme}constraints/")
    assert [row["text"] for row in cio.rows(f"{programme}constraints/")] == [never]
    next_one = cio.page(f"{cio.portfolio}programmes/new/")
    assert "Much was learned from business partnering" in next_one
    assert never in next_one


def test_c10_delivery_models_are_compared_and_the_task_force_has_its_own(cio: Reader) -> None:
    page, programme = cio.page(f"{cio.decision('direction')}options/"), cio.programme("taskforce")

    assert all(words in page for words in ("Taskforce", "Internally supported", "Business partner"))
    assert [option["delivery_model"] for option in cio.api(cio.decision("direction"))["options"]] == [
        "taskforce",
        "internally_supported",
        "business_partner",
    ]
    assert [row["delivery_model"] for row in cio.rows(f"{programme}delivery-models/")] == ["taskforce"]
    assert any("internally supported programme" in row["text"] for row in cio.rows(f"{programme}positions/"))


def test_c11_the_candidates_are_on_record_with_day_and_source(cio: Reader) -> None:
    programme = cio.programme("taskforce")
    said = "Staff should have the best technology for their job."

    assert said in cio.page(f"{programme}positions/")
    [position] = [row for row in cio.rows(f"{programme}positions/") if row["text"] == said]
    assert (position["kind"], position["stated_on"], position["source"]) == (
        "position",
        ON_THE_DAY,
        "News report, 30 November 2012",
    )


@pytest.mark.parametrize(("day", "delivered", "expected"), [(ON_THE_DAY, 0, 78), (AT_THE_END, 78, 0)])
def test_c12_78_million_of_126_first_expected_then_delivered(
    cio: Reader, day: str, delivered: int, expected: int
) -> None:
    money, page = cio.api(f"{cio.portfolio}savings/?on={day}"), cio.page(f"{cio.portfolio}savings/?on={day}")

    saved = {part: money["saved"][part]["high_pence"] // POUNDS for part in ("delivered", "expected", "planned")}
    assert money["required"]["low_pence"] // POUNDS == 126_000_000
    assert saved == {"delivered": delivered * 1_000_000, "expected": expected * 1_000_000, "planned": 48_000_000}
    assert all(words in page for words in ("£126m", "£78m", "£48m"))
    assert cio.client.get(money["required"]["lines"]).status_code == 200


def test_c13_up_to_another_16_million_as_a_range(cio: Reader) -> None:
    money, page = cio.api(f"{cio.portfolio}savings/"), cio.page(f"{cio.portfolio}savings/")

    assert (money["pressure"]["low_pence"], money["pressure"]["high_pence"] // POUNDS) == (0, 16_000_000)
    assert "£126m to £142m" in page
    assert {row["name"] for row in cio.rows(f"{cio.portfolio}scenarios/")} == {
        "As required",
        "With changes in local government funding",
    }


def test_c14_comments_are_moderated_on_three_grounds_and_the_privacy_page_is_there(told: Told, cio: Reader) -> None:
    moderator = reader(told, "moss")
    shown = {row["text"] for row in cio.rows(f"{cio.consultation('staff')}comments/")}
    page = cio.page(f"{cio.consultation('staff')}comments/")

    assert shown == {
        "The work on mobile information.",
        "One place for what a caller has told us before.",
        "The forms, and not the [removed] that came with them.",
        "Ask us first. We know where the time goes.",
    }
    assert all(text in page for text in shown)
    assert not any(words in page for words in ("Cheap watches", "[expletive]", "made the figures up"))
    recorded = " ".join(AuditEvent.objects.filter(action=MODERATED).values_list("summary", flat=True))
    assert all(ground in recorded for ground in ("spam", "obscenity", "defamation"))
    assert "The pilots at night." in moderator.page(f"{cio.consultation('staff')}moderation/")
    assert cio.client.get(f"{cio.consultation('staff')}moderation/").status_code == 403
    assert "cookies" in Reader(told, Client()).page("/privacy/").lower()


def test_a_partners_contact_sees_their_own_dealings_and_nothing_else(told: Told, cio: Reader) -> None:
    contact = reader(told, "harbour-1")

    assert "Harbour Lane Consortium (fictional)" in contact.page("/your-organisation/")
    other: UUID = told.case.partners.consortium_id("group-1")
    for address in (f"/partners/consortia/{other}/", "/partners/", cio.programme("partnering"), cio.portfolio):
        assert contact.client.get(address).status_code == 404
        assert contact.client.get(f"/api{address}").status_code == 404


def test_the_board_is_that_of_the_record_and_of_any_day_before(cio: Reader) -> None:
    at_the_end, on_the_day = cio.page(cio.portfolio), cio.page(f"{cio.portfolio}?on={ON_THE_DAY}")

    assert "Portfolio of West Midlands Police, kept as a record until Sunday 31 March 2013" in at_the_end
    assert "End business partnering" in on_the_day
    assert "Seek an innovation and integration partner" in at_the_end
    assert "Seek an innovation and integration partner" not in on_the_day


def test_the_money_of_the_record_adds_up(told: Told) -> None:
    end = date(2013, 3, 31)

    money = money_at(portfolio_of(told), on=end, known_at=end_of_day(end))

    assert money.gap is not None
    assert (money.gap.low_pence, money.saved.saved.low_pence) == (0, 126_000_000 * POUNDS)


def test_no_roll_up_mixes_the_case_with_another_portfolio(told: Told) -> None:
    end = date(2013, 3, 31)
    with transaction.atomic():
        other = make_portfolio("Northshire")
        money, board = money_at(other, on=end, known_at=end_of_day(end)), board_of(other, Wanted(), now=END)
        seen = list(portfolios_visible_to(told.case.cast.person("hale")))
        transaction.set_rollback(True)

    assert (money.required, money.saved.saved.high_pence, money.pressure.high_pence) == (None, 0, 0)
    assert board.rows == []
    assert seen == [told.case.portfolio]
    assert len(board_of(portfolio_of(told), Wanted(), now=END).rows) == 3
