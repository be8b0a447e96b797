import re
from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from inspect import signature
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Max, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import ModelIterable

from partners.audit.models import AuditEvent

_PLACES = re.compile("%%|%s")


@dataclass(frozen=True, slots=True)
class _Value:
    """Stands in a written statement for the value that a reading gives."""

    name: str


class Statement:
    """A query that Django writes once, for pages whose statements take longer to write than to run: of plain columns
    (``values_list``), or of objects with what they join (``select_related``) and annotate.

    ``build`` makes the QuerySet; for each of its parameters it is given an expression to use where the value would
    stand. A value is a plain one, or ids for ``__in``: a collection of them, a QuerySet of them, or a ``part``.
    """

    def __init__(self, build: Callable[..., QuerySet]) -> None:
        self._build = build
        self._written: tuple[Any, dict, str, tuple] | None = None

    def rows(self, *, limit: int | None = None, **values: object) -> list[tuple]:
        """The rows in the order of the QuerySet, at most ``limit``; one query."""
        part, (compiler, converters, *_) = self.part(**values), self._write()
        with connection.cursor() as cursor:
            cursor.execute(part.sql if limit is None else f"{part.sql} LIMIT {limit:d}", part.params)
            found: list[tuple] = cursor.fetchall()
        return list(map(tuple, compiler.apply_converters(found, converters))) if converters else found

    def objects(self, **values: object) -> list:
        """The objects in the order of the QuerySet; one query."""
        part, compiler = self.part(**values), copy(self._write()[0])
        compiler.connection, compiler.as_sql = connection, lambda: (part.sql, part.params)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        written: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(ModelIterable(written))

    def part(self, **values: object) -> RawSQL:
        """The statement with these values, to stand inside another; no query."""
        *_, sql, params = self._write()
        left, given = iter(params), list[object]()

        def put(place: re.Match[str]) -> str:
            if place[0] == "%%":
                return "%%"
            value = next(left)
            text, more = placed(values[value.name] if isinstance(value, _Value) else value)
            given.extend(more)
            return text

        return RawSQL(_PLACES.sub(put, sql), tuple(given))  # noqa: S611 - Django wrote it

    def _write(self) -> tuple[Any, dict, str, tuple]:
        if self._written is None:
            names = signature(self._build).parameters
            found = self._build(**{name: RawSQL("%s", (_Value(name),)) for name in names})
            compiler: Any = found.query.get_compiler(DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
            converters = compiler.get_converters([column for column, _, _ in compiler.select])
            self._written = compiler, converters, sql, params
        return self._written


def placed(value: object) -> tuple[str, tuple]:
    """How a value or ids (see ``Statement``) stand in a statement, and the parameters of that.

    Raises: EmptyResultSet for a QuerySet that can have no rows.
    """
    if isinstance(value, QuerySet):
        return value.order_by().query.sql_with_params()
    if isinstance(value, RawSQL):
        return value.sql, tuple(value.params)
    if isinstance(value, list | set | tuple | dict | frozenset):
        return "SELECT unnest(%s::uuid[])", (list(value),)
    return "%s", (value,)


def events_about(subject_id: UUID) -> QuerySet[AuditEvent]:
    """Every act on one thing, newest first. The caller has checked that the reader may see the thing."""
    return AuditEvent.objects.filter(subject_id=subject_id).order_by("-happened_at", "-pk")


def events_in(scope_ids: Collection[UUID] | QuerySet | RawSQL, *, since: datetime) -> QuerySet[AuditEvent]:
    """Every act in these scopes from ``since`` (inclusive), newest first."""
    return AuditEvent.objects.filter(scope_id__in=scope_ids, happened_at__gte=since).order_by("-happened_at", "-pk")


def changes_since(subject_id: UUID, version: int, *, within: str = "") -> list[AuditEvent]:
    """Acts that took a thing beyond ``version``, oldest first: those whose ``after`` holds a later one.

    ``within`` names the key of ``after`` that holds the version of a part, such as one stage of a programme.
    """
    later = {f"after__{within}__version__gt" if within else "after__version__gt": version}
    return list(AuditEvent.objects.filter(subject_id=subject_id, **later).order_by("happened_at", "pk"))


def latest_event_at() -> datetime | None:
    """When the latest act happened; None when nothing has."""
    latest: datetime | None = AuditEvent.objects.aggregate(latest=Max("happened_at"))["latest"]
    return latest
