from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.workstreams import operations
from programmes.workstreams.forms import ChangeWorkstreamForm, ReasonForm, WorkstreamForm
from programmes.workstreams.models import Workstream
from programmes.workstreams.permissions import (
    check_can_manage_workstreams,
)
from programmes.workstreams.views.access import form_page, programme_or_404, tell, typed_with, workstream_or_404


@form_page
def add(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = programme_or_404(request, programme_id)
    check_can_manage_workstreams(person_of(request), programme)
    form = WorkstreamForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            added = operations.add_workstream(
                programme_id=programme.pk,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                lead_id=form.cleaned_data["lead"],
                reviewer_id=form.cleaned_data["reviewer"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Workstream added.")
            return redirect("workstream", added.pk)
    context = {"programme": programme, "form": form}
    return render(request, "programmes/workstreams/add.html", context, status=status)


@form_page
def change(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    workstream = _managing(request, workstream_id)
    form = ChangeWorkstreamForm(workstream, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_workstream(
                workstream_id=workstream.pk,
                version=form.cleaned_data["version"],
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                lead_id=form.cleaned_data["lead"],
                reviewer_id=form.cleaned_data["reviewer"],
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            workstream = workstream_or_404(request, workstream_id)
            form.data = typed_with(request, version=workstream.version)
            context["differences"] = form.differences(workstream)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Workstream changed.")
            return redirect("workstream", workstream.pk)
    context |= {"workstream": workstream, "form": form}
    return render(request, "programmes/workstreams/change.html", context, status=status)


@form_page
def close(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    workstream = _managing(request, workstream_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.close_workstream(
                workstream_id=workstream.pk,
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"{workstream.name} is closed.")
            return redirect("workstream", workstream.pk)
    context = {"workstream": workstream, "form": form}
    return render(request, "programmes/workstreams/close.html", context, status=status)


@form_page
def reopen(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    workstream = _managing(request, workstream_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.reopen_workstream(
                workstream_id=workstream.pk,
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, f"{workstream.name} is open again.")
            return redirect("workstream", workstream.pk)
    context = {"workstream": workstream, "form": form}
    return render(request, "programmes/workstreams/reopen.html", context, status=status)


def _managing(request: HttpRequest, workstream_id: UUID) -> Workstream:
    """Raises: Http404, NotPermitted."""
    workstream = workstream_or_404(request, workstream_id)
    check_can_manage_workstreams(person_of(request), workstream.programme)
    return workstream
