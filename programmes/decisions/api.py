from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.decisions import operations
from programmes.decisions.changes import effects_of
from programmes.decisions.enums import FROZEN, DecisionState, NeedLevel
from programmes.decisions.models import Decision, SavingFate, WorkstreamFate
from programmes.decisions.queries import (
    compared_options,
    conditions_of,
    decision_in_full,
    decisions_listed,
    decisions_visible_to,
    dispositions_of,
    draft_of,
    engagement_name,
    gate_basis,
    left_behind,
    options_of,
    review_to_open,
    superseding,
    without_disposition,
)
from programmes.decisions.rules import (
    ConditionDraft,
    Dispositions,
    Draft,
    LastDay,
    NeedDraft,
    OptionDraft,
    PartnerDisposition,
    ReviewDraft,
    WorkDisposition,
    words_for_common_needs,
)
from programmes.decisions.serializers import (
    ChoiceIn,
    DecisionChangeIn,
    DecisionDetailOut,
    DecisionFilter,
    DecisionIn,
    DecisionOut,
    DispositionsIn,
    LeftBehindOut,
    OptionAddIn,
    OptionChangeIn,
    TakeIn,
    VersionIn,
    WithdrawIn,
)
from programmes.register.queries import programmes_visible_to

DRAFT_FIELDS = {"office": "office_id", "gate": "gate_id", "supersedes": "supersedes_id"}


class Decisions(GenericAPIView):
    serializer_class = DecisionOut

    @extend_schema(operation_id="decisions_list", parameters=[DecisionFilter], responses=DecisionOut(many=True))
    def get(self, request: Request) -> Response:
        """Decisions on the programmes you may see, and those proposed to your offices; what happened last first."""
        sought = _valid(DecisionFilter(data=request.query_params))
        ids = {f"{name}_id": sought.pop(name) for name in ("programme", "scope", "office") if name in sought}
        found = decisions_listed(person_of(request), on=local_date(business_now()), **ids, **sought)
        return self.get_paginated_response(DecisionOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="decisions_draft", request=DecisionIn, responses={201: DecisionDetailOut})
    def post(self, request: Request) -> Response:
        """Draft a decision on a programme."""
        entered = _valid(DecisionIn(data=request.data))
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=entered.pop("programme"))
        drafted = operations.draft_decision(
            programme_id=programme.pk,
            request_key=entered.pop("request_key"),
            issue_id=entered.pop("issue"),
            keeps_issue_open=entered.pop("keeps_issue_open"),
            draft=Draft(**_draft_parts(entered)),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, drafted.pk), status=201)


class DecisionDetail(APIView):
    @extend_schema(operation_id="decisions_detail", responses=DecisionDetailOut)
    def get(self, request: Request, decision_id: UUID) -> Response:
        """One decision with its options and effects."""
        return Response(_detail(request, decision_id))

    @extend_schema(operation_id="decisions_change", request=DecisionChangeIn, responses=DecisionDetailOut)
    def patch(self, request: Request, decision_id: UUID) -> Response:
        """Change some of it; one that was proposed is a draft again. Answers 409 when the version is not the latest."""
        decision, entered = _decision(request, decision_id), _valid(DecisionChangeIn(data=request.data))
        operations.change_decision(
            decision_id=decision.pk,
            version=entered.pop("version"),
            draft=replace(draft_of(decision), **_draft_parts(entered)),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, decision_id))


class Options(APIView):
    @extend_schema(operation_id="options_add", request=OptionAddIn, responses={201: DecisionDetailOut})
    def post(self, request: Request, decision_id: UUID) -> Response:
        """Put an option beside the others. A repeat with the same ``request_key`` adds nothing."""
        decision, entered = _decision(request, decision_id), _valid(OptionAddIn(data=request.data))
        operations.add_option(
            decision_id=decision.pk,
            request_key=entered.pop("request_key"),
            option=_option(entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, decision_id), status=201)


class OptionDetail(APIView):
    @extend_schema(operation_id="options_change", request=OptionChangeIn, responses=DecisionDetailOut)
    def put(self, request: Request, decision_id: UUID, option_id: UUID) -> Response:
        """Say an option anew, with its needs."""
        decision, entered = _decision(request, decision_id), _valid(OptionChangeIn(data=request.data))
        get_object_or_404(options_of(decision), pk=option_id)
        operations.change_option(
            decision_id=decision.pk,
            option_id=option_id,
            version=entered.pop("version"),
            option=_option(entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, decision_id))


class RemoveOption(APIView):
    @extend_schema(operation_id="options_remove", request=VersionIn, responses=DecisionDetailOut)
    def post(self, request: Request, decision_id: UUID, option_id: UUID) -> Response:
        """Take an option out of a decision that is not taken."""
        decision, entered = _decision(request, decision_id), _valid(VersionIn(data=request.data))
        get_object_or_404(options_of(decision), pk=option_id)
        operations.remove_option(
            decision_id=decision.pk,
            option_id=option_id,
            version=entered["version"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, decision_id))


class Choice(APIView):
    @extend_schema(operation_id="options_choose", request=ChoiceIn, responses=DecisionDetailOut)
    def put(self, request: Request, decision_id: UUID) -> Response:
        """Say which option is proposed, and why not the others."""
        decision, entered = _decision(request, decision_id), _valid(ChoiceIn(data=request.data))
        operations.choose_option(
            decision_id=decision.pk,
            version=entered["version"],
            option_id=entered["option"],
            rejected_because={each["option"]: each["because"] for each in entered["rejected"]},
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, decision_id))


class LeftBehind(APIView):
    @extend_schema(operation_id="decisions_left_behind", responses=LeftBehindOut)
    def get(self, request: Request, decision_id: UUID) -> Response:
        """What the programme leaves behind as things are now, each with its disposition if it has one."""
        return Response(_left_behind(_decision(request, decision_id)))

    @extend_schema(operation_id="decisions_dispose", request=DispositionsIn, responses=LeftBehindOut)
    def put(self, request: Request, decision_id: UUID) -> Response:
        """Say what becomes of it, in place of all that was said before."""
        decision, entered = _decision(request, decision_id), _valid(DispositionsIn(data=request.data))
        operations.set_dispositions(
            decision_id=decision.pk,
            version=entered["version"],
            dispositions=Dispositions(
                workstreams=tuple(WorkDisposition(each.pop("id"), **each) for each in entered["workstreams"]),
                engagements=tuple(LastDay(each.pop("id"), **each) for each in entered["engagements"]),
                relationships=tuple(PartnerDisposition(each.pop("id"), **each) for each in entered["relationships"]),
                savings=tuple(WorkDisposition(each.pop("id"), **each) for each in entered["savings"]),
            ),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_left_behind(_decision(request, decision_id)))


class Propose(APIView):
    @extend_schema(operation_id="decisions_propose", request=VersionIn, responses=DecisionDetailOut)
    def post(self, request: Request, decision_id: UUID) -> Response:
        """Put a draft before its office."""
        decision, entered = _decision(request, decision_id), _valid(VersionIn(data=request.data))
        operations.propose_decision(
            decision_id=decision.pk, version=entered["version"], by=person_of(request), now=business_now()
        )
        return Response(_detail(request, decision_id))


class Withdraw(APIView):
    @extend_schema(operation_id="decisions_withdraw", request=WithdrawIn, responses=DecisionDetailOut)
    def post(self, request: Request, decision_id: UUID) -> Response:
        """Give up a draft or a proposal; it stays on record."""
        decision, entered = _decision(request, decision_id), _valid(WithdrawIn(data=request.data))
        operations.withdraw_decision(
            decision_id=decision.pk, reason=entered["reason"], by=person_of(request), now=business_now()
        )
        return Response(_detail(request, decision_id))


class Take(APIView):
    @extend_schema(operation_id="decisions_take", request=TakeIn, responses=DecisionDetailOut)
    def post(self, request: Request, decision_id: UUID) -> Response:
        """Record that the office took it: for whoever holds the office, or its clerk. Everything it does happens at once.

        Answers 409, naming each thing that is left behind without a disposition, and then nothing happens.
        """
        decision, entered = _decision(request, decision_id), _valid(TakeIn(data=request.data))
        operations.take_decision(
            decision_id=decision.pk,
            version=entered["version"],
            taken_on=entered["taken_on"],
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, decision_id))


def _decision(request: Request, decision_id: UUID) -> Decision:
    seen = decisions_visible_to(person_of(request), on=local_date(business_now()))
    return get_object_or_404(seen, pk=decision_id)


def _draft_parts(entered: dict[str, Any]) -> dict[str, Any]:
    """What was sent, by the names of ``Draft``."""
    parts = {DRAFT_FIELDS.get(name, name): value for name, value in entered.items()}
    if "gate_conditions" in parts:
        parts["gate_conditions"] = tuple(ConditionDraft(**each) for each in parts["gate_conditions"])
    if parts.get("review"):
        parts["review"] = ReviewDraft(**parts["review"])
    return parts


def _option(entered: dict[str, Any]) -> OptionDraft:
    needs = [NeedDraft(each["capability"], NeedLevel(each["level"]), each["note"]) for each in entered.pop("needs")]
    entered.pop("version", None)
    return OptionDraft(needs=tuple(needs), **entered)


def _detail(request: Request, decision_id: UUID) -> dict[str, Any]:
    decision = decision_in_full(_decision(request, decision_id))
    disposed, later, missing = dispositions_of(decision), superseding(decision), []
    if decision.ends_programme and decision.state not in FROZEN:
        missing = without_disposition(left_behind(decision.programme, on=local_date(business_now())), disposed)
    is_taken = decision.state == DecisionState.TAKEN
    basis = gate_basis(decision, on=local_date(business_now()))
    more = {
        "is_superseded": later is not None,
        "superseded_by": later.pk if later else None,
        "review": review_to_open(decision),
        "gate_conditions": conditions_of(decision),
        "gate_review": basis.review.pk if basis and basis.review else None,
        "gate_readiness": basis.words if basis else "",
        "options": options_of(decision),
        "common_need": words_for_common_needs(compared_options(decision)),
        "effects": [effect.did if is_taken else effect.will for effect in effects_of(decision, disposed)],
        "missing": missing,
    }
    return dict(DecisionDetailOut(_Beside(decision, more)).data)


class _Beside:
    """A row with what was worked out beside it."""

    def __init__(self, row: Decision, more: dict[str, Any]) -> None:
        self._row, self._more = row, more

    def __getattr__(self, name: str) -> Any:
        return self._more[name] if name in self._more else getattr(self._row, name)


def _left_behind(decision: Decision) -> dict[str, Any]:
    left, disposed = left_behind(decision.programme, on=local_date(business_now())), dispositions_of(decision)

    def work(things: Iterable[tuple[UUID, str]], rows: dict[UUID, Any]) -> list[dict[str, Any]]:
        return [{"id": pk, "name": name, **_work_parts(rows.get(pk))} for pk, name in things]

    return dict(
        LeftBehindOut(
            {
                "version": decision.version,
                "workstreams": work(((each.pk, each.name) for each in left.workstreams), {**disposed.workstreams}),
                "engagements": [
                    {
                        "id": each.pk,
                        "name": engagement_name(each),
                        "ends_on": row.ends_on if row else None,
                        "note": row.note if row else "",
                    }
                    for each in left.engagements
                    for row in [disposed.engagements.get(each.pk)]
                ],
                "relationships": [
                    {
                        "id": each.pk,
                        "name": each.party_name,
                        "fate": row.fate if row else None,
                        "owner": row.owner_id if row else None,
                        "expires_on": row.expires_on if row else None,
                        "note": row.note if row else "",
                    }
                    for each in left.relationships
                    for row in [disposed.relationships.get(each.pk)]
                ],
                "savings": work(((each.pk, each.title) for each in left.savings), {**disposed.savings}),
                "missing": without_disposition(left, disposed) if decision.ends_programme else [],
            }
        ).data
    )


def _work_parts(row: WorkstreamFate | SavingFate | None) -> dict[str, Any]:
    if row is None:
        return {"fate": None, "move_to": None, "note": ""}
    return {"fate": row.fate, "move_to": row.move_to_id, "note": row.note}


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "decisions/<uuid:decision_id>/"
urlpatterns = [
    path("decisions/", Decisions.as_view(), name="api_decisions"),
    path(_ONE, DecisionDetail.as_view(), name="api_decision"),
    path(f"{_ONE}options/", Options.as_view(), name="api_options"),
    path(f"{_ONE}options/<uuid:option_id>/", OptionDetail.as_view(), name="api_option"),
    path(f"{_ONE}options/<uuid:option_id>/remove/", RemoveOption.as_view(), name="api_remove_option"),
    path(f"{_ONE}choice/", Choice.as_view(), name="api_choose_option"),
    path(f"{_ONE}left-behind/", LeftBehind.as_view(), name="api_left_behind"),
    path(f"{_ONE}propose/", Propose.as_view(), name="api_propose_decision"),
    path(f"{_ONE}withdraw/", Withdraw.as_view(), name="api_withdraw_decision"),
    path(f"{_ONE}take/", Take.as_view(), name="api_take_decision"),
]
