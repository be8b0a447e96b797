from django.urls import path

from programmes.savings import views

urlpatterns = [
    path("programmes/<uuid:programme_id>/savings/", views.savings, name="savings_of_programme"),
    path("programmes/<uuid:programme_id>/savings/new/", views.add, name="add_saving"),
    path("programmes/<uuid:programme_id>/savings/lines/", views.lines, name="savings_lines_of_programme"),
    path("savings/<uuid:saving_id>/", views.saving, name="saving"),
    path("savings/<uuid:saving_id>/change/", views.change, name="change_saving"),
    path("savings/<uuid:saving_id>/state/", views.state, name="state_saving"),
]
