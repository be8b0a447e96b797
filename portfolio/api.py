"""Register of this floor's API routes."""

from portfolio.board.api import urlpatterns as board
from portfolio.groups.api import urlpatterns as groups
from portfolio.plan.api import urlpatterns as plan

urlpatterns = [*groups, *plan, *board]
