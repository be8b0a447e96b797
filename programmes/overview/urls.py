from django.urls import path

from programmes.overview import views

urlpatterns = [
    path("programmes/<uuid:programme_id>/", views.programme, name="programme"),
    path("programmes/<uuid:programme_id>/changes/", views.changes, name="changes_of_programme"),
    path("programmes/<uuid:programme_id>/lessons/like-this/", views.lessons_like, name="lessons_like"),
    path("programmes/<uuid:programme_id>/timeline/", views.timeline, name="timeline_of_programme"),
    path("my-programmes/", views.my_programmes, name="my_programmes"),
]
