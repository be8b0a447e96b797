from django.urls import path

from portfolio.plan import views

urlpatterns = [
    path("portfolios/<uuid:portfolio_id>/savings/", views.savings, name="portfolio_savings"),
    path("portfolios/<uuid:portfolio_id>/savings/lines/", views.lines_of_figure, name="portfolio_savings_lines"),
    path("portfolios/<uuid:portfolio_id>/estimates/new/", views.record, name="record_estimate"),
    path("portfolios/<uuid:portfolio_id>/scenarios/new/", views.add, name="add_scenario"),
    path("estimates/<uuid:requirement_estimate_id>/", views.estimate, name="estimate"),
    path("scenarios/<uuid:scenario_id>/", views.scenario, name="scenario"),
    path("scenarios/<uuid:scenario_id>/withdraw/", views.withdraw, name="withdraw_scenario"),
]
