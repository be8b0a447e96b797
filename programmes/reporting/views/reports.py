from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Conflict, Refused, listed
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.reporting import operations
from programmes.reporting.forms import RATING_HINTS, CorrectionForm, SameStatusForm, StatusForm, steps_given
from programmes.reporting.operations import PublishedMeanwhile
from programmes.reporting.queries import (
    contradictions,
    draft_of,
    facts_since,
    readers_of,
    same_ratings,
    why_not_repeated,
)
from programmes.reporting.rules import DIMENSIONS, Fact, Typed, windows_of, words_for_saved
from programmes.reporting.views.access import (
    form_page,
    latest_of,
    tell,
    typed_with,
    update_or_404,
    workstream_or_404,
    workstream_to_report,
)
from programmes.reporting.views.drafts import keep_typed
from programmes.workstreams.enums import Ask, Rating
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.queries import last_said, period_to_report, reporting_days
from programmes.workstreams.rules import NOTHING_CHANGED

PUBLISHED = "Status published. Everyone who may see this programme sees it now."


@form_page
def record(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    now, person = business_now(), person_of(request)
    workstream = workstream_to_report(request, workstream_id, now=now)
    not_kept: Refused | None = None
    if request.method == "POST" and "save_draft" in request.POST:
        try:
            saved = keep_typed(request, workstream, now)
        except Refused as refused:
            not_kept = refused
        else:
            messages.success(request, f"Draft saved {words_for_saved(saved.saved_at)}. Nobody but you sees it.")
            return redirect("record_status", workstream.pk)
    latest, draft = latest_of(workstream), draft_of(workstream.pk, person)
    windows = windows_of(draft.content) if draft else []
    form = _form(request, workstream, latest, windows, now)
    status, is_new_to_author = 200, bool(draft and windows and draft.based_on_id != workstream.current_update_id)
    if request.method == "POST":
        is_new_to_author = False
        if not_kept:
            status = tell(form, not_kept, field=form.field_of(not_kept))
        elif form.is_valid():
            try:
                operations.record_status_update(
                    workstream_id=workstream.pk,
                    based_on_id=form.cleaned_data["based_on"],
                    by=person,
                    now=now,
                    **form.report,
                )
            except PublishedMeanwhile as conflict:
                workstream = workstream_or_404(request, workstream_id)
                latest, is_new_to_author = latest_of(workstream), True
                form.data = typed_with(request, based_on=workstream.current_update_id)
                status = tell(form, conflict)
            except Refused as refused:
                status = tell(form, refused, field=form.field_of(refused))
            else:
                messages.success(request, PUBLISHED)
                return redirect("workstream", workstream.pk)
    shown = next((each for each in windows if each.window == form["continues"].value()), None)
    context = {
        "workstream": workstream,
        "form": form,
        "latest": latest,
        "last_said": last_said(workstream, now),
        "is_new_to_author": is_new_to_author,
        "hints": RATING_HINTS,
        "facts": _facts(workstream, now),
        "told": listed([each.name for each in readers_of(workstream, author=person, on=local_date(now))]),
        "why_not_repeated": why_not_repeated(latest, local_date(now)) if latest else None,
        "draft": draft,
        "saved_words": words_for_saved(shown.saved_at, now) if shown else "",
        "other_windows": _others(windows, shown, now),
    } | _period(workstream, now)
    return render(request, "programmes/reporting/record.html", context, status=status)


@form_page
def repeat(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    """That nothing has changed: one confirmed act that publishes what was said last time again."""
    now, person = business_now(), person_of(request)
    workstream = workstream_to_report(request, workstream_id, now=now)
    latest = latest_of(workstream)
    if latest is None or why_not_repeated(latest, local_date(now)):
        return redirect("record_status", workstream.pk)
    against = contradictions(workstream, same_ratings(latest), now)
    form = SameStatusForm(request.POST if request.method == "POST" else None, latest=latest, against=against)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_status_update(
                workstream_id=workstream.pk,
                changed=NOTHING_CHANGED,
                based_on_id=form.cleaned_data["based_on"],
                explanations=form.explanations,
                request_key=form.cleaned_data["request_key"],
                by=person,
                now=now,
                **_said_again(latest),
            )
        except PublishedMeanwhile as conflict:
            workstream = workstream_or_404(request, workstream_id)
            latest = latest_of(workstream) or latest
            form.data = typed_with(request, based_on=workstream.current_update_id)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, PUBLISHED)
            return redirect("workstream", workstream.pk)
    context = {
        "workstream": workstream,
        "form": form,
        "latest": latest,
        "last_said": last_said(workstream, now),
        "nothing_changed": NOTHING_CHANGED,
        "facts": _facts(workstream, now),
        "told": listed([each.name for each in readers_of(workstream, author=person, on=local_date(now))]),
    } | _period(workstream, now)
    return render(request, "programmes/reporting/repeat.html", context, status=status)


@form_page
def correct(request: HttpRequest, workstream_id: UUID, update_id: UUID) -> HttpResponse:
    now, person = business_now(), person_of(request)
    workstream = workstream_to_report(request, workstream_id, now=now)
    update = update_or_404(workstream, update_id)
    if request.method != "POST" and workstream.current_update_id != update.pk:
        raise Refused(
            "Only the latest status can be corrected, and this is an earlier one. Publish a new status instead."
        )
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        latest=update,
        steps=steps_given(update.steps.all()),  # type: ignore[attr-defined]
        against=contradictions(workstream, None, now),
        today=local_date(update.said_at),
    )
    status, later = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            operations.correct_status_update(
                update_id=update.pk, reason=form.cleaned_data["reason"], by=person, now=now, **form.report
            )
        except Conflict as conflict:
            later = latest_of(workstream_or_404(request, workstream_id))
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused, field=form.field_of(refused))
        else:
            messages.success(request, "Correction published. What it corrects stays in the history.")
            return redirect("workstream", workstream.pk)
    context = {
        "workstream": workstream,
        "form": form,
        "update": update,
        "later": later,
        "hints": RATING_HINTS,
        "told": listed([each.name for each in readers_of(workstream, author=person, on=local_date(now))]),
    }
    return render(request, "programmes/reporting/correct.html", context, status=status)


def _form(
    request: HttpRequest, workstream: Workstream, latest: StatusUpdate | None, windows: list[Typed], now: datetime
) -> StatusForm:
    options: dict[str, Any] = {
        "latest": latest,
        "steps": steps_given(latest.steps.all()) if latest else [],  # type: ignore[attr-defined]
        "against": contradictions(workstream, None, now),
        "today": local_date(now),
    }
    if request.method == "POST":
        return StatusForm(request.POST, **options)
    if windows:
        wanted = request.GET.get("window")
        typed = next((each for each in windows if each.window == wanted), windows[0])
        return StatusForm.restored(typed, based_on=workstream.current_update_id, **options)
    return StatusForm(**options)


def _said_again(latest: StatusUpdate) -> dict[str, Any]:
    """What a repetition says; open steps are carried over."""
    return {
        **{name: Rating(getattr(latest, name)) for name in ("rating", *DIMENSIONS)},
        "ask_kind": Ask(latest.ask_kind),
        "ask": latest.ask,
        "path_to_green": latest.path_to_green,
        "path_owner_id": latest.path_owner_id,
        "path_due_on": latest.path_due_on,
    }


def _facts(workstream: Workstream, now: datetime) -> list[Fact]:
    return facts_since(workstream, workstream.current_reported_at or workstream.started_at, now)


def _others(windows: list[Typed], shown: Typed | None, now: datetime) -> list[tuple[str, str]]:
    """Windows in which something else was typed than is shown, and when each saved."""
    if shown is None:
        return []
    found = [each for each in windows if each.values != shown.values]
    return [(each.window, words_for_saved(each.saved_at, now)) for each in found]


def _period(workstream: Workstream, now: datetime) -> dict[str, Any]:
    """Which reporting day a report made now is for."""
    days = reporting_days(now, workstream.programme.scope.parent_id)
    period_on, is_late = period_to_report(workstream, days, now)
    return {"period_on": period_on, "is_late": is_late}
