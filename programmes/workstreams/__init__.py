"""Workstreams and their status updates: published at submit, never rewritten, superseded by corrections.

A workstream without an update since the last reporting day is silent, never green. Uses register.
"""
