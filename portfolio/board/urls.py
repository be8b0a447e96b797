from django.urls import path

from partners.files.rules.tables import TableFormat
from portfolio.board import views

_ONE = "portfolios/<uuid:portfolio_id>/"
urlpatterns = [
    path("", views.home, name="home"),
    path("portfolios/", views.portfolios, name="portfolios"),
    path(_ONE, views.board, name="portfolio_board"),
    path(f"{_ONE}due/", views.due, name="portfolio_due"),
    path(f"{_ONE}changes/", views.changes, name="portfolio_changes"),
    path(f"{_ONE}asks/", views.asks, name="portfolio_asks"),
    path(f"{_ONE}since/", views.since, name="portfolio_since"),
    path(f"{_ONE}records/", views.quality, name="portfolio_quality"),
    path(f"{_ONE}list.csv", views.export, {"table_format": TableFormat.CSV}, name="portfolio_as_csv"),
    path(f"{_ONE}list.xlsx", views.export, {"table_format": TableFormat.XLSX}, name="portfolio_as_xlsx"),
    path(f"{_ONE}save-view/", views.save_view_page, name="save_view"),
    path("views/", views.saved_views, name="saved_views"),
    path("views/<uuid:view_id>/rename/", views.rename_view_page, name="rename_view"),
    path("views/<uuid:view_id>/delete/", views.delete_view_page, name="delete_view"),
    path("search/", views.search_pages, name="search"),
]
