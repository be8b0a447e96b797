"""Portfolios, their programmes and who may see them. Sets up a programme with its scope and stages in one act.

A programme is in a portfolio when its scope's parent is the portfolio's scope.
"""
