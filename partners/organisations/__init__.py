"""Organisations outside, and the people there whom we write to."""
