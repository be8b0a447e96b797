from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.decisions import operations, queries
from programmes.decisions.changes import effects_of
from programmes.decisions.forms import LeftBehindForm, ProposeForm, TakeForm, WithdrawForm, saved_dispositions
from programmes.decisions.models import Decision
from programmes.decisions.permissions import check_has_part_in, check_not_frozen
from programmes.decisions.queries import (
    compared_options,
    decision_in_full,
    dispositions_of,
    gate_basis,
    without_disposition,
)
from programmes.decisions.views.access import decision_or_404, decision_to_change, form_page, tell, tell_difference


@form_page
def left_behind(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """What becomes of everything that the programme leaves behind: one form, saved as often as one likes."""
    decision = decision_to_change(request, decision_id)
    if not decision.ends_programme:
        raise Refused(f"This decision does not end {decision.programme.name}, so nothing is left behind.")
    now = business_now()
    left, disposed = queries.left_behind(decision.programme, on=local_date(now)), dispositions_of(decision)
    form = LeftBehindForm(decision, left, disposed, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_dispositions(
                decision_id=decision.pk,
                version=form.cleaned_data["version"],
                dispositions=form.dispositions,
                by=person_of(request),
                now=now,
            )
        except Conflict as conflict:
            decision = decision_or_404(request, decision_id)
            context["differences"] = tell_difference(
                request,
                form,
                conflict,
                version=decision.version,
                saved=lambda: saved_dispositions(dispositions_of(decision)),
            )
            status = 409
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("left_behind", decision.pk)
    context |= {
        "decision": decision,
        "programme": decision.programme,
        "form": form,
        "left": left,
        "missing": without_disposition(left, disposed),
    }
    return render(request, "programmes/decisions/left_behind.html", context, status=status)


@form_page
def propose(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    decision = decision_in_full(decision_to_change(request, decision_id))
    form, status = ProposeForm(request.POST or None, initial={"version": decision.version}), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.propose_decision(
                decision_id=decision.pk,
                version=form.cleaned_data["version"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = _again(request, form, refused, decision)
        else:
            messages.success(request, f"Proposed to the {decision.office}.")
            return redirect("decision", decision.pk)
    return render(request, "programmes/decisions/propose.html", _preview(decision, form), status=status)


@form_page
def withdraw(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    decision = decision_to_change(request, decision_id)
    form, status = WithdrawForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.withdraw_decision(
                decision_id=decision.pk, reason=form.cleaned_data["reason"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Withdrawn.")
            return redirect("decision", decision.pk)
    context = {"decision": decision, "form": form}
    return render(request, "programmes/decisions/withdraw.html", context, status=status)


@form_page
def take(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """What the decision will do, and the day on which the office took it."""
    decision, now = decision_in_full(decision_or_404(request, decision_id)), business_now()
    if request.method != "POST":
        check_not_frozen(decision)
    check_has_part_in(decision.office, by=person_of(request))
    form = TakeForm(request.POST or None, initial={"version": decision.version, "taken_on": local_date(now)})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.take_decision(
                decision_id=decision.pk,
                version=form.cleaned_data["version"],
                taken_on=form.cleaned_data["taken_on"],
                by=person_of(request),
                now=now,
            )
        except Refused as refused:
            status = _again(request, form, refused, decision)
            decision = decision_in_full(decision_or_404(request, decision_id))
        else:
            messages.success(request, "The decision is taken and on record.")
            return redirect("decision", decision.pk)
    return render(request, "programmes/decisions/take.html", _preview(decision, form), status=status)


def _again(request: HttpRequest, form: forms.Form, refused: Refused, decision: Decision) -> int:
    """Tell the refusal; after a conflict the page shows what is saved now, to be confirmed anew."""
    status = tell(form, refused)
    if isinstance(refused, Conflict):
        form.data = request.POST.copy()
        form.data["version"] = str(decision_or_404(request, decision.pk).version)
    return status


def _preview(decision: Decision, form: forms.Form) -> dict[str, Any]:
    options, disposed = compared_options(decision), dispositions_of(decision)
    missing = []
    if decision.ends_programme:
        missing = without_disposition(queries.left_behind(decision.programme, on=local_date(business_now())), disposed)
    return {
        "decision": decision,
        "programme": decision.programme,
        "form": form,
        "chosen": next((option for option in options if option.is_chosen), None),
        "effects": [effect.will for effect in effects_of(decision, disposed)],
        "missing": missing,
        "basis": gate_basis(decision, on=local_date(business_now())),
    }
