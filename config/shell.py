"""What stands around every page: the product's name, who is signed in, and where they may go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.enums import Role
from partners.people.models import User
from partners.people.permissions import can_change_settings, can_manage_people, standing_of
from programmes.consultations.permissions import can_moderate_anywhere
from programmes.register.queries import owns_a_programme

PRODUCT_NAME = "Transformation portfolio"


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go. ``for_whom`` gets the person, None before sign-in, and only hides what would be refused."""

    label: str
    url_name: str
    for_whom: Callable[[User | None], bool]


@dataclass(frozen=True, slots=True)
class NavigationItem:
    label: str
    href: str
    is_current: bool
    is_here: bool


def everybody(person: User | None) -> bool:
    return True


def signed_in(person: User | None) -> bool:
    return person is not None


def is_contact(person: User | None) -> bool:
    """Whether they are a partner's contact, who sees their own dealings only."""
    return person is not None and person.is_partner


def holds_a_role(person: User | None) -> bool:
    if person is None:
        return False
    standing = standing_of(person)
    return bool(standing.held or standing.everywhere)


def has_programmes(person: User | None) -> bool:
    """Whether they manage or own a programme or lead a part of one."""
    if person is None:
        return False
    return bool(standing_of(person).scopes_of({Role.PROGRAMME_MANAGER, Role.WORKSTREAM_LEAD})) or owns_a_programme(
        person
    )


def has_a_week(person: User | None) -> bool:
    """Runs something, or holds a role and may be asked to read what others report."""
    return has_programmes(person) or holds_a_role(person)


def moderates(person: User | None) -> bool:
    return person is not None and can_moderate_anywhere(person)


def manages_people(person: User | None) -> bool:
    return person is not None and can_manage_people(person)


def changes_settings(person: User | None) -> bool:
    return person is not None and can_change_settings(person)


# The product's name leads home: to the one of these that a person has most to do with.
NAVIGATION = [
    Entry("Your organisation", "own_organisation", is_contact),
    Entry("My tasks", "my_tasks", signed_in),
    Entry("My week", "my_week", has_a_week),
    Entry("Inbox", "inbox", signed_in),
    Entry("Portfolios", "portfolios", holds_a_role),
    Entry("Partners", "relationships", holds_a_role),
    Entry("Decisions", "decisions", holds_a_role),
    Entry("Moderation", "moderation", moderates),
    Entry("Lessons", "lessons", holds_a_role),
    Entry("People", "people", manages_people),
    Entry("Settings", "settings_index", changes_settings),
]
FOOTER = [
    Entry("Help", "help", everybody),
    Entry("Privacy and cookies", "privacy", everybody),
    Entry("Accessibility", "accessibility", everybody),
    Entry("API", "api_docs", signed_in),
]


class Shell:
    """The frame of one page. Reads the database only for what the template asks of it."""

    product_name = PRODUCT_NAME

    def __init__(self, request: HttpRequest | None) -> None:
        self.request = request
        user = getattr(request, "user", None)
        self.person: User | None = user if user is not None and user.is_authenticated else None
        self.path = request.path if request else ""
        self.is_demo = settings.IS_DEMO

    @cached_property
    def today(self) -> date:
        """The business day, which a demo may have moved."""
        return local_date(business_now())

    @property
    def navigation(self) -> list[NavigationItem]:
        return self._items(NAVIGATION)

    @property
    def footer(self) -> list[NavigationItem]:
        return self._items(FOOTER)

    @property
    def search_url(self) -> str | None:
        """A partner's contact has nothing to search: all of theirs stands on one page."""
        return address_of("search") if self.person and not self.person.is_partner else None

    def _items(self, entries: list[Entry]) -> list[NavigationItem]:
        found = []
        for entry in entries:
            href = address_of(entry.url_name)
            if href and entry.for_whom(self.person):
                is_here = self.path == href
                is_below = href != "/" and self.path.startswith(href)
                found.append(
                    NavigationItem(self._label_of(entry), href, is_current=is_here or is_below, is_here=is_here)
                )
        return found

    def _label_of(self, entry: Entry) -> str:
        """With how many entries are unread; asked for with the person (``config.accounts``), so that no page asks again."""
        unread = getattr(self.person, "unread", 0) if entry.url_name == "inbox" else 0
        return f"{entry.label} ({unread} unread)" if unread else entry.label


def shell_context(request: HttpRequest) -> dict[str, Any]:
    return {"shell": Shell(request)}


def address_of(url_name: str) -> str | None:
    """The address of a named page, or None while the installation has no such page."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None
