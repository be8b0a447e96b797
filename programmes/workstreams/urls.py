from django.urls import path

from programmes.workstreams.views import reports, settings, workstreams

_OF_PROGRAMME = "programmes/<uuid:programme_id>/workstreams/"
_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path(_OF_PROGRAMME, workstreams.list_of_programme, name="workstreams_of_programme"),
    path(f"{_OF_PROGRAMME}add/", workstreams.add, name="add_workstream"),
    path(_ONE, workstreams.show, name="workstream"),
    path(f"{_ONE}change/", workstreams.change, name="change_workstream"),
    path(f"{_ONE}close/", workstreams.close, name="close_workstream"),
    path(f"{_ONE}reopen/", workstreams.reopen, name="reopen_workstream"),
    path(f"{_ONE}status/new/", reports.record, name="record_status"),
    path(f"{_ONE}status/same/", reports.repeat, name="repeat_status"),
    path(f"{_ONE}status/<uuid:update_id>/correct/", reports.correct, name="correct_status"),
    path("settings/reporting/", settings.reporting, name="reporting_settings"),
]
