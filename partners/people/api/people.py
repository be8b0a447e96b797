from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people import operations
from partners.people.adapter import mail_link_to_set_password
from partners.people.api.reading import valid
from partners.people.models import User
from partners.people.permissions import check_can_manage_people
from partners.people.queries import people, person_of, person_with_id, unit_and_below
from partners.people.serializers import PeopleFilter, PersonChangeIn, PersonIn, PersonOut


class People(GenericAPIView):
    serializer_class = PersonOut

    @extend_schema(operation_id="people_list", parameters=[PeopleFilter], responses=PersonOut(many=True))
    def get(self, request: Request) -> Response:
        """People by name. For administrators."""
        check_can_manage_people(person_of(request))
        narrowed = valid(PeopleFilter(data=request.query_params))
        found = people(
            text=narrowed.get("q", ""),
            state=narrowed.get("state", "all"),
            unit_ids=unit_and_below(narrowed["unit"]) if "unit" in narrowed else None,
        )
        return self.get_paginated_response(PersonOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="people_add", request=PersonIn, responses={201: PersonOut})
    def post(self, request: Request) -> Response:
        """Add somebody. They set a password by the link that the sign-in page mails."""
        entered = valid(PersonIn(data=request.data))
        person = operations.add_person(
            email=entered["email"],
            name=entered["name"],
            unit_id=entered.get("unit"),
            by=person_of(request),
            now=business_now(),
        )
        return Response(PersonOut(person).data, status=201)


class Person(APIView):
    @extend_schema(operation_id="people_detail", responses=PersonOut)
    def get(self, request: Request, person_id: UUID) -> Response:
        """One person."""
        return Response(PersonOut(_person(request, person_id)).data)

    @extend_schema(operation_id="people_change", request=PersonChangeIn, responses=PersonOut)
    def patch(self, request: Request, person_id: UUID) -> Response:
        """Change name, address or unit. Answers 409 with who changed what when the version is not the latest."""
        person = _person(request, person_id)
        entered = valid(PersonChangeIn(data=request.data))
        changed = operations.change_person(
            person_id=person.pk,
            email=entered.get("email", person.email),
            name=entered.get("name", person.name),
            unit_id=entered.get("unit", person.unit_id),
            version=entered["version"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(PersonOut(changed).data)


class Leave(APIView):
    @extend_schema(operation_id="people_leave", request=None, responses=PersonOut)
    def post(self, request: Request, person_id: UUID) -> Response:
        """Mark somebody as left: account, sessions, tokens and roles end at once."""
        person = _person(request, person_id)
        left = operations.record_leaver(person_id=person.pk, by=person_of(request), now=business_now())
        return Response(PersonOut(left).data)


class BringBack(APIView):
    @extend_schema(operation_id="people_bring_back", request=None, responses=PersonOut)
    def post(self, request: Request, person_id: UUID) -> Response:
        """Open the account of somebody who left. Roles have to be granted anew."""
        person = _person(request, person_id)
        back = operations.bring_back_person(person_id=person.pk, by=person_of(request), now=business_now())
        return Response(PersonOut(back).data)


class RemoveSecondStep(APIView):
    @extend_schema(operation_id="people_remove_authenticator", request=None, responses=PersonOut)
    def post(self, request: Request, person_id: UUID) -> Response:
        """Take away the authenticator app of somebody who lost their phone."""
        person = _person(request, person_id)
        removed = operations.remove_second_step(person_id=person.pk, by=person_of(request), now=business_now())
        return Response(PersonOut(removed).data)


class SendLink(APIView):
    @extend_schema(operation_id="people_send_link", request=None, responses=PersonOut)
    def post(self, request: Request, person_id: UUID) -> Response:
        """Mail somebody the link to set a password."""
        person = _person(request, person_id)
        mail_link_to_set_password(request._request, person)
        operations.record_link_sent(person_id=person.pk, by=person_of(request), now=business_now())
        return Response(PersonOut(person).data)


def _person(request: Request, person_id: UUID) -> User:
    check_can_manage_people(person_of(request))
    person = person_with_id(person_id)
    if person is None:
        raise Http404
    return person
