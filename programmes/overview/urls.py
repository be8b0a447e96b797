from django.urls import path
from django.views.decorators.http import require_GET
from django.views.generic import RedirectView

from programmes.overview import views

urlpatterns = [
    path("programmes/<uuid:programme_id>/", views.programme, name="programme"),
    path("programmes/<uuid:programme_id>/changes/", views.changes, name="changes_of_programme"),
    path("programmes/<uuid:programme_id>/lessons/like-this/", views.lessons_like, name="lessons_like"),
    path("programmes/<uuid:programme_id>/timeline/", views.timeline, name="timeline_of_programme"),
    path("feeds/<str:secret>.ics", views.calendar_feed, name="calendar_feed"),
    path("my-week/", views.my_week, name="my_week"),
    path("my-programmes/", require_GET(RedirectView.as_view(pattern_name="my_week"))),  # in mails of earlier versions
]
