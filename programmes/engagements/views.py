from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.consortia.queries import relationships_visible_to
from partners.people.queries import person_of
from programmes.engagements import operations
from programmes.engagements.enums import EngagementState
from programmes.engagements.forms import (
    AcknowledgementForm,
    BidForm,
    ChangeEngagementForm,
    EngagementFilterForm,
    EngagementForm,
    RollOffForm,
    UndoRollOffForm,
)
from programmes.engagements.models import Engagement
from programmes.engagements.permissions import (
    can_manage_engagements,
    can_record_bid,
    check_can_manage_engagements,
)
from programmes.engagements.queries import (
    acknowledgements_about,
    acknowledgements_of,
    bids_for,
    engagements_of,
    engagements_visible_to,
    in_several_bids,
    organisations_engaged_in,
    roll_offs_of,
)
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to

PAST_ON_A_PAGE = 50
AHEAD = (EngagementState.RUNNING, EngagementState.COMING)
OVER = (EngagementState.PAST, EngagementState.CALLED_OFF)
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def engagements(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, today = _programme(request, programme_id), local_date(business_now())
    organisations = [(str(row.pk), row.name) for row in organisations_engaged_in(programme)]
    form = EngagementFilterForm(request.GET, organisations)
    form.is_valid()
    entered = form.cleaned_data
    on = entered.get("on") or today
    narrowed = {"kind": entered.get("kind", ""), "organisation_id": entered.get("organisation")}
    ahead = list(engagements_of(programme, on=on, states=AHEAD, **narrowed))
    past = engagements_of(programme, on=on, states=OVER, **narrowed).order_by("-ended_on", "who", "pk")
    context = {
        "programme": programme,
        "form": form,
        "on": on,
        "is_today": on == today,
        "running": [row for row in ahead if row.state == EngagementState.RUNNING],
        "coming": [row for row in ahead if row.state == EngagementState.COMING],
        "page": Paginator(past, PAST_ON_A_PAGE).get_page(request.GET.get("page")),
        "can_manage": can_manage_engagements(person_of(request), programme),
    }
    return render(request, "programmes/engagements/list.html", context)


@form_page
def add(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    check_can_manage_engagements(person, programme)
    form, status = EngagementForm(programme, person, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_engagement(
                programme_id=programme.pk,
                facts=form.facts,
                request_key=form.cleaned_data["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Recorded.")
            return redirect("engagements_of_programme", programme_id)
    return render(request, "programmes/engagements/add.html", {"programme": programme, "form": form}, status=status)


@require_GET
def show(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement, today = _engagement(request, engagement_id), local_date(business_now())
    context = {
        "engagement": engagement,
        "programme": engagement.programme,
        "today": today,
        "roll_offs": list(roll_offs_of(engagement)),
        "acknowledgements": list(acknowledgements_about(engagement)),
        "can_manage": can_manage_engagements(person_of(request), engagement.programme),
    }
    return render(request, "programmes/engagements/show.html", context)


@form_page
def change(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement, person = _engagement(request, engagement_id), person_of(request)
    check_can_manage_engagements(person, engagement.programme)
    form, status = ChangeEngagementForm(engagement, person, request.POST or None), 200
    context: dict[str, Any] = {"differences": []}
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_engagement(
                engagement_id=engagement.pk,
                version=form.cleaned_data["version"],
                facts=form.facts,
                by=person,
                now=business_now(),
            )
        except Conflict as conflict:
            engagement = _engagement(request, engagement_id)
            form.data = request.POST.copy()
            form.data["version"] = str(engagement.version)
            form.add_error(None, conflict.sentence)
            context["differences"] = form.differences(engagement)
            status = 409
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Changed.")
            return redirect("engagement", engagement_id)
    context |= {"engagement": engagement, "programme": engagement.programme, "form": form}
    return render(request, "programmes/engagements/change.html", context, status=status)


@form_page
def roll_off(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    return _on_last_day(
        request, engagement_id, form_class=RollOffForm, act=operations.roll_off, told="Last day recorded."
    )


@form_page
def undo_roll_off(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    return _on_last_day(
        request, engagement_id, form_class=UndoRollOffForm, act=operations.undo_roll_off, told="Last day taken back."
    )


@form_page
def bids(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    may_record = can_record_bid(person, programme)
    form, status = BidForm(programme, person, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            operations.record_bid(
                programme_id=programme.pk,
                relationship_id=entered["relationship"],
                named_on=entered["named_on"],
                source=entered["source"],
                request_key=entered["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Bid recorded.")
            return redirect("bids_of_programme", programme_id)
    rows = bids_for(programme)
    context = {
        "programme": programme,
        "bids": rows,
        "in_several": in_several_bids(rows),
        "seen": set(relationships_visible_to(person).filter(bids__programme=programme).values_list("pk", flat=True)),
        "can_record": may_record,
        "form": form,
    }
    return render(request, "programmes/engagements/bids.html", context, status=status)


@form_page
def acknowledgements(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    form, status = AcknowledgementForm(programme, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        entered = dict(form.cleaned_data)
        try:
            operations.record_acknowledgement(
                programme_id=programme.pk,
                office_id=entered.pop("office"),
                engagement_id=entered.pop("engagement"),
                by=person,
                now=business_now(),
                **entered,
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Acknowledgement recorded.")
            return redirect("acknowledgements_of_programme", programme_id)
    context = {
        "programme": programme,
        "acknowledgements": list(acknowledgements_of(programme)),
        "can_manage": can_manage_engagements(person, programme),
        "form": form,
    }
    return render(request, "programmes/engagements/acknowledgements.html", context, status=status)


def _on_last_day(
    request: HttpRequest, engagement_id: UUID, *, form_class: type[forms.Form], act: Callable[..., object], told: str
) -> HttpResponse:
    """A page that sets the last day of an engagement or takes it back."""
    engagement, person = _engagement(request, engagement_id), person_of(request)
    check_can_manage_engagements(person, engagement.programme)
    form, status = form_class(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            act(engagement_id=engagement.pk, by=person, now=business_now(), **form.cleaned_data)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, told)
            return redirect("engagement", engagement_id)
    page = "roll_off" if form_class is RollOffForm else "undo_roll_off"
    context = {"engagement": engagement, "programme": engagement.programme, "form": form}
    return render(request, f"programmes/engagements/{page}.html", context, status=status)


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _engagement(request: HttpRequest, engagement_id: UUID) -> Engagement:
    return get_object_or_404(engagements_visible_to(person_of(request)), pk=engagement_id)


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
