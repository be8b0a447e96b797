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
from programmes.register.queries import programmes_visible_to
from programmes.scheduling import operations
from programmes.scheduling.api.stages import told
from programmes.scheduling.models import LifeCycle
from programmes.scheduling.queries import life_cycle_with_id, life_cycles, versions_of
from programmes.scheduling.rules import StageGiven
from programmes.scheduling.serializers import (
    ChooseLifeCycleIn,
    LifeCycleChangeIn,
    LifeCycleIn,
    LifeCycleOut,
    LifeCycleRowOut,
    OfferIn,
    PublishIn,
    StagesOut,
)


class LifeCycles(GenericAPIView):
    serializer_class = LifeCycleRowOut

    @extend_schema(operation_id="life_cycles_list", responses=LifeCycleRowOut(many=True))
    def get(self, request: Request) -> Response:
        """Every life cycle, the default first."""
        return self.get_paginated_response(LifeCycleRowOut(self.paginate_queryset(life_cycles()), many=True).data)

    @extend_schema(operation_id="life_cycles_add", request=LifeCycleIn, responses={201: LifeCycleOut})
    def post(self, request: Request) -> Response:
        """Add a life cycle with its first version. For administrators. A repeated ``request_key`` returns the first."""
        entered = _valid(LifeCycleIn(data=request.data))
        added = operations.add_life_cycle(
            stages=_given(entered.pop("stages")), by=person_of(request), now=business_now(), **entered
        )
        return Response(_told(added), status=201)


class LifeCycleDetail(APIView):
    @extend_schema(operation_id="life_cycles_detail", responses=LifeCycleOut)
    def get(self, request: Request, life_cycle_id: UUID) -> Response:
        """One life cycle with its versions."""
        return Response(_told(_life_cycle(life_cycle_id)))

    @extend_schema(operation_id="life_cycles_change", request=LifeCycleChangeIn, responses=LifeCycleOut)
    def patch(self, request: Request, life_cycle_id: UUID) -> Response:
        """Change its name or description. For administrators. Answers 409 when the version is not the latest."""
        life_cycle = _life_cycle(life_cycle_id)
        entered = _valid(LifeCycleChangeIn(data=request.data))
        saved: dict[str, Any] = {"name": life_cycle.name, "description": life_cycle.description}
        changed = operations.change_life_cycle(
            life_cycle_id=life_cycle.pk, by=person_of(request), now=business_now(), **(saved | entered)
        )
        return Response(_told(changed))


class LifeCycleVersions(APIView):
    @extend_schema(operation_id="life_cycles_publish", request=PublishIn, responses={201: LifeCycleOut})
    def post(self, request: Request, life_cycle_id: UUID) -> Response:
        """Publish the next version. For administrators. Programmes keep the version that they follow."""
        life_cycle = _life_cycle(life_cycle_id)
        entered = _valid(PublishIn(data=request.data))
        operations.publish_version(
            life_cycle_id=life_cycle.pk,
            stages=_given(entered.pop("stages")),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(_told(_life_cycle(life_cycle_id)), status=201)


class OfferLifeCycle(APIView):
    @extend_schema(operation_id="life_cycles_offer", request=OfferIn, responses=LifeCycleOut)
    def post(self, request: Request, life_cycle_id: UUID) -> Response:
        """Offer it to new programmes, or withdraw it. For administrators."""
        life_cycle = _life_cycle(life_cycle_id)
        entered = _valid(OfferIn(data=request.data))
        changed = operations.offer_life_cycle(
            life_cycle_id=life_cycle.pk, by=person_of(request), now=business_now(), **entered
        )
        return Response(_told(changed))


class DefaultLifeCycle(APIView):
    @extend_schema(operation_id="life_cycles_make_default", request=None, responses=LifeCycleOut)
    def post(self, request: Request, life_cycle_id: UUID) -> Response:
        """Let new programmes follow it unless another is chosen. For administrators."""
        life_cycle = _life_cycle(life_cycle_id)
        changed = operations.choose_default_life_cycle(
            life_cycle_id=life_cycle.pk, by=person_of(request), now=business_now()
        )
        return Response(_told(changed))


class ChooseLifeCycle(APIView):
    @extend_schema(operation_id="stages_choose_life_cycle", request=ChooseLifeCycleIn, responses=StagesOut)
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Let a programme follow another life cycle. Answers 409 once a stage has started."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        entered, now = _valid(ChooseLifeCycleIn(data=request.data)), business_now()
        found = operations.choose_life_cycle(
            programme_id=programme.pk, life_cycle_id=entered["life_cycle"], by=person_of(request), now=now
        )
        return Response(told(programme.pk, [stage.dates for stage in found], now))


def _life_cycle(life_cycle_id: UUID) -> LifeCycle:
    found = life_cycle_with_id(life_cycle_id)
    if found is None:
        raise Http404
    return found


def _given(stages: list[dict[str, Any]]) -> list[StageGiven]:
    return [StageGiven(row["title"], row["gate_title"], tuple(row["checklist"]), row["key"]) for row in stages]


def _told(life_cycle: LifeCycle) -> dict[str, Any]:
    parts = ("id", "key", "name", "description", "is_default", "is_offered", "version")
    row = {part: getattr(life_cycle, part) for part in parts}
    return LifeCycleOut(row | {"versions": versions_of(life_cycle)}).data


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "life-cycles/<uuid:life_cycle_id>/"
urlpatterns = [
    path("life-cycles/", LifeCycles.as_view(), name="api_life_cycles"),
    path(_ONE, LifeCycleDetail.as_view(), name="api_life_cycle"),
    path(f"{_ONE}versions/", LifeCycleVersions.as_view(), name="api_life_cycle_versions"),
    path(f"{_ONE}offer/", OfferLifeCycle.as_view(), name="api_offer_life_cycle"),
    path(f"{_ONE}default/", DefaultLifeCycle.as_view(), name="api_default_life_cycle"),
    path("programmes/<uuid:programme_id>/life-cycle/", ChooseLifeCycle.as_view(), name="api_choose_life_cycle"),
]
