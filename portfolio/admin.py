"""This floor's part of /admin/."""

from partners.admin import register
from portfolio.models import Portfolio, RequirementEstimate, RequirementYear, SavedView, Scenario, ScenarioPart

register(Portfolio)
register(RequirementEstimate)
register(RequirementYear)
register(SavedView)
register(Scenario)
register(ScenarioPart)
