from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.adapter import mail_link_to_set_password
from partners.people.forms import ChangePersonForm, PeopleFilterForm, PersonForm
from partners.people.models import User
from partners.people.permissions import check_can_manage_people
from partners.people.queries import (
    has_second_step,
    holdings_of,
    live_tokens_of,
    people,
    person_of,
    person_with_id,
    unit_and_below,
)
from partners.people.views.filling import REFUSED, form_page, tell, typed, with_version

PEOPLE_ON_A_PAGE = 50
EVENTS_ON_A_PAGE = 20


@require_GET
def list_people(request: HttpRequest) -> HttpResponse:
    check_can_manage_people(person_of(request))
    form = PeopleFilterForm(request.GET or {"state": "active"})
    entered = form.cleaned_data if form.is_valid() else {}
    unit = entered.get("unit")
    found = people(
        text=entered.get("q", ""),
        state=entered.get("state") or "active",
        unit_ids=unit_and_below(unit.pk) if unit else None,
    )
    context = {
        "form": form,
        "page": Paginator(found, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page")),
        "is_narrowed": form.is_narrowed,
    }
    return render(request, "partners/people/people.html", context)


@require_GET
def show(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    context = {
        "person": person,
        "holdings": list(holdings_of(person)),
        "tokens": list(live_tokens_of(person, now=business_now())),
        "has_second_step": has_second_step(person),
        "is_oneself": person == request.user,
        "events": Paginator(events_about(person.pk), EVENTS_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "partners/people/person.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check_can_manage_people(person_of(request))
    form = PersonForm(typed(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            person = operations.add_person(**_entered(form), by=person_of(request), now=business_now())
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"{person.name} added. Send them a link to set a password.")
            return redirect("person", person.pk)
    return render(request, "partners/people/add_person.html", {"form": form}, status=status)


@form_page
def change(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    form = ChangePersonForm(request.POST) if request.method == "POST" else ChangePersonForm.showing(person)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_person(
                person_id=person.pk,
                version=form.cleaned_data["version"],
                **_entered(form),
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            person = _person(request, person_id)
            form.data = with_version(request, person.version)
            context["differences"] = form.differences(person)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Account changed.")
            return redirect("person", person.pk)
    return render(
        request, "partners/people/change_person.html", context | {"form": form, "person": person}, status=status
    )


@form_page
def leave(request: HttpRequest, person_id: UUID) -> HttpResponse:
    return _confirmed(request, person_id, "leave", operations.record_leaver, "{} is marked as left.")


@form_page
def bring_back(request: HttpRequest, person_id: UUID) -> HttpResponse:
    said = "{} is back. Send them a link to set a password, and give them the roles they need."
    return _confirmed(request, person_id, "bring_back", operations.bring_back_person, said)


@form_page
def remove_second_step(request: HttpRequest, person_id: UUID) -> HttpResponse:
    said = "{} can sign in with the password alone."
    return _confirmed(request, person_id, "remove_second_step", operations.remove_second_step, said)


@require_POST
def send_link(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    mail_link_to_set_password(request, person)
    operations.record_link_sent(person_id=person.pk, by=person_of(request), now=business_now())
    messages.success(request, f"A link to set a password was sent to {person.email}.")
    return redirect("person", person.pk)


def _confirmed(
    request: HttpRequest, person_id: UUID, page: str, operation: Callable[..., User], said: str
) -> HttpResponse:
    """A page that asks once more before an act on one person."""
    person = _person(request, person_id)
    context: dict[str, Any] = {"person": person, "holdings": list(holdings_of(person)), "refusal": None}
    status = 200
    if request.method == "POST":
        try:
            operation(person_id=person.pk, by=person_of(request), now=business_now())
        except Refused as refused:
            context["refusal"], status = refused.sentence, REFUSED
        else:
            messages.success(request, said.format(person.name))
            return redirect("person", person.pk)
    return render(request, f"partners/people/{page}.html", context, status=status)


def _person(request: HttpRequest, person_id: UUID) -> User:
    check_can_manage_people(person_of(request))
    person = person_with_id(person_id)
    if person is None:
        raise Http404
    return person


def _entered(form: PersonForm) -> dict[str, Any]:
    entered = form.cleaned_data
    unit = entered["unit"]
    return {"email": entered["email"], "name": entered["name"], "unit_id": unit.pk if unit else None}
