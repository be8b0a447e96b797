"""The people room's part of the API."""

from django.urls import path

from partners.people.api import imports, leave, offices, organisation, people, roles, sessions, tokens, units

urlpatterns = [
    path("me/", tokens.Me.as_view(), name="api_me"),
    path("tokens/", tokens.Tokens.as_view(), name="api_tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.RevokeToken.as_view(), name="api_revoke_token"),
    path("sessions/", sessions.Sessions.as_view(), name="api_sessions"),
    path("sessions/<uuid:session_id>/end/", sessions.EndSession.as_view(), name="api_end_session"),
    path("leave/", leave.Leaves.as_view(), name="api_leave"),
    path("leave/<uuid:leave_id>/cancel/", leave.CancelLeave.as_view(), name="api_cancel_leave"),
    path("people/", people.People.as_view(), name="api_people"),
    path("people/import/", imports.Import.as_view(), name="api_people_import"),
    path("people/<uuid:person_id>/", people.Person.as_view(), name="api_person"),
    path("people/<uuid:person_id>/leave/", people.Leave.as_view(), name="api_person_leave"),
    path("people/<uuid:person_id>/bring-back/", people.BringBack.as_view(), name="api_person_bring_back"),
    path("people/<uuid:person_id>/send-link/", people.SendLink.as_view(), name="api_person_send_link"),
    path(
        "people/<uuid:person_id>/remove-authenticator/",
        people.RemoveSecondStep.as_view(),
        name="api_person_remove_second_step",
    ),
    path("units/", units.Units.as_view(), name="api_units"),
    path("units/<uuid:unit_id>/", units.UnitDetail.as_view(), name="api_unit"),
    path("organisation/", organisation.Organisation.as_view(), name="api_organisation"),
    path("scopes/", roles.Scopes.as_view(), name="api_scopes"),
    path("roles/", roles.Roles.as_view(), name="api_roles"),
    path("roles/<uuid:holding_id>/end/", roles.EndRole.as_view(), name="api_end_role"),
    path("offices/", offices.Offices.as_view(), name="api_offices"),
    path("offices/<uuid:office_id>/", offices.OfficeDetail.as_view(), name="api_office"),
    path("offices/<uuid:office_id>/holders/", offices.Holdings.as_view(), name="api_office_holders"),
    path("offices/holders/<uuid:office_holding_id>/", offices.CorrectHolding.as_view(), name="api_office_holder"),
    path("offices/holders/<uuid:office_holding_id>/end/", offices.EndHolding.as_view(), name="api_office_holder_end"),
]
