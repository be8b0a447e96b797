from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.workstreams import operations
from programmes.workstreams.forms import LinkForm, ProviderProgrammeForm
from programmes.workstreams.permissions import can_manage_workstreams, check_can_manage_workstreams
from programmes.workstreams.queries import link_in, links_of, reporting_days, workstreams_visible_to
from programmes.workstreams.views.access import form_page, tell, workstream_or_404


@form_page
def show(request: HttpRequest, workstream_id: UUID) -> HttpResponse:
    """What a workstream needs and who needs it; to add one, the programme is chosen first and then its workstream."""
    workstream, now, person = workstream_or_404(request, workstream_id), business_now(), person_of(request)
    portfolio_scope_id = workstream.programme.scope.parent_id
    programmes = programmes_visible_to(person).filter(scope__parent=portfolio_scope_id).order_by("name", "pk")
    choose = ProviderProgrammeForm(request.GET, programmes=programmes)
    chosen = choose.cleaned_data["programme"] if choose.is_valid() else ""
    programme_id = UUID(chosen) if chosen else workstream.programme_id
    offered = workstreams_visible_to(person).filter(programme=programme_id, closed_at=None).exclude(pk=workstream.pk)
    form = LinkForm(request.POST or None, workstreams=offered.order_by("name", "pk"))
    status = 200
    if request.method == "POST":
        check_can_manage_workstreams(person, workstream.programme)
    if request.method == "POST" and form.is_valid():
        try:
            operations.link_provider(
                dependant_id=workstream.pk,
                provider_id=UUID(form.cleaned_data["provider"]),
                what=form.cleaned_data["what"],
                request_key=form.cleaned_data["request_key"],
                by=person,
                now=now,
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Recorded. While that workstream is off track, this one says so.")
            return redirect("links_of_workstream", workstream.pk)
    context = {
        "workstream": workstream,
        "links": links_of(workstream, user=person, days=reporting_days(now, portfolio_scope_id)),
        "form": form,
        "choose": choose,
        "programme_id": programme_id,
        "can_manage": can_manage_workstreams(person, workstream.programme),
    }
    return render(request, "programmes/workstreams/links.html", context, status=status)


@form_page
def end(request: HttpRequest, workstream_id: UUID, need_id: UUID) -> HttpResponse:
    workstream = workstream_or_404(request, workstream_id)
    link = link_in(workstream, need_id)
    if link is None:
        raise Http404
    check_can_manage_workstreams(person_of(request), workstream.programme)
    if request.method == "POST":
        operations.end_link(link_id=link.pk, by=person_of(request), now=business_now())
        messages.success(request, "Ended. The history keeps it.")
        return redirect("links_of_workstream", workstream.pk)
    context = {"workstream": workstream, "link": link}
    return render(request, "programmes/workstreams/end_link.html", context)
