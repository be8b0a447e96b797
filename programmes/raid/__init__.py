"""Risks, assumptions, issues and actions of a programme, and what is said of them."""
