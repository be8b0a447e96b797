from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.decisions import operations
from programmes.decisions.enums import FROZEN
from programmes.decisions.forms import ChangeOptionForm, ChoiceForm, OptionForm, saved_choice, saved_option
from programmes.decisions.models import Decision, DecisionOption
from programmes.decisions.permissions import can_propose
from programmes.decisions.queries import compared_options, option_of, options_of
from programmes.decisions.rules import MOST_OPTIONS, comparison_rows, words_for_common_needs
from programmes.decisions.views.access import (
    decision_or_404,
    decision_to_change,
    form_page,
    sees_programme,
    tell,
    tell_difference,
)


@require_GET
def compare(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """The options side by side, and what every one of them needs of partners."""
    decision = decision_or_404(request, decision_id)
    options = compared_options(decision)
    is_open = decision.state not in FROZEN
    context = {
        "decision": decision,
        "programme": decision.programme,
        "sees_programme": sees_programme(request, decision.programme),
        "options": options,
        "columns": ["Aspect", *(option.title for option in options)],
        "rows": comparison_rows(options),
        "common": words_for_common_needs(options),
        "can_propose": is_open and can_propose(person_of(request), decision.programme),
        "is_full": len(options) >= MOST_OPTIONS,
    }
    return render(request, "programmes/decisions/compare.html", context)


@form_page
def add_option(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    decision = decision_to_change(request, decision_id)
    form, status = OptionForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_option(
                decision_id=decision.pk,
                option=form.option,
                request_key=form.cleaned_data["request_key"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Option added.")
            return redirect("compare_options", decision.pk)
    return _form(request, decision, form, "Add an option", status=status)


@form_page
def change_option(request: HttpRequest, decision_id: UUID, option_id: UUID) -> HttpResponse:
    decision = decision_to_change(request, decision_id)
    option = _option(decision, option_id)
    form = ChangeOptionForm(option, decision.version, request.POST if request.method == "POST" else None)
    status, differences = 200, []
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_option(
                decision_id=decision.pk,
                option_id=option.pk,
                version=form.cleaned_data["version"],
                option=form.option,
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            decision, saved = decision_or_404(request, decision_id), _option(decision, option_id)
            differences = tell_difference(
                request, form, conflict, version=decision.version, saved=lambda: saved_option(saved)
            )
            status = 409
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Option changed.")
            return redirect("compare_options", decision.pk)
    return _form(
        request, decision, form, f"Change {option.title}", status=status, option=option, differences=differences
    )


@form_page
def remove_option(request: HttpRequest, decision_id: UUID, option_id: UUID) -> HttpResponse:
    decision = decision_to_change(request, decision_id)
    option = _option(decision, option_id)
    if request.method == "POST":
        operations.remove_option(
            decision_id=decision.pk,
            option_id=option.pk,
            version=decision.version,
            by=person_of(request),
            now=business_now(),
        )
        messages.success(request, "Option removed.")
        return redirect("compare_options", decision.pk)
    return render(request, "programmes/decisions/remove_option.html", {"decision": decision, "option": option})


@form_page
def choose(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Which option is proposed, and why not the others."""
    decision = decision_to_change(request, decision_id)
    options = list(options_of(decision))
    form = ChoiceForm(decision, options, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.choose_option(
                decision_id=decision.pk,
                version=form.cleaned_data["version"],
                option_id=form.cleaned_data["option"],
                rejected_because=form.reasons,
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            decision = decision_or_404(request, decision_id)
            context["differences"] = tell_difference(
                request,
                form,
                conflict,
                version=decision.version,
                saved=lambda: saved_choice(list(options_of(decision))),
            )
            status = 409
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Choice saved.")
            return redirect("decision", decision.pk)
    context |= {"decision": decision, "programme": decision.programme, "form": form, "options": options}
    return render(request, "programmes/decisions/choose.html", context, status=status)


def _option(decision: Decision, option_id: UUID) -> DecisionOption:
    option = option_of(decision, option_id)
    if option is None:
        raise Http404
    return option


def _form(
    request: HttpRequest, decision: Decision, form: OptionForm, title: str, *, status: int, **more: Any
) -> HttpResponse:
    context = {
        "decision": decision,
        "programme": decision.programme,
        "form": form,
        "title": title,
        "option": None,
        "differences": [],
    }
    return render(request, "programmes/decisions/option.html", context | more, status=status)
