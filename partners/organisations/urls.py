from django.urls import path

from partners.organisations import views

urlpatterns = [
    path("partners/organisations/", views.list_organisations, name="partner_organisations"),
    path("partners/organisations/new/", views.add, name="partner_organisation_new"),
    path("partners/organisations/<uuid:organisation_id>/change/", views.change, name="partner_organisation_change"),
    path("partners/organisations/<uuid:organisation_id>/contacts/new/", views.add_contact, name="contact_new"),
    path("partners/contacts/<uuid:contact_id>/end/", views.end_contact, name="contact_end"),
]
