"""What stands beside the programmes of a portfolio: its money, decisions, reviews and partners, as at a day."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from partners.calendar.rules import AsAt
from partners.consortia.queries import RelationshipRow, Wanted, relationship_rows
from partners.people.models import User
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import programme_ids_in
from portfolio.plan.queries import money_at
from portfolio.plan.rules import Money
from programmes.decisions.queries import DecisionRow, UndecidedRow, decisions_taken, undecided
from programmes.reviews.queries import ReviewRow, reviews_known_at

FIRST_FEW = 5
PARTNERS_SHOWN = 12
CLOSED_LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Beside:
    """The first few of each: the latest decisions, those that wait longest, reviews that run, are to come or closed
    lately, and whom one can call on. ``partners`` counts every partner by where the relationship stands."""

    money: Money
    decisions: list[DecisionRow]
    waiting: list[UndecidedRow]
    reviews: list[ReviewRow]
    available: list[RelationshipRow]
    partners: dict[str, int]


def beside_of(portfolio: Portfolio, *, user: User, when: AsAt) -> Beside:
    """From what was known at the time; the caller has scoped the portfolio. A constant number of queries."""
    ids = programme_ids_in(portfolio)
    partners = relationship_rows(user, on=when.on, known_at=when.known_at, wanted=Wanted(scope=portfolio.scope_id))
    since = when.known_at - CLOSED_LATELY
    return Beside(
        money=money_at(portfolio, on=when.on, known_at=when.known_at),
        decisions=decisions_taken(ids, until=when.on, known_at=when.known_at, limit=FIRST_FEW),
        waiting=undecided(ids, known_at=when.known_at, limit=FIRST_FEW),
        reviews=reviews_known_at(ids, when.known_at, closing_since=since, limit=FIRST_FEW),
        available=[row for row in partners if row.standing.can_be_called_on][:PARTNERS_SHOWN],
        partners=dict(Counter("Expired" if p.standing.is_expired else p.standing.state.label for p in partners)),
    )
