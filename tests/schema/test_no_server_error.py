"""Hostile requests made from the OpenAPI schema: whatever is sent, the answer is never a server error."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.apps import apps
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from partners.people.models import User
from tests.builders import make_world

SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}
FLOORS = ("partners", "programmes", "portfolio")


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[User, list[str]]]:
    """Somebody who may do everything, and the ids of every row there is. Made once: it takes longer than a test."""
    with django_db_blocker.unblock(), rolled_back():
        user = make_world()
        yield user, ids_of_rows()


@pytest.fixture
def world(everything: tuple[User, list[str]], django_db_blocker: Any) -> Iterator[tuple[Client, list[str]]]:
    """A client signed in as that person, and those ids; what a test writes is gone after it."""
    user, ids = everything
    with django_db_blocker.unblock(), rolled_back():
        client = Client()
        client.force_login(user, backend="config.accounts.Accounts")
        yield client, ids


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction in which operations may open theirs, as in a test of Django's, and of which nothing stays."""
    transaction_of_the_tests = transaction.atomic()
    transaction_of_the_tests._from_testcase = True  # type: ignore[attr-defined]
    with transaction_of_the_tests:
        yield
        transaction.set_rollback(True)


def ids_of_rows() -> list[str]:
    return [
        str(pk)
        for model in apps.get_models()
        if model._meta.app_label in FLOORS
        for pk in model._default_manager.values_list("pk", flat=True)
        if isinstance(pk, UUID)
    ]


def send(client: Client, case: Any, path: dict[str, Any]) -> int:
    """The status of the answer. An exception inside the product comes out here and fails the test."""
    url = case.path
    for name, value in path.items():
        url = url.replace("{" + name + "}", str(value))
    body = case.body if isinstance(case.body, dict | list | str | int | float | bool) or case.body is None else {}
    return client.generic(
        case.method,
        url,
        data=b"" if case.method in ("GET", "HEAD") else json.dumps(body).encode("utf-8", "surrogatepass"),
        content_type="application/json",
        query_params={k: v for k, v in (case.query or {}).items() if v is not None},
    ).status_code


def statuses_of(operation: Any, world: tuple[Client, list[str]], examples: int) -> set[int]:
    client, ids = world
    seen: set[int] = set()
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(modes), known=st.data())
    def ask(case: Any, known: Any) -> None:
        path = dict(case.path_parameters or {})
        if ids and known.draw(st.booleans()):
            path = {name: known.draw(st.sampled_from(ids)) for name in path}
        seen.add(send(client, case, path))

    ask()
    return seen


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_answers_hostile_input_without_a_server_error(label, world):
    statuses = statuses_of(OPERATIONS[label], world, examples=6)

    assert statuses
    assert {status for status in statuses if status >= 500} == set()


@pytest.mark.prove
@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_answers_much_hostile_input_without_a_server_error(label, world):
    statuses = statuses_of(OPERATIONS[label], world, examples=60)

    assert {status for status in statuses if status >= 500} == set()
