"""People that a file names by their address."""

from collections.abc import Container, Iterable, Sequence

from django.db.models import QuerySet

from partners.people.models import User
from partners.people.rules.csv_files import Problem
from programmes.imports.rules.cells import Value
from programmes.imports.rules.columns import GivenRow


def emails_in(rows: Iterable[GivenRow], keys: Sequence[str]) -> set[str]:
    return {str(row.values[key]) for row in rows for key in keys if row.values.get(key)}


def by_email(people: QuerySet[User], emails: Iterable[str]) -> dict[str, User]:
    """Those of ``people`` who have one of the addresses; one query."""
    return {person.email: person for person in people.filter(email__in=list(emails))}


def unknown(
    row: GivenRow, key: str, heading: str, *, known: Container[Value], current: Value, why: str
) -> list[Problem]:
    """A problem where the row newly names somebody who is not known. Whoever is there already may stay."""
    said = row.values.get(key)
    if not said or said == current or said in known:
        return []
    return [Problem(row.line, heading, f"{said} {why}")]
