from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.permissions import refusal_of
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling import operations
from programmes.scheduling.forms import (
    AchieveForm,
    AddMilestoneForm,
    ChangeMilestoneForm,
    DropForm,
    ForecastForm,
    MilestoneFilterForm,
    ReasonForm,
)
from programmes.scheduling.models import DeliveryMilestone
from programmes.scheduling.permissions import (
    MANAGE_MILESTONES,
    can_manage_milestone,
    can_manage_milestone_of,
    can_manage_milestones,
    check_can_manage_milestone,
)
from programmes.scheduling.queries import (
    milestone_as_told,
    milestone_events,
    milestones_of,
    milestones_visible_to,
    open_workstreams_of,
)
from programmes.workstreams.models import Workstream

form_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Act:
    """A page that does one thing to a milestone."""

    form: type[forms.Form]
    operation: Callable[..., DeliveryMilestone]
    heading: str
    button: str
    told: str
    lead: str = ""


ACTS = {
    "forecast": Act(
        ForecastForm,
        operations.forecast_milestone,
        "Expect {} on another day",
        "Save the day",
        "The day expected is changed.",
        "The day first agreed stays as it is, so that everybody sees how far it has slipped.",
    ),
    "achieve": Act(AchieveForm, operations.achieve_milestone, "{} is achieved", "Record it", "Recorded as achieved."),
    "take_back": Act(
        ReasonForm, operations.take_back_milestone, "{} is not achieved after all", "Take it back", "Taken back."
    ),
    "drop": Act(
        DropForm,
        operations.drop_milestone,
        "Drop {}",
        "Drop the milestone",
        "Milestone dropped.",
        "It is not wanted any more. It stays in the history, with the reason.",
    ),
}


@require_GET
def milestones(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    here = open_workstreams_of(programme)
    form = MilestoneFilterForm(here, request.GET)
    workstream = form.cleaned_data["workstream"] if form.is_valid() else None
    context = {
        "programme": programme,
        "form": form,
        "milestones": milestones_of([programme.pk], today=local_date(business_now()), workstream_id=workstream),
        "is_narrowed": workstream is not None,
        "can_add": bool(_choosable(person, programme, here)) or can_manage_milestones(person, programme),
        "can_import": can_manage_milestones(person, programme) and not programme.ended_on,
    }
    return render(request, "programmes/scheduling/milestones.html", context)


@form_page
def add(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    choices, for_whole = _choices(person, programme)
    initial = {"workstream": request.GET.get("workstream", "")}
    form, status = AddMilestoneForm(choices, request.POST or None, for_whole=for_whole, initial=initial), 200
    if request.method == "POST" and form.is_valid():
        entered = dict(form.cleaned_data)
        try:
            operations.add_milestone(
                programme_id=programme.pk,
                workstream_id=entered.pop("workstream"),
                by=person,
                now=business_now(),
                **entered,
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Milestone added.")
            return redirect("milestones_of_programme", programme_id)
    context = {"programme": programme, "form": form}
    return render(request, "programmes/scheduling/add_milestone.html", context, status=status)


@require_GET
def show(request: HttpRequest, milestone_id: UUID) -> HttpResponse:
    milestone = _milestone(request, milestone_id)
    context = {
        "milestone": milestone_as_told(milestone, today=local_date(business_now())),
        "row": milestone,
        "events": list(milestone_events(milestone.pk)),
        "programme": milestone.programme,
        "can_manage": can_manage_milestone(person_of(request), milestone),
    }
    return render(request, "programmes/scheduling/milestone.html", context)


@form_page
def change(request: HttpRequest, milestone_id: UUID) -> HttpResponse:
    milestone, person = _milestone(request, milestone_id), person_of(request)
    check_can_manage_milestone(person, milestone)
    choices, for_whole = _choices(person, milestone.programme)
    form = ChangeMilestoneForm(milestone, choices, request.POST or None, for_whole=for_whole)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = dict(form.cleaned_data)
        try:
            operations.change_milestone(
                milestone_id=milestone.pk,
                workstream_id=entered.pop("workstream"),
                by=person,
                now=business_now(),
                **entered,
            )
        except Conflict as conflict:
            milestone = _milestone(request, milestone_id)
            status = _tell_of_conflict(request, form, conflict, milestone)
            context["differences"] = form.differences(milestone)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Milestone changed.")
            return redirect("milestone", milestone_id)
    context |= {"milestone": milestone, "form": form}
    return render(request, "programmes/scheduling/change_milestone.html", context, status=status)


@form_page
def act(request: HttpRequest, milestone_id: UUID, name: str) -> HttpResponse:
    """One of ``ACTS``, by its name."""
    milestone, person, doing = _milestone(request, milestone_id), person_of(request), ACTS[name]
    check_can_manage_milestone(person, milestone)
    now = business_now()
    form = doing.form(request.POST or None, initial={"version": milestone.version, "achieved_on": local_date(now)})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            doing.operation(milestone_id=milestone.pk, by=person, now=now, **form.cleaned_data)
        except Conflict as conflict:
            milestone = _milestone(request, milestone_id)
            status = _tell_of_conflict(request, form, conflict, milestone)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, doing.told)
            return redirect("milestone", milestone_id)
    context = {
        "form": form,
        "act": doing,
        "heading": doing.heading.format(milestone.name),
        "milestone": milestone_as_told(milestone, today=local_date(now)),
    }
    return render(request, "programmes/scheduling/act_on_milestone.html", context, status=status)


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _milestone(request: HttpRequest, milestone_id: UUID) -> DeliveryMilestone:
    return get_object_or_404(milestones_visible_to(person_of(request)), pk=milestone_id)


def _choices(person: User, programme: Programme) -> tuple[list[Workstream], bool]:
    """The workstreams whose milestones this person keeps, and whether they keep those of the whole programme.

    Raises: NotPermitted when there is nothing.
    """
    found, for_whole = (
        _choosable(person, programme, open_workstreams_of(programme)),
        can_manage_milestones(person, programme),
    )
    if not found and not for_whole:
        raise NotPermitted(refusal_of(MANAGE_MILESTONES))
    return found, for_whole


def _choosable(person: User, programme: Programme, workstreams: list[Workstream]) -> list[Workstream]:
    return [row for row in workstreams if can_manage_milestone_of(person, programme, row)]


def _tell(form: forms.Form, refused: Refused) -> int:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409


def _tell_of_conflict(request: HttpRequest, form: forms.Form, conflict: Conflict, milestone: DeliveryMilestone) -> int:
    """What was typed stays, to be saved over what is saved now."""
    form.data = request.POST.copy()
    form.data["version"] = str(milestone.version)
    return _tell(form, conflict)
