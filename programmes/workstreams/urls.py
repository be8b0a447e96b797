from django.urls import path

from programmes.workstreams.views import exceptions, links, rated, settings, workstreams

_PROGRAMME = "programmes/<uuid:programme_id>/"
_OF_PROGRAMME = f"{_PROGRAMME}workstreams/"
_RATINGS = f"{_PROGRAMME}ratings/"
_ONE = "workstreams/<uuid:workstream_id>/"
urlpatterns = [
    path(f"{_OF_PROGRAMME}add/", workstreams.add, name="add_workstream"),
    path(f"{_ONE}change/", workstreams.change, name="change_workstream"),
    path(f"{_ONE}close/", workstreams.close, name="close_workstream"),
    path(f"{_ONE}reopen/", workstreams.reopen, name="reopen_workstream"),
    path(f"{_ONE}exceptions/", exceptions.show, name="exceptions_of_workstream"),
    path(f"{_ONE}exceptions/<uuid:exception_id>/end/", exceptions.end, name="end_exception"),
    path(f"{_ONE}links/", links.show, name="links_of_workstream"),
    path(f"{_ONE}links/<uuid:need_id>/end/", links.end, name="end_link"),
    path(_RATINGS, rated.show, name="ratings_of_programme"),
    path(f"{_RATINGS}assure/", rated.assure, name="record_assurance"),
    path(f"{_RATINGS}assurance/<uuid:assurance_id>/withdraw/", rated.withdraw_assurance, name="withdraw_assurance"),
    path(f"{_RATINGS}override/", rated.override, name="override_rating"),
    path(f"{_RATINGS}overrides/<uuid:override_id>/withdraw/", rated.withdraw_override, name="withdraw_override"),
    path("settings/reporting/", settings.reporting, name="reporting_settings"),
    path("reporting/<uuid:scope_id>/", settings.portfolio, name="portfolio_reporting"),
]
