"""Register of this floor's models; import a model from its room."""

from portfolio.board.models import SavedView
from portfolio.groups.models import Portfolio
from portfolio.plan.models import RequirementEstimate, RequirementYear, Scenario, ScenarioPart

__all__ = ["Portfolio", "RequirementEstimate", "RequirementYear", "SavedView", "Scenario", "ScenarioPart"]
