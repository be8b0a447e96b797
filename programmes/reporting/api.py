from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.register.queries import programmes_visible_to
from programmes.reporting import operations
from programmes.reporting.models import StatusDraft
from programmes.reporting.queries import (
    contradictions,
    draft_of,
    facts_since,
    in_report_state,
    open_steps_of,
    questions_for,
    readers_of,
    report_states,
    unacknowledged_for,
    update_in_full,
    updates_in_full,
)
from programmes.reporting.rules import Ratings, windows_of
from programmes.reporting.serializers import (
    CorrectionIn,
    DraftIn,
    DraftOut,
    FactsFilter,
    FactsOut,
    ReadIn,
    ReportStateFilter,
    ReportStateOut,
    StatusAnswerIn,
    StatusIn,
    StatusOut,
    StatusQuestionOut,
    WaitingOut,
    report_in,
)
from programmes.workstreams.models import StatusUpdate, Workstream
from programmes.workstreams.permissions import check_can_report
from programmes.workstreams.queries import (
    are_withheld,
    days_withheld_from,
    period_to_report,
    reporting_days,
    without_withheld,
    workstreams_visible_to,
)
from programmes.workstreams.rules import ReportState

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", UUID, OpenApiParameter.HEADER, description="A UUID; a repeat records nothing new."
)


class Updates(GenericAPIView):
    serializer_class = StatusOut

    @extend_schema(operation_id="updates_list", responses=StatusOut(many=True))
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """Every update of a workstream, newest first, but for those whose rating is withheld from you; corrected ones
        carry what superseded them."""
        workstream = _workstream(request, workstream_id)
        withheld = days_withheld_from(person_of(request), workstream, business_now())
        page = self.paginate_queryset(without_withheld(updates_in_full(workstream.pk), withheld))
        return self.get_paginated_response(StatusOut(page, many=True).data)

    @extend_schema(
        operation_id="updates_publish", request=StatusIn, parameters=[IDEMPOTENCY_KEY], responses={201: StatusOut}
    )
    def post(self, request: Request, workstream_id: UUID) -> Response:
        """Publish a status. Answers 409 when somebody published since ``based_on``: read theirs and send again."""
        workstream = _workstream(request, workstream_id)
        check_can_report(person_of(request), workstream, now=business_now())
        entered = _valid(StatusIn(data=request.data))
        update = operations.record_status_update(
            workstream_id=workstream.pk,
            based_on_id=entered["based_on"],
            request_key=_request_key(request, entered),
            by=person_of(request),
            now=business_now(),
            **report_in(entered),
        )
        return _full(workstream, update.pk)


class UpdateDetail(APIView):
    @extend_schema(operation_id="updates_detail", responses=StatusOut)
    def get(self, request: Request, workstream_id: UUID, update_id: UUID) -> Response:
        """One status in full: ratings, steps, facts, contradictions, and who read it. 404 while its rating is withheld
        from you."""
        workstream, person = _workstream(request, workstream_id), person_of(request)
        update = _update(workstream, update_id)
        withheld = days_withheld_from(person, workstream, business_now())
        if are_withheld(withheld, update.period_on) and update.reported_by != person:
            raise Http404
        return Response(StatusOut(update).data)


class Corrections(APIView):
    @extend_schema(
        operation_id="updates_correct", request=CorrectionIn, parameters=[IDEMPOTENCY_KEY], responses={201: StatusOut}
    )
    def post(self, request: Request, workstream_id: UUID, update_id: UUID) -> Response:
        """Publish a correction in place of the latest update."""
        workstream = _workstream(request, workstream_id)
        check_can_report(person_of(request), workstream, now=business_now())
        update, entered = _update(workstream, update_id), _valid(CorrectionIn(data=request.data))
        correction = operations.correct_status_update(
            update_id=update.pk,
            reason=entered["reason"],
            request_key=_request_key(request, entered),
            by=person_of(request),
            now=business_now(),
            **report_in(entered),
        )
        return _full(workstream, correction.pk)


class Acknowledgements(APIView):
    @extend_schema(
        operation_id="updates_acknowledge", request=ReadIn, parameters=[IDEMPOTENCY_KEY], responses={201: StatusOut}
    )
    def post(self, request: Request, workstream_id: UUID, update_id: UUID) -> Response:
        """Say that you have read a status that somebody else wrote, and ask them something or nothing."""
        workstream = _workstream(request, workstream_id)
        update, entered = _update(workstream, update_id), _valid(ReadIn(data=request.data))
        operations.acknowledge_status_update(
            update_id=update.pk,
            question=entered["question"],
            request_key=_request_key(request, entered),
            by=person_of(request),
            now=business_now(),
        )
        return _full(workstream, update.pk)


class Answers(APIView):
    @extend_schema(
        operation_id="updates_answer", request=StatusAnswerIn, parameters=[IDEMPOTENCY_KEY], responses={201: StatusOut}
    )
    def post(self, request: Request, workstream_id: UUID, update_id: UUID) -> Response:
        """Answer what was asked when the status was acknowledged; its author or the programme manager."""
        workstream = _workstream(request, workstream_id)
        update, entered = _update(workstream, update_id), _valid(StatusAnswerIn(data=request.data))
        operations.answer_status_question(
            update_id=update.pk,
            text=entered["text"],
            request_key=_request_key(request, entered),
            by=person_of(request),
            now=business_now(),
        )
        return _full(workstream, update.pk)


class Facts(APIView):
    @extend_schema(operation_id="status_facts", parameters=[FactsFilter], responses=FactsOut)
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """What a report made now would be about, and what speaks against its ratings."""
        workstream, now, person = _workstream(request, workstream_id), business_now(), person_of(request)
        wanted = _valid(FactsFilter(data=request.query_params))
        ratings = Ratings(wanted.pop("rating"), **wanted) if wanted else None
        days = reporting_days(now, workstream.programme.scope.parent_id)
        period_on, is_late = period_to_report(workstream, days, now)
        since = workstream.current_reported_at or workstream.started_at
        found = {
            "based_on": workstream.current_update_id,
            "period_on": period_on,
            "is_late": is_late,
            "facts": facts_since(workstream, since, now),
            "contradictions": contradictions(workstream, ratings, now),
            "open_steps": open_steps_of(workstream.current_update_id),
            "told": [reader.name for reader in readers_of(workstream, author=person, on=local_date(now))],
        }
        return Response(FactsOut(found).data)


class Draft(APIView):
    @extend_schema(operation_id="status_draft", responses=DraftOut)
    def get(self, request: Request, workstream_id: UUID) -> Response:
        """What you have typed and not published; nobody else may read it. 404 without one."""
        workstream = _workstream(request, workstream_id)
        draft = draft_of(workstream.pk, person_of(request))
        if draft is None:
            raise Http404
        return Response(_draft(workstream, draft))

    @extend_schema(operation_id="status_draft_save", request=DraftIn, responses=DraftOut)
    def put(self, request: Request, workstream_id: UUID) -> Response:
        """Keep what you have typed so far."""
        workstream = _workstream(request, workstream_id)
        now = business_now()
        check_can_report(person_of(request), workstream, now=now)
        entered = _valid(DraftIn(data=request.data))
        draft = operations.save_status_draft(
            workstream_id=workstream.pk,
            values=entered["values"],
            window=entered["window"],
            based_on_id=entered["based_on"],
            by=person_of(request),
            now=now,
        )
        return Response(_draft(workstream, draft))

    @extend_schema(operation_id="status_draft_discard", responses={204: None})
    def delete(self, request: Request, workstream_id: UUID) -> Response:
        """Remove what you have typed; nothing happens where there is nothing."""
        workstream = _workstream(request, workstream_id)
        operations.discard_status_draft(workstream_id=workstream.pk, by=person_of(request), now=business_now())
        return Response(status=204)


class ReportStates(GenericAPIView):
    serializer_class = ReportStateOut

    @extend_schema(operation_id="report_states", parameters=[ReportStateFilter], responses=ReportStateOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Where the report of each open workstream of a programme stands for the period under way, by name. A draft is
        known to its author alone."""
        person, now = person_of(request), business_now()
        programme = get_object_or_404(programmes_visible_to(person), pk=programme_id)
        wanted = _valid(ReportStateFilter(data=request.query_params)).get("state")
        days = reporting_days(now, programme.scope.parent_id)
        found = workstreams_visible_to(person).filter(programme=programme, closed_at=None)
        if wanted:
            found = in_report_state(found, ReportState(wanted), person, days, now)
        page: Any = self.paginate_queryset(found.order_by("name", "pk"))
        states = report_states(page, person, days, now)
        rows = [{"workstream": each, "state": states[each.pk]} for each in page]
        return self.get_paginated_response(ReportStateOut(rows, many=True).data)


class ToAcknowledge(GenericAPIView):
    serializer_class = WaitingOut

    @extend_schema(operation_id="updates_to_acknowledge", responses=WaitingOut(many=True))
    def get(self, request: Request) -> Response:
        """Status updates that wait for you to read them, the longest waiting first."""
        page = self.paginate_queryset(unacknowledged_for(person_of(request), business_now()))
        return self.get_paginated_response(WaitingOut(page, many=True).data)


class Questions(GenericAPIView):
    serializer_class = StatusQuestionOut

    @extend_schema(operation_id="status_questions", responses=StatusQuestionOut(many=True))
    def get(self, request: Request) -> Response:
        """Questions about what you reported that nobody has answered, the oldest first."""
        page = self.paginate_queryset(questions_for(person_of(request)))
        return self.get_paginated_response(StatusQuestionOut(page, many=True).data)


def _workstream(request: Request, workstream_id: UUID) -> Workstream:
    found: Workstream = get_object_or_404(workstreams_visible_to(person_of(request)), pk=workstream_id)
    return found


def _update(workstream: Workstream, update_id: UUID) -> StatusUpdate:
    update = update_in_full(workstream, update_id)
    if update is None:
        raise Http404
    return update


def _full(workstream: Workstream, update_id: UUID) -> Response:
    return Response(StatusOut(_update(workstream, update_id)).data, status=201)


def _draft(workstream: Workstream, draft: StatusDraft) -> dict[str, Any]:
    found = {
        "saved_at": draft.saved_at,
        "based_on": draft.based_on_id,
        "is_behind": draft.based_on_id != workstream.current_update_id,
        "windows": windows_of(draft.content),
    }
    return dict(DraftOut(found).data)


def _request_key(request: Request, entered: dict[str, Any]) -> UUID:
    """Raises: ValidationError when it is neither in the body nor a UUID in the header."""
    try:
        return entered.get("request_key") or UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise ValidationError(
            {
                "request_key": [
                    "Send a new UUID as request_key or as the header Idempotency-Key, and the same one when you repeat."
                ]
            }
        ) from None


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_ONE = "workstreams/<uuid:workstream_id>/"
_UPDATE = f"{_ONE}updates/<uuid:update_id>/"
urlpatterns = [
    path("programmes/<uuid:programme_id>/report-states/", ReportStates.as_view(), name="api_report_states"),
    path("updates/to-acknowledge/", ToAcknowledge.as_view(), name="api_to_acknowledge"),
    path("updates/questions/", Questions.as_view(), name="api_status_questions"),
    path(f"{_ONE}updates/", Updates.as_view(), name="api_updates"),
    path(f"{_ONE}facts/", Facts.as_view(), name="api_status_facts"),
    path(f"{_ONE}draft/", Draft.as_view(), name="api_status_draft"),
    path(_UPDATE, UpdateDetail.as_view(), name="api_update"),
    path(f"{_UPDATE}correction/", Corrections.as_view(), name="api_correct_update"),
    path(f"{_UPDATE}acknowledgement/", Acknowledgements.as_view(), name="api_acknowledge_update"),
    path(f"{_UPDATE}answer/", Answers.as_view(), name="api_answer_update"),
]
