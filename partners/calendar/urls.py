from django.urls import path

from partners.calendar import views

urlpatterns = [
    path("settings/closures/", views.list_closures, name="closures"),
    path("settings/closures/new/", views.add, name="closure_new"),
    path("settings/closures/<uuid:closure_id>/", views.change, name="closure_change"),
    path("settings/closures/<uuid:closure_id>/remove/", views.remove, name="closure_remove"),
]
