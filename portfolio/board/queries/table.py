"""The rows of a board as a table that a spreadsheet opens."""

from collections.abc import Iterator
from datetime import date

from partners.clock.rules import local_date
from partners.files.rules.tables import Cell
from portfolio.board.queries.board import Board

HEADINGS = (
    "Programme",
    "Delivery model",
    "Stage",
    "State of the stage",
    "Rating",
    "Whose rating",
    "Own rating",
    "Assurance",
    "Reports",
    "Last report",
    "Exceptions",
    "Asks",
    "Review open until",
    "Ended on",
    "Page",
)


def as_table(board: Board, *, today: date, host: str) -> Iterator[list[Cell]]:
    """The rows that are shown, all of them, in their order; ``host`` stands before the address of each page."""
    for row in board.shown:
        words = row.words(today=today)
        yield [
            row.name,
            words.delivery_model,
            words.stage,
            words.stage_note,
            row.overall.label,
            row.stands.source.label,
            row.stands.own.label,
            row.assurance,
            words.coverage,
            local_date(row.last_reported_at) if row.last_reported_at else None,
            "; ".join(one.words for one in board.raised.get(row.id, [])),
            row.asks,
            local_date(row.review_closes_at) if row.review_closes_at else None,
            row.ended_on,
            f"{host}{words.href}",
        ]
