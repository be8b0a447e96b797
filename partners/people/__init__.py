"""Who people are: accounts, units, and the roles they hold at a scope (the organisation, a portfolio, a programme).

Does not know portfolios or programmes: those rooms hold a scope and hand it in. Uses audit.
"""
