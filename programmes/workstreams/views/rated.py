from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.workstreams import operations
from programmes.workstreams.enums import DeliveryConfidence, Rating, Scale
from programmes.workstreams.forms import AssuranceForm, OverrideForm, ReasonForm
from programmes.workstreams.permissions import can_assure, can_override, check_can_assure, check_can_override
from programmes.workstreams.queries import (
    assurance_in,
    assurance_of,
    override_in,
    overrides_of,
    programme_trend,
    reporting_rule,
    rollups_by_programme,
    stands_now,
)
from programmes.workstreams.rules import Rollup
from programmes.workstreams.views.access import form_page, programme_or_404, tell


@require_GET
def show(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Whose rating stands for a programme, and what else was said."""
    programme, now, person = programme_or_404(request, programme_id), business_now(), person_of(request)
    rule = reporting_rule(programme.scope.parent_id)
    said = rollups_by_programme([programme.pk], rule.around(now)).get(programme.pk)
    rollup = said.rollup if said else Rollup()
    context = {
        "programme": programme,
        "rollup": rollup,
        "stands": stands_now(programme, rollup, now),
        "trend": programme_trend(programme, rule, now),
        "assurance": list(assurance_of(programme)),
        "overrides": list(overrides_of(programme)),
        "today": local_date(now),
        "can_assure": can_assure(person, programme) and not programme.ended_on,
        "can_override": can_override(person, programme) and not programme.ended_on,
    }
    return render(request, "programmes/workstreams/ratings.html", context)


@form_page
def assure(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme = programme_or_404(request, programme_id)
    check_can_assure(person_of(request), programme)
    form = AssuranceForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            operations.record_assurance(
                programme_id=programme.pk,
                by=person_of(request),
                now=business_now(),
                **said | {"scale": Scale(said["scale"]), "rating": DeliveryConfidence(said["rating"])},
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Assurance rating recorded.")
            return redirect("ratings_of_programme", programme.pk)
    context = {"programme": programme, "form": form}
    return render(request, "programmes/workstreams/assure.html", context, status=status)


@form_page
def withdraw_assurance(request: HttpRequest, programme_id: UUID, assurance_id: UUID) -> HttpResponse:
    programme = programme_or_404(request, programme_id)
    assurance = assurance_in(programme, assurance_id)
    if assurance is None:
        raise Http404
    check_can_assure(person_of(request), programme)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.withdraw_assurance(
                assurance_id=assurance.pk, reason=form.cleaned_data["reason"], by=person_of(request), now=business_now()
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Assurance rating withdrawn. It stays on record.")
            return redirect("ratings_of_programme", programme.pk)
    context = {"programme": programme, "assurance": assurance, "form": form}
    return render(request, "programmes/workstreams/withdraw_assurance.html", context, status=status)


@form_page
def override(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    programme, now = programme_or_404(request, programme_id), business_now()
    check_can_override(person_of(request), programme)
    form = OverrideForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            operations.override_rating(
                programme_id=programme.pk, by=person_of(request), now=now, **said | {"rating": Rating(said["rating"])}
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Recorded. It lapses at the end of the next reporting day.")
            return redirect("ratings_of_programme", programme.pk)
    days = reporting_rule(programme.scope.parent_id).around(now)
    context = {"programme": programme, "form": form, "days": days}
    return render(request, "programmes/workstreams/override.html", context, status=status)


@form_page
def withdraw_override(request: HttpRequest, programme_id: UUID, override_id: UUID) -> HttpResponse:
    programme = programme_or_404(request, programme_id)
    shown = override_in(programme, override_id)
    if shown is None:
        raise Http404
    check_can_override(person_of(request), programme)
    if request.method == "POST":
        operations.withdraw_override(override_id=shown.pk, by=person_of(request), now=business_now())
        messages.success(request, "The programme's own rating is shown again.")
        return redirect("ratings_of_programme", programme.pk)
    context = {"programme": programme, "override": shown}
    return render(request, "programmes/workstreams/withdraw_override.html", context)
