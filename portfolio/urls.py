"""Register of this floor's pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("portfolio.groups.urls")),
    path("", include("portfolio.plan.urls")),
    path("", include("portfolio.board.urls")),
]
