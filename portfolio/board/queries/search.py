"""Search over what one person may see. Every kind starts from the query that scopes its list page."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import IStartsWith

from partners.people.models import User
from partners.people.permissions import can_manage_people
from partners.people.queries import active_people
from portfolio.board.rules import words_of
from programmes.consultations.queries import consultations_visible_to, tasks_belonging_to
from programmes.register.queries import lessons_visible_to, programmes_visible_to
from programmes.reviews.queries import reviews_visible_to
from programmes.workstreams.queries import workstreams_visible_to

FEW, MANY = 5, 20


@dataclass(frozen=True, slots=True)
class Found:
    """One result: what it is called, where it belongs in words, and the id in the address of its page."""

    id: UUID
    title: str
    context: str
    page_id: UUID


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind. ``url_name`` is the page of one result, called with its ``page_id``."""

    key: str
    title: str
    noun: str
    url_name: str
    page: "Page[Found]"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What may be seen of one kind, the fields that are searched (the title first), and what stands beside the title."""

    key: str
    title: str
    noun: str
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
        Group(kind.key, kind.title, kind.noun, kind.url_name, _page(kind, words, number, size))
        for kind in _kinds(user)
        if only in ("", kind.key)
    ]


def _kinds(user: User) -> Iterator[_Kind]:
    seen = programmes_visible_to(user)
    fields: tuple[str, ...] = ("name", "summary", "owner__name")
    yield _Kind("programmes", "Programmes", "programme", "programme", seen, fields, ("Owner", "owner__name"))
    seen, fields = workstreams_visible_to(user), ("name", "description", "lead__name")
    yield _Kind(
        "workstreams", "Workstreams", "workstream", "workstream", seen, fields, ("Programme", "programme__name")
    )
    seen, fields = reviews_visible_to(user), ("title", "purpose")
    yield _Kind("reviews", "Reviews", "review", "review", seen, fields, ("Programme", "programme__name"))
    seen, fields = consultations_visible_to(user), ("title", "introduction")
    yield _Kind(
        "consultations", "Consultations", "consultation", "consultation", seen, fields, ("Review", "review__title")
    )
    seen, fields, context = lessons_visible_to(user), ("title", "text"), ("Programme", "programme__name")
    yield _Kind("lessons", "Lessons", "lesson", "lessons_of_programme", seen, fields, context, "programme_id")
    seen, fields = tasks_belonging_to(user), ("consultation__title", "consultation__introduction")
    yield _Kind("tasks", "My tasks", "task", "task", seen, fields, ("Review", "consultation__review__title"))
    if can_manage_people(user):
        fields = ("name", "email", "unit__name")
        yield _Kind("people", "People", "person", "person", active_people(), fields, ("E-mail", "email"))


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
        Found(pk, name, f"{label}: {words}" if words else "", page_id) for pk, name, words, page_id in page.object_list
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
