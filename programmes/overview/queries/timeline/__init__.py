"""The story of one programme: what happened in every room on which day, from what was known by an instant."""

from programmes.overview.queries.timeline.story import timeline_of

__all__ = ["timeline_of"]
