"""Search over what one person may see. Every kind starts from the query that scopes its list page."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import IStartsWith
from django.urls import reverse

from partners.consortia.queries import consortia_visible_to
from partners.organisations.queries import organisations_visible_to
from partners.people.models import User
from partners.people.permissions import can_manage_people
from partners.people.queries import active_people
from portfolio.board.rules import SEARCHED, words_of
from programmes.consultations.queries import consultations_visible_to, tasks_belonging_to
from programmes.register.queries import lessons_visible_to, positions_visible_to, programmes_visible_to
from programmes.reviews.queries import reviews_visible_to
from programmes.workstreams.queries import workstreams_visible_to

FEW, MANY = 5, 20


@dataclass(frozen=True, slots=True)
class Found:
    """One result: what it is called, where it belongs in words, and the address of its page."""

    id: UUID
    title: str
    belongs_to: str
    page: str


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind."""

    key: str
    title: str
    page: "Page[Found]"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What may be seen of one kind, the fields that are searched (the title first), and what stands beside the title."""

    key: str
    url_name: str
    seen: QuerySet
    fields: tuple[str, ...]
    context: tuple[str, str]
    page_id: str = "pk"


def search(user: User, text: str, *, only: str = "", page: int | str = 1) -> list[Group]:
    """Each kind with its first few results, or one kind (``only``) page by page. Two queries per kind."""
    words = words_of(text)
    number, size = (page, MANY) if only else (1, FEW)
    return [
        Group(kind.key, SEARCHED[kind.key], _page(kind, words, number, size))
        for kind in _kinds(user)
        if only in ("", kind.key)
    ]


def _kinds(user: User) -> Iterator[_Kind]:
    place = ("Programme", "programme__name")
    yield _Kind(
        "programmes",
        "programme",
        programmes_visible_to(user),
        ("name", "summary", "owner__name"),
        ("Owner", "owner__name"),
    )
    yield _Kind(
        "workstreams",
        "workstream",
        workstreams_visible_to(user),
        ("name", "description", "lead__name"),
        place,
    )
    yield _Kind("reviews", "review", reviews_visible_to(user), ("title", "purpose"), place)
    yield _Kind(
        "consultations",
        "consultation",
        consultations_visible_to(user),
        ("title", "introduction"),
        ("Review", "review__title"),
    )
    yield _Kind(
        "lessons",
        "lessons_of_programme",
        lessons_visible_to(user),
        ("title", "text"),
        place,
        "programme_id",
    )
    yield _Kind(
        "positions",
        "positions_of_programme",
        positions_visible_to(user),
        ("text", "holder"),
        place,
        "programme_id",
    )
    named, source = ("name", "about"), ("Source", "source")
    yield _Kind("consortia", "consortium", consortia_visible_to(user), named, source)
    yield _Kind("organisations", "partner_organisation", organisations_visible_to(user), named, source)
    yield _Kind(
        "tasks",
        "task",
        tasks_belonging_to(user),
        ("consultation__title", "consultation__introduction"),
        ("Review", "consultation__review__title"),
    )
    if can_manage_people(user):
        fields = ("name", "email", "unit__name")
        yield _Kind("people", "person", active_people(), fields, ("E-mail", "email"))


def _page(kind: _Kind, words: list[str], number: int | str, size: int) -> "Page[Found]":
    title, (label, context) = kind.fields[0], kind.context
    found = kind.seen.filter(_every_word(words, kind.fields)) if words else kind.seen.none()
    rows = (
        found.annotate(begins_with_it=IStartsWith(F(title), Value(" ".join(words))))
        .order_by("-begins_with_it", title, "pk")
        .values_list("pk", title, context, kind.page_id)
    )
    page = Paginator(rows, size).get_page(number)
    page.object_list = [
        Found(pk, name, f"{label}: {place}" if place else "", reverse(kind.url_name, args=[page_id]))
        for pk, name, place, page_id in page.object_list
    ]
    return page


def _every_word(words: list[str], fields: tuple[str, ...]) -> Q:
    """Each word in one field or another. Django escapes ``%``, ``_`` and the backslash in ``icontains``."""
    every = Q()
    for word in words:
        some = Q()
        for field in fields:
            some |= Q(**{f"{field}__icontains": word})
        every &= some
    return every
