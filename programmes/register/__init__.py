"""Programmes: name, delivery model, owner, what a programme must not become, and what was learned from it.

A programme belongs to a portfolio through its scope's parent; it does not know the portfolio. Stages, workstreams and
reviews live in rooms above. Uses people and audit.
"""
