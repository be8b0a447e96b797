from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.queries import events_about
from partners.audit.rules import Conflict
from partners.clock.queries import business_now
from partners.people import operations
from partners.people.forms import OrganisationForm
from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import organisation, person_of
from partners.people.views.filling import form_page, tell

EVENTS_SHOWN = 20


@form_page
def rename(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    scope = organisation()
    form = OrganisationForm(request.POST) if request.method == "POST" else OrganisationForm.showing(scope)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.rename_organisation(**form.cleaned_data, by=person_of(request), now=business_now())
        except Conflict as conflict:
            scope = organisation()
            form.data = request.POST.copy()
            form.data["was"] = scope.name
            status = tell(form, conflict)
        else:
            messages.success(request, "Name of the organisation changed.")
            return redirect("settings_index")
    events = list(events_about(scope.pk)[:EVENTS_SHOWN])
    context = {"form": form, "organisation": scope, "status": status, "events": events}
    return render(request, "partners/people/organisation.html", context, status=status)
