from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.enums import Role
from partners.people.forms import GrantRoleForm
from partners.people.models import Scope, User
from partners.people.permissions import can_grant, can_manage_people, check_can_manage_people, grantable_roles
from partners.people.queries import (
    active_person_with_id,
    holding_visible_to,
    holdings_at,
    organisation,
    person_of,
    scope_visible_to,
    scopes_visible_to,
)
from partners.people.views.filling import REFUSED, form_page, tell, typed

SCOPES_ON_A_PAGE = 100


@require_GET
def list_scopes(request: HttpRequest) -> HttpResponse:
    """Every place where roles are held, for administrators."""
    check_can_manage_people(person_of(request))
    found = scopes_visible_to(person_of(request))
    context = {
        "organisation": organisation(),
        "page": Paginator(found, SCOPES_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "partners/people/scopes.html", context)


@form_page
def at_scope(request: HttpRequest, scope_id: UUID) -> HttpResponse:
    """Who holds which role here, and a form for those who may grant one."""
    user, scope = person_of(request), _scope(request, scope_id)
    roles = grantable_roles(user, scope)
    form = GrantRoleForm(typed(request), roles=roles)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            person = _grant(form, scope, user)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"{person.name} now holds the role.")
            return redirect("scope_roles", scope.pk)
    held = [
        (holding, holding.scope_id == scope.pk and _may_end(user, holding.role, scope))
        for holding in holdings_at(scope)
    ]
    context = {
        "scope": scope,
        "held": held,
        "form": form if roles else None,
        "may_manage_people": can_manage_people(user),
    }
    return render(request, "partners/people/roles.html", context, status=status)


@form_page
def end(request: HttpRequest, holding_id: UUID) -> HttpResponse:
    holding = holding_visible_to(person_of(request), holding_id)
    if holding is None:
        raise Http404
    refusal, status = None, 200
    if request.method == "POST":
        try:
            operations.end_role(holding_id=holding.pk, by=person_of(request), now=business_now())
        except Refused as refused:
            refusal, status = refused.sentence, REFUSED
        else:
            messages.success(request, f"{holding.user.name} no longer holds the role.")
            return redirect("scope_roles", holding.scope_id)
    return render(request, "partners/people/end_role.html", {"holding": holding, "refusal": refusal}, status=status)


def _scope(request: HttpRequest, scope_id: UUID) -> Scope:
    scope = scope_visible_to(person_of(request), scope_id)
    if scope is None:
        raise Http404
    return scope


def _grant(form: GrantRoleForm, scope: Scope, by: User) -> User:
    person = active_person_with_id(form.cleaned_data["person"])
    if person is None:
        raise Refused("They have left meanwhile. Name somebody else.", field="person")
    operations.grant_role(
        user_id=person.pk, role=Role(form.cleaned_data["role"]), scope_id=scope.pk, by=by, now=business_now()
    )
    return person


def _may_end(user: User, role: str, scope: Scope) -> bool:
    return can_grant(user, Role(role), scope)
