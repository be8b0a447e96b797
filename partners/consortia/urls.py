from django.urls import path

from partners.consortia.views import consortia, organisations, relationships

urlpatterns = [
    path("your-organisation/", relationships.own, name="own_organisation"),
    path("partners/", relationships.list_relationships, name="relationships"),
    path("partners/who-can/", relationships.call, name="who_can"),
    path("partners/relationships/new/", relationships.start, name="relationship_new"),
    path("partners/relationships/<uuid:relationship_id>/", relationships.show, name="relationship"),
    path(
        "partners/relationships/<uuid:relationship_id>/standing/", relationships.set_standing, name="relationship_set"
    ),
    path("partners/relationships/<uuid:relationship_id>/terms/new/", relationships.add_term, name="term_new"),
    path("partners/terms/<uuid:term_id>/withdraw/", relationships.withdraw_term, name="term_withdraw"),
    path("partners/organisations/<uuid:organisation_id>/", organisations.show, name="partner_organisation"),
    path("partners/organisations/<uuid:organisation_id>/claims/new/", organisations.claim, name="claim_new"),
    path("partners/claims/<uuid:claim_id>/withdraw/", organisations.withdraw_claim, name="claim_withdraw"),
    path("partners/consortia/", consortia.list_consortia, name="consortia"),
    path("partners/consortia/new/", consortia.add, name="consortium_new"),
    path("partners/consortia/<uuid:consortium_id>/", consortia.show, name="consortium"),
    path("partners/consortia/<uuid:consortium_id>/change/", consortia.change, name="consortium_change"),
    path("partners/consortia/<uuid:consortium_id>/members/new/", consortia.add_member, name="member_new"),
    path("partners/members/<uuid:membership_id>/correct/", consortia.correct_membership, name="member_correct"),
    path("partners/members/<uuid:membership_id>/end/", consortia.end_membership, name="member_end"),
    path("partners/capabilities/", consortia.capabilities, name="capabilities"),
    path("partners/capabilities/<uuid:capability_id>/", consortia.rename_capability, name="capability"),
]
