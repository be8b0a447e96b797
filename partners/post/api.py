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
from partners.post.enums import (
    EmailChoice,
    MessageState,
    Resolution,
)
from partners.post.models import (
    Message,
)
from partners.post.operations import (
    desk,
    feeds,
    holding,
    inbox,
    preferences,
)
from partners.post.permissions import (
    check_can_manage_post,
)
from partners.post.queries import (
    address_of_feed,
    attempts_at,
    inbox_of,
    live_feeds_of,
    messages,
    open_holds,
    post_health,
    post_settings,
    preference_of,
    suppressed_addresses,
    unread_of,
)
from partners.post.serializers import (
    CancelIn,
    FeedOut,
    HoldOut,
    InboxEntryOut,
    InboxFilter,
    MessageDetailOut,
    MessageFilter,
    MessageOut,
    NewFeedOut,
    PostHealthOut,
    PostSettingsIn,
    PostSettingsOut,
    PreferenceIn,
    PreferenceOut,
    ReadOut,
    ReleaseIn,
    ResolveIn,
    SettledOut,
    SettleIn,
    StopIn,
    SuppressionOut,
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


class Inbox(GenericAPIView):
    serializer_class = InboxEntryOut

    @extend_schema(operation_id="inbox_list", parameters=[InboxFilter], responses=InboxEntryOut(many=True))
    def get(self, request: Request) -> Response:
        """What has come into your inbox: unread first, then the newest."""
        person = person_of(request)
        is_unread = _valid(InboxFilter(data=request.query_params))["unread"]
        page = self.paginate_queryset(unread_of(person) if is_unread else inbox_of(person))
        return self.get_paginated_response(InboxEntryOut(page, many=True).data)


class InboxEntry(APIView):
    @extend_schema(operation_id="inbox_read", request=None, responses=InboxEntryOut)
    def post(self, request: Request, message_id: UUID) -> Response:
        """Mark one entry as read. The same again changes nothing."""
        person = person_of(request)
        entry = get_object_or_404(inbox_of(person), pk=message_id)
        inbox.note_reading(entry.pk, person=person, now=business_now())
        return Response(InboxEntryOut(inbox_of(person).get(pk=entry.pk)).data)


class InboxRead(APIView):
    @extend_schema(operation_id="inbox_read_all", request=None, responses=ReadOut)
    def post(self, request: Request) -> Response:
        """Mark everything in your inbox as read."""
        return Response(ReadOut({"read": inbox.note_all_read(person=person_of(request), now=business_now())}).data)


class Preference(APIView):
    @extend_schema(operation_id="reminder_preferences_detail", responses=PreferenceOut)
    def get(self, request: Request) -> Response:
        """How you are reminded."""
        return Response(PreferenceOut(preference_of(person_of(request))).data)

    @extend_schema(operation_id="reminder_preferences_change", request=PreferenceIn, responses=PreferenceOut)
    def put(self, request: Request) -> Response:
        """Choose how you are reminded. Answers 409 when the version is not the latest."""
        entered = _valid(PreferenceIn(data=request.data))
        changed = preferences.change_preference(
            **entered | {"email": EmailChoice(entered["email"])}, by=person_of(request), now=business_now()
        )
        return Response(PreferenceOut(changed).data)


class Feeds(GenericAPIView):
    serializer_class = FeedOut

    @extend_schema(operation_id="calendar_feeds_list", responses=FeedOut(many=True))
    def get(self, request: Request) -> Response:
        """Your calendar addresses, newest first."""
        page = self.paginate_queryset(live_feeds_of(person_of(request)))
        return self.get_paginated_response(FeedOut(page, many=True).data)

    @extend_schema(operation_id="calendar_feeds_make", request=None, responses={201: NewFeedOut})
    def post(self, request: Request) -> Response:
        """Make a calendar address. It is shown this once."""
        made = feeds.make_feed(by=person_of(request), now=business_now())
        shown = FeedOut(made.feed).data | {"address": address_of_feed(made.secret)}
        return Response(shown, status=201)


class RevokeFeed(APIView):
    @extend_schema(operation_id="calendar_feeds_revoke", request=None, responses=FeedOut)
    def post(self, request: Request, feed_id: UUID) -> Response:
        """End a calendar address of yours at once."""
        feed = get_object_or_404(live_feeds_of(person_of(request)), pk=feed_id)
        return Response(FeedOut(feeds.revoke_feed(feed_id=feed.pk, by=person_of(request), now=business_now())).data)


class PostHealthDetail(APIView):
    @extend_schema(operation_id="post_health", responses=PostHealthOut)
    def get(self, request: Request) -> Response:
        """What waits, what is held and whether every loop runs."""
        check_can_manage_post(person_of(request))
        health = post_health(now=business_now())
        shown = {
            "overdue_since": health.figures.overdue_since,
            "due": health.figures.due,
            "in_doubt": health.count(MessageState.IN_DOUBT),
            "held": health.count(MessageState.HELD),
            "sent_in_the_last_minute": health.sent_in_the_last_minute,
            "expected_done": health.forecast.done_at,
            "loops": health.figures.loops,
            "holds": health.holds,
            "suppressions": health.suppressions,
        }
        return Response(PostHealthOut(shown).data)


class Holds(APIView):
    @extend_schema(operation_id="post_stop", request=StopIn, responses={201: HoldOut})
    def post(self, request: Request) -> Response:
        """Stop all mail until somebody lets it go on."""
        check_can_manage_post(person_of(request))
        words = _valid(StopIn(data=request.data))["words"]
        hold = holding.stop_sending(words=words, by=person_of(request), now=business_now())
        return Response(HoldOut(hold).data, status=201)


class ReleaseHold(APIView):
    @extend_schema(operation_id="post_release", request=ReleaseIn, responses=HoldOut)
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Let mail go on, with what you have looked at."""
        check_can_manage_post(person_of(request))
        hold = get_object_or_404(open_holds(), pk=hold_id)
        note = _valid(ReleaseIn(data=request.data))["note"]
        released = holding.release_hold(hold_id=hold.pk, note=note, by=person_of(request), now=business_now())
        return Response(HoldOut(released).data)


class SettleMessages(APIView):
    @extend_schema(operation_id="messages_settle", request=SettleIn, responses=SettledOut)
    def post(self, request: Request) -> Response:
        """Settle several held messages at once, all or none."""
        check_can_manage_post(person_of(request))
        entered = _valid(SettleIn(data=request.data))
        count = desk.resolve_held_messages(
            message_ids=entered["messages"],
            resolution=Resolution(entered["resolution"]),
            reason=entered["reason"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(SettledOut({"settled": count}).data)


class LiftSuppression(APIView):
    @extend_schema(operation_id="post_lift_suppression", request=None, responses=SuppressionOut)
    def post(self, request: Request, suppression_id: UUID) -> Response:
        """Let mail go to an address again."""
        check_can_manage_post(person_of(request))
        found = get_object_or_404(suppressed_addresses(), pk=suppression_id)
        lifted = desk.lift_suppression(suppression_id=found.pk, by=person_of(request), now=business_now())
        return Response(SuppressionOut(lifted).data)


def _message(request: Request, message_id: UUID) -> Message:
    check_can_manage_post(person_of(request))
    return get_object_or_404(messages(), pk=message_id)


def _shown(message: Message) -> Any:
    return MessageDetailOut({"message": message, "passes": attempts_at(message)}).data


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


urlpatterns = [
    path("inbox/", Inbox.as_view(), name="api_inbox"),
    path("inbox/read/", InboxRead.as_view(), name="api_inbox_read_all"),
    path("inbox/<uuid:message_id>/read/", InboxEntry.as_view(), name="api_inbox_read"),
    path("preferences/reminders/", Preference.as_view(), name="api_reminder_preferences"),
    path("preferences/calendar/", Feeds.as_view(), name="api_calendar_feeds"),
    path("preferences/calendar/<uuid:feed_id>/revoke/", RevokeFeed.as_view(), name="api_calendar_feed_revoke"),
    path("messages/", Messages.as_view(), name="api_messages"),
    path("messages/<uuid:message_id>/", MessageDetail.as_view(), name="api_message"),
    path("messages/<uuid:message_id>/resolve/", ResolveMessage.as_view(), name="api_resolve_message"),
    path("messages/<uuid:message_id>/cancel/", CancelMessage.as_view(), name="api_cancel_message"),
    path("messages/settle/", SettleMessages.as_view(), name="api_settle_messages"),
    path("post/health/", PostHealthDetail.as_view(), name="api_post_health"),
    path("post/holds/", Holds.as_view(), name="api_holds"),
    path("post/holds/<uuid:hold_id>/release/", ReleaseHold.as_view(), name="api_release_hold"),
    path("post/addresses/<uuid:suppression_id>/lift/", LiftSuppression.as_view(), name="api_lift_suppression"),
    path("settings/post/", PostSettingsDetail.as_view(), name="api_post_settings"),
]
