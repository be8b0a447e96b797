"""What a file would do, row by row."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from partners.people.rules.csv_files import Problem
from programmes.imports.enums import ImportKind, Outcome
from programmes.imports.rules.cells import Value, words_of
from programmes.imports.rules.columns import Column, GivenRow


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a row that becomes something else, in words."""

    heading: str
    before: str
    after: str

    @property
    def words(self) -> str:
        return f"{self.heading}: {self.before} becomes {self.after}"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row and what becomes of it. ``values`` has every part as it will be; ``found_id`` is what is there already."""

    line: int
    name: str
    outcome: Outcome
    found_id: UUID | None
    values: Mapping[str, Value]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. With problems nothing would. ``digest`` changes with the file and with what is there."""

    kind: ImportKind
    rows: list[PlannedRow]
    problems: list[Problem]
    notes: tuple[str, ...]
    digest: str

    def count(self, outcome: Outcome) -> int:
        return Counter(row.outcome for row in self.rows)[outcome]

    def with_outcome(self, outcome: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome == outcome]

    @property
    def does_something(self) -> bool:
        return any(row.outcome != Outcome.UNCHANGED for row in self.rows)

    @property
    def words(self) -> str:
        """Reads "3 new, 1 changed, 12 the same"."""
        return ", ".join(f"{self.count(outcome):,} {outcome.label.lower()}" for outcome in Outcome)


def planned(
    row: GivenRow,
    *,
    name: str,
    columns: Sequence[Column],
    current: Mapping[str, Value] | None,
    found_id: UUID | None,
    first: Mapping[str, Value],
) -> PlannedRow:
    """The row beside ``current``, what is there now; a new one has ``first`` in what the file does not say."""
    values = {**(first if current is None else current), **row.values}
    changes = tuple(
        Change(column.heading, words_of(current[column.key]), words_of(values[column.key]))
        for column in columns
        if current is not None and column.key in current and values[column.key] != current[column.key]
    )
    outcome = Outcome.ADDED if current is None else Outcome.CHANGED if changes else Outcome.UNCHANGED
    return PlannedRow(row.line, name, outcome, found_id, values, changes)


def digest_of(content_hash: str, rows: Sequence[PlannedRow], problems: Sequence[Problem]) -> str:
    """SHA-256 in hexadecimal over a file and what it would do."""
    seen = hashlib.sha256(content_hash.encode())
    for row in rows:
        seen.update(repr((row.line, row.outcome.value, row.found_id, row.changes)).encode())
    for problem in problems:
        seen.update(repr(problem).encode())
    return seen.hexdigest()


def repeats(rows: Sequence[GivenRow], *, keys: Sequence[str], heading: str) -> list[Problem]:
    """A problem for every row that is about the same thing as an earlier one. Capitals make no difference."""
    first_on: dict[tuple[str, ...], int] = {}
    found = []
    for row in rows:
        about = tuple(str(row.values.get(key) or "").casefold() for key in keys)
        if any(about) and first_on.setdefault(about, row.line) != row.line:
            sentence = f"is the same as on line {first_on[about]}. Keep one of the two rows."
            found.append(Problem(row.line, heading, sentence))
    return found
