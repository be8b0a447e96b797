from django.urls import path

from portfolio.groups import views

urlpatterns = [
    path("portfolios/new/", views.create, name="create_portfolio"),
    path("portfolios/<uuid:portfolio_id>/change/", views.change, name="change_portfolio"),
    path("portfolios/<uuid:portfolio_id>/programmes/new/", views.set_up, name="set_up_programme"),
]
