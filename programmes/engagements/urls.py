from django.urls import path

from programmes.engagements import views

_PROGRAMME, _ONE = "programmes/<uuid:programme_id>/", "engagements/<uuid:engagement_id>/"
urlpatterns = [
    path(f"{_PROGRAMME}engagements/", views.engagements, name="engagements_of_programme"),
    path(f"{_PROGRAMME}engagements/add/", views.add, name="add_engagement"),
    path(_ONE, views.show, name="engagement"),
    path(f"{_ONE}change/", views.change, name="change_engagement"),
    path(f"{_ONE}roll-off/", views.roll_off, name="roll_off"),
    path(f"{_ONE}roll-off/undo/", views.undo_roll_off, name="undo_roll_off"),
    path(f"{_PROGRAMME}bids/", views.bids, name="bids_of_programme"),
    path(f"{_PROGRAMME}acknowledgements/", views.acknowledgements, name="acknowledgements_of_programme"),
]
