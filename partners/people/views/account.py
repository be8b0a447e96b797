from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.forms import TokenForm
from partners.people.queries import (
    has_second_step,
    holdings_of,
    live_tokens_of,
    person_of,
    sessions_of,
    token_visible_to,
)
from partners.people.views.filling import REFUSED, form_page, tell, typed


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own account: who one is here, roles, tokens, and where one is signed in."""
    user = person_of(request)
    context = {
        "person": user,
        "holdings": list(holdings_of(user)),
        "has_second_step": has_second_step(user),
        "tokens": list(live_tokens_of(user, now=business_now())),
        "sessions": sessions_of(user, current_key=request.session.session_key),
    }
    return render(request, "partners/people/account.html", context)


@form_page
def make_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(typed(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.create_token(by=person_of(request), now=business_now(), **form.cleaned_data)
        except Refused as refused:
            status = tell(form, refused)
        else:
            # Shown here and not after a redirect: the secret goes into no session and no address.
            return render(request, "partners/people/token_made.html", {"made": made}, status=201)
    return render(request, "partners/people/make_token.html", {"form": form}, status=status)


@form_page
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    user = person_of(request)
    token = token_visible_to(user, token_id)
    if token is None:
        raise Http404
    is_own = token.user_id == user.pk
    refusal, status = None, 200
    if request.method == "POST":
        try:
            operations.revoke_token(token_id=token.pk, by=user, now=business_now())
        except Refused as refused:
            refusal, status = refused.sentence, REFUSED
        else:
            messages.success(request, f"The token {token.name} no longer works.")
            return redirect("my_account") if is_own else redirect("person", token.user_id)
    context = {"token": token, "is_own": is_own, "refusal": refusal}
    return render(request, "partners/people/revoke_token.html", context, status=status)


@require_POST
def end_session(request: HttpRequest, handle: UUID) -> HttpResponse:
    operations.end_session(handle=handle, by=person_of(request), now=business_now())
    messages.success(request, "That browser is signed out.")
    return redirect("my_account")
