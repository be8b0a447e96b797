from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.organisations import operations
from partners.organisations.enums import Sector
from partners.organisations.forms import (
    AddOrganisationForm,
    ChangeOrganisationForm,
    ContactForm,
    OrganisationFilterForm,
)
from partners.organisations.models import Organisation
from partners.organisations.permissions import can_keep_partners, can_see_partners, check_can_keep_partners
from partners.organisations.queries import contact_visible_to, organisations_narrowed, organisations_visible_to
from partners.people.queries import person_of

ORGANISATIONS_ON_A_PAGE = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def list_organisations(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if not can_see_partners(person):
        raise Http404
    form = OrganisationFilterForm(request.GET)
    found = organisations_narrowed(person, **form.wanted)
    context = {
        "form": form,
        "page": Paginator(found, ORGANISATIONS_ON_A_PAGE).get_page(request.GET.get("page")),
        "is_narrowed": bool(form.wanted),
        "can_keep": can_keep_partners(person),
    }
    return render(request, "partners/organisations/list.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check_can_keep_partners(person_of(request))
    form = AddOrganisationForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            organisation = operations.add_organisation(**_entered(form), by=person_of(request), now=business_now())
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{organisation.name} added. Next, say what it can do and whom we write to.")
            return redirect("partner_organisation", organisation.pk)
    return render(request, "partners/organisations/add.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    organisation = _organisation(request, organisation_id)
    check_can_keep_partners(person_of(request))
    is_sent = request.method == "POST"
    form = ChangeOrganisationForm(request.POST) if is_sent else ChangeOrganisationForm.showing(organisation)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if is_sent and form.is_valid():
        try:
            operations.change_organisation(
                organisation_id=organisation.pk, **_entered(form), by=person_of(request), now=business_now()
            )
        except Conflict as conflict:
            organisation = _organisation(request, organisation_id)
            form.data = request.POST.copy()
            form.data["version"] = str(organisation.version)
            context["differences"] = form.differences(organisation)
            status = _tell(form, conflict)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Organisation changed.")
            return redirect("partner_organisation", organisation_id)
    context |= {"organisation": organisation, "form": form}
    return render(request, "partners/organisations/change.html", context, status=status)


@form_page
def add_contact(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    organisation = _organisation(request, organisation_id)
    check_can_keep_partners(person_of(request))
    form = ContactForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_contact(
                organisation_id=organisation.pk, **form.cleaned_data, by=person_of(request), now=business_now()
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            said = "is a contact now. They set a password by “Forgotten your password?” on the sign-in page."
            messages.success(request, f"{form.cleaned_data['name']} {said}")
            return redirect("partner_organisation", organisation_id)
    context = {"organisation": organisation, "form": form}
    return render(request, "partners/organisations/add_contact.html", context, status=status)


@form_page
def end_contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    contact = contact_visible_to(person_of(request), contact_id)
    if contact is None:
        raise Http404
    check_can_keep_partners(person_of(request))
    refusal, status = "", 200
    if request.method == "POST":
        try:
            operations.end_contact(contact_id=contact.pk, by=person_of(request), now=business_now())
        except Refused as refused:
            refusal, status = refused.sentence, 409
        else:
            messages.success(request, f"{contact.user.name} is no longer a contact and cannot sign in.")
            return redirect("partner_organisation", contact.organisation_id)
    context = {"contact": contact, "refusal": refusal}
    return render(request, "partners/organisations/end_contact.html", context, status=status)


def _organisation(request: HttpRequest, organisation_id: UUID) -> Organisation:
    return get_object_or_404(organisations_visible_to(person_of(request)), pk=organisation_id)


def _entered(form: forms.Form) -> dict[str, Any]:
    return form.cleaned_data | {"sector": Sector(form.cleaned_data["sector"])}


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
