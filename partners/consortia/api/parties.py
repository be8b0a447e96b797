"""Consortia with their members, capabilities and who claims them."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.consortia import operations
from partners.consortia.api.reading import valid
from partners.consortia.enums import MemberRole
from partners.consortia.models import Consortium, ConsortiumMembership
from partners.consortia.queries import (
    capabilities_to_choose,
    claim_visible_to,
    claims_of,
    consortia_narrowed,
    consortia_visible_to,
    members_on,
    membership_visible_to,
    memberships_of,
)
from partners.consortia.serializers import (
    CapabilityChangeIn,
    CapabilityIn,
    CapabilityOut,
    ClaimIn,
    ClaimOut,
    ConsortiumChangeIn,
    ConsortiumDetailOut,
    ConsortiumIn,
    ConsortiumOut,
    DayFilter,
    MembershipCorrectionIn,
    MembershipEndIn,
    MembershipIn,
    MembershipOut,
    NameFilter,
)
from partners.organisations.models import Organisation
from partners.organisations.permissions import can_see_partners
from partners.organisations.queries import organisations_visible_to
from partners.people.queries import person_of


class Consortia(GenericAPIView):
    serializer_class = ConsortiumOut

    @extend_schema(operation_id="consortia_list", parameters=[NameFilter], responses=ConsortiumOut(many=True))
    def get(self, request: Request) -> Response:
        """Consortia by name; for whoever holds a role."""
        narrowed = valid(NameFilter(data=request.query_params))
        page = self.paginate_queryset(consortia_narrowed(person_of(request), **narrowed))
        return self.get_paginated_response(ConsortiumOut(page, many=True).data)

    @extend_schema(operation_id="consortia_add", request=ConsortiumIn, responses={201: ConsortiumOut})
    def post(self, request: Request) -> Response:
        """Add a consortium that has no members yet."""
        entered = valid(ConsortiumIn(data=request.data))
        consortium = operations.add_consortium(**entered, by=person_of(request), now=business_now())
        return Response(ConsortiumOut(consortium).data, status=201)


class ConsortiumDetail(APIView):
    @extend_schema(operation_id="consortia_detail", parameters=[DayFilter], responses=ConsortiumDetailOut)
    def get(self, request: Request, consortium_id: UUID) -> Response:
        """One consortium with its members on the day."""
        consortium = _consortium(request, consortium_id)
        on = valid(DayFilter(data=request.query_params)).get("on") or local_date(business_now())
        members = members_on([consortium_id], on)[consortium_id]
        return Response(ConsortiumDetailOut({**ConsortiumOut(consortium).data, "members": members}).data)

    @extend_schema(operation_id="consortia_change", request=ConsortiumChangeIn, responses=ConsortiumOut)
    def patch(self, request: Request, consortium_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        consortium = _consortium(request, consortium_id)
        entered = valid(ConsortiumChangeIn(data=request.data))
        changed = operations.change_consortium(
            consortium_id=consortium_id,
            version=entered["version"],
            name=entered.get("name", consortium.name),
            about=entered.get("about", consortium.about),
            source=entered.get("source", consortium.source),
            by=person_of(request),
            now=business_now(),
        )
        return Response(ConsortiumOut(changed).data)


class Memberships(GenericAPIView):
    serializer_class = MembershipOut

    @extend_schema(operation_id="memberships_list", responses=MembershipOut(many=True))
    def get(self, request: Request, consortium_id: UUID) -> Response:
        """Every membership of a consortium, ended ones too, the latest first."""
        page = self.paginate_queryset(memberships_of(consortium_id=_consortium(request, consortium_id).pk))
        return self.get_paginated_response(MembershipOut(page, many=True).data)

    @extend_schema(operation_id="memberships_add", request=MembershipIn, responses={201: MembershipOut})
    def post(self, request: Request, consortium_id: UUID) -> Response:
        """Put an organisation in a consortium. Only one can lead it on any day."""
        consortium = _consortium(request, consortium_id)
        entered = valid(MembershipIn(data=request.data))
        membership = operations.add_member(
            consortium_id=consortium.pk,
            organisation_id=entered.pop("organisation"),
            role=MemberRole(entered.pop("role")),
            **entered,
            by=person_of(request),
            now=business_now(),
        )
        return Response(MembershipOut(membership).data, status=201)


class MembershipDetail(APIView):
    @extend_schema(operation_id="memberships_correct", request=MembershipCorrectionIn, responses=MembershipOut)
    def patch(self, request: Request, membership_id: UUID) -> Response:
        """Put right what was entered of a membership. Bids keep the members that they were made with."""
        membership = _membership(request, membership_id)
        entered = valid(MembershipCorrectionIn(data=request.data))
        corrected = operations.correct_membership(
            membership_id=membership_id,
            version=entered["version"],
            role=MemberRole(entered.get("role", membership.role)),
            from_on=entered.get("from_on", membership.from_on),
            to_on=entered.get("to_on", membership.to_on),
            evidence=entered.get("evidence", membership.evidence),
            by=person_of(request),
            now=business_now(),
        )
        return Response(MembershipOut(corrected).data)


class EndMembership(APIView):
    @extend_schema(operation_id="memberships_end", request=MembershipEndIn, responses=MembershipOut)
    def post(self, request: Request, membership_id: UUID) -> Response:
        """Set the last day of a membership that has none."""
        _membership(request, membership_id)
        entered = valid(MembershipEndIn(data=request.data))
        ended = operations.end_membership(
            membership_id=membership_id, to_on=entered["to_on"], by=person_of(request), now=business_now()
        )
        return Response(MembershipOut(ended).data)


class Capabilities(GenericAPIView):
    serializer_class = CapabilityOut

    @extend_schema(operation_id="capabilities_list", responses=CapabilityOut(many=True))
    def get(self, request: Request) -> Response:
        """What partners may be able to do, by name; for whoever holds a role."""
        _check_reader(request)
        page = self.paginate_queryset(capabilities_to_choose())
        return self.get_paginated_response(CapabilityOut(page, many=True).data)

    @extend_schema(operation_id="capabilities_add", request=CapabilityIn, responses={201: CapabilityOut})
    def post(self, request: Request) -> Response:
        """Add a capability."""
        _check_reader(request)
        entered = valid(CapabilityIn(data=request.data))
        capability = operations.add_capability(**entered, by=person_of(request), now=business_now())
        return Response(CapabilityOut(capability).data, status=201)


class CapabilityDetail(APIView):
    @extend_schema(operation_id="capabilities_change", request=CapabilityChangeIn, responses=CapabilityOut)
    def patch(self, request: Request, capability_id: UUID) -> Response:
        """Say it in other words; every claim keeps to it."""
        _check_reader(request)
        capability = get_object_or_404(capabilities_to_choose(), pk=capability_id)
        entered = valid(CapabilityChangeIn(data=request.data))
        renamed = operations.rename_capability(
            capability_id=capability_id,
            name=entered.get("name", capability.name),
            description=entered.get("description", capability.description),
            by=person_of(request),
            now=business_now(),
        )
        return Response(CapabilityOut(renamed).data)


class Claims(GenericAPIView):
    serializer_class = ClaimOut

    @extend_schema(operation_id="claims_list", responses=ClaimOut(many=True))
    def get(self, request: Request, organisation_id: UUID) -> Response:
        """What an organisation claims to be able to do, by capability."""
        page = self.paginate_queryset(claims_of([_organisation(request, organisation_id).pk]))
        return self.get_paginated_response(ClaimOut(page, many=True).data)

    @extend_schema(operation_id="claims_add", request=ClaimIn, responses={201: ClaimOut})
    def post(self, request: Request, organisation_id: UUID) -> Response:
        """Record that an organisation can do something, on which evidence."""
        organisation = _organisation(request, organisation_id)
        entered = valid(ClaimIn(data=request.data))
        claim = operations.claim_capability(
            organisation_id=organisation.pk,
            capability_id=entered.pop("capability"),
            **entered,
            by=person_of(request),
            now=business_now(),
        )
        return Response(ClaimOut(claim).data, status=201)


class WithdrawClaim(APIView):
    @extend_schema(operation_id="claims_withdraw", request=None, responses=ClaimOut)
    def post(self, request: Request, claim_id: UUID) -> Response:
        """End a claim; it holds for days before this one."""
        if claim_visible_to(person_of(request), claim_id) is None:
            raise Http404
        claim = operations.withdraw_claim(claim_id=claim_id, by=person_of(request), now=business_now())
        return Response(ClaimOut(claim).data)


def _consortium(request: Request, consortium_id: UUID) -> Consortium:
    return get_object_or_404(consortia_visible_to(person_of(request)), pk=consortium_id)


def _organisation(request: Request, organisation_id: UUID) -> Organisation:
    return get_object_or_404(organisations_visible_to(person_of(request)), pk=organisation_id)


def _membership(request: Request, membership_id: UUID) -> ConsortiumMembership:
    membership = membership_visible_to(person_of(request), membership_id)
    if membership is None:
        raise Http404
    return membership


def _check_reader(request: Request) -> None:
    if not can_see_partners(person_of(request)):
        raise Http404
