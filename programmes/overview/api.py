from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.overview.queries import changes_in, changes_of, own_programmes
from programmes.overview.rules import AskedChanges
from programmes.overview.serializers import ChangeOut, ChangesQuery, OwnOut
from programmes.register.queries import programmes_visible_to


class MyProgrammes(APIView):
    @extend_schema(operation_id="my_programmes", responses=OwnOut)
    def get(self, request: Request) -> Response:
        """What you owe and what is asked of you, in the programmes that you own, manage or lead a part of."""
        return Response(OwnOut(own_programmes(person_of(request), now=business_now())).data)


class ChangesOfProgramme(GenericAPIView):
    serializer_class = ChangeOut

    @extend_schema(operation_id="programmes_changes", parameters=[ChangesQuery], responses=ChangeOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """What changed in one programme, newest first."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        query = ChangesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = AskedChanges(query.validated_data["days"], query.validated_data["routine"])
        events = changes_in([programme.scope_id], since=asked.since(business_now()), with_routine=asked.with_routine)
        page: Any = self.paginate_queryset(events)
        return self.get_paginated_response(ChangeOut(changes_of(page), many=True).data)


urlpatterns = [
    path("my-programmes/", MyProgrammes.as_view(), name="api_my_programmes"),
    path("programmes/<uuid:programme_id>/changes/", ChangesOfProgramme.as_view(), name="api_changes_of_programme"),
]
