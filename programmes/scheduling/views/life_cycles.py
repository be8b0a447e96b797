from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.scheduling import operations
from programmes.scheduling.forms import AddLifeCycleForm, ChangeLifeCycleForm, ChooseLifeCycleForm, PublishForm
from programmes.scheduling.models import LifeCycle
from programmes.scheduling.permissions import check_can_manage_life_cycles, check_can_run_stages
from programmes.scheduling.queries import (
    followers_of,
    life_cycle_with_id,
    life_cycles,
    offered_life_cycles,
    stages_given,
    version_followed_by,
    versions_of,
)
from programmes.scheduling.rules import StageGiven

FOLLOWERS_ON_A_PAGE = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def list_all(request: HttpRequest) -> HttpResponse:
    check_can_manage_life_cycles(person_of(request))
    return render(request, "programmes/scheduling/life_cycles.html", {"life_cycles": list(life_cycles())})


@require_GET
def show(request: HttpRequest, life_cycle_id: UUID) -> HttpResponse:
    life_cycle = _life_cycle(request, life_cycle_id)
    context = {
        "life_cycle": life_cycle,
        "versions": versions_of(life_cycle),
        "page": Paginator(followers_of(life_cycle), FOLLOWERS_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "programmes/scheduling/life_cycle.html", context)


@form_page
def add(request: HttpRequest) -> HttpResponse:
    check_can_manage_life_cycles(person_of(request))
    form, status = AddLifeCycleForm(_EMPTY, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            life_cycle = operations.add_life_cycle(
                name=entered["name"],
                description=entered["description"],
                stages=form.given(),
                request_key=entered["request_key"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Life cycle added. New programmes can follow it.")
            return redirect("life_cycle", life_cycle.pk)
    return render(request, "programmes/scheduling/add_life_cycle.html", {"form": form}, status=status)


@form_page
def publish(request: HttpRequest, life_cycle_id: UUID) -> HttpResponse:
    life_cycle = _life_cycle(request, life_cycle_id)
    newest = versions_of(life_cycle)[0]
    form = PublishForm(stages_given(newest.stages), request.POST or None, based_on=newest.version.number)
    context: dict[str, Any] = {"life_cycle": life_cycle, "newest": None}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.publish_version(
                life_cycle_id=life_cycle.pk,
                based_on=form.cleaned_data["based_on"],
                note=form.cleaned_data["note"],
                stages=form.given(),
                by=person_of(request),
                now=business_now(),
            )
        except Conflict as conflict:
            form.data = request.POST.copy()
            form.data["based_on"] = str(newest.version.number)
            context["newest"] = newest
            status = _tell(form, conflict)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Version published. Programmes that run keep theirs.")
            return redirect("life_cycle", life_cycle_id)
    return render(request, "programmes/scheduling/publish_version.html", context | {"form": form}, status=status)


@form_page
def change(request: HttpRequest, life_cycle_id: UUID) -> HttpResponse:
    life_cycle = _life_cycle(request, life_cycle_id)
    form = ChangeLifeCycleForm(request.POST) if request.method == "POST" else ChangeLifeCycleForm.showing(life_cycle)
    context: dict[str, Any] = {"differences": []}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_life_cycle(
                life_cycle_id=life_cycle.pk, **form.cleaned_data, by=person_of(request), now=business_now()
            )
        except Conflict as conflict:
            life_cycle = _life_cycle(request, life_cycle_id)
            form.data = request.POST.copy()
            form.data["version"] = str(life_cycle.version)
            context["differences"] = form.differences(life_cycle)
            status = _tell(form, conflict)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Life cycle changed.")
            return redirect("life_cycle", life_cycle_id)
    context |= {"life_cycle": life_cycle, "form": form}
    return render(request, "programmes/scheduling/change_life_cycle.html", context, status=status)


@form_page
def offer(request: HttpRequest, life_cycle_id: UUID, is_offered: bool) -> HttpResponse:
    words = {
        "heading": "Offer {} to new programmes" if is_offered else "Withdraw {}",
        "warning": "A programme that is set up can choose it."
        if is_offered
        else "No new programme can choose it. Programmes that follow it go on with it.",
        "button": "Offer it" if is_offered else "Withdraw it",
    }
    return _confirmed(request, life_cycle_id, words, operations.offer_life_cycle, is_offered=is_offered)


@form_page
def make_default(request: HttpRequest, life_cycle_id: UUID) -> HttpResponse:
    words = {
        "heading": "Make {} the default",
        "warning": "New programmes get it unless another is chosen. Programmes that run keep theirs.",
        "button": "Make it the default",
    }
    return _confirmed(request, life_cycle_id, words, operations.choose_default_life_cycle)


@form_page
def choose(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Which life cycle a programme follows."""
    programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
    check_can_run_stages(person_of(request), programme)
    followed, offered = version_followed_by(programme), offered_life_cycles()
    initial = {"life_cycle": str(followed.life_cycle_id) if followed else ""}
    form, status = ChooseLifeCycleForm(offered, request.POST or None, initial=initial), 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.choose_life_cycle(
                programme_id=programme.pk,
                life_cycle_id=form.cleaned_data["life_cycle"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Life cycle chosen.")
            return redirect("stages_of_programme", programme_id)
    context = {
        "programme": programme,
        "form": form,
        "followed": followed,
        "hints": {str(row.pk): ", ".join(titles) for row, titles in offered},
    }
    return render(request, "programmes/scheduling/choose_life_cycle.html", context, status=status)


def _confirmed(
    request: HttpRequest,
    life_cycle_id: UUID,
    words: dict[str, str],
    act: Callable[..., LifeCycle],
    **more: Any,
) -> HttpResponse:
    life_cycle, form, status = _life_cycle(request, life_cycle_id), forms.Form(request.POST), 200
    if request.method == "POST" and form.is_valid():
        try:
            act(life_cycle_id=life_cycle.pk, by=person_of(request), now=business_now(), **more)
        except Refused as refused:
            status = _tell(form, refused)
        else:
            messages.success(request, "Done.")
            return redirect("life_cycle", life_cycle_id)
    context = words | {"life_cycle": life_cycle, "form": form, "heading": words["heading"].format(life_cycle.name)}
    return render(request, "programmes/scheduling/confirm_life_cycle.html", context, status=status)


def _life_cycle(request: HttpRequest, life_cycle_id: UUID) -> LifeCycle:
    check_can_manage_life_cycles(person_of(request))
    found = life_cycle_with_id(life_cycle_id)
    if found is None:
        raise Http404
    return found


def _tell(form: forms.Form, refused: Refused) -> int:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return 409


_EMPTY: list[StageGiven] = []
