from django.urls import path

from partners.people.views import account, imports, organisation, people, roles, settings, units

urlpatterns = [
    path("account/", account.mine, name="my_account"),
    path("account/tokens/new/", account.make_token, name="token_new"),
    path("account/sessions/<uuid:handle>/end/", account.end_session, name="session_end"),
    path("tokens/<uuid:token_id>/revoke/", account.revoke_token, name="token_revoke"),
    path("people/", people.list_people, name="people"),
    path("people/new/", people.add, name="person_new"),
    path("people/import/", imports.upload, name="people_import"),
    path("people/import/template/<str:kind>.csv", imports.template, name="people_import_template"),
    path("people/import/<uuid:import_id>/", imports.preview, name="people_import_preview"),
    path("people/import/<uuid:import_id>/discard/", imports.discard, name="people_import_discard"),
    path("people/<uuid:person_id>/", people.show, name="person"),
    path("people/<uuid:person_id>/change/", people.change, name="person_change"),
    path("people/<uuid:person_id>/leave/", people.leave, name="person_leave"),
    path("people/<uuid:person_id>/bring-back/", people.bring_back, name="person_bring_back"),
    path("people/<uuid:person_id>/send-link/", people.send_link, name="person_send_link"),
    path("people/<uuid:person_id>/remove-authenticator/", people.remove_second_step, name="person_remove_second_step"),
    path("units/", units.list_units, name="units"),
    path("units/new/", units.add, name="unit_new"),
    path("units/<uuid:unit_id>/", units.change, name="unit_change"),
    path("roles/", roles.list_scopes, name="roles"),
    path("roles/<uuid:scope_id>/", roles.at_scope, name="scope_roles"),
    path("roles/held/<uuid:holding_id>/end/", roles.end, name="role_end"),
    path("settings/", settings.index, name="settings_index"),
    path("settings/organisation/", organisation.rename, name="organisation_name"),
]
