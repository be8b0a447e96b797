from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders import operations
from programmes.reminders.forms import ExpectedForm
from programmes.reminders.permissions import check_can_plan_anew, check_can_sweep
from programmes.reminders.queries import last_sweep, replan_of, swept, waves_of_subject, within_sight
from programmes.reminders.rules import within_programme
from programmes.reminders.views.shared import REFUSED, form_page, page_of

CHANGES_ON_A_PAGE = 100


@form_page
def plan_anew(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    return _plan_anew(request, programme, None, reverse("reminders_of_programme", args=[programme.pk]))


@form_page
def plan_subject_anew(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    wave = waves_of_subject(person_of(request), subject_id).first()
    if wave is None or wave.programme is None:
        raise Http404
    return _plan_anew(request, wave.programme, wave.subject_id, reverse("reminders_of_subject", args=[subject_id]))


@form_page
def check_all(request: HttpRequest) -> HttpResponse:
    """Whether everything is planned that the rules ask for, and a button that plans what is missing."""
    person = person_of(request)
    check_can_sweep(person)
    if request.method == "POST":
        changed = operations.plan_what_is_missing(by=person, now=business_now())
        messages.success(request, f"{changed:,} reminders put right." if changed else "Nothing was missing.")
        return redirect("check_reminders")
    rows = swept(within_sight(person), now=business_now())
    context = {
        "page": page_of(request, rows, CHANGES_ON_A_PAGE),
        "last": last_sweep(),
        "to_put_right": sum(row.missing + row.unwanted for row in rows),
    }
    return render(request, "programmes/reminders/check.html", context)


def _plan_anew(request: HttpRequest, programme: Programme, subject_id: UUID | None, back: str) -> HttpResponse:
    """What would change, in time order, to be confirmed as it was looked at."""
    person, now, status = person_of(request), business_now(), 200
    check_can_plan_anew(person, programme)
    form = ExpectedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = operations.plan_anew(
                programme_id=programme.pk,
                subject_id=subject_id,
                expected=form.cleaned_data["expected"],
                by=person,
                now=now,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = REFUSED
        else:
            messages.success(request, f"Planned anew: {changed:,} changed." if changed else "Nothing had to change.")
            return redirect(back)
    replan = replan_of(within_programme(programme.pk, subject_id), now=now)
    context = {
        "programme": programme,
        "back": back,
        "page": page_of(request, replan.changes, CHANGES_ON_A_PAGE),
        "expected": replan.fingerprint,
        "form": form,
    }
    return render(request, "programmes/reminders/plan_anew.html", context, status=status)
