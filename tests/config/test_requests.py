from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from config.requests import _shape, documented_parameters
from partners.people.models import Unit
from tests.builders import make_administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make_administrator())
    return client


@pytest.mark.parametrize(
    "address", ["/people/?q=%00", "/people/?%00=1", "/people/%00/", "/?a=1&b=x%00y", "/nowhere/%00"]
)
def test_nul_in_an_address_is_answered_400_with_a_page(admin, address):
    response = admin.get(address)

    assert (response.status_code, "This request could not be read" in response.content.decode()) == (400, True)


def test_nul_in_an_address_of_the_api_is_answered_400_in_json(admin):
    response = admin.get("/api/people/?q=%00")

    assert (response.status_code, "NUL" in response.json()["detail"]) == (400, True)


def test_nul_in_a_cookie_is_answered_400():
    response = Client().get("/accounts/login/", headers={"Cookie": 'sessionid="\\000abcdefghij"'})

    assert response.status_code == 400


def test_nul_in_a_form_is_answered_400_and_nothing_is_written(admin):
    response = admin.post(reverse("unit_new"), {"code": "A", "name": "A\0B", "parent": ""})

    assert (response.status_code, Unit.objects.exists()) == (400, False)


def test_bytes_that_are_not_utf_8_are_no_server_error(admin):
    assert admin.get("/people/?q=%ff%fe").status_code == 200
    sent = admin.generic("POST", "/units/new/", b"code=%ff&name=\xff", "application/x-www-form-urlencoded")
    assert sent.status_code in (200, 302)
    assert admin.generic("POST", "/api/units/", b'{"code": "\xff"}', "application/json").status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])
def test_another_kind_of_body_is_answered_415(admin, content_type):
    assert admin.generic("POST", "/api/units/", b"code=A&name=A", content_type).status_code in (400, 415)
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    "body", ['{"code": "A\\u0000", "name": "A"}', '{"code": "\\ud800", "name": "A"}', "[]", '"x"', "1"]
)
def test_a_body_that_cannot_be_stored_is_answered_400(admin, body):
    assert admin.generic("POST", "/api/units/", body.encode(), "application/json").status_code == 400
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/api/units/?colour=red", "There is no parameter 'colour' here. Use page, page_size, q."),
        ("/api/me/?q=x", "There is no parameter 'q' here. It takes none."),
    ],
)
def test_an_unknown_parameter_of_the_api_is_answered_400(admin, address, sentence):
    response = admin.get(address)

    assert (response.status_code, response.json()) == (400, {"detail": sentence})


def test_pages_mind_no_unknown_parameter(admin):
    assert admin.get("/people/?utm_source=mail").status_code == 200


def api_routes(resolver, prefix=""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from api_routes(entry, route)


def test_every_endpoint_is_documented_so_that_its_parameters_are_known():
    documented = {path for path, _ in documented_parameters()}
    routes = {_shape(route) for route in api_routes(get_resolver()) if route.startswith("api/")}

    assert routes - documented == {"api/schema/", "api/docs/"}


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (f"/api/programmes/{UUID(int=7)}/", "Check the address and the ids in it."),
        (f"/api/units/{UUID(int=7)}/", "Check the address and the ids in it."),
        ("/api/units/?page=99", "Start without page=, then follow next."),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(admin, address, sentence):
    answer = admin.get(address)

    assert (answer.status_code, sentence in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("size", ["0", "-3", "many", ""])
def test_a_page_without_rows_is_refused_with_a_sentence(admin, size):
    answer = admin.get(f"/api/units/?page_size={size}")

    assert (answer.status_code, answer.json()) == (
        400,
        {"page_size": ["Give the number of rows of a page, from 1 to 200."]},
    )
