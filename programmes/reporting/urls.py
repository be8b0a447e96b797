from django.urls import path

from programmes.reporting.views import reports, workstream

_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path(_ONE, workstream.show, name="workstream"),
    path(f"{_ONE}status/new/", reports.record, name="record_status"),
    path(f"{_ONE}status/same/", reports.repeat, name="repeat_status"),
    path(f"{_ONE}status/<uuid:update_id>/correct/", reports.correct, name="correct_status"),
]
