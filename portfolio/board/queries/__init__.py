"""Reads of the top floor's pages: the board, what needs attention, search, and where each role starts."""

from portfolio.board.queries.attention import (
    Attention,
    attention_of,
    portfolio_asks,
    portfolio_changes,
    portfolio_due,
)
from portfolio.board.queries.beside import Beside, beside_of
from portfolio.board.queries.board import Board, PortfolioRow, Wanted, board_of, portfolio_rows
from portfolio.board.queries.first_page import first_page_of
from portfolio.board.queries.quality import Gap, gaps_by_check, gaps_in
from portfolio.board.queries.search import Found, Group, search
from portfolio.board.queries.since import Since, since_of
from portfolio.board.queries.table import HEADINGS, as_table
from portfolio.board.queries.views import views_of

__all__ = [
    "HEADINGS",
    "Attention",
    "Beside",
    "Board",
    "Found",
    "Gap",
    "Group",
    "PortfolioRow",
    "Since",
    "Wanted",
    "as_table",
    "attention_of",
    "beside_of",
    "board_of",
    "first_page_of",
    "gaps_by_check",
    "gaps_in",
    "portfolio_asks",
    "portfolio_changes",
    "portfolio_due",
    "portfolio_rows",
    "search",
    "since_of",
    "views_of",
]
