from django.urls import path

from portfolio.board import views

_ONE = "portfolios/<uuid:portfolio_id>/"
urlpatterns = [
    path("", views.home, name="home"),
    path("portfolios/", views.portfolios, name="portfolios"),
    path(_ONE, views.board, name="portfolio_board"),
    path(f"{_ONE}due/", views.due, name="portfolio_due"),
    path(f"{_ONE}changes/", views.changes, name="portfolio_changes"),
    path(f"{_ONE}asks/", views.asks, name="portfolio_asks"),
    path("search/", views.search_pages, name="search"),
]
