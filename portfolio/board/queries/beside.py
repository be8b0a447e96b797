"""What stands beside the programmes of a portfolio: its money, decisions, reviews and partners, as at a day."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from partners.calendar.rules import AsAt
from partners.consortia.queries import RelationshipRow, Wanted, relationship_rows
from partners.people.models import User
from portfolio.board.queries.board import programmes_in
from portfolio.groups.models import Portfolio
from portfolio.plan.queries import money_at
from portfolio.plan.rules import Money
from programmes.decisions.queries import DecisionRow, UndecidedRow, decisions_taken, undecided
from programmes.reviews.queries import ReviewRow, reviews_known_at

FIRST_FEW = 5
CLOSED_LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Beside:
    """``decisions`` are the latest, ``decided`` how many there are; ``reviews`` run, are to come or closed lately."""

    money: Money
    decisions: list[DecisionRow]
    decided: int
    waiting: list[UndecidedRow]
    reviews: list[ReviewRow]
    available: list[RelationshipRow]
    partners: dict[str, int]


def beside_of(portfolio: Portfolio, *, user: User, when: AsAt) -> Beside:
    """From what was known at the time; the caller has scoped the portfolio. A constant number of queries."""
    ids = programmes_in(portfolio).order_by().values("pk")
    decisions = decisions_taken(ids, until=when.on, known_at=when.known_at)
    partners = relationship_rows(user, on=when.on, known_at=when.known_at, wanted=Wanted(scope=portfolio.scope_id))
    since = when.known_at - CLOSED_LATELY
    return Beside(
        money=money_at(portfolio, on=when.on, known_at=when.known_at),
        decisions=decisions[:FIRST_FEW],
        decided=len(decisions),
        waiting=undecided(ids, known_at=when.known_at),
        reviews=[review for review in reviews_known_at(ids, when.known_at) if review.closes_at >= since],
        available=[row for row in partners if row.standing.can_be_called_on],
        partners=dict(Counter("Expired" if p.standing.is_expired else p.standing.state.label for p in partners)),
    )
