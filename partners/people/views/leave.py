from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people import operations
from partners.people.forms import LeaveForm
from partners.people.models import User
from partners.people.permissions import check_can_keep_leave_of
from partners.people.queries import person_of, person_with_id
from partners.people.queries.leave import leaves_of, leaves_visible_to, places_out_of_sight, stood_in_for
from partners.people.views.filling import REFUSED, form_page, tell, typed

ON_A_PAGE = 25


@require_GET
def show(request: HttpRequest, person_id: UUID | None = None) -> HttpResponse:
    """One's own leave, or as an administrator somebody's."""
    person, today = _person(request, person_id), local_date(business_now())
    context = {
        "person": person,
        "is_own": person_id is None,
        "page": Paginator(leaves_of(person), ON_A_PAGE).get_page(request.GET.get("page")),
        "stood_in_for": list(stood_in_for(person, today)),
        "today": today,
    }
    return render(request, "partners/people/leaves.html", context)


@form_page
def record(request: HttpRequest, person_id: UUID | None = None) -> HttpResponse:
    person = _person(request, person_id)
    form = LeaveForm(typed(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            leave = operations.record_leave(
                person_id=person.pk,
                from_on=entered["from_on"],
                to_on=entered["to_on"],
                delegate_id=entered["delegate"],
                request_key=entered["request_key"],
                by=person_of(request),
                now=business_now(),
            )
        except Refused as refused:
            status = tell(form, refused)
        else:
            messages.success(request, "Leave recorded.")
            unseen = places_out_of_sight(person, leave.delegate) if leave.delegate else []
            if leave.delegate and unseen:
                messages.warning(
                    request,
                    f"{leave.delegate.name} holds no role on {', '.join(unseen)}. There the programme manager is asked "
                    "for your statuses while you are away.",
                )
            return redirect(_back_to(person, person_id))
    context = {"form": form, "person": person, "is_own": person_id is None, "back": _back_to(person, person_id)}
    return render(request, "partners/people/record_leave.html", context, status=status)


@form_page
def cancel(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    user = person_of(request)
    leave = get_object_or_404(leaves_visible_to(user), pk=leave_id)
    back = reverse("my_leave") if leave.user_id == user.pk else reverse("person_absences", args=[leave.user_id])
    refusal, status, today = None, 200, local_date(business_now())
    if request.method == "POST":
        try:
            operations.cancel_leave(leave_id=leave.pk, by=user, now=business_now())
        except Refused as refused:
            refusal, status = refused.sentence, REFUSED
        else:
            messages.success(request, "Leave cancelled.")
            return redirect(back)
    context = {"leave": leave, "has_begun": leave.from_on < today, "refusal": refusal, "back": back}
    return render(request, "partners/people/cancel_leave.html", context, status=status)


def _person(request: HttpRequest, person_id: UUID | None) -> User:
    user = person_of(request)
    if person_id is None:
        return user
    person = person_with_id(person_id)
    if person is None:
        raise Http404
    check_can_keep_leave_of(user, person)
    return person


def _back_to(person: User, person_id: UUID | None) -> str:
    return reverse("person_absences", args=[person.pk]) if person_id else reverse("my_leave")
