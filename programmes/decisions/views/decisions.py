from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.permissions import can_take_for
from partners.people.queries import holding_on, person_of
from programmes.decisions import operations
from programmes.decisions.changes import Effect, effects_of
from programmes.decisions.enums import FROZEN, DecisionState
from programmes.decisions.forms import (
    ChangeDecisionForm,
    DecisionFilterForm,
    DraftDecisionForm,
    IssueForm,
    saved_draft,
)
from programmes.decisions.models import Decision
from programmes.decisions.permissions import can_propose, check_can_propose
from programmes.decisions.queries import (
    compared_options,
    decision_in_full,
    decisions_listed,
    decisions_of,
    dispositions_of,
    gate_basis,
    left_behind,
    superseding,
    waiting_for,
    without_disposition,
)
from programmes.decisions.rules import QUESTION_LENGTH, words_for_common_needs
from programmes.decisions.views.access import (
    decision_or_404,
    decision_to_change,
    form_page,
    programme_or_404,
    sees_programme,
    tell,
    tell_difference,
)
from programmes.raid.queries import open_issue_of
from programmes.register.models import Programme

ON_A_PAGE = 50
PAGE_OF = {
    "programme": "programme",
    "decision": "decision",
    "workstream": "workstream",
    "engagement": "engagement",
    "relationship": "relationship",
    "saving": "saving",
    "review": "review",
}
PAGE_OF_PROGRAMME_OF = {"stage": "stages_of_programme"}


@require_GET
def list_of_programme(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = programme_or_404(request, programme_id)
    context = {
        "programme": programme,
        "decisions": decisions_of(programme),
        "can_propose": can_propose(person_of(request), programme),
    }
    return render(request, "programmes/decisions/list.html", context)


@require_GET
def list_all(request: HttpRequest) -> HttpResponse:
    """First what waits for whoever holds an office, or is its clerk; then every decision that they may see."""
    person, today, form = person_of(request), local_date(business_now()), DecisionFilterForm(request.GET)
    context = {
        "form": form,
        "is_narrowed": bool(form.sought),
        "waiting": waiting_for(person, on=today),
        "page": Paginator(decisions_listed(person, on=today, **form.sought), ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "today": today,
    }
    return render(request, "programmes/decisions/all.html", context)


@require_GET
def show(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    decision, person = decision_in_full(decision_or_404(request, decision_id)), person_of(request)
    options, disposed = compared_options(decision), dispositions_of(decision)
    today, sees = local_date(business_now()), sees_programme(request, decision.programme)
    is_open = decision.state not in FROZEN
    missing = []
    if is_open and decision.ends_programme:
        missing = without_disposition(left_behind(decision.programme, on=today), disposed)
    context = {
        "decision": decision,
        "programme": decision.programme,
        "options": options,
        "chosen": next((option for option in options if option.is_chosen), None),
        "common": words_for_common_needs(options),
        "effects": effect_lines(effects_of(decision, disposed), decision, with_links=sees),
        "missing": missing,
        "basis": gate_basis(decision, on=today),
        "superseding": superseding(decision),
        "sees_programme": sees,
        "is_open": is_open,
        "can_propose": is_open and can_propose(person, decision.programme),
        "can_take": decision.state == DecisionState.PROPOSED and _may_take(person, decision, request),
    }
    return render(request, "programmes/decisions/show.html", context)


@form_page
def draft(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = programme_or_404(request, programme_id)
    check_can_propose(person_of(request), programme)
    form, status = _draft_form(request, programme), 200
    if request.method == "POST" and form.is_valid():
        try:
            drafted = operations.draft_decision(
                programme_id=programme.pk,
                draft=form.draft,
                issue_id=form.cleaned_data["issue"],
                keeps_issue_open=form.cleaned_data["keeps_issue_open"],
                request_key=form.cleaned_data["request_key"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Draft saved. Add the options next.")
            return redirect("decision", drafted.pk)
    return render(request, "programmes/decisions/draft.html", {"programme": programme, "form": form}, status=status)


def _draft_form(request: HttpRequest, programme: Programme) -> DraftDecisionForm:
    """Filled with what an issue says where ``issue`` names an open one of the programme."""
    if request.method == "POST":
        return DraftDecisionForm(programme, request.POST)
    asked = IssueForm(request.GET)
    issue = open_issue_of(programme, asked.cleaned_data["issue"]) if asked.is_valid() else None
    if issue is None:
        return DraftDecisionForm(programme)
    said = {"title": issue.title, "question": (issue.description or issue.title)[:QUESTION_LENGTH]}
    return DraftDecisionForm(programme, initial=said | asked.cleaned_data)


@form_page
def change(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    decision = decision_to_change(request, decision_id)
    form, status = ChangeDecisionForm(decision, request.POST if request.method == "POST" else None), 200
    context: dict[str, Any] = {"differences": []}
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_decision(
                decision_id=decision.pk,
                version=form.cleaned_data["version"],
                draft=form.draft,
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            saved = decision = decision_or_404(request, decision_id)
            context["differences"] = tell_difference(
                request, form, conflict, version=saved.version, saved=lambda: saved_draft(saved)
            )
            status = 409
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Decision changed.")
            return redirect("decision", decision.pk)
    context |= {"decision": decision, "programme": decision.programme, "form": form}
    return render(request, "programmes/decisions/change.html", context, status=status)


def effect_lines(effects: list[Effect], decision: Decision, *, with_links: bool) -> list[tuple[str, str, UUID | None]]:
    """Each effect in words, as (words, name of the page of what it touches, argument of that page)."""
    found: list[tuple[str, str, UUID | None]] = []
    for effect in effects:
        words = effect.did if decision.state == DecisionState.TAKEN else effect.will
        kind = effect.subject._meta.model_name or ""
        if with_links and kind in PAGE_OF:
            found.append((words, PAGE_OF[kind], effect.subject.pk))
        elif with_links and kind in PAGE_OF_PROGRAMME_OF:
            found.append((words, PAGE_OF_PROGRAMME_OF[kind], decision.programme_id))
        else:
            found.append((words, "", None))
    return found


def _may_take(person: User, decision: Decision, request: HttpRequest) -> bool:
    """Whether the page offers to take it: to whoever holds the office today, and to its clerk on every day."""
    if decision.office.clerk_id == person.pk:
        return True
    holding = holding_on(decision.office, local_date(business_now()))
    return holding is not None and can_take_for(person, decision.office, holding)
