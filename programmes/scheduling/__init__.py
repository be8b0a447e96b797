"""Stages: ICT-enabled technology, information and business transformation, in that order, with planned and actual dates.

Uses register and calendar.
"""
