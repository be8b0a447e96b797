from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.queries import person_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.reminders import operations
from programmes.reminders.models import ReminderWave
from programmes.reminders.permissions import (
    can_see_recipients,
    check_can_plan_anew,
    check_can_see_recipients,
    check_can_sweep,
)
from programmes.reminders.queries import (
    narrowed,
    recipients_of,
    reminder_visible_to,
    replan_of,
    rows_of,
    swept,
    waves_of_programme,
    waves_of_subject,
    waves_visible_to,
    within_sight,
)
from programmes.reminders.rules import within_programme
from programmes.reminders.serializers import (
    ChangedOut,
    PlanAnewIn,
    PlanAnewOut,
    ReasonIn,
    RecipientFilter,
    RecipientOut,
    SendNowIn,
    SentOut,
    StoppedOut,
    UnplannedOut,
    WaveOut,
    WavesFilter,
)


class WavesOfProgramme(GenericAPIView):
    serializer_class = WaveOut

    @extend_schema(
        operation_id="reminder_waves_of_programme_list", parameters=[WavesFilter], responses=WaveOut(many=True)
    )
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Reminders of a programme in time order, with how many came to which state."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        page = self.paginate_queryset(_narrowed(request, waves_of_programme(person_of(request), programme))) or []
        return self.get_paginated_response(WaveOut(rows_of(page, now=business_now()), many=True).data)


class WavesOfSubject(GenericAPIView):
    serializer_class = WaveOut

    @extend_schema(
        operation_id="reminder_waves_of_subject_list", parameters=[WavesFilter], responses=WaveOut(many=True)
    )
    def get(self, request: Request, subject_id: UUID) -> Response:
        """Reminders of one review or consultation in time order; an empty list where you may see none."""
        page = self.paginate_queryset(_narrowed(request, waves_of_subject(person_of(request), subject_id))) or []
        return self.get_paginated_response(WaveOut(rows_of(page, now=business_now()), many=True).data)


class WaveDetail(APIView):
    @extend_schema(operation_id="reminder_waves_detail", responses=WaveOut)
    def get(self, request: Request, wave_id: UUID) -> Response:
        """One notice with its counts."""
        return Response(WaveOut(rows_of([_wave(request, wave_id)], now=business_now())[0]).data)


class WaveRecipients(GenericAPIView):
    serializer_class = RecipientOut

    @extend_schema(
        operation_id="reminder_recipients_list", parameters=[RecipientFilter], responses=RecipientOut(many=True)
    )
    def get(self, request: Request, wave_id: UUID) -> Response:
        """Whom it goes to and what became of each; for those who run the programme."""
        wave = _wave(request, wave_id)
        check_can_see_recipients(person_of(request), wave)
        chosen = _valid(RecipientFilter(data=request.query_params))
        page = self.paginate_queryset(recipients_of(wave, fate=chosen.get("state", "")))
        return self.get_paginated_response(RecipientOut(page, many=True).data)


class CancelWave(APIView):
    @extend_schema(operation_id="reminder_waves_cancel", request=ReasonIn, responses=StoppedOut)
    def post(self, request: Request, wave_id: UUID) -> Response:
        """Cancel a reminder for everybody who has not got it."""
        wave = _wave(request, wave_id)
        reason = _valid(ReasonIn(data=request.data))["reason"]
        stopped = operations.cancel_wave(wave_id=wave.pk, reason=reason, by=person_of(request), now=business_now())
        return Response(StoppedOut({"stopped": stopped}).data)


class CancelReminder(APIView):
    @extend_schema(operation_id="reminders_cancel", request=ReasonIn, responses=StoppedOut)
    def post(self, request: Request, reminder_id: UUID) -> Response:
        """Cancel one person's reminder."""
        person = person_of(request)
        reminder = reminder_visible_to(person, reminder_id)
        if reminder is None or not can_see_recipients(person, reminder.wave):
            raise Http404
        reason = _valid(ReasonIn(data=request.data))["reason"]
        operations.cancel_reminder(reminder_id=reminder.pk, reason=reason, by=person, now=business_now())
        return Response(StoppedOut({"stopped": 1}).data)


class SendWaveNow(APIView):
    @extend_schema(operation_id="reminder_waves_send_now", request=SendNowIn, responses=SentOut)
    def post(self, request: Request, wave_id: UUID) -> Response:
        """Let a reminder go out at once to everybody who still waits for it, and not again at its own time."""
        wave = _wave(request, wave_id)
        asked = _valid(SendNowIn(data=request.data))
        people = operations.send_wave_now(wave_id=wave.pk, by=person_of(request), now=business_now(), **asked)
        return Response(SentOut({"people": people}).data)


class SendReminderNow(APIView):
    @extend_schema(operation_id="reminders_send_now", request=SendNowIn, responses=SentOut)
    def post(self, request: Request, reminder_id: UUID) -> Response:
        """Let one person's reminder go out at once."""
        person = person_of(request)
        reminder = reminder_visible_to(person, reminder_id)
        if reminder is None or not can_see_recipients(person, reminder.wave):
            raise Http404
        asked = _valid(SendNowIn(data=request.data))
        operations.send_reminder_now(reminder_id=reminder.pk, by=person, now=business_now(), **asked)
        return Response(SentOut({"people": 1}).data)


class PlanAnew(APIView):
    @extend_schema(operation_id="reminders_plan_anew_preview", responses=PlanAnewOut)
    def get(self, request: Request, programme_id: UUID) -> Response:
        """What would change if the reminders of a programme were planned as the rules say now. Changes nothing."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        check_can_plan_anew(person_of(request), programme)
        return Response(PlanAnewOut(replan_of(within_programme(programme.pk), now=business_now())).data)

    @extend_schema(operation_id="reminders_plan_anew", request=PlanAnewIn, responses=ChangedOut)
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Plan them anew, as it was looked at; what has gone out stays."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        asked = _valid(PlanAnewIn(data=request.data))
        changed = operations.plan_anew(programme_id=programme.pk, by=person_of(request), now=business_now(), **asked)
        return Response(ChangedOut({"changed": changed}).data)


class PlanSubjectAnew(APIView):
    @extend_schema(operation_id="reminders_plan_subject_anew_preview", responses=PlanAnewOut)
    def get(self, request: Request, subject_id: UUID) -> Response:
        """The same for one review, consultation or other thing with reminders."""
        programme, subject = self._found(request, subject_id)
        check_can_plan_anew(person_of(request), programme)
        return Response(PlanAnewOut(replan_of(within_programme(programme.pk, subject), now=business_now())).data)

    @extend_schema(operation_id="reminders_plan_subject_anew", request=PlanAnewIn, responses=ChangedOut)
    def post(self, request: Request, subject_id: UUID) -> Response:
        """Plan them anew, as it was looked at."""
        programme, subject = self._found(request, subject_id)
        asked = _valid(PlanAnewIn(data=request.data))
        changed = operations.plan_anew(
            programme_id=programme.pk, subject_id=subject, by=person_of(request), now=business_now(), **asked
        )
        return Response(ChangedOut({"changed": changed}).data)

    def _found(self, request: Request, subject_id: UUID) -> tuple[Programme, UUID]:
        wave = waves_of_subject(person_of(request), subject_id).first()
        if wave is None or wave.programme is None:
            raise Http404
        return wave.programme, wave.subject_id


class CheckReminders(APIView):
    @extend_schema(operation_id="reminders_check", responses=UnplannedOut(many=True))
    def get(self, request: Request) -> Response:
        """What is not planned as the rules ask, by kind and programme; for administrators and CIOs."""
        check_can_sweep(person_of(request))
        rows = swept(within_sight(person_of(request)), now=business_now())
        return Response(UnplannedOut(rows, many=True).data)

    @extend_schema(operation_id="reminders_plan_what_is_missing", request=None, responses=ChangedOut)
    def post(self, request: Request) -> Response:
        """Plan what is missing, and cancel what nobody asks for any more."""
        changed = operations.plan_what_is_missing(by=person_of(request), now=business_now())
        return Response(ChangedOut({"changed": changed}).data)


def _wave(request: Request, wave_id: UUID) -> ReminderWave:
    return get_object_or_404(waves_visible_to(person_of(request)), pk=wave_id)


def _narrowed(request: Request, waves: QuerySet[ReminderWave]) -> QuerySet[ReminderWave]:
    chosen = _valid(WavesFilter(data=request.query_params))
    return narrowed(waves, kind=chosen.get("kind", ""), fate=chosen.get("state", ""))


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_WAVE = "reminder-waves/<uuid:wave_id>/"
urlpatterns = [
    path(
        "programmes/<uuid:programme_id>/reminder-waves/", WavesOfProgramme.as_view(), name="api_reminders_of_programme"
    ),
    path("programmes/<uuid:programme_id>/reminder-plan/", PlanAnew.as_view(), name="api_plan_reminders_anew"),
    path("subjects/<uuid:subject_id>/reminder-waves/", WavesOfSubject.as_view(), name="api_reminders_of_subject"),
    path(
        "subjects/<uuid:subject_id>/reminder-plan/",
        PlanSubjectAnew.as_view(),
        name="api_plan_reminders_of_subject_anew",
    ),
    path("reminder-check/", CheckReminders.as_view(), name="api_check_reminders"),
    path(_WAVE, WaveDetail.as_view(), name="api_reminder_wave"),
    path(f"{_WAVE}recipients/", WaveRecipients.as_view(), name="api_reminder_recipients"),
    path(f"{_WAVE}cancel/", CancelWave.as_view(), name="api_cancel_reminder_wave"),
    path(f"{_WAVE}send-now/", SendWaveNow.as_view(), name="api_send_reminder_wave_now"),
    path("reminders/<uuid:reminder_id>/cancel/", CancelReminder.as_view(), name="api_cancel_reminder"),
    path("reminders/<uuid:reminder_id>/send-now/", SendReminderNow.as_view(), name="api_send_reminder_now"),
]
