"""The browser of the journeys, and people in it."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from partners.people.models import User
from tests.conftest import WebServer
from tests.journeys.looking import DESKTOP

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-dev-shm-usage"
)
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Playwright keeps an event loop in this thread, so Django is told not to mind it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(browser: Browser, web_server: WebServer) -> Iterator[Visit]:
    """A page in a browser of one's own, signed in as the person; of a stranger without one."""
    contexts: list[BrowserContext] = []

    def go(person: User | None = None, viewport: dict[str, int] = DESKTOP) -> Page:
        context = browser.new_context(base_url=web_server.url, viewport=viewport)  # type: ignore[arg-type]
        contexts.append(context)
        if person:
            client = Client()
            client.force_login(person, backend="config.accounts.Accounts")
            secret = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": secret, "url": web_server.url}])
        return context.new_page()

    yield go
    for context in contexts:
        context.close()
