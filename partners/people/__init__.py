"""Who people are: accounts, units, and the roles they hold at a scope (the organisation, a portfolio, a programme).

Owns how they sign in (sessions, API tokens, the words of allauth) and the import of people and units from a file.

Does not know portfolios or programmes: those rooms hold a scope and hand it in. Uses audit; its pages and
endpoints read the calendar's business clock.
"""
