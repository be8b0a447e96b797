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
from partners.people.queries import person_of
from programmes.register import operations
from programmes.register.enums import PositionKind
from programmes.register.models import Programme
from programmes.register.queries import (
    constraint_of,
    constraints_of,
    delivery_models_of,
    lesson_of,
    lessons_of,
    lessons_saying,
    lessons_visible_to,
    position_of,
    positions_of,
    programmes_visible_to,
)
from programmes.register.serializers import (
    ConstraintIn,
    ConstraintOut,
    DeliveryModelOut,
    LessonFilter,
    LessonIn,
    LessonOut,
    PositionIn,
    PositionOut,
    ProgrammeChangeIn,
    ProgrammeOut,
)


class ProgrammeDetail(APIView):
    @extend_schema(operation_id="programmes_detail", responses=ProgrammeOut)
    def get(self, request: Request, programme_id: UUID) -> Response:
        """One programme."""
        return Response(ProgrammeOut(_programme(request, programme_id)).data)

    @extend_schema(operation_id="programmes_change", request=ProgrammeChangeIn, responses=ProgrammeOut)
    def patch(self, request: Request, programme_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        programme = _programme(request, programme_id)
        entered = _valid(ProgrammeChangeIn(data=request.data))
        changed = operations.change_programme(
            programme_id=programme.pk,
            version=entered["version"],
            name=entered.get("name", programme.name),
            summary=entered.get("summary", programme.summary),
            owner_id=entered.get("owner", programme.owner_id),
            by=person_of(request),
            now=business_now(),
        )
        return Response(ProgrammeOut(changed).data)


class Constraints(GenericAPIView):
    serializer_class = ConstraintOut

    @extend_schema(operation_id="constraints_list", responses=ConstraintOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Constraints that hold for the programme now, in the order recorded."""
        page = self.paginate_queryset(constraints_of(_programme(request, programme_id)))
        return self.get_paginated_response(ConstraintOut(page, many=True).data)

    @extend_schema(operation_id="constraints_record", request=ConstraintIn, responses={201: ConstraintOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Record what the programme must not become, or must keep to."""
        programme = _programme(request, programme_id)
        constraint = operations.record_constraint(
            programme_id=programme.pk,
            by=person_of(request),
            now=business_now(),
            **_valid(ConstraintIn(data=request.data)),
        )
        return Response(ConstraintOut(constraint).data, status=201)


class WithdrawConstraint(APIView):
    @extend_schema(operation_id="constraints_withdraw", request=None, responses=ConstraintOut)
    def post(self, request: Request, programme_id: UUID, constraint_id: UUID) -> Response:
        """End a constraint; the history keeps it."""
        programme = _programme(request, programme_id)
        if constraint_of(programme, constraint_id) is None:
            raise Http404
        withdrawn = operations.withdraw_constraint(
            programme_id=programme.pk, constraint_id=constraint_id, by=person_of(request), now=business_now()
        )
        return Response(ConstraintOut(withdrawn).data)


class Lessons(GenericAPIView):
    serializer_class = LessonOut

    @extend_schema(operation_id="lessons_of_programme_list", responses=LessonOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Lessons of one programme, newest first."""
        page = self.paginate_queryset(lessons_of(_programme(request, programme_id)))
        return self.get_paginated_response(LessonOut(page, many=True).data)

    @extend_schema(operation_id="lessons_record", request=LessonIn, responses={201: LessonOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Record something learned, for this programme and for later ones delivered the same way."""
        programme = _programme(request, programme_id)
        lesson = operations.record_lesson(
            programme_id=programme.pk,
            by=person_of(request),
            now=business_now(),
            **_valid(LessonIn(data=request.data)),
        )
        return Response(LessonOut(lesson).data, status=201)


class WithdrawLesson(APIView):
    @extend_schema(operation_id="lessons_withdraw", request=None, responses=LessonOut)
    def post(self, request: Request, programme_id: UUID, lesson_id: UUID) -> Response:
        """Take a lesson out of the lists; the history keeps it."""
        programme = _programme(request, programme_id)
        if lesson_of(programme, lesson_id) is None:
            raise Http404
        withdrawn = operations.withdraw_lesson(
            programme_id=programme.pk, lesson_id=lesson_id, by=person_of(request), now=business_now()
        )
        return Response(LessonOut(withdrawn).data)


class Positions(GenericAPIView):
    serializer_class = PositionOut

    @extend_schema(operation_id="positions_list", responses=PositionOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Views that were stated on where the programme should go, newest first. None of them is a decision."""
        page = self.paginate_queryset(positions_of(_programme(request, programme_id)))
        return self.get_paginated_response(PositionOut(page, many=True).data)

    @extend_schema(operation_id="positions_record", request=PositionIn, responses={201: PositionOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Record what somebody said, with its source."""
        programme = _programme(request, programme_id)
        entered = _valid(PositionIn(data=request.data))
        position = operations.record_position(
            programme_id=programme.pk,
            kind=PositionKind(entered.pop("kind")),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(PositionOut(position).data, status=201)


class WithdrawPosition(APIView):
    @extend_schema(operation_id="positions_withdraw", request=None, responses=PositionOut)
    def post(self, request: Request, programme_id: UUID, position_id: UUID) -> Response:
        """Take a position out of the lists; the history keeps it."""
        programme = _programme(request, programme_id)
        if position_of(programme, position_id) is None:
            raise Http404
        withdrawn = operations.withdraw_position(
            programme_id=programme.pk, position_id=position_id, by=person_of(request), now=business_now()
        )
        return Response(PositionOut(withdrawn).data)


class DeliveryModels(GenericAPIView):
    serializer_class = DeliveryModelOut

    @extend_schema(operation_id="delivery_models_list", responses=DeliveryModelOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """How the programme is and was delivered, the model that counts first. Only a decision changes it."""
        page = self.paginate_queryset(delivery_models_of(_programme(request, programme_id)))
        return self.get_paginated_response(DeliveryModelOut(page, many=True).data)


class AllLessons(GenericAPIView):
    serializer_class = LessonOut

    @extend_schema(operation_id="lessons_list", parameters=[LessonFilter], responses=LessonOut(many=True))
    def get(self, request: Request) -> Response:
        """Lessons of every programme you may see, newest first."""
        narrowed = _valid(LessonFilter(data=request.query_params))
        found = lessons_visible_to(person_of(request)).select_related("recorded_by")
        found = lessons_saying(found, narrowed.get("q", ""))
        if "delivery_model" in narrowed:
            found = found.filter(programme__delivery_model=narrowed["delivery_model"])
        return self.get_paginated_response(LessonOut(self.paginate_queryset(found), many=True).data)


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "programmes/<uuid:programme_id>/"
urlpatterns = [
    path(_ONE, ProgrammeDetail.as_view(), name="api_programme"),
    path(f"{_ONE}constraints/", Constraints.as_view(), name="api_constraints"),
    path(
        f"{_ONE}constraints/<uuid:constraint_id>/withdraw/",
        WithdrawConstraint.as_view(),
        name="api_withdraw_constraint",
    ),
    path(f"{_ONE}lessons/", Lessons.as_view(), name="api_lessons_of_programme"),
    path(f"{_ONE}lessons/<uuid:lesson_id>/withdraw/", WithdrawLesson.as_view(), name="api_withdraw_lesson"),
    path(f"{_ONE}positions/", Positions.as_view(), name="api_positions"),
    path(f"{_ONE}positions/<uuid:position_id>/withdraw/", WithdrawPosition.as_view(), name="api_withdraw_position"),
    path(f"{_ONE}delivery-models/", DeliveryModels.as_view(), name="api_delivery_models"),
    path("lessons/", AllLessons.as_view(), name="api_lessons"),
]
