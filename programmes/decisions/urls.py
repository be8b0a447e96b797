from django.urls import path

from programmes.decisions import views

_PROGRAMME, _ONE = "programmes/<uuid:programme_id>/decisions/", "decisions/<uuid:decision_id>/"
urlpatterns = [
    path(_PROGRAMME, views.list_of_programme, name="programme_decisions"),
    path(f"{_PROGRAMME}draft/", views.draft, name="draft_decision"),
    path("decisions/", views.list_all, name="decisions"),
    path(_ONE, views.show, name="decision"),
    path(f"{_ONE}change/", views.change, name="change_decision"),
    path(f"{_ONE}options/", views.compare, name="compare_options"),
    path(f"{_ONE}options/add/", views.add_option, name="add_option"),
    path(f"{_ONE}options/<uuid:option_id>/change/", views.change_option, name="change_option"),
    path(f"{_ONE}options/<uuid:option_id>/remove/", views.remove_option, name="remove_option"),
    path(f"{_ONE}choice/", views.choose, name="choose_option"),
    path(f"{_ONE}left-behind/", views.left_behind, name="left_behind"),
    path(f"{_ONE}propose/", views.propose, name="propose_decision"),
    path(f"{_ONE}withdraw/", views.withdraw, name="withdraw_decision"),
    path(f"{_ONE}take/", views.take, name="take_decision"),
]
