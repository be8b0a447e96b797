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
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling import operations
from programmes.scheduling.models import DeliveryMilestone
from programmes.scheduling.queries import milestone_as_told, milestones_of, milestones_visible_to
from programmes.scheduling.serializers import (
    AchieveIn,
    DeliveryMilestoneOut,
    DropIn,
    ForecastIn,
    MilestoneChangeIn,
    MilestoneFilter,
    MilestoneIn,
    TakeBackIn,
)


class Milestones(GenericAPIView):
    serializer_class = DeliveryMilestoneOut

    @extend_schema(
        operation_id="delivery_milestones_list", parameters=[MilestoneFilter], responses=DeliveryMilestoneOut(many=True)
    )
    def get(self, request: Request, programme_id: UUID) -> Response:
        """The milestones of a programme as they stand today, late ones first."""
        sought = _valid(MilestoneFilter(data=request.query_params))
        found = milestones_of(
            [_programme(request, programme_id).pk],
            today=local_date(business_now()),
            workstream_id=sought.get("workstream"),
        )
        page = self.paginate_queryset(found)  # type: ignore[arg-type]
        return self.get_paginated_response(DeliveryMilestoneOut(page, many=True).data)

    @extend_schema(operation_id="delivery_milestones_add", request=MilestoneIn, responses={201: DeliveryMilestoneOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Add a milestone, expected on the day first agreed. A repeated ``request_key`` returns the first."""
        programme = _programme(request, programme_id)
        entered = _valid(MilestoneIn(data=request.data))
        added = operations.add_milestone(
            programme_id=programme.pk,
            workstream_id=entered.pop("workstream"),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(_told(added), status=201)


class MilestoneDetail(APIView):
    @extend_schema(operation_id="delivery_milestones_detail", responses=DeliveryMilestoneOut)
    def get(self, request: Request, milestone_id: UUID) -> Response:
        """One milestone as it stands today."""
        return Response(_told(_milestone(request, milestone_id)))

    @extend_schema(operation_id="delivery_milestones_change", request=MilestoneChangeIn, responses=DeliveryMilestoneOut)
    def patch(self, request: Request, milestone_id: UUID) -> Response:
        """Change its name, whose it is, or whether it is critical. Answers 409 when the version is not the latest."""
        milestone = _milestone(request, milestone_id)
        entered = _valid(MilestoneChangeIn(data=request.data))
        saved = {
            "name": milestone.name,
            "workstream": milestone.workstream_id,
            "is_critical": milestone.is_critical,
        }
        wanted = saved | entered
        changed = operations.change_milestone(
            milestone_id=milestone.pk,
            workstream_id=wanted.pop("workstream"),
            by=person_of(request),
            now=business_now(),
            **wanted,
        )
        return Response(_told(changed))


class ForecastMilestone(APIView):
    @extend_schema(operation_id="delivery_milestones_forecast", request=ForecastIn, responses=DeliveryMilestoneOut)
    def post(self, request: Request, milestone_id: UUID) -> Response:
        """Expect it on another day, with the reason. The day first agreed never changes."""
        return _act(request, milestone_id, ForecastIn(data=request.data), operations.forecast_milestone)


class AchieveMilestone(APIView):
    @extend_schema(operation_id="delivery_milestones_achieve", request=AchieveIn, responses=DeliveryMilestoneOut)
    def post(self, request: Request, milestone_id: UUID) -> Response:
        """Record the day on which it was achieved."""
        return _act(request, milestone_id, AchieveIn(data=request.data), operations.achieve_milestone)


class TakeBackMilestone(APIView):
    @extend_schema(operation_id="delivery_milestones_take_back", request=TakeBackIn, responses=DeliveryMilestoneOut)
    def post(self, request: Request, milestone_id: UUID) -> Response:
        """Say that it is not achieved after all, with the reason."""
        return _act(request, milestone_id, TakeBackIn(data=request.data), operations.take_back_milestone)


class DropMilestone(APIView):
    @extend_schema(operation_id="delivery_milestones_drop", request=DropIn, responses=DeliveryMilestoneOut)
    def post(self, request: Request, milestone_id: UUID) -> Response:
        """Say that it is not wanted any more, with the reason."""
        return _act(request, milestone_id, DropIn(data=request.data), operations.drop_milestone)


def _act(request: Request, milestone_id: UUID, serializer: Serializer, operation: Any) -> Response:
    milestone = _milestone(request, milestone_id)
    entered = _valid(serializer)
    changed = operation(milestone_id=milestone.pk, by=person_of(request), now=business_now(), **entered)
    return Response(_told(changed))


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _milestone(request: Request, milestone_id: UUID) -> DeliveryMilestone:
    return get_object_or_404(milestones_visible_to(person_of(request)), pk=milestone_id)


def _told(milestone: DeliveryMilestone) -> dict[str, Any]:
    return DeliveryMilestoneOut(milestone_as_told(milestone, today=local_date(business_now()))).data


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "milestones/<uuid:milestone_id>/"
urlpatterns = [
    path("programmes/<uuid:programme_id>/milestones/", Milestones.as_view(), name="api_milestones"),
    path(_ONE, MilestoneDetail.as_view(), name="api_milestone"),
    path(f"{_ONE}forecast/", ForecastMilestone.as_view(), name="api_forecast_milestone"),
    path(f"{_ONE}achieve/", AchieveMilestone.as_view(), name="api_achieve_milestone"),
    path(f"{_ONE}take-back/", TakeBackMilestone.as_view(), name="api_take_back_milestone"),
    path(f"{_ONE}drop/", DropMilestone.as_view(), name="api_drop_milestone"),
]
