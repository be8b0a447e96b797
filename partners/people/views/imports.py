from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from partners.audit.rules import Conflict
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.enums import Outcome
from partners.people.forms import ImportForm
from partners.people.models import PeopleImport
from partners.people.operations.imports import ImportRefused
from partners.people.permissions import check_can_manage_people
from partners.people.queries import person_of
from partners.people.queries.imports import Plan, import_with_id, plan_of
from partners.people.rules.csv_files import ImportKind, UnreadableFile, template_of, text_of
from partners.people.views.filling import REFUSED, form_page, typed

ROWS_SHOWN = 100


@form_page
def upload(request: HttpRequest) -> HttpResponse:
    check_can_manage_people(person_of(request))
    form = ImportForm(typed(request), request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            kept = _keep(request, form)
        except UnreadableFile as unreadable:
            form.add_error("file", unreadable.sentence)
            status = REFUSED
        else:
            return redirect("people_import_preview", kept.pk)
    return render(request, "partners/people/import.html", {"form": form}, status=status)


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An example file to fill in."""
    check_can_manage_people(person_of(request))
    if kind not in list(ImportKind):
        raise Http404
    response = HttpResponse(template_of(ImportKind(kind)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


@form_page
def preview(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What the file would do, and the button that does it."""
    kept = _kept(request, import_id)
    problem, status = None, 200
    if request.method == "POST":
        try:
            plan = operations.apply_import(
                import_id=kept.pk, digest=request.POST.get("digest", ""), by=person_of(request), now=business_now()
            )
        except (Conflict, ImportRefused) as refused:
            problem, status = refused.sentence, REFUSED
        else:
            messages.success(request, _told(plan))
            return redirect("units" if plan.kind is ImportKind.UNITS else "people")
    plan = plan_of(kept.content, by=person_of(request))
    context = {
        "kept": kept,
        "plan": plan,
        "problem": problem,
        "counts": [{"figure": f"{plan.count(outcome):,}", "label": outcome.label} for outcome in Outcome],
        "shown": [
            (outcome, plan.with_outcome(outcome)[:ROWS_SHOWN], plan.count(outcome))
            for outcome in (Outcome.LEFT, Outcome.CHANGED, Outcome.ADDED, Outcome.STAYS_LEFT)
        ],
        "problems": plan.problems[:ROWS_SHOWN],
    }
    return render(request, "partners/people/import_preview.html", context, status=status)


@require_POST
def discard(request: HttpRequest, import_id: UUID) -> HttpResponse:
    operations.discard_import(import_id=import_id, by=person_of(request))
    messages.success(request, "The file was discarded. Nothing was imported.")
    return redirect("people_import")


def _keep(request: HttpRequest, form: forms.Form) -> PeopleImport:
    uploaded = form.cleaned_data["file"]
    text = text_of(uploaded.read())
    plan_of(text, by=person_of(request))  # a file that cannot be read as a whole is refused here
    return operations.keep_import(text=text, file_name=uploaded.name, by=person_of(request), now=business_now())


def _kept(request: HttpRequest, import_id: UUID) -> PeopleImport:
    check_can_manage_people(person_of(request))
    kept = import_with_id(import_id, by=person_of(request))
    if kept is None:
        raise Conflict("This file was imported or discarded already. Upload it again to see what it would do.")
    return kept


def _told(plan: Plan) -> str:
    counts = {outcome.label.lower(): plan.count(outcome) for outcome in Outcome if outcome != Outcome.STAYS_LEFT}
    return "Imported: " + ", ".join(f"{count:,} {words}" for words, count in counts.items()) + "."
