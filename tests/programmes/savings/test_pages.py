from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from partners.people.models import User
from programmes.register.models import Programme
from programmes.savings.models import Saving, SavingStatement
from tests.builders import MILLION, NOW, make_manager, make_person, make_portfolio, make_programme, make_reader, state
from tests.builders.money import make_saving

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"


@pytest.fixture
def programme() -> Programme:
    return make_programme("Estates")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def statement(**changed: object) -> dict[str, object]:
    typed = {
        "planned": "",
        "confidence": "",
        "expected": "78m",
        "delivered": "",
        "stated_on": "2026-09-16",
        "source": "Budget paper",
        "note": "",
        "based_on": "0",
        "request_key": str(uuid4()),
    }
    return typed | changed


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_programme_without_savings_says_what_to_do(programme):
    manager, reader = signed_in(make_manager(programme)), signed_in(make_reader(programme))
    address = f"/programmes/{programme.pk}/savings/"

    assert "Add the first one" in text(manager.get(address))
    assert "The programme manager or the Chief information officer adds them" in text(reader.get(address))
    assert "Add a saving" not in text(reader.get(address))
    assert f"{address}new/" in text(manager.get(address))
    assert f"{address}new/" not in text(reader.get(address))


def test_a_manager_adds_a_saving_and_states_it(programme):
    client = signed_in(make_manager(programme))

    added = client.post(
        f"/programmes/{programme.pk}/savings/new/",
        {"title": "Fewer buildings", "description": "", "owner": "", "request_key": str(uuid4())},
        follow=True,
    )
    saving = Saving.objects.get()
    stated = client.post(f"/savings/{saving.pk}/state/?year=2026-27", statement(), follow=True)

    assert "Saving added. Next, state what it comes to." in text(added)
    assert "Stated for 2026-27." in text(stated)
    assert "expected £78m" in text(stated)
    assert SavingStatement.objects.get().expected_pence == 78 * MILLION


def test_a_title_that_is_taken_is_told_at_its_field_and_what_was_typed_stays(programme):
    make_saving(programme, "Fewer buildings")
    client = signed_in(make_manager(programme))

    answer = client.post(
        f"/programmes/{programme.pk}/savings/new/",
        {"title": "Fewer buildings", "description": "Sell one.", "owner": "", "request_key": str(uuid4())},
    )

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "a saving called Fewer buildings already" in text(answer)
    assert "Sell one." in text(answer)


def test_the_financial_year_is_asked_first(programme):
    saving, client = make_saving(programme), signed_in(make_manager(programme))
    address = f"/savings/{saving.pk}/state/"

    assert "Financial year" in text(client.get(address))
    assert "A financial year runs into the next one: enter 2026-27" in text(client.get(f"{address}?year=2026-28"))
    assert "Enter a financial year such as 2012-13" in text(client.get(f"{address}?year=soon"))
    assert "What it comes to in 2026-27" in text(client.get(f"{address}?year=2026/27"))


def test_the_form_begins_with_what_is_stated_now(programme):
    saving = make_saving(programme)
    state(saving, planned=2, expected=3, confidence="likely")

    page = text(signed_in(make_manager(programme)).get(f"/savings/{saving.pk}/state/?year=2026-27"))

    assert 'value="£2,000,000"' in page
    assert 'value="£3,000,000"' in page
    assert 'name="based_on" value="1"' in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"expected": "78 million"}, "Enter the amount in pounds, such as 78m"),
        ({"expected": "-1"}, "cannot be less than nothing"),
        ({"expected": "0.001"}, "parts of a penny"),
        ({"expected": "11bn"}, "Check the number of noughts"),
        ({"expected": "x" * 31}, "Expected must be 30 characters or fewer"),
        ({"stated_on": ""}, "Stated on"),
        ({"source": ""}, "Enter source"),
        ({"based_on": "soon"}, "Enter a whole number"),
        ({"request_key": "1"}, "Enter a valid UUID"),
        ({"confidence": "certain"}, "Choose one of the options for confidence"),
    ],
)
def test_what_is_typed_wrong_is_told_on_the_page_and_nothing_is_written(programme, changed, words):
    saving = make_saving(programme)

    answer = signed_in(make_manager(programme)).post(f"/savings/{saving.pk}/state/?year=2026-27", statement(**changed))

    assert answer.status_code == HTTPStatus.OK
    assert words in text(answer)
    assert not SavingStatement.objects.exists()


def test_a_rule_that_refuses_is_told_at_its_field(programme):
    saving = make_saving(programme)

    answer = signed_in(make_manager(programme)).post(
        f"/savings/{saving.pk}/state/?year=2027-28", statement(expected="", delivered="1m")
    )

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "nothing can be delivered before" in text(answer)


def test_the_second_of_two_who_state_at_once_loses_nothing_and_sees_both(programme):
    saving = make_saving(programme, "Fewer buildings")
    state(saving, expected=70, by=make_manager(programme, "Ama Mensah"))
    client, address = signed_in(make_manager(programme)), f"/savings/{saving.pk}/state/?year=2026-27"

    first = client.post(address, statement(source="A paper of mine"))
    again = client.post(address, statement(source="A paper of mine", based_on="1"))

    page = text(first)
    assert first.status_code == HTTPStatus.CONFLICT
    assert "Ama Mensah changed what Fewer buildings comes to in 2026-27" in page
    assert "£78,000,000" in page
    assert "£70,000,000" in page
    assert "A paper of mine" in page
    assert 'name="based_on" value="1"' in page
    assert again.status_code == HTTPStatus.FOUND
    assert SavingStatement.objects.count() == 2


def test_the_same_form_sent_twice_states_once(programme):
    saving, typed = make_saving(programme), statement()
    client = signed_in(make_manager(programme))

    answers = [client.post(f"/savings/{saving.pk}/state/?year=2026-27", typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [HTTPStatus.FOUND] * 2
    assert SavingStatement.objects.count() == 1


def test_a_change_over_a_newer_version_shows_what_differs(programme):
    saving = make_saving(programme, "Fewer buildings")
    client, address = signed_in(make_manager(programme, "Ama Mensah")), f"/savings/{saving.pk}/change/"
    client.post(address, {"title": "Fewer leases", "description": "", "owner": "", "version": "1"})

    answer = client.post(address, {"title": "No leases", "description": "", "owner": "", "version": "1"})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "What you typed and what is saved now" in text(answer)
    assert "Fewer leases" in text(answer)
    assert 'name="version" value="2"' in text(answer)


def test_the_history_shows_what_each_statement_changed(programme):
    saving = make_saving(programme)
    state(saving, 2025, expected=78)
    state(saving, 2025, delivered=78, note="As the accounts have it")

    page = text(signed_in(make_reader(programme)).get(f"/savings/{saving.pk}/"))

    assert page.index("expected £78m → delivered £78m") < page.rindex("expected £78m")
    assert "As the accounts have it" in page
    assert "State again" not in page


def test_a_day_in_the_future_is_told_and_today_is_shown(programme):
    saving = make_saving(programme)
    state(saving, expected=3)

    page = text(signed_in(make_reader(programme)).get(f"/programmes/{programme.pk}/savings/?on=2999-01-01"))

    assert "must be between 2000 and 2099" in page
    assert "£3m" in page


def test_a_past_day_says_that_nothing_was_known(programme):
    make_saving(programme)

    page = text(signed_in(make_reader(programme)).get(f"/programmes/{programme.pk}/savings/?on=2026-09-01"))

    assert "As at Tuesday 1 September 2026" in page
    assert "from what was known then" in page
    assert "No savings were known then" in page


@pytest.mark.parametrize("query", ["figure=all", "year=2026", "confidence=sure", "saving=1", "year=2026-28"])
def test_lines_of_no_figure_are_not_found(programme, query):
    client = signed_in(make_reader(programme))

    assert client.get(f"/programmes/{programme.pk}/savings/lines/?{query}").status_code == HTTPStatus.NOT_FOUND


def test_pages_that_are_not_for_somebody(programme):
    saving, other = make_saving(programme), make_programme(portfolio=make_portfolio())
    reader, stranger, outsider = (
        signed_in(each) for each in (make_reader(programme), make_person(), make_manager(other))
    )
    read = [
        f"/programmes/{programme.pk}/savings/",
        f"/savings/{saving.pk}/",
        f"/programmes/{programme.pk}/savings/lines/",
    ]
    write = [
        f"/programmes/{programme.pk}/savings/new/",
        f"/savings/{saving.pk}/change/",
        f"/savings/{saving.pk}/state/",
    ]

    assert [reader.get(address).status_code for address in read] == [HTTPStatus.OK] * 3
    assert [reader.get(address).status_code for address in write] == [HTTPStatus.FORBIDDEN] * 3
    for client in (stranger, outsider):
        assert [client.get(address).status_code for address in read + write] == [HTTPStatus.NOT_FOUND] * 6
    assert Client().get(read[0]).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_savings_takes_as_many_queries_for_one_as_for_three(programme, count, django_assert_num_queries):
    manager = make_manager(programme)
    for year in range(count):
        state(make_saving(programme, by=manager), 2026 + year, planned=1, by=manager)
    client = signed_in(manager)
    client.get("/privacy/")

    with django_assert_num_queries(13):
        client.get(f"/programmes/{programme.pk}/savings/")


def test_the_saving_of_another_programme_opens_no_lines(programme):
    other = make_saving(make_programme())
    state(other, expected=3)

    page = text(signed_in(make_reader(programme)).get(f"/programmes/{programme.pk}/savings/lines/?saving={other.pk}"))

    assert "Nothing adds to this figure" in page


def test_words_that_look_like_markup_stay_words(programme):
    state(make_saving(programme, "<b>Bold</b>"), expected=1, source="<i>Paper</i>", now=NOW)

    page = text(signed_in(make_reader(programme)).get(f"/programmes/{programme.pk}/savings/lines/"))

    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "&lt;i&gt;Paper&lt;/i&gt;" in page
