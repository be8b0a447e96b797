"""Which of several ratings of a programme stands: its own, that of the portfolio's office, or an independent one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from partners.clock.rules import words_for_date
from programmes.workstreams.enums import DeliveryConfidence, Scale
from programmes.workstreams.rules.rollup import Overall

# A point between two counts as the worse of them: assurance that doubts does not read as assurance.
THREE_POINTS = {
    DeliveryConfidence.GREEN: Overall.GREEN,
    DeliveryConfidence.AMBER_GREEN: Overall.AMBER,
    DeliveryConfidence.AMBER: Overall.AMBER,
    DeliveryConfidence.AMBER_RED: Overall.RED,
    DeliveryConfidence.RED: Overall.RED,
}


class Source(StrEnum):
    """Whose rating stands."""

    OWN = "own"
    ASSURANCE = "assurance"
    OVERRIDE = "override"

    @property
    def label(self) -> str:
        return {"own": "Own reports", "assurance": "Assurance", "override": "Portfolio's office"}[self.value]


@dataclass(frozen=True, slots=True)
class AssuranceRow:
    """An independent rating that has not expired and is not withdrawn."""

    scale: str
    rating: str
    assured_by: str
    assured_on: date
    expires_on: date

    @property
    def overall(self) -> Overall:
        return THREE_POINTS[DeliveryConfidence(self.rating)]

    @property
    def words(self) -> str:
        """Reads "Amber/red by the Gateway team, 3 September 2026"."""
        return f"{DeliveryConfidence(self.rating).label} by {self.assured_by}, {words_for_date(self.assured_on)}"


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """What the portfolio's office shows in place of a programme's own rating until the end of ``period_on``."""

    rating: str
    reason: str
    period_on: date
    by: str

    @property
    def overall(self) -> Overall:
        return Overall(self.rating)


@dataclass(frozen=True, slots=True)
class Stands:
    """What is shown for a programme, whose rating that is, and what else was said."""

    overall: Overall
    source: Source
    own: Overall
    assurance: AssuranceRow | None = None
    override: OverrideRow | None = None

    @property
    def is_diverging(self) -> bool:
        """Its own people and independent ones say different things."""
        return self.assurance is not None and self.own.is_known and self.assurance.overall != self.own

    @property
    def scale(self) -> str:
        """The scale of the rating that stands."""
        if self.source == Source.ASSURANCE and self.assurance:
            return self.assurance.scale
        return str(Scale.THREE_POINT)


def stands(
    own: Overall, assurance: AssuranceRow | None, override: OverrideRow | None, *, is_whole: bool = True
) -> Stands:
    """Assurance before the portfolio's office before the programme's own reports.

    ``is_whole`` is False while somebody who owes a report shows none: then nothing stands that looks better than what
    the programme's own reports add up to. A programme that has ended shows that.
    """
    if own == Overall.ENDED:
        return Stands(own, Source.OWN, own, assurance, override)
    given = [(Source.ASSURANCE, assurance)] if assurance else [(Source.OVERRIDE, override)] if override else []
    for source, rating in given:
        missing = not is_whole or own in (Overall.NOT_KNOWN, Overall.AMBER_OR_WORSE)
        if not missing or rating.overall.badness >= own.badness:  # type: ignore[union-attr]
            return Stands(rating.overall, source, own, assurance, override)  # type: ignore[union-attr]
    return Stands(own, Source.OWN, own, assurance, override)
