from django.urls import path

from programmes.workstreams.views import settings, workstreams

_OF_PROGRAMME = "programmes/<uuid:programme_id>/workstreams/"
_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path(_OF_PROGRAMME, workstreams.list_of_programme, name="workstreams_of_programme"),
    path(f"{_OF_PROGRAMME}add/", workstreams.add, name="add_workstream"),
    path(f"{_ONE}change/", workstreams.change, name="change_workstream"),
    path(f"{_ONE}close/", workstreams.close, name="close_workstream"),
    path(f"{_ONE}reopen/", workstreams.reopen, name="reopen_workstream"),
    path("settings/reporting/", settings.reporting, name="reporting_settings"),
]
