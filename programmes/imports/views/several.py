from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import NotPermitted, Refused
from partners.clock.queries import business_now
from partners.files.responses import table_response
from partners.files.rules.tables import TableFormat
from partners.people.permissions import refusal_of
from partners.people.queries import person_of
from programmes.imports import operations
from programmes.imports.enums import BulkAct
from programmes.imports.forms import EDIT_INPUTS, ChosenForm, EditForm, NarrowForm, OfWorkstreamForm
from programmes.imports.queries import exports
from programmes.imports.queries.listing import workstreams_listed
from programmes.imports.queries.several import (
    chosen_workstreams,
    edited_rows,
    name_of,
    part_changed,
    portfolio_scopes,
    several_changed,
)
from programmes.imports.rules.several import Edit
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.permissions import MANAGE_WORKSTREAMS, can_manage_workstreams
from programmes.workstreams.queries import (
    days_withheld_from,
    workstream_rows,
    workstreams_visible_to,
    worst_first,
)

ON_A_PAGE = 100
LISTED, PREVIEWED = "programmes/imports/several.html", "programmes/imports/several_preview.html"


@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HttpRequest, programme_id: UUID | None = None) -> HttpResponse:
    """Tick workstreams and say what is to become of them; then see what that does to each; then confirm."""
    programme = _managed(request, programme_id)
    found = _found(request, programme)
    page = Paginator(worst_first(found), ON_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"programme": programme, "problem": "", "page": page, "narrowing": _narrowing(request)}
    context |= {"rows": workstream_rows(page.object_list, now=business_now()), "ticked": set()}
    if request.method != "POST":
        return render(request, LISTED, context | {"form": EditForm()})
    form = EditForm(request.POST)
    if "chosen" in request.POST:
        return _confirm(request, programme, form)
    ticked = _ticked(request, found)
    if form.is_valid() and ticked:
        edit = form.edit(name_of)
        return _preview(request, programme, edit, ticked)
    if not ticked:
        form.add_error(None, "Tick at least one workstream.")
    return render(request, LISTED, context | {"form": form, "ticked": {str(pk) for pk in ticked}})


@require_http_methods(["GET", "HEAD", "POST"])
def changed(request: HttpRequest, several_id: UUID) -> HttpResponse:
    """What was done to several workstreams at once, and the button that puts people back."""
    _managed(request, None)
    person, now = person_of(request), business_now()
    events = several_changed(several_id, by=person, now=now)
    if not events:
        raise Refused(
            "This change is not yours, or is too long ago to be shown here. Look at the workstreams themselves."
        )
    problem, status = "", 200
    if request.method == "POST":
        try:
            count = operations.undo_several(several_id=several_id, by=person, now=now)
        except Refused as refused:
            problem, status = refused.sentence, 409
        else:
            messages.success(request, f"Put back for {_counted(count)}.")
            return redirect("several_workstreams")
    context = {"events": events, "can_undo": part_changed(events) is not None, "problem": problem}
    return render(request, "programmes/imports/several_changed.html", context, status=status)


@require_GET
def export(request: HttpRequest, table_format: TableFormat, programme_id: UUID | None = None) -> HttpResponse:
    """The workstreams that are listed, as a file."""
    programme = _visible(request, programme_id) if programme_id else None
    rows = exports.workstreams_as_table(worst_first(_found(request, programme)))
    name = f"Workstreams of {programme.name}" if programme else "Workstreams"
    return table_response(name, exports.WORKSTREAM_COLUMNS, rows, table_format)


@require_GET
def export_history(request: HttpRequest, workstream_id: UUID, table_format: TableFormat) -> HttpResponse:
    """Every status of a workstream, as a file."""
    workstream = get_object_or_404(workstreams_visible_to(person_of(request)), pk=workstream_id)
    withheld = days_withheld_from(person_of(request), workstream, business_now())
    rows = exports.history_as_table(workstream, withheld=withheld)
    return table_response(f"Status of {workstream.name}", exports.HISTORY_COLUMNS, rows, table_format)


@require_GET
def export_milestones(request: HttpRequest, programme_id: UUID, table_format: TableFormat) -> HttpResponse:
    """The milestones of a programme, as a file."""
    programme = _visible(request, programme_id)
    form = OfWorkstreamForm(request.GET)
    workstream_id = form.cleaned_data["workstream"] if form.is_valid() else None
    rows = exports.milestones_as_table(programme, workstream_id=workstream_id)
    return table_response(f"Milestones of {programme.name}", exports.MILESTONE_COLUMNS, rows, table_format)


def _visible(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _managed(request: HttpRequest, programme_id: UUID | None) -> Programme | None:
    """Raises: Http404; NotPermitted when the person manages no workstreams there, or nowhere at all."""
    person = person_of(request)
    programme = _visible(request, programme_id) if programme_id else None
    places = [programme] if programme else programmes_visible_to(person).select_related("scope")
    if not any(can_manage_workstreams(person, each) for each in places):
        raise NotPermitted(refusal_of(MANAGE_WORKSTREAMS))
    return programme


def _found(request: HttpRequest, programme: Programme | None) -> QuerySet:
    """What is listed: of one programme, or of everything that the person may see; narrowed as the address says."""
    form = _narrowing(request)
    sought = form.cleaned_data if form.is_valid() else {}
    return workstreams_listed(programme, sought, by=person_of(request), now=business_now())


def _narrowing(request: HttpRequest) -> NarrowForm:
    return NarrowForm(portfolio_scopes(by=person_of(request)), request.GET)


def _ticked(request: HttpRequest, found: QuerySet) -> list[UUID]:
    if request.POST.get("all"):
        return list(found.values_list("pk", flat=True))
    ticked = set(request.POST.getlist("workstream"))
    return [pk for pk in found.values_list("pk", flat=True) if str(pk) in ticked]


def _preview(
    request: HttpRequest, programme: Programme | None, edit: Edit, ids: list[UUID], problem: str = ""
) -> HttpResponse:
    person = person_of(request)
    rows = edited_rows(chosen_workstreams(ids, by=person), edit, by=person, now=business_now())
    changed = [row for row in rows if row.is_changed]
    chosen = ",".join(f"{row.id}:{row.version}" for row in changed)
    context = {
        "programme": programme,
        "act": BulkAct(edit.act),
        "edit": edit,
        "rows": changed,
        "refused": [row for row in rows if row.refusal],
        "same": [row for row in rows if not row.refusal and not row.is_changed],
        "hidden": ChosenForm(initial={"chosen": chosen}),
        "sent": [(name, value) for name, value in request.POST.items() if name in EDIT_INPUTS],
        "problem": problem,
    }
    return render(request, PREVIEWED, context, status=409 if problem else 200)


def _confirm(request: HttpRequest, programme: Programme | None, form: EditForm) -> HttpResponse:
    sent = ChosenForm(request.POST)
    if not (form.is_valid() and sent.is_valid()):
        raise Refused("This form is out of date. Choose the workstreams again.")
    edit, versions = form.edit(name_of), sent.cleaned_data["chosen"]
    several_id = sent.cleaned_data["several_id"]
    try:
        count = operations.change_several(
            versions=versions, edit=edit, several_id=several_id, by=person_of(request), now=business_now()
        )
    except Refused as refused:
        return _preview(request, programme, edit, list(versions), refused.sentence)
    messages.success(request, f"Changed {_counted(count)}.")
    if count:
        return redirect("changed_several_workstreams", several_id)
    return redirect("several_workstreams_of_programme", programme.pk) if programme else redirect("several_workstreams")


def _counted(count: int) -> str:
    return f"{count} workstream{'' if count == 1 else 's'}"
