"""The page of one organisation, and what it can do."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.queries import events_about
from partners.clock.queries import business_now
from partners.clock.rules import end_of_day, local_date
from partners.consortia import operations
from partners.consortia.forms import ClaimForm
from partners.consortia.permissions import can_keep_some_relationships
from partners.consortia.queries import (
    capabilities_to_choose,
    claim_visible_to,
    claims_of,
    memberships_of,
    relationships_visible_to,
    standing_at,
)
from partners.consortia.views.filling import DONE, attempt, form_page, organisation_or_404, typed
from partners.organisations.permissions import can_keep_partners, check_can_keep_partners
from partners.organisations.queries import contacts_of
from partners.people.queries import person_of

EVENTS_ON_A_PAGE = 20


@require_GET
def show(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    person, organisation, now = person_of(request), organisation_or_404(request, organisation_id), business_now()
    today = local_date(now)
    alone = list(relationships_visible_to(person).filter(organisation=organisation))
    standings = standing_at([each.pk for each in alone], on=today, known_at=end_of_day(today))
    context = {
        "organisation": organisation,
        "today": today,
        "contacts": list(contacts_of([organisation.pk])),
        "memberships": list(memberships_of(organisation_id=organisation.pk)),
        "claims": list(claims_of([organisation.pk])),
        "relationships": [(each, standings[each.pk]) for each in alone if each.pk in standings],
        "events": Paginator(events_about(organisation.pk), EVENTS_ON_A_PAGE).get_page(request.GET.get("page")),
        "can_keep": can_keep_partners(person),
        "can_start": can_keep_some_relationships(person),
    }
    return render(request, "partners/consortia/organisation.html", context)


@form_page
def claim(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    organisation = organisation_or_404(request, organisation_id)
    check_can_keep_partners(person_of(request))
    form = ClaimForm(typed(request))
    status = attempt(
        form,
        lambda entered: operations.claim_capability(
            organisation_id=organisation.pk,
            capability_id=entered.pop("capability"),
            **entered,
            by=person_of(request),
            now=business_now(),
        ),
    )
    if status == DONE:
        messages.success(request, "Recorded what the organisation can do.")
        return redirect("partner_organisation", organisation.pk)
    context = {"organisation": organisation, "form": form, "has_capabilities": capabilities_to_choose().exists()}
    return render(request, "partners/consortia/claim.html", context, status=status)


@form_page
def withdraw_claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    found = claim_visible_to(person_of(request), claim_id)
    if found is None:
        raise Http404
    check_can_keep_partners(person_of(request))
    if request.method == "POST":
        operations.withdraw_claim(claim_id=found.pk, by=person_of(request), now=business_now())
        messages.success(request, "Claim withdrawn.")
        return redirect("partner_organisation", found.organisation_id)
    return render(request, "partners/consortia/withdraw_claim.html", {"claim": found})
