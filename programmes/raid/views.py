from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.files.responses import table_response
from partners.files.rules.tables import TableFormat
from partners.people.queries import person_of
from programmes.raid import operations
from programmes.raid.enums import TURNS, Impact, Likelihood, RaidKind
from programmes.raid.forms import (
    ChangeForm,
    CloseForm,
    CommentForm,
    RaiseForm,
    RegisterFilterForm,
    ReopenForm,
    ToDecisionForm,
    TurnForm,
)
from programmes.raid.models import RaidEntry
from programmes.raid.permissions import (
    can_change_entry,
    can_comment,
    can_manage_raid,
    can_raise,
    check_can_change_entry,
    check_can_comment,
    check_can_raise,
)
from programmes.raid.queries import (
    COLUMNS,
    as_table,
    comments_on,
    entry_in_full,
    heat_map_of,
    narrowed,
    raid_of,
    treatments_of,
    turned_into,
)
from programmes.raid.rules import score_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to

ON_A_PAGE, ON_PAPER = 50, 1000
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def register(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """The register of a programme, narrowed by the address; ``print=1`` puts all of it on one page."""
    programme, today = _programme(request, programme_id), local_date(business_now())
    form = RegisterFilterForm(programme, request.GET)
    sought = form.sought
    is_for_print = request.GET.get("print") == "1"
    found = narrowed(raid_of(programme), sought, today=today)
    context = {
        "programme": programme,
        "form": form,
        "is_narrowed": sought.is_narrowed,
        "is_for_print": is_for_print,
        "page": Paginator(found, ON_PAPER if is_for_print else ON_A_PAGE).get_page(request.GET.get("page")),
        "heat": heat_map_of(programme),
        "likelihoods": dict(Likelihood.choices),
        "impacts": dict(Impact.choices),
        "kinds": RaidKind.choices,
        "today": today,
        "can_raise": can_raise(person_of(request), programme) and not programme.ended_on,
        "can_import": can_manage_raid(person_of(request), programme) and not programme.ended_on,
        "score_of": score_of,
    }
    return render(request, "programmes/raid/register.html", context)


@require_GET
def export(request: HttpRequest, programme_id: UUID, table_format: TableFormat) -> HttpResponse:
    """The register as a file, narrowed like the page."""
    programme = _programme(request, programme_id)
    sought = RegisterFilterForm(programme, request.GET).sought
    found = narrowed(raid_of(programme), sought, today=local_date(business_now()))
    return table_response(f"Register of {programme.name}", COLUMNS, as_table(found), table_format)


@require_GET
def show(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry, person = _entry(request, entry_id), person_of(request)
    may_comment = can_comment(person, entry)
    may_change = can_change_entry(person, entry)
    context = {
        "entry": entry,
        "programme": entry.programme,
        "today": local_date(business_now()),
        "treatments": list(treatments_of(entry)),
        "became": list(turned_into(entry)),
        "comments": list(comments_on(entry)),
        "events": list(events_about(entry.pk)[:ON_A_PAGE]),
        "can_change": may_change,
        "can_manage": can_manage_raid(person, entry.programme),
        "can_comment": may_comment,
        "turns": [(kind.value, kind.label.lower()) for kind in TURNS[RaidKind(entry.kind)]],
        "form": CommentForm(entry.programme) if may_comment else None,
        "score_of": score_of,
    }
    return render(request, "programmes/raid/entry.html", context)


@form_page
def add(request: HttpRequest, programme_id: UUID, kind: RaidKind) -> HttpResponse:
    programme, person = _programme(request, programme_id), person_of(request)
    check_can_raise(person, programme)
    initial = {"parent": request.GET.get("parent", ""), "is_in_report": False}
    form, status = RaiseForm(programme, kind, request.POST or None, initial=initial), 200
    if request.method == "POST" and form.is_valid():
        try:
            entry = operations.raise_entry(
                programme_id=programme.pk,
                kind=kind,
                facts=form.facts,
                parent_id=form.cleaned_data["parent"],
                request_key=form.cleaned_data["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{entry.get_kind_display()} {entry.reference} raised.")
            return redirect("raid_entry", entry.pk)
    context = {"programme": programme, "kind": kind, "form": form}
    return render(request, "programmes/raid/add.html", context, status=status)


@form_page
def change(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry, person = _entry(request, entry_id), person_of(request)
    check_can_change_entry(person, entry)
    form, status = ChangeForm(entry, request.POST or None), 200
    context: dict[str, Any] = {"differences": []}
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_entry(
                entry_id=entry.pk,
                version=form.cleaned_data["version"],
                facts=form.facts,
                by=person,
                now=business_now(),
            )
        except Conflict as conflict:
            entry, status = _entry(request, entry_id), _tell(form, conflict)
            form.data = _over(request, entry)
            context["differences"] = form.differences(entry)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Changed.")
            return redirect("raid_entry", entry_id)
    context |= {"entry": entry, "programme": entry.programme, "form": form}
    return render(request, "programmes/raid/change.html", context, status=status)


@form_page
def close(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry, person = _entry(request, entry_id), person_of(request)
    check_can_change_entry(person, entry)
    form, status = CloseForm(request.POST or None, initial={"version": entry.version}), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.finish_entry(entry_id=entry.pk, by=person, now=business_now(), **form.cleaned_data)
        except Refused as refused:
            status = _tell(form, refused)
            entry = _entry(request, entry_id)
            form.data = _over(request, entry)
        else:
            messages.success(request, f"{entry.reference} closed.")
            return redirect("raid_entry", entry_id)
    context = {"entry": entry, "programme": entry.programme, "form": form}
    return render(request, "programmes/raid/close.html", context, status=status)


@form_page
def reopen(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry, person = _entry(request, entry_id), person_of(request)
    check_can_change_entry(person, entry)
    form, status = ReopenForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.reopen_entry(entry_id=entry.pk, by=person, now=business_now(), **form.cleaned_data)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{entry.reference} reopened.")
            return redirect("raid_entry", entry_id)
    context = {"entry": entry, "programme": entry.programme, "form": form}
    return render(request, "programmes/raid/reopen.html", context, status=status)


@form_page
def turn(request: HttpRequest, entry_id: UUID, into: RaidKind) -> HttpResponse:
    entry, person = _entry(request, entry_id), person_of(request)
    check_can_change_entry(person, entry)
    if into not in TURNS[RaidKind(entry.kind)]:
        raise Http404
    form, status = TurnForm(entry, into, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            made = operations.turn_entry(
                entry_id=entry.pk,
                version=entered["version"],
                into=into,
                facts=form.facts,
                keeps_open=entered["keeps_open"],
                request_key=entered["request_key"],
                by=person,
                now=business_now(),
            )
        except Conflict as conflict:
            status = _tell(form, conflict)
            form.data = _over(request, _entry(request, entry_id))
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, f"{entry.reference} became {made.reference}.")
            return redirect("raid_entry", made.pk)
    context = {"entry": entry, "programme": entry.programme, "into": into, "form": form}
    return render(request, "programmes/raid/turn.html", context, status=status)


@require_GET
def to_decision(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Asks whether the issue stays open, and leads on to the page that drafts a decision."""
    entry = _entry(request, entry_id)
    check_can_change_entry(person_of(request), entry)
    if entry.kind != RaidKind.ISSUE or entry.closed_at or entry.decision_id:
        raise Http404
    context = {"entry": entry, "programme": entry.programme, "form": ToDecisionForm()}
    return render(request, "programmes/raid/to_decision.html", context)


@form_page
def comment(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry, person = _entry(request, entry_id), person_of(request)
    check_can_comment(person, entry)
    form, status = CommentForm(entry.programme, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            said = operations.comment_on_entry(
                entry_id=entry.pk,
                text=entered["text"],
                named_ids=[entered["named"]] if entered["named"] else [],
                request_key=entered["request_key"],
                by=person,
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Comment added.")
            address = redirect("raid_entry", entry_id)
            address["Location"] += f"#comment-{said.pk}"
            return address
    context = {"entry": entry, "programme": entry.programme, "form": form}
    return render(request, "programmes/raid/comment.html", context, status=status)


def _programme(request: HttpRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _entry(request: HttpRequest, entry_id: UUID) -> RaidEntry:
    entry = entry_in_full(entry_id, person_of(request))
    if entry is None:
        raise Http404
    return entry


def _over(request: HttpRequest, entry: RaidEntry) -> Any:
    """What was typed, to be saved over what is saved now."""
    typed = request.POST.copy()
    typed["version"] = str(entry.version)
    return typed


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put the refusal where it belongs in the form; returns the status of the page."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409
