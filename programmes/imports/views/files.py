from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.files.responses import sheets_response
from partners.files.rules.tables import Sheet, TableFormat
from partners.people.models import User
from partners.people.queries import person_of
from programmes.imports import operations
from programmes.imports.enums import ImportKind, Outcome
from programmes.imports.forms import ConfirmForm, UploadForm
from programmes.imports.models import ProgrammeImport
from programmes.imports.permissions import can_import, check_can_import
from programmes.imports.queries import COLUMNS, import_of, imports_of, plan_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to

ROWS_SHOWN = 100
IMPORTS_SHOWN = 10
PAGES = {
    ImportKind.WORKSTREAMS: "workstreams_of_programme",
    ImportKind.MILESTONES: "milestones_of_programme",
    ImportKind.RISKS: "raid_of_programme",
}


@require_GET
def choose(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """What may be imported, and what was."""
    programme, person = _programme(request, programme_id), person_of(request)
    context = {
        "programme": programme,
        "kinds": _kinds(person, programme),
        "imports": imports_of(programme)[:IMPORTS_SHOWN],
    }
    return render(request, "programmes/imports/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, programme_id: UUID, kind: ImportKind) -> HttpResponse:
    programme = _importing(request, programme_id, kind)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    status = 200
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["file"]
        try:
            kept = operations.keep_import(
                programme_id=programme.pk,
                kind=kind,
                name=uploaded.name,
                content=uploaded.read(),
                request_key=form.cleaned_data["request_key"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            form.add_error("file", refused.sentence)
            status = 409
        else:
            return redirect("programme_import", programme.pk, kept.pk)
    context = {"programme": programme, "kind": kind, "form": form, "columns": COLUMNS[kind]}
    return render(request, "programmes/imports/upload.html", context, status=status)


@require_GET
def template(request: HttpRequest, programme_id: UUID, kind: ImportKind, table_format: TableFormat) -> HttpResponse:
    """The headings with an example, that no import takes as it is; in a workbook the columns are explained too."""
    programme, columns = _importing(request, programme_id, kind), COLUMNS[kind]
    rows = Sheet(kind.label, [column.heading for column in columns], [[column.example for column in columns]])
    told = [[column.heading, column.holds, "yes" if column.is_needed else "no"] for column in columns]
    explained = Sheet("Columns", ["Column", "Holds", "Needed"], told)
    return sheets_response(f"{kind.label} of {programme.name}", [rows, explained], table_format)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, programme_id: UUID, programme_import_id: UUID) -> HttpResponse:
    """What the file would do, and the button that does it."""
    programme, person, now = _programme(request, programme_id), person_of(request), business_now()
    kept = _kept(request, programme, programme_import_id)
    kind = ImportKind(kept.kind)
    problem, status = None, 200
    if request.method == "POST":
        form = ConfirmForm(request.POST)
        sent = form.cleaned_data if form.is_valid() else {}
        try:
            done = operations.apply_import(
                import_id=kept.pk, digest=sent.get("digest", ""), seen_at=sent.get("seen_at"), by=person, now=now
            )
        except Refused as refused:
            problem, status = refused.sentence, 409
        else:
            messages.success(request, f"Imported: {done.words}.")
            return redirect(PAGES[kind], programme.pk)
    plan = plan_of(kept, now=now)
    context = {
        "programme": programme,
        "kept": kept,
        "kind": kind,
        "plan": plan,
        "problem": problem,
        "form": ConfirmForm(initial={"digest": plan.digest, "seen_at": now.isoformat()}),
        "counts": [{"figure": f"{plan.count(outcome):,}", "label": outcome.label} for outcome in Outcome],
        "shown": [(outcome, plan.with_outcome(outcome)[:ROWS_SHOWN], plan.count(outcome)) for outcome in Outcome],
        "problems": plan.problems[:ROWS_SHOWN],
    }
    return render(request, "programmes/imports/preview.html", context, status=status)


@require_POST
def discard(request: HttpRequest, programme_id: UUID, programme_import_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    kept = _kept(request, programme, programme_import_id)
    operations.discard_import(import_id=kept.pk, by=person_of(request))
    messages.success(request, "The file was discarded. Nothing was imported.")
    return redirect("imports_of_programme", programme.pk)


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _importing(request: HttpRequest, programme_id: UUID, kind: ImportKind) -> Programme:
    programme = _programme(request, programme_id)
    check_can_import(person_of(request), programme, kind)
    return programme


def _kinds(person: User, programme: Programme) -> list[ImportKind]:
    """What the person may import here. Raises: NotPermitted when that is nothing."""
    kinds = [kind for kind in COLUMNS if can_import(person, programme, kind)]
    if not kinds:
        check_can_import(person, programme, ImportKind.WORKSTREAMS)
    return kinds


def _kept(request: HttpRequest, programme: Programme, import_id: UUID) -> ProgrammeImport:
    """Raises: NotPermitted; Conflict when the file is not theirs, or was imported or discarded."""
    person = person_of(request)
    kinds = _kinds(person, programme)
    kept = import_of(programme, import_id, by=person)
    if kept is None or kept.applied_at:
        raise Conflict(operations.GONE)
    if kept.kind not in kinds:
        check_can_import(person, programme, ImportKind(kept.kind))
    return kept
