from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Conflict, Refused
from partners.clock.queries import business_now
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of
from programmes.workstreams import operations
from programmes.workstreams.enums import Frequency, Weekday
from programmes.workstreams.forms import ReportingForm
from programmes.workstreams.queries import explained_choices, reporting_settings
from programmes.workstreams.views.access import form_page, tell, typed_with


@form_page
def reporting(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    settings, now = reporting_settings(), business_now()
    form = ReportingForm(request.POST) if request.method == "POST" else ReportingForm.showing(settings)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_reporting_settings(
                frequency=Frequency(form.cleaned_data["frequency"]),
                weekday=Weekday(form.cleaned_data["weekday"]),
                version=form.cleaned_data["version"],
                by=person_of(request),
                now=now,
            )
        except Conflict as conflict:
            settings = reporting_settings()
            form.data = typed_with(request, version=settings.version)
            status = tell(form, conflict)
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Reporting day saved.")
            return redirect("reporting_settings")
    choices = explained_choices(now)
    context: dict[str, Any] = {
        "form": form,
        "current": next(c for c in choices if (c.frequency, c.weekday) == (settings.frequency, settings.weekday)),
        "choices": choices,
    }
    return render(request, "programmes/workstreams/reporting.html", context, status=status)
