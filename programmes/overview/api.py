from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.audit.rules import Refused
from partners.calendar.rules import as_at
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.overview.queries import changes_in, changes_of, own_programmes, reports_on, timeline_of
from programmes.overview.rules import AskedChanges, EventKind
from programmes.overview.serializers import (
    ChangeOut,
    ChangesQuery,
    EventOut,
    LessonQuery,
    LikeLessonOut,
    OwnOut,
    TimelineQuery,
)
from programmes.register.queries import lessons_saying, programmes_visible_to
from programmes.scheduling.queries.lessons import lessons_like


class MyWeek(APIView):
    @extend_schema(operation_id="my_week", responses=OwnOut)
    def get(self, request: Request) -> Response:
        """What you owe and what is asked of you, in the programmes that you own, manage or lead a part of."""
        person, now = person_of(request), business_now()
        own = own_programmes(person, now=now)
        reports = reports_on(own.statuses, person, days=own.days, now=now)
        return Response(OwnOut(own, context={"reports": reports}).data)


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


class Timeline(GenericAPIView):
    serializer_class = EventOut

    @extend_schema(operation_id="programmes_timeline", parameters=[TimelineQuery], responses=EventOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """The story of one programme: what happened on which day, as far as it was known at the end of ``on``."""
        person = person_of(request)
        programme = get_object_or_404(programmes_visible_to(person), pk=programme_id)
        query = TimelineQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        try:
            when = as_at(asked.get("on"), now=business_now())
        except Refused as refused:
            raise ValidationError({"on": [refused.sentence]}) from None
        events = timeline_of(
            programme,
            user=person,
            when=when,
            kinds=[EventKind(asked["kind"])] if "kind" in asked else list(EventKind),
            newest_first=asked["order"] == "newest",
        )
        page: Any = self.paginate_queryset(events)  # type: ignore[arg-type]
        return self.get_paginated_response(EventOut(page, many=True).data)


class LessonsLike(GenericAPIView):
    serializer_class = LikeLessonOut

    @extend_schema(operation_id="lessons_like_list", parameters=[LessonQuery], responses=LikeLessonOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Lessons of other programmes of a like kind: delivered the same way, or of the same life cycle; newest first."""
        person = person_of(request)
        programme = get_object_or_404(programmes_visible_to(person), pk=programme_id)
        query = LessonQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = lessons_saying(lessons_like(programme, person), query.validated_data["q"])
        page = self.paginate_queryset(found)
        return self.get_paginated_response(LikeLessonOut(page, many=True).data)


urlpatterns = [
    path("my-week/", MyWeek.as_view(), name="api_my_week"),
    path("programmes/<uuid:programme_id>/changes/", ChangesOfProgramme.as_view(), name="api_changes_of_programme"),
    path("programmes/<uuid:programme_id>/lessons/like-this/", LessonsLike.as_view(), name="api_lessons_like"),
    path("programmes/<uuid:programme_id>/timeline/", Timeline.as_view(), name="api_timeline"),
]
