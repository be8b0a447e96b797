"""Workstreams and their status updates: published at submit, never rewritten, superseded by corrections.

From the end of a reporting day a workstream that has reported nothing for it is silent, never green; what several say
together is a roll-up that carries its coverage. Owns the reporting day as well. Stages, reviews and the pages that join
them live above. Uses register, calendar, people and audit.
"""
