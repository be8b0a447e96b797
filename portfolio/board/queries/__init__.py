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
from portfolio.board.queries.search import Found, Group, search

__all__ = [
    "Attention",
    "Beside",
    "Board",
    "Found",
    "Group",
    "PortfolioRow",
    "Wanted",
    "attention_of",
    "beside_of",
    "board_of",
    "first_page_of",
    "portfolio_asks",
    "portfolio_changes",
    "portfolio_due",
    "portfolio_rows",
    "search",
]
