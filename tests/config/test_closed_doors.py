"""Nothing that writes is open to somebody without a role, to a reader, or to a partner's contact: every route is tried."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.people.models import User
from programmes.register.models import Programme
from tests.architecture.test_access import BY_LINK, PUBLIC, ROUTES
from tests.builders import NOW, make_contact, make_person, make_reader, make_world
from tests.journeys.test_every_page import rows_for
from tests.schema.test_no_server_error import OPERATIONS

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
MOST_ROWS = 2
SCHEMAS = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
TEXTS = {"date": "2026-09-16", "time": "10:00", "email": "x@example.org"}
REFUSED = {403, 404, 405}
UNSEEN = b"that you may see"  # of a row that the body names
HELD_ELSEWHERE = b"Choose another role"  # said before who may give it is asked
EITHER = [("organisation", "consortium"), ("weeks", "closes_on"), ("person", "email"), ("ask_kind", "ask")]
# Of one's own: account, sessions, second factor, tokens, leave and drafts; and answers, for whoever has the link.
OWN = PUBLIC | BY_LINK | {"my_account", "session_end", "token_new", "token_revoke", "api_tokens"}
OWN |= {"leave_new", "discard_status_draft", "inbox_read", "inbox_read_all", "api_inbox_read_all", "api_inbox_read"}
OWN |= {"reminder_preferences", "calendar_feed_new", "calendar_feed_revoke"}
OWN |= {"api_reminder_preferences", "api_calendar_feeds", "api_calendar_feed_revoke"}
OWN_ENDPOINTS = {"DELETE /api/workstreams/{workstream_id}/draft/"}  # of what one typed oneself
OFFERS_NOTHING = {"scope_roles"}  # read by many; to those who may grant no role it has no form
OWN_BEGIN = ("account_", "mfa_")


class Form(HTMLParser):
    """What a browser would send of the last form of a page; each empty field is filled in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._list = ""
        self.feed(page[page.find("<main") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.fields = {}
        elif tag == "select":
            self._list = name
        elif tag == "option" and self._list and value:
            self.fields.setdefault(self._list, value)
        elif tag == "textarea" or (tag == "input" and name):
            number = {"day": "16", "month": "9", "year": "2026"}.get(name.rpartition("_")[2], "1")
            self.fields.setdefault(name, value or number)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._list = ""


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


@pytest.fixture
def everybody() -> tuple[User, dict[str, User]]:
    """Somebody who may do everything in a world with a row of each kind, and those who may write nothing in it."""
    set_clock(to=NOW)
    person = make_world()
    programme = Programme.objects.order_by("set_up_at", "pk")[0]
    others = {"nobody": make_person("Noa Body"), "reader": make_reader(programme), "contact": make_contact().user}
    return person, others


def paths(route: str) -> Iterator[str]:
    places = [piece.split(">")[0] for piece in route.split("<")[1:]]
    for rows in product(*(rows_for(place.split(":")[-1])[:MOST_ROWS] for place in places)):
        path = f"/{route}"
        for place, row in zip(places, rows, strict=True):
            path = path.replace(f"<{place}>", row)
        yield path


def is_own(name: str) -> bool:
    return name in OWN or name.startswith(OWN_BEGIN)


def test_no_page_takes_anything_from_those_without_the_role(everybody):
    """The form is sent as somebody would fill it in who may."""
    person, others = everybody
    may, clients = signed_in(person), {who: signed_in(other) for who, other in others.items()}
    events, problems, taken = AuditEvent.objects.count(), set(), 0
    for name, route in ROUTES:
        if route.startswith("api/") or is_own(name):
            continue
        for path in paths(route):
            fields = Form(may.get(path).content.decode(errors="replace")).fields  # a document may be binary
            for who, client in clients.items():
                status = client.post(path, fields).status_code
                if status not in REFUSED and (name not in OFFERS_NOTHING or status != HTTPStatus.OK):
                    problems.add((who, name, status))
            taken += has_effect(partial(may.post, path, fields))

    assert problems == set()
    assert AuditEvent.objects.count() == events
    assert taken > 60


def has_effect(act: Callable[[], object]) -> bool:
    """Whether it is put on record; it is taken back."""
    before = AuditEvent.objects.count()
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # the act is durable outside of a test
    with block:
        act()
        acted = AuditEvent.objects.count() > before
        transaction.set_rollback(True)
    return acted


def test_no_endpoint_takes_anything_from_those_without_the_role(everybody):
    """Each is sent a body that its schema allows."""
    person, others = everybody
    may, clients = signed_in(person), {who: signed_in(other) for who, other in others.items()}
    events, problems, taken = AuditEvent.objects.count(), set(), 0
    routes = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/{route}"): (name, route) for name, route in ROUTES}
    for label, operation in OPERATIONS.items():
        name, route = routes[operation.path]
        if operation.method.upper() not in WRITES or is_own(name) or label in OWN_ENDPOINTS:
            continue
        content = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = json.dumps(value_of(content.get("schema", {})))
        for path in paths(route):
            for who, client in clients.items():
                answer = send(client, operation.method, path, body)
                is_unseen = answer.status_code == HTTPStatus.BAD_REQUEST and UNSEEN in answer.content
                is_elsewhere = answer.status_code == HTTPStatus.CONFLICT and HELD_ELSEWHERE in answer.content
                if answer.status_code not in REFUSED and not is_unseen and not is_elsewhere:
                    problems.add((who, label, answer.status_code, answer.content))
            taken += has_effect(partial(send, may, operation.method, path, body))

    assert problems == set()
    assert AuditEvent.objects.count() == events
    assert taken > 50


def send(client: Client, method: str, path: str, body: str) -> Any:
    headers = {"Idempotency-Key": str(uuid4())}
    return client.generic(method.upper(), path, body, content_type="application/json", headers=headers)


def value_of(schema: dict[str, Any], name: str = "") -> Any:
    """Something that the schema allows, with every part that it names; ids are of rows that there are."""
    if "$ref" in schema:
        return value_of(SCHEMAS[schema["$ref"].rpartition("/")[2]], name)
    if "allOf" in schema or "oneOf" in schema:
        return value_of((schema.get("allOf") or schema["oneOf"])[0], name)
    if "enum" in schema:
        return schema["enum"][0]
    kind, form = schema.get("type"), schema.get("format")
    if kind == "object" or "properties" in schema:
        parts = schema.get("properties", {})
        left_out = {second for first, second in EITHER if first in parts}
        return {part: value_of(of, part) for part, of in parts.items() if part not in left_out}
    if kind == "array":
        return [value_of(schema["items"], name)]
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return False
    if form == "uuid":
        return (rows_for(f"{name}_id") or [str(uuid4())])[0]
    return "2026-27" if name.endswith("year") else TEXTS.get(str(form), "x")
