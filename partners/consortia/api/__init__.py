"""Endpoints of this room, one module for each kind of thing."""

from django.urls import path

from partners.consortia.api import parties, relationships

urlpatterns = [
    path("own-organisation/", relationships.OwnOrganisation.as_view(), name="api_own_organisation"),
    path("partners/consortia/", parties.Consortia.as_view(), name="api_consortia"),
    path("partners/consortia/<uuid:consortium_id>/", parties.ConsortiumDetail.as_view(), name="api_consortium"),
    path("partners/consortia/<uuid:consortium_id>/members/", parties.Memberships.as_view(), name="api_memberships"),
    path("partners/members/<uuid:membership_id>/", parties.MembershipDetail.as_view(), name="api_membership"),
    path("partners/members/<uuid:membership_id>/end/", parties.EndMembership.as_view(), name="api_end_membership"),
    path("partners/capabilities/", parties.Capabilities.as_view(), name="api_capabilities"),
    path("partners/capabilities/<uuid:capability_id>/", parties.CapabilityDetail.as_view(), name="api_capability"),
    path("partners/organisations/<uuid:organisation_id>/claims/", parties.Claims.as_view(), name="api_claims"),
    path("partners/claims/<uuid:claim_id>/withdraw/", parties.WithdrawClaim.as_view(), name="api_withdraw_claim"),
    path("partners/relationships/", relationships.Relationships.as_view(), name="api_relationships"),
    path(
        "partners/relationships/<uuid:relationship_id>/",
        relationships.RelationshipDetail.as_view(),
        name="api_relationship",
    ),
    path(
        "partners/relationships/<uuid:relationship_id>/standings/",
        relationships.Standings.as_view(),
        name="api_standings",
    ),
    path("partners/relationships/<uuid:relationship_id>/terms/", relationships.Terms.as_view(), name="api_terms"),
    path("partners/terms/<uuid:term_id>/withdraw/", relationships.WithdrawTerm.as_view(), name="api_withdraw_term"),
    path("partners/who-can/", relationships.WhoCan.as_view(), name="api_who_can"),
]
