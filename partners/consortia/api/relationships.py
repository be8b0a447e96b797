"""Relationships as at a day, whom one can call on, and what a partner's contact sees of them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.clock.rules import end_of_day, local_date
from partners.consortia import operations
from partners.consortia.api.reading import valid
from partners.consortia.enums import RelationshipState, TermKind
from partners.consortia.models import Relationship
from partners.consortia.queries import (
    Wanted,
    own_dealings,
    portfolio_scopes_of,
    relationship_row,
    relationship_rows,
    relationships_visible_to,
    standings_of,
    term_visible_to,
    terms_of,
    who_can,
)
from partners.consortia.serializers import (
    CallOut,
    CallQuery,
    DayFilter,
    OwnDealingsOut,
    RelationshipFilter,
    RelationshipIn,
    RelationshipOut,
    SetStandingIn,
    StandingOut,
    TermIn,
    TermOut,
)
from partners.organisations.queries import organisation_of
from partners.people.queries import person_of


class Relationships(GenericAPIView):
    serializer_class = RelationshipOut

    @extend_schema(
        operation_id="relationships_list", parameters=[RelationshipFilter], responses=RelationshipOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """Relationships of the portfolios that you see, as at a day: available ones first, expired ones last."""
        narrowed = valid(RelationshipFilter(data=request.query_params))
        today = local_date(business_now())
        found = relationship_rows(
            person_of(request),
            on=narrowed.pop("on", today),
            known_at=end_of_day(today),
            wanted=Wanted(**narrowed),
        )
        return self.get_paginated_response(RelationshipOut(self.paginate_queryset(found), many=True).data)  # type: ignore[arg-type]

    @extend_schema(operation_id="relationships_start", request=RelationshipIn, responses={201: RelationshipOut})
    def post(self, request: Request) -> Response:
        """Start the relationship of a portfolio with one partner, where it stands today."""
        entered = valid(RelationshipIn(data=request.data))
        person, now = person_of(request), business_now()
        scope = get_object_or_404(portfolio_scopes_of(person), pk=entered.pop("scope"))
        relationship = operations.start_relationship(
            scope_id=scope.pk,
            organisation_id=entered.pop("organisation", None),
            consortium_id=entered.pop("consortium", None),
            **_standing(entered),
            by=person,
            now=now,
        )
        return Response(_shown(relationship, on=local_date(now)), status=201)


class RelationshipDetail(APIView):
    @extend_schema(operation_id="relationships_detail", parameters=[DayFilter], responses=RelationshipOut)
    def get(self, request: Request, relationship_id: UUID) -> Response:
        """One relationship as at a day; not found on a day before it was on record."""
        on = valid(DayFilter(data=request.query_params)).get("on") or local_date(business_now())
        return Response(_shown(_relationship(request, relationship_id), on=on))


class Standings(GenericAPIView):
    serializer_class = StandingOut

    @extend_schema(operation_id="standings_list", responses=StandingOut(many=True))
    def get(self, request: Request, relationship_id: UUID) -> Response:
        """Every standing that was ever recorded, the latest first."""
        found = standings_of(_relationship(request, relationship_id), on=local_date(business_now()))
        return self.get_paginated_response(StandingOut(self.paginate_queryset(found), many=True).data)  # type: ignore[arg-type]

    @extend_schema(operation_id="standings_set", request=SetStandingIn, responses={201: RelationshipOut})
    def post(self, request: Request, relationship_id: UUID) -> Response:
        """Say where a relationship stands from a day on. Answers 409 when the version is not the latest."""
        relationship = _relationship(request, relationship_id)
        entered, now = valid(SetStandingIn(data=request.data)), business_now()
        operations.set_standing(relationship_id=relationship.pk, **_standing(entered), by=person_of(request), now=now)
        return Response(_shown(_relationship(request, relationship_id), on=local_date(now)), status=201)


class Terms(GenericAPIView):
    serializer_class = TermOut

    @extend_schema(operation_id="terms_list", responses=TermOut(many=True))
    def get(self, request: Request, relationship_id: UUID) -> Response:
        """Every term, also ended and withdrawn ones, those that hold first."""
        page = self.paginate_queryset(terms_of(_relationship(request, relationship_id)))
        return self.get_paginated_response(TermOut(page, many=True).data)

    @extend_schema(operation_id="terms_add", request=TermIn, responses={201: TermOut})
    def post(self, request: Request, relationship_id: UUID) -> Response:
        """Record something that binds the two sides."""
        relationship = _relationship(request, relationship_id)
        entered = valid(TermIn(data=request.data))
        term = operations.add_term(
            relationship_id=relationship.pk,
            kind=TermKind(entered.pop("kind")),
            **entered,
            by=person_of(request),
            now=business_now(),
        )
        return Response(TermOut(term).data, status=201)


class WithdrawTerm(APIView):
    @extend_schema(operation_id="terms_withdraw", request=None, responses=TermOut)
    def post(self, request: Request, term_id: UUID) -> Response:
        """End a term; the row stays."""
        if term_visible_to(person_of(request), term_id) is None:
            raise Http404
        return Response(
            TermOut(operations.withdraw_term(term_id=term_id, by=person_of(request), now=business_now())).data
        )


class WhoCan(APIView):
    @extend_schema(operation_id="partners_who_can", parameters=[CallQuery], responses=CallOut(many=True))
    def get(self, request: Request) -> Response:
        """Whom you can call on for these capabilities on a day, with who nearly fits and why not."""
        asked = valid(CallQuery(data=request.query_params))
        today = local_date(business_now())
        rows = who_can(
            asked["capability"],
            on=asked.get("on", today),
            known_at=end_of_day(min(asked.get("known_at", today), today)),
            user=person_of(request),
            sector=asked.get("sector", ""),
        )
        return Response(CallOut(rows, many=True).data)


class OwnOrganisation(APIView):
    @extend_schema(operation_id="own_organisation", responses=OwnDealingsOut)
    def get(self, request: Request) -> Response:
        """As a partner's contact: your organisation, its consortia, and where they stand with us."""
        organisation = organisation_of(person_of(request))
        if organisation is None:
            raise Http404
        return Response(OwnDealingsOut(own_dealings(organisation, today=local_date(business_now()))).data)


def _relationship(request: Request, relationship_id: UUID) -> Relationship:
    return get_object_or_404(relationships_visible_to(person_of(request)), pk=relationship_id)


def _standing(entered: dict[str, Any]) -> dict[str, Any]:
    """What was sent of a standing, as operations take it."""
    owner = entered.pop("owner")
    return entered | {"state": RelationshipState(entered["state"]), "owner_id": owner}


def _shown(relationship: Relationship, *, on: date) -> dict[str, Any]:
    row = relationship_row(relationship, on=on, known_at=end_of_day(local_date(business_now())))
    if row is None:
        raise Http404
    return dict(RelationshipOut(row).data)
