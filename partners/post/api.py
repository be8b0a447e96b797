from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from partners.post.enums import Resolution
from partners.post.models import Message
from partners.post.operations import desk
from partners.post.permissions import check_can_manage_post
from partners.post.queries import attempts_at, messages, post_settings
from partners.post.serializers import (
    CancelIn,
    MessageDetailOut,
    MessageFilter,
    MessageOut,
    PostSettingsIn,
    PostSettingsOut,
    ResolveIn,
)


class Messages(GenericAPIView):
    serializer_class = MessageOut

    @extend_schema(operation_id="messages_list", parameters=[MessageFilter], responses=MessageOut(many=True))
    def get(self, request: Request) -> Response:
        """The outbox, newest first; for administrators."""
        check_can_manage_post(person_of(request))
        narrowed = _valid(MessageFilter(data=request.query_params))
        page = self.paginate_queryset(messages().filter(**narrowed))
        return self.get_paginated_response(MessageOut(page, many=True).data)


class MessageDetail(APIView):
    @extend_schema(operation_id="messages_detail", responses=MessageDetailOut)
    def get(self, request: Request, message_id: UUID) -> Response:
        """One message with every pass at handing it over."""
        return Response(_shown(_message(request, message_id)))


class ResolveMessage(APIView):
    @extend_schema(operation_id="messages_resolve", request=ResolveIn, responses=MessageDetailOut)
    def post(self, request: Request, message_id: UUID) -> Response:
        """Settle a message that is held. Sending again sends the same bytes."""
        found = _message(request, message_id)
        resolution = Resolution(_valid(ResolveIn(data=request.data))["resolution"])
        settled = desk.resolve_held_message(
            message_id=found.pk, resolution=resolution, by=person_of(request), now=business_now()
        )
        return Response(_shown(settled))


class CancelMessage(APIView):
    @extend_schema(operation_id="messages_cancel", request=CancelIn, responses=MessageDetailOut)
    def post(self, request: Request, message_id: UUID) -> Response:
        """Stop a message that is not with the mail server, or give up on one that is held."""
        found = _message(request, message_id)
        reason = _valid(CancelIn(data=request.data))["reason"]
        cancelled = desk.cancel_message(message_id=found.pk, reason=reason, by=person_of(request), now=business_now())
        return Response(_shown(cancelled))


class PostSettingsDetail(APIView):
    @extend_schema(operation_id="post_settings_detail", responses=PostSettingsOut)
    def get(self, request: Request) -> Response:
        """The sender and the send window."""
        check_can_manage_post(person_of(request))
        return Response(PostSettingsOut(post_settings()).data)

    @extend_schema(operation_id="post_settings_change", request=PostSettingsIn, responses=PostSettingsOut)
    def put(self, request: Request) -> Response:
        """Change them. Answers 409 when the version is not the latest."""
        check_can_manage_post(person_of(request))
        entered = _valid(PostSettingsIn(data=request.data))
        return Response(
            PostSettingsOut(desk.change_post_settings(**entered, by=person_of(request), now=business_now())).data
        )


def _message(request: Request, message_id: UUID) -> Message:
    check_can_manage_post(person_of(request))
    return get_object_or_404(messages(), pk=message_id)


def _shown(message: Message) -> Any:
    return MessageDetailOut({"message": message, "passes": attempts_at(message)}).data


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


urlpatterns = [
    path("messages/", Messages.as_view(), name="api_messages"),
    path("messages/<uuid:message_id>/", MessageDetail.as_view(), name="api_message"),
    path("messages/<uuid:message_id>/resolve/", ResolveMessage.as_view(), name="api_resolve_message"),
    path("messages/<uuid:message_id>/cancel/", CancelMessage.as_view(), name="api_cancel_message"),
    path("settings/post/", PostSettingsDetail.as_view(), name="api_post_settings"),
]
