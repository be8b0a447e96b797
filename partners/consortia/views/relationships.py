"""Relationships as at a day, whom one can call on, and what a partner's contact sees of them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from partners.audit.rules import Conflict
from partners.clock.queries import business_now
from partners.clock.rules import end_of_day, local_date
from partners.consortia import operations
from partners.consortia.enums import RelationshipState, TermKind
from partners.consortia.forms import (
    CallForm,
    RelationshipsFilterForm,
    SetStandingForm,
    StartRelationshipForm,
    TermForm,
)
from partners.consortia.models import Relationship
from partners.consortia.permissions import (
    can_keep_relationship,
    can_keep_some_relationships,
    check_can_keep_relationships,
    check_can_keep_some_relationships,
    scopes_to_keep,
)
from partners.consortia.queries import (
    capabilities_to_choose,
    claims_of,
    consortia_visible_to,
    members_on,
    own_dealings,
    portfolio_scopes_of,
    relationship_rows,
    relationships_visible_to,
    standings_of,
    term_visible_to,
    terms_of,
    who_can,
)
from partners.consortia.views.filling import DONE, attempt, form_page, reader_of, tell_conflict, typed
from partners.organisations.permissions import can_keep_partners
from partners.organisations.queries import organisation_of, organisations_visible_to
from partners.people.queries import person_of

ROWS_ON_A_PAGE = 50


@require_GET
def list_relationships(request: HttpRequest) -> HttpResponse:
    person, today = reader_of(request), local_date(business_now())
    scopes = list(portfolio_scopes_of(person))
    form = RelationshipsFilterForm(request.GET, scopes=scopes)
    on = form.day(today)
    found = relationship_rows(person, on=on, known_at=end_of_day(today), wanted=form.wanted)
    context = {
        "form": form,
        "on": on,
        "today": today,
        "page": Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "is_narrowed": form.wanted.is_narrowed or on != today,
        "can_keep": can_keep_partners(person),
        "can_start": can_keep_some_relationships(person),
    }
    return render(request, "partners/consortia/relationships.html", context, status=200)


@require_GET
def call(request: HttpRequest) -> HttpResponse:
    """Whom can we call on for this, on that day? Also who nearly fits, and why not."""
    person, today = reader_of(request), local_date(business_now())
    form = CallForm(request.GET if "capability" in request.GET or "on_day" in request.GET else None)
    on = form.day(today)
    rows = None
    if form.is_bound and form.is_valid():
        entered = form.cleaned_data
        rows = who_can(entered["capability"], on=on, known_at=end_of_day(today), user=person, sector=entered["sector"])
    context = {
        "form": form,
        "on": on,
        "asked": rows is not None,
        "fitting": [row for row in rows or [] if row.fits],
        "nearly": [row for row in rows or [] if not row.fits],
        "has_capabilities": capabilities_to_choose().exists(),
        "can_keep": can_keep_partners(person),
    }
    return render(request, "partners/consortia/call.html", context)


@require_GET
def show(request: HttpRequest, relationship_id: UUID) -> HttpResponse:
    person, relationship = person_of(request), _relationship(request, relationship_id)
    today = local_date(business_now())
    inside = relationship.consortium_id
    members = members_on([inside], today)[inside] if inside else []
    organisations = {*(member.organisation_id for member in members), relationship.organisation_id} - {None}
    standings = standings_of(relationship, on=today)
    context = {
        "relationship": relationship,
        "today": today,
        "standings": standings,
        "current": next((each for each in standings if each.since_on <= today), standings[0]),
        "members": members,
        "claims": list(claims_of([each for each in organisations if each])),
        "terms": list(terms_of(relationship)),
        "can_keep": can_keep_relationship(person, relationship),
    }
    return render(request, "partners/consortia/relationship.html", context)


@form_page
def start(request: HttpRequest) -> HttpResponse:
    person, now = reader_of(request), business_now()
    check_can_keep_some_relationships(person)
    scopes = scopes_to_keep(person, portfolio_scopes_of(person))
    sent = typed(request)
    form = StartRelationshipForm(
        sent,
        initial={"party": request.GET.get("party", "")[:60], "scope": scopes[0].pk if len(scopes) == 1 else None},
        scopes=scopes,
        organisations=organisations_visible_to(person),
        consortia=consortia_visible_to(person),
    )
    status = attempt(
        form,
        lambda entered: operations.start_relationship(
            scope_id=entered["scope"],
            **form.chosen_party,
            state=RelationshipState(entered["state"]),
            since_on=entered["since_on"],
            owner_id=entered["owner"],
            expires_on=entered["expires_on"],
            note=entered["note"],
            source=entered["source"],
            request_key=entered["request_key"],
            by=person,
            now=now,
        ),
    )
    if status == DONE:
        messages.success(request, "Relationship started. Next, record what binds the two sides.")
        return redirect("relationship", form.cleaned_data["request_key"])
    return render(request, "partners/consortia/start.html", {"form": form}, status=status)


@form_page
def set_standing(request: HttpRequest, relationship_id: UUID) -> HttpResponse:
    relationship = _relationship(request, relationship_id)
    check_can_keep_relationships(person_of(request), relationship.scope)
    now = business_now()
    current = standings_of(relationship, on=local_date(now))[0]
    form = SetStandingForm(
        typed(request),
        state=RelationshipState(relationship.state),
        initial={"version": relationship.version, "since_on": local_date(now)},
    )
    try:
        status = attempt(
            form,
            lambda entered: operations.set_standing(
                relationship_id=relationship_id,
                version=entered["version"],
                state=RelationshipState(entered["state"]),
                since_on=entered["since_on"],
                owner_id=entered["owner"],
                expires_on=entered["expires_on"],
                note=entered["note"],
                source=entered["source"],
                by=person_of(request),
                now=now,
            ),
        )
    except Conflict as conflict:
        relationship = _relationship(request, relationship_id)
        current = standings_of(relationship, on=local_date(now))[0]
        status = tell_conflict(request, form, conflict, version=relationship.version)
    if status == DONE:
        messages.success(request, "Recorded where the relationship stands.")
        return redirect("relationship", relationship_id)
    context = {"relationship": relationship, "current": current, "form": form}
    return render(request, "partners/consortia/set_standing.html", context, status=status)


@form_page
def add_term(request: HttpRequest, relationship_id: UUID) -> HttpResponse:
    relationship = _relationship(request, relationship_id)
    check_can_keep_relationships(person_of(request), relationship.scope)
    form = TermForm(typed(request))
    status = attempt(
        form,
        lambda entered: operations.add_term(
            relationship_id=relationship_id,
            kind=TermKind(entered.pop("kind")),
            **entered,
            by=person_of(request),
            now=business_now(),
        ),
    )
    if status == DONE:
        messages.success(request, "Recorded what binds the two sides.")
        return redirect("relationship", relationship_id)
    context = {"relationship": relationship, "form": form}
    return render(request, "partners/consortia/add_term.html", context, status=status)


@form_page
def withdraw_term(request: HttpRequest, term_id: UUID) -> HttpResponse:
    term = term_visible_to(person_of(request), term_id)
    if term is None:
        raise Http404
    check_can_keep_relationships(person_of(request), term.relationship.scope)
    if request.method == "POST":
        operations.withdraw_term(term_id=term_id, by=person_of(request), now=business_now())
        messages.success(request, "Term withdrawn.")
        return redirect("relationship", term.relationship_id)
    return render(request, "partners/consortia/withdraw_term.html", {"term": term})


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """What a partner's contact sees: their organisation, its consortia, and where they stand with us."""
    organisation = organisation_of(person_of(request))
    if organisation is None:
        raise Http404
    today = local_date(business_now())
    context = {"dealings": own_dealings(organisation, today=today), "today": today}
    return render(request, "partners/consortia/own.html", context)


def _relationship(request: HttpRequest, relationship_id: UUID) -> Relationship:
    return get_object_or_404(relationships_visible_to(person_of(request)), pk=relationship_id)
