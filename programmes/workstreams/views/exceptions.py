from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.workstreams import operations
from programmes.workstreams.enums import ExceptionKind
from programmes.workstreams.forms import ExceptionForm
from programmes.workstreams.models import Workstream
from programmes.workstreams.permissions import can_except, check_can_except
from programmes.workstreams.queries import exception_in, exceptions_of, reporting_rule
from programmes.workstreams.rules import YEAR_AHEAD, ReportingRule
from programmes.workstreams.views.access import form_page, tell, workstream_or_404


@form_page
def show(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    workstream, now = workstream_or_404(request, workstream_id), business_now()
    rule = reporting_rule(workstream.programme.scope.parent_id)
    form = ExceptionForm(request.POST or None, days=_choices(workstream, rule, rule.around(now).last_on))
    status = 200
    if request.method == "POST":
        check_can_except(person_of(request), workstream.programme)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            operations.record_exception(
                workstream_id=workstream.pk,
                by=person_of(request),
                now=now,
                **said | {"kind": ExceptionKind(said["kind"])},
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Recorded. Whoever looks at the workstream sees it and why.")
            return redirect("exceptions_of_workstream", workstream.pk)
    context = {
        "workstream": workstream,
        "exceptions": list(exceptions_of(workstream)),
        "last_on": rule.around(now).last_on,
        "form": form,
        "can_change": can_except(person_of(request), workstream.programme) and not workstream.closed_at,
    }
    return render(request, "programmes/workstreams/exceptions.html", context, status=status)


@form_page
def end(request: HttpRequest, workstream_id: UUID, exception_id: UUID) -> HttpResponse:
    workstream = workstream_or_404(request, workstream_id)
    exception = exception_in(workstream, exception_id)
    if exception is None:
        raise Http404
    check_can_except(person_of(request), workstream.programme)
    if request.method == "POST":
        operations.end_exception(exception_id=exception.pk, by=person_of(request), now=business_now())
        messages.success(request, "Ended. It reports again from the next reporting day on.")
        return redirect("exceptions_of_workstream", workstream.pk)
    context = {"workstream": workstream, "exception": exception}
    return render(request, "programmes/workstreams/end_exception.html", context)


def _choices(workstream: Workstream, rule: ReportingRule, last_on: date) -> list[date]:
    """The reporting days for which nothing was reported, from the last one that is over on."""
    said = workstream.current_period_on
    return [day.on for day in rule.between(last_on, last_on + YEAR_AHEAD) if said is None or day.on > said]
