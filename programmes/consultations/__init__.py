"""Consultations inside a review: questions, the roll of people asked, their tasks, drafts and responses.

A response is a fact that is never rewritten; changing an answer adds a version. Whether a consultation is open is
computed from two instants. Uses reviews, reminders, register, people.
"""
