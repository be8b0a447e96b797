from django.urls import path

from programmes.reporting.views import drafts, listing, reading, reports, workstream

_ONE = "workstreams/<uuid:workstream_id>/"
_UPDATE = f"{_ONE}status/<uuid:update_id>/"
urlpatterns = [
    path("programmes/<uuid:programme_id>/workstreams/", listing.show, name="workstreams_of_programme"),
    path(_ONE, workstream.show, name="workstream"),
    path(f"{_ONE}status/new/", reports.record, name="record_status"),
    path(f"{_ONE}status/same/", reports.repeat, name="repeat_status"),
    path(f"{_ONE}status/draft/", drafts.save_draft, name="save_status_draft"),
    path(f"{_ONE}status/draft/discard/", drafts.discard_draft, name="discard_status_draft"),
    path(_UPDATE, reading.show, name="status_update"),
    path(f"{_UPDATE}correct/", reports.correct, name="correct_status"),
    path(f"{_UPDATE}acknowledge/", reading.acknowledge, name="acknowledge_status"),
    path(f"{_UPDATE}answer/", reading.answer, name="answer_status"),
    path("reporting/to-acknowledge/", reading.to_acknowledge, name="to_acknowledge"),
]
