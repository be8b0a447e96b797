from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.organisations import operations
from partners.organisations.enums import Sector
from partners.organisations.models import Organisation
from partners.organisations.queries import (
    contact_visible_to,
    contacts_of,
    organisations_narrowed,
    organisations_visible_to,
)
from partners.organisations.serializers import (
    ContactIn,
    ContactOut,
    OrganisationFilter,
    OrganisationOut,
    PartnerOrganisationChangeIn,
    PartnerOrganisationIn,
)
from partners.people.queries import person_of


class Organisations(GenericAPIView):
    serializer_class = OrganisationOut

    @extend_schema(
        operation_id="partner_organisations_list",
        parameters=[OrganisationFilter],
        responses=OrganisationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """Organisations outside, by name; for whoever holds a role."""
        narrowed = _valid(OrganisationFilter(data=request.query_params))
        page = self.paginate_queryset(organisations_narrowed(person_of(request), **narrowed))
        return self.get_paginated_response(OrganisationOut(page, many=True).data)

    @extend_schema(
        operation_id="partner_organisations_add", request=PartnerOrganisationIn, responses={201: OrganisationOut}
    )
    def post(self, request: Request) -> Response:
        """Add an organisation."""
        entered = _valid(PartnerOrganisationIn(data=request.data))
        entered["sector"] = Sector(entered["sector"])
        organisation = operations.add_organisation(**entered, by=person_of(request), now=business_now())
        return Response(OrganisationOut(organisation).data, status=201)


class OrganisationDetail(APIView):
    @extend_schema(operation_id="partner_organisations_detail", responses=OrganisationOut)
    def get(self, request: Request, organisation_id: UUID) -> Response:
        """One organisation."""
        return Response(OrganisationOut(_organisation(request, organisation_id)).data)

    @extend_schema(
        operation_id="partner_organisations_change", request=PartnerOrganisationChangeIn, responses=OrganisationOut
    )
    def patch(self, request: Request, organisation_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        organisation = _organisation(request, organisation_id)
        entered = _valid(PartnerOrganisationChangeIn(data=request.data))
        changed = operations.change_organisation(
            organisation_id=organisation.pk,
            version=entered["version"],
            name=entered.get("name", organisation.name),
            sector=Sector(entered.get("sector", organisation.sector)),
            about=entered.get("about", organisation.about),
            source=entered.get("source", organisation.source),
            by=person_of(request),
            now=business_now(),
        )
        return Response(OrganisationOut(changed).data)


class Contacts(GenericAPIView):
    serializer_class = ContactOut

    @extend_schema(operation_id="contacts_list", responses=ContactOut(many=True))
    def get(self, request: Request, organisation_id: UUID) -> Response:
        """The current contacts of an organisation, by name."""
        page = self.paginate_queryset(contacts_of([_organisation(request, organisation_id).pk]))
        return self.get_paginated_response(ContactOut(page, many=True).data)

    @extend_schema(operation_id="contacts_add", request=ContactIn, responses={201: ContactOut})
    def post(self, request: Request, organisation_id: UUID) -> Response:
        """Make somebody a contact, with an account that sees their own dealings only. They set a password by mail."""
        organisation = _organisation(request, organisation_id)
        entered = _valid(ContactIn(data=request.data))
        contact = operations.add_contact(
            organisation_id=organisation.pk, **entered, by=person_of(request), now=business_now()
        )
        return Response(ContactOut(contact).data, status=201)


class EndContact(APIView):
    @extend_schema(operation_id="contacts_end", request=None, responses=ContactOut)
    def post(self, request: Request, contact_id: UUID) -> Response:
        """End a contact: account, sessions and tokens end at once."""
        if contact_visible_to(person_of(request), contact_id) is None:
            raise Http404
        contact = operations.end_contact(contact_id=contact_id, by=person_of(request), now=business_now())
        return Response(ContactOut(contact).data)


def _organisation(request: Request, organisation_id: UUID) -> Organisation:
    return get_object_or_404(organisations_visible_to(person_of(request)), pk=organisation_id)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


urlpatterns = [
    path("partners/organisations/", Organisations.as_view(), name="api_partner_organisations"),
    path(
        "partners/organisations/<uuid:organisation_id>/", OrganisationDetail.as_view(), name="api_partner_organisation"
    ),
    path("partners/organisations/<uuid:organisation_id>/contacts/", Contacts.as_view(), name="api_contacts"),
    path("partners/contacts/<uuid:contact_id>/end/", EndContact.as_view(), name="api_end_contact"),
]
