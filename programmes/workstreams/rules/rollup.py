"""What several workstreams say together."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction

COVERAGE_FLOOR = Fraction(1, 2)  # below this share of reports, what they say together is not known


class Overall(StrEnum):
    """What several workstreams say together; ``ENDED`` for a programme that has ended, whatever they say."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    AMBER_OR_WORSE = "amber_or_worse"
    NOT_KNOWN = "not_known"
    NOT_DUE = "not_due"
    NONE = "none"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def badness(self) -> int:
        """0 to 2. What is not known counts as bad as the worst that it may hide, so silence never looks better."""
        return _BADNESS.get(self, 0)

    @property
    def is_known(self) -> bool:
        """A rating, and not what silence leaves of one."""
        return self in (Overall.GREEN, Overall.AMBER, Overall.RED)


_LABELS = {
    Overall.GREEN: "On track",
    Overall.AMBER: "At risk",
    Overall.RED: "Off track",
    Overall.AMBER_OR_WORSE: "At risk or worse",
    Overall.NOT_KNOWN: "Not known",
    Overall.NOT_DUE: "Not due yet",
    Overall.NONE: "No workstreams",
    Overall.ENDED: "Ended",
}
_BADNESS = {Overall.AMBER: 1, Overall.RED: 2, Overall.AMBER_OR_WORSE: 2, Overall.NOT_KNOWN: 2}


@dataclass(frozen=True, slots=True)
class Rollup:
    """How many open workstreams said what, and what they say together."""

    red: int = 0
    amber: int = 0
    green: int = 0
    late: int = 0
    silent: int = 0
    withheld: int = 0
    not_due: int = 0
    exempt: int = 0

    @property
    def reported(self) -> int:
        return self.red + self.amber + self.green

    @property
    def unheard(self) -> int:
        """How many owe a report and show none, whatever the reason."""
        return self.late + self.silent + self.withheld

    @property
    def due(self) -> int:
        return self.reported + self.unheard

    @property
    def total(self) -> int:
        return self.due + self.not_due + self.exempt

    @property
    def overall(self) -> Overall:
        """The worst that was said; never better than what silence may hide; green only when all that are due say so."""
        if self.red:
            return Overall.RED
        if not self.due:
            return Overall.NOT_DUE if self.total else Overall.NONE
        if self.reported * COVERAGE_FLOOR.denominator < self.due * COVERAGE_FLOOR.numerator:
            return Overall.NOT_KNOWN
        if self.unheard:
            return Overall.AMBER_OR_WORSE
        return Overall.AMBER if self.amber else Overall.GREEN

    @property
    def coverage_words(self) -> str:
        """Reads "9 of 11 reported, 1 late, 1 withheld, 1 exempt, 1 not due yet"."""
        if not self.total:
            return "No workstreams"
        words = [f"{self.reported} of {self.due} reported"] if self.due else []
        words += [f"{self.late} late"] if self.late else []
        words += [f"{self.silent} silent"] if self.silent else []
        words += [f"{self.withheld} withheld"] if self.withheld else []
        words += [f"{self.exempt} exempt"] if self.exempt else []
        words += [f"{self.not_due} not due yet"] if self.not_due else []
        return ", ".join(words)

    @property
    def worst_first(self) -> tuple[int, int, int, int]:
        """A key for sorting: the lowest needs most attention."""
        return (-self.overall.badness, -self.red, -self.unheard, -self.amber)

    def __add__(self, other: "Rollup") -> "Rollup":
        return Rollup(*(getattr(self, name) + getattr(other, name) for name in COUNTED))


COUNTED = tuple(one.name for one in fields(Rollup))  # the columns of a roll-up, in their order


def rollup_of(shown: Collection[str]) -> Rollup:
    """Counts what each workstream shows: its rating if it reported, else its standing. Closed ones do not count."""
    said = list(shown)
    return Rollup(*(said.count(name) for name in COUNTED))
