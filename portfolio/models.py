"""Register of this floor's models; import a model from its room."""

from portfolio.groups.models import Portfolio

__all__ = ["Portfolio"]
