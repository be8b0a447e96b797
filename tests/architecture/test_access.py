"""Every route asks who is there, unless it is named here as public."""

from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "accessibility",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "demo_sign_in",
    "gallery",
    "gallery_page",
    "health_live",
    "health_ready",
    "metrics",
    "help",
    "privacy",
}
BY_LINK = {  # whoever has the secret; anybody else gets 404
    "link_task",
    "link_task_question",
    "link_check_answers",
    "link_task_receipt",
    "link_task_comments",
}
FEEDS = {"calendar_feed"}  # read by programs that have the secret, and by nobody else
SAMPLE = {
    "uuid": str(UUID(int=7)),
    "int": "7",
    "str": "x",
    "slug": "x",
    "path": "x",
}


def routes(resolver: URLResolver, prefix: str = "") -> list[tuple[str, str]]:
    """(name, path with sample values) of every simple route below the resolver."""
    found = []
    for entry in resolver.url_patterns:
        text = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += routes(entry, text)
        elif isinstance(entry, URLPattern):
            found.append((entry.name or "", text))
    return found


def filled(route: str) -> str:
    """The route with a sample value in each place."""
    out, rest = "/", route.replace("^", "").replace("\\Z", "").replace("$", "")
    while "<" in rest:
        before, _, tail = rest.partition("<")
        inner, _, rest = tail.partition(">")
        out += before + SAMPLE.get(inner.split(":")[0] if ":" in inner else "str", "x")
    return out + rest


ROUTES = [
    (name, route)
    for name, route in routes(get_resolver())
    if not route.startswith(("admin/", "static")) and "(?P" not in route
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "route"), [r for r in ROUTES if r[0] not in PUBLIC | BY_LINK | FEEDS], ids=lambda v: v
)
def test_a_stranger_is_sent_to_sign_in(client, name, route):
    response = client.get(filled(route))

    if route.startswith("api/") and name != "api_docs":
        assert response.status_code == 401
    else:
        assert (response.status_code, response.headers.get("Location", "").split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "route"), [r for r in ROUTES if r[0] in BY_LINK], ids=lambda v: v)
def test_a_stranger_to_a_link_is_told_that_it_does_not_work(client, name, route):
    response = client.get(filled(route))

    assert response.status_code == 404
    assert "This link does not work" in response.content.decode()


@pytest.mark.parametrize(("name", "route"), [r for r in ROUTES if r[0] in FEEDS], ids=lambda v: v)
def test_a_feed_without_its_secret_does_not_exist(db, client, name, route):
    response = client.get(filled(route))

    assert (response.status_code, response.content) == (404, b"")


def test_there_are_routes_to_ask():
    assert len(ROUTES) > 30


def test_every_public_route_exists():
    assert (PUBLIC | BY_LINK) - {name for name, _ in routes(get_resolver())} <= {
        "gallery",
        "gallery_page",
        "demo_sign_in",
    }
