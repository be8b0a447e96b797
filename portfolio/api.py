"""Register of this floor's API routes."""

from portfolio.board.api import urlpatterns as board
from portfolio.groups.api import urlpatterns as groups

urlpatterns = [*groups, *board]
