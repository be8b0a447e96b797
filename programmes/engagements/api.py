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
from programmes.engagements import operations
from programmes.engagements.enums import EngagementState
from programmes.engagements.models import Engagement
from programmes.engagements.queries import (
    acknowledgements_of,
    bids_for,
    engagements_of,
    engagements_visible_to,
)
from programmes.engagements.rules import Facts
from programmes.engagements.serializers import (
    AcknowledgementIn,
    AcknowledgementOut,
    BidIn,
    BidOut,
    EngagementChangeIn,
    EngagementFilter,
    EngagementIn,
    EngagementOut,
    RollOffIn,
    UndoRollOffIn,
)
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to


class Engagements(GenericAPIView):
    serializer_class = EngagementOut

    @extend_schema(operation_id="engagements_list", parameters=[EngagementFilter], responses=EngagementOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Who works or worked on the programme, the earliest start first, with their state on a day."""
        sought = _valid(EngagementFilter(data=request.query_params))
        found = engagements_of(
            _programme(request, programme_id),
            on=sought.get("on", local_date(business_now())),
            states=[sought["state"]] if "state" in sought else list(EngagementState),
            kind=sought.get("kind", ""),
            organisation_id=sought.get("organisation"),
        )
        return self.get_paginated_response(EngagementOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="engagements_add", request=EngagementIn, responses={201: EngagementOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Say who works on the programme from when on."""
        programme = _programme(request, programme_id)
        entered = _valid(EngagementIn(data=request.data))
        added = operations.add_engagement(
            programme_id=programme.pk,
            request_key=entered.pop("request_key"),
            facts=_facts(entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(added), status=201)


class EngagementDetail(APIView):
    @extend_schema(operation_id="engagements_detail", responses=EngagementOut)
    def get(self, request: Request, engagement_id: UUID) -> Response:
        """One engagement with its state today."""
        return Response(_detail(_engagement(request, engagement_id)))

    @extend_schema(operation_id="engagements_change", request=EngagementChangeIn, responses=EngagementOut)
    def patch(self, request: Request, engagement_id: UUID) -> Response:
        """Correct some of it. Answers 409 with who changed what when the version is not the latest."""
        engagement = _engagement(request, engagement_id)
        entered = _valid(EngagementChangeIn(data=request.data))
        version = entered.pop("version")
        saved = {
            "kind": engagement.kind,
            "who": engagement.who,
            "organisation": engagement.organisation_id,
            "workstream": engagement.workstream_id,
            "task": engagement.task,
            "starts_on": engagement.starts_on,
            "planned_end_on": engagement.planned_end_on,
            "source": engagement.source,
        }
        changed = operations.change_engagement(
            engagement_id=engagement.pk,
            version=version,
            facts=_facts(saved | entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(changed))


class RollOff(APIView):
    @extend_schema(operation_id="engagements_roll_off", request=RollOffIn, responses=EngagementOut)
    def post(self, request: Request, engagement_id: UUID) -> Response:
        """Set the last day of an engagement."""
        engagement = _engagement(request, engagement_id)
        entered = _valid(RollOffIn(data=request.data))
        ended = operations.roll_off(engagement_id=engagement.pk, by=person_of(request), now=business_now(), **entered)
        return Response(_detail(ended))


class UndoRollOff(APIView):
    @extend_schema(operation_id="engagements_undo_roll_off", request=UndoRollOffIn, responses=EngagementOut)
    def post(self, request: Request, engagement_id: UUID) -> Response:
        """Take back a last day that was set by mistake; the engagement goes on."""
        engagement = _engagement(request, engagement_id)
        entered = _valid(UndoRollOffIn(data=request.data))
        resumed = operations.undo_roll_off(
            engagement_id=engagement.pk, by=person_of(request), now=business_now(), **entered
        )
        return Response(_detail(resumed))


class Bids(GenericAPIView):
    serializer_class = BidOut

    @extend_schema(operation_id="bids_list", responses=BidOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Who bid for the programme, by the day they were named, with their members that day."""
        page = self.paginate_queryset(bids_for(_programme(request, programme_id)))  # type: ignore[arg-type]
        return self.get_paginated_response(BidOut(page, many=True).data)

    @extend_schema(operation_id="bids_record", request=BidIn, responses={201: BidOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Record that a partner was named as a bidder; the relationship is bidding from that day on."""
        programme = _programme(request, programme_id)
        entered = _valid(BidIn(data=request.data))
        bid = operations.record_bid(
            programme_id=programme.pk,
            relationship_id=entered.pop("relationship"),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        row = next(row for row in bids_for(programme) if row.id == bid.pk)
        return Response(BidOut(row).data, status=201)


class Acknowledgements(GenericAPIView):
    serializer_class = AcknowledgementOut

    @extend_schema(operation_id="acknowledgements_list", responses=AcknowledgementOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """What was said in recognition of the work, the latest first."""
        page = self.paginate_queryset(acknowledgements_of(_programme(request, programme_id)))
        return self.get_paginated_response(AcknowledgementOut(page, many=True).data)

    @extend_schema(
        operation_id="acknowledgements_record", request=AcknowledgementIn, responses={201: AcknowledgementOut}
    )
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Put an acknowledgement on record. It is never changed afterwards."""
        programme = _programme(request, programme_id)
        entered = _valid(AcknowledgementIn(data=request.data))
        acknowledgement = operations.record_acknowledgement(
            programme_id=programme.pk,
            office_id=entered.pop("office"),
            engagement_id=entered.pop("engagement"),
            by=person_of(request),
            now=business_now(),
            **entered,
        )
        return Response(AcknowledgementOut(acknowledgement).data, status=201)


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _engagement(request: Request, engagement_id: UUID) -> Engagement:
    return get_object_or_404(engagements_visible_to(person_of(request)), pk=engagement_id)


def _detail(engagement: Engagement) -> dict[str, Any]:
    today = local_date(business_now())
    found = engagements_of(engagement.programme, on=today).get(pk=engagement.pk)
    return dict(EngagementOut(found).data)


def _facts(entered: dict[str, Any]) -> Facts:
    return Facts(organisation_id=entered.pop("organisation"), workstream_id=entered.pop("workstream"), **entered)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_PROGRAMME, _ONE = "programmes/<uuid:programme_id>/", "engagements/<uuid:engagement_id>/"
urlpatterns = [
    path(f"{_PROGRAMME}engagements/", Engagements.as_view(), name="api_engagements"),
    path(_ONE, EngagementDetail.as_view(), name="api_engagement"),
    path(f"{_ONE}roll-off/", RollOff.as_view(), name="api_roll_off"),
    path(f"{_ONE}undo-roll-off/", UndoRollOff.as_view(), name="api_undo_roll_off"),
    path(f"{_PROGRAMME}bids/", Bids.as_view(), name="api_bids"),
    path(f"{_PROGRAMME}acknowledgements/", Acknowledgements.as_view(), name="api_acknowledgements"),
]
