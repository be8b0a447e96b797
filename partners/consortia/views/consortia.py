"""Consortia with their members, and the list of capabilities."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from partners.audit.queries import events_about
from partners.audit.rules import Conflict
from partners.clock.queries import business_now
from partners.clock.rules import end_of_day, local_date
from partners.consortia import operations
from partners.consortia.enums import MemberRole
from partners.consortia.forms import (
    AddCapabilityForm,
    AddConsortiumForm,
    AddMemberForm,
    CapabilityForm,
    ChangeConsortiumForm,
    ConsortiaFilterForm,
    CorrectMembershipForm,
    EndMembershipForm,
)
from partners.consortia.models import ConsortiumMembership
from partners.consortia.permissions import can_keep_some_relationships
from partners.consortia.queries import (
    capabilities_to_choose,
    claims_of,
    consortia_narrowed,
    members_on,
    membership_visible_to,
    memberships_of,
    relationships_visible_to,
    standing_at,
)
from partners.consortia.views.filling import (
    DONE,
    attempt,
    consortium_or_404,
    form_page,
    reader_of,
    tell_conflict,
    typed,
)
from partners.organisations.permissions import can_keep_partners, check_can_keep_partners
from partners.organisations.queries import organisations_visible_to
from partners.people.queries import person_of

CONSORTIA_ON_A_PAGE = 50
EVENTS_ON_A_PAGE = 20


@require_GET
def list_consortia(request: HttpRequest) -> HttpResponse:
    person, today = reader_of(request), local_date(business_now())
    form = ConsortiaFilterForm(request.GET)
    page = Paginator(consortia_narrowed(person, q=form.words), CONSORTIA_ON_A_PAGE).get_page(request.GET.get("page"))
    members = members_on([each.pk for each in page.object_list], today)
    context = {
        "form": form,
        "is_narrowed": bool(form.words),
        "page": page,
        "rows": [(each, members[each.pk]) for each in page.object_list],
        "can_keep": can_keep_partners(person),
    }
    return render(request, "partners/consortia/list.html", context)


@require_GET
def show(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    person, consortium = person_of(request), consortium_or_404(request, consortium_id)
    today = local_date(business_now())
    memberships = list(memberships_of(consortium_id=consortium.pk))
    current = [each for each in memberships if each.holds_on(today)]
    found = list(relationships_visible_to(person).filter(consortium=consortium))
    standings = standing_at([each.pk for each in found], on=today, known_at=end_of_day(today))
    context = {
        "consortium": consortium,
        "today": today,
        "current": sorted(current, key=lambda each: list(MemberRole).index(MemberRole(each.role))),
        "others": [each for each in memberships if not each.holds_on(today)],
        "claims": list(claims_of({each.organisation_id for each in current})),
        "relationships": [(each, standings[each.pk]) for each in found if each.pk in standings],
        "events": Paginator(events_about(consortium.pk), EVENTS_ON_A_PAGE).get_page(request.GET.get("page")),
        "can_keep": can_keep_partners(person),
        "can_start": can_keep_some_relationships(person),
    }
    return render(request, "partners/consortia/consortium.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check_can_keep_partners(person_of(request))
    form = AddConsortiumForm(typed(request))
    status = attempt(
        form, lambda entered: operations.add_consortium(**entered, by=person_of(request), now=business_now())
    )
    if status == DONE:
        messages.success(request, f"{form.cleaned_data['name']} added. Next, say who is in it.")
        return redirect("consortium", form.cleaned_data["request_key"])
    return render(request, "partners/consortia/add.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    consortium = consortium_or_404(request, consortium_id)
    check_can_keep_partners(person_of(request))
    sent = typed(request)
    form = ChangeConsortiumForm(sent) if sent is not None else ChangeConsortiumForm.showing(consortium)
    context: dict[str, Any] = {"differences": []}
    try:
        status = attempt(
            form,
            lambda entered: operations.change_consortium(
                consortium_id=consortium_id, **entered, by=person_of(request), now=business_now()
            ),
        )
    except Conflict as conflict:
        consortium = consortium_or_404(request, consortium_id)
        status = tell_conflict(request, form, conflict, version=consortium.version)
        context["differences"] = form.differences(consortium)
    if status == DONE:
        messages.success(request, "Consortium changed.")
        return redirect("consortium", consortium_id)
    context |= {"consortium": consortium, "form": form}
    return render(request, "partners/consortia/change.html", context, status=status)


@form_page
def add_member(request: HttpRequest, consortium_id: UUID) -> HttpResponse:
    consortium = consortium_or_404(request, consortium_id)
    person = person_of(request)
    check_can_keep_partners(person)
    form = AddMemberForm(typed(request), organisations=organisations_visible_to(person))
    status = attempt(
        form,
        lambda entered: operations.add_member(
            consortium_id=consortium_id,
            organisation_id=entered["organisation"],
            role=MemberRole(entered["role"]),
            from_on=entered["from_on"],
            to_on=entered["to_on"],
            evidence=entered["evidence"],
            request_key=entered["request_key"],
            by=person,
            now=business_now(),
        ),
    )
    if status == DONE:
        messages.success(request, "Member added.")
        return redirect("consortium", consortium_id)
    context = {"consortium": consortium, "form": form}
    return render(request, "partners/consortia/add_member.html", context, status=status)


@form_page
def end_membership(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    membership = _membership(request, membership_id)
    form = EndMembershipForm(typed(request))
    status = attempt(
        form,
        lambda entered: operations.end_membership(
            membership_id=membership_id, to_on=entered["to_on"], by=person_of(request), now=business_now()
        ),
    )
    if status == DONE:
        messages.success(request, f"The last day of {membership.organisation} in it is recorded.")
        return redirect("consortium", membership.consortium_id)
    context = {"membership": membership, "form": form}
    return render(request, "partners/consortia/end_membership.html", context, status=status)


@form_page
def correct_membership(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    membership = _membership(request, membership_id)
    sent = typed(request)
    form = CorrectMembershipForm(sent) if sent is not None else CorrectMembershipForm.showing(membership)
    try:
        status = attempt(
            form,
            lambda entered: operations.correct_membership(
                membership_id=membership_id,
                role=MemberRole(entered.pop("role")),
                **entered,
                by=person_of(request),
                now=business_now(),
            ),
        )
    except Conflict as conflict:
        membership = _membership(request, membership_id)
        status = tell_conflict(request, form, conflict, version=membership.consortium.version)
    if status == DONE:
        messages.success(request, f"How {membership.organisation} is in it is corrected.")
        return redirect("consortium", membership.consortium_id)
    context = {"membership": membership, "form": form}
    return render(request, "partners/consortia/correct_membership.html", context, status=status)


@form_page
def capabilities(request: HttpRequest) -> HttpResponse:
    """The list, and a form below it for those who may add to it."""
    person = reader_of(request)
    if request.method == "POST":
        check_can_keep_partners(person)
    form = AddCapabilityForm(typed(request))
    status = attempt(form, lambda entered: operations.add_capability(**entered, by=person, now=business_now()))
    if status == DONE:
        messages.success(request, f"{form.cleaned_data['name']} added.")
        return redirect("capabilities")
    context = {"capabilities": list(capabilities_to_choose()), "form": form, "can_keep": can_keep_partners(person)}
    return render(request, "partners/consortia/capabilities.html", context, status=status)


@form_page
def rename_capability(request: HttpRequest, capability_id: UUID) -> HttpResponse:
    person = reader_of(request)
    capability = get_object_or_404(capabilities_to_choose(), pk=capability_id)
    check_can_keep_partners(person)
    saved = {"name": capability.name, "description": capability.description}
    form = CapabilityForm(typed(request), initial=saved)
    status = attempt(
        form,
        lambda entered: operations.rename_capability(
            capability_id=capability_id, **entered, by=person, now=business_now()
        ),
    )
    if status == DONE:
        messages.success(request, "Capability changed.")
        return redirect("capabilities")
    context = {"capability": capability, "form": form}
    return render(request, "partners/consortia/rename_capability.html", context, status=status)


def _membership(request: HttpRequest, membership_id: UUID) -> ConsortiumMembership:
    """Raises: Http404 for who may not see it; NotPermitted for who may not keep it."""
    membership = membership_visible_to(person_of(request), membership_id)
    if membership is None:
        raise Http404
    check_can_keep_partners(person_of(request))
    return membership
