from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.consultations.models import AnswerLink, Consultation
from programmes.consultations.operations.links import replace_link, revoke_link
from programmes.consultations.permissions import check_can_run_consultations
from programmes.consultations.queries import answer_link_of, answer_links_of, consultations_visible_to
from programmes.consultations.serializers import AnswerLinkOut


class AnswerLinks(GenericAPIView):
    serializer_class = AnswerLinkOut

    @extend_schema(operation_id="answer_links_list", responses=AnswerLinkOut(many=True))
    def get(self, request: Request, consultation_id: UUID) -> Response:
        """The latest link of each contact who is asked, by name; for those who run the consultation."""
        page = self.paginate_queryset(answer_links_of(_to_run(request, consultation_id)))
        return self.get_paginated_response(AnswerLinkOut(page, many=True).data)


class RevokeLink(APIView):
    @extend_schema(operation_id="answer_links_revoke", request=None, responses=AnswerLinkOut)
    def post(self, request: Request, consultation_id: UUID, link_id: UUID) -> Response:
        """Make a link useless at once; the person gets no more reminders."""
        link = _link(request, consultation_id, link_id)
        return Response(AnswerLinkOut(revoke_link(link_id=link.pk, by=person_of(request), now=business_now())).data)


class ReplaceLink(APIView):
    @extend_schema(operation_id="answer_links_replace", request=None, responses={201: AnswerLinkOut})
    def post(self, request: Request, consultation_id: UUID, link_id: UUID) -> Response:
        """Mail the person a new link; the old one is useless at once. 409 when there is a newer one already."""
        link = _link(request, consultation_id, link_id)
        new = replace_link(link_id=link.pk, by=person_of(request), now=business_now())
        return Response(AnswerLinkOut(new).data, status=201)


def _to_run(request: Request, consultation_id: UUID) -> Consultation:
    consultation = get_object_or_404(consultations_visible_to(person_of(request)), pk=consultation_id)
    check_can_run_consultations(person_of(request), consultation.review.programme)
    return consultation


def _link(request: Request, consultation_id: UUID, link_id: UUID) -> AnswerLink:
    link = answer_link_of(_to_run(request, consultation_id), link_id)
    if link is None:
        raise Http404
    return link


_ONE = "consultations/<uuid:consultation_id>/answer-links/"
urlpatterns = [
    path(_ONE, AnswerLinks.as_view(), name="api_answer_links"),
    path(f"{_ONE}<uuid:link_id>/revoke/", RevokeLink.as_view(), name="api_revoke_answer_link"),
    path(f"{_ONE}<uuid:link_id>/replace/", ReplaceLink.as_view(), name="api_replace_answer_link"),
]
