import json
from importlib import import_module

import pytest
from django.test import Client, RequestFactory
from rest_framework import exceptions, serializers

from config import pages
from config.api_errors import NOTHING_THERE, SENTENCES, in_our_words
from tests.builders import make_administrator, make_programme

import_module("config.urls")  # so that every serializer is known
FLOORS = ("partners", "programmes", "portfolio")
RAISED = (  # those that this API can raise
    exceptions.NotAuthenticated,
    exceptions.NotFound,
    exceptions.ParseError,
    exceptions.PermissionDenied,
    exceptions.ValidationError,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
)


@pytest.fixture
def admin(db):
    client = Client()
    client.force_login(make_administrator())
    return client


def serializers_of(base=serializers.Serializer):
    for found in base.__subclasses__():
        if found.__module__.split(".")[0] in FLOORS:
            yield found
        yield from serializers_of(found)


def fields_below(field):
    yield field
    if hasattr(field, "child"):
        yield from fields_below(field.child)
    if isinstance(field, serializers.Serializer):
        for inner in field.fields.values():
            yield from fields_below(inner)


def what_fields_say():
    """Every sentence of the fields that the serializers of this product are made of."""
    fields = [field for serializer in serializers_of() for field in fields_below(serializer())]
    messages = [
        message for field in fields for each in type(field).__mro__ for message in _messages(each) if _is_theirs(each)
    ]
    return {str(message) for message in messages}


def _messages(kind):
    return vars(kind).get("default_error_messages", {}).values()


def _is_theirs(kind):
    return kind.__module__.startswith("rest_framework")


def test_whatever_a_field_can_say_is_said_in_our_words():
    said = what_fields_say()

    assert len(said) > 20
    assert said - set(SENTENCES) == set(), "Add what the new fields say to config.api_errors.SENTENCES"


@pytest.mark.parametrize("kind", RAISED)
def test_whatever_the_framework_can_raise_is_said_in_our_words(kind):
    assert str(kind.default_detail) in SENTENCES


@pytest.mark.parametrize("words", SENTENCES.values())
def test_our_words_are_sentences(words):
    assert (words[0].isupper(), words[-1]) == (True, ".")


def test_words_of_ours_and_the_shape_around_them_stay():
    detail = {
        "rows": [{}, {"weeks": ["Ensure this value is less than or equal to 8."]}],
        "name": ["Taken. Choose another."],
    }

    assert in_our_words(detail) == {"rows": [{}, {"weeks": ["Send 8 or less."]}], "name": ["Taken. Choose another."]}


@pytest.mark.parametrize("typed", ["x", 'a" is\n{braces}', "."])
def test_what_was_typed_is_never_taken_for_a_template(typed):
    assert in_our_words([f'"{typed}" is not a valid choice.']) == [
        "This is none of the choices. Send one that the documentation at /api/docs/ lists."
    ]


def test_nobody_signed_in_is_told_how_to():
    answer = Client().get("/api/me/")

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Make a token on your account page" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "sentence"),
    [
        ("DELETE", "/api/units/", {}, 405, "DELETE cannot be done here. Use GET or POST."),
        ("PUT", "/api/me/", {}, 405, "PUT cannot be done here. Use GET."),
        ("GET", "/api/units/", {"Accept": "text/html"}, 406, "Ask for application/json"),
        ("POST", "/api/units/", {"Content-Type": "text/plain"}, 415, "Content-Type: application/json"),
        ("GET", "/api/nowhere/", {}, 404, NOTHING_THERE),
        ("GET", "/api/units/?page=x", {}, 404, "Start without page="),
    ],
)
def test_a_call_that_cannot_be_is_told_what_to_do(admin, method, path, headers, status, sentence):
    answer = admin.generic(method, path, b"{}", headers.get("Content-Type", "application/json"), headers=headers)

    assert (answer.status_code, sentence in answer.json()["detail"]) == (status, True)


@pytest.mark.django_db
def test_a_browser_without_its_csrf_token_is_told_what_to_do():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_administrator())

    answer = client.post("/api/units/", {}, content_type="application/json")

    assert (answer.status_code, "X-CSRFToken" in answer.json()["detail"]) == (403, True)


def test_every_field_is_told_what_to_do(admin):
    stages = f"/api/programmes/{make_programme().pk}/stages/"
    row = {"stage": "x", "version": "many", "planned_start_on": "June", "planned_finish_on": 7}

    units = admin.post("/api/units/", {"name": "", "code": "x" * 31, "parent": "x"}, content_type="application/json")
    planned = admin.patch(stages, {"stages": [row]}, content_type="application/json")
    listed = admin.patch(stages, {"stages": "x"}, content_type="application/json")
    nothing = admin.patch(stages, json.dumps([]), content_type="application/json")

    an_id = "Send an id as the API gives it, such as 6f1c2a34-5b7d-4e8f-9a0b-1c2d3e4f5a6b."
    a_date = "Send a date, such as 2026-11-03."
    assert units.json() == {
        "code": ["Shorten this to 30 characters or fewer."],
        "name": ["This is empty. Fill it in."],
        "parent": [an_id],
    }
    assert list(planned.json()["stages"].values()) == [
        {
            "stage": [an_id],
            "version": ["Send a whole number."],
            "planned_start_on": [a_date],
            "planned_finish_on": [a_date],
        }
    ]
    assert listed.json() == {"stages": ["Send a list."]}
    assert "Send an object" in nothing.json()["non_field_errors"][0]


@pytest.mark.parametrize("handler", [pages.server_error, lambda request: pages.bad_request(request, Exception())])
def test_what_fails_outside_an_endpoint_is_json_too(handler):
    answer = handler(RequestFactory().get("/api/units/"))

    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content)["detail"].endswith(".")
