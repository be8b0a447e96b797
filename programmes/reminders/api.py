from typing import Any
from uuid import UUID

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
from programmes.register.queries import programmes_visible_to
from programmes.reminders import operations
from programmes.reminders.models import ReminderWave
from programmes.reminders.permissions import can_see_recipients, check_can_see_recipients
from programmes.reminders.queries import (
    recipients_of,
    reminder_visible_to,
    rows_of,
    waves_of_programme,
    waves_of_subject,
    waves_visible_to,
)
from programmes.reminders.serializers import ReasonIn, RecipientFilter, RecipientOut, StoppedOut, WaveOut


class WavesOfProgramme(GenericAPIView):
    serializer_class = WaveOut

    @extend_schema(operation_id="reminder_waves_of_programme_list", responses=WaveOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """Reminders of a programme in time order, with how many came to which state."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        page = self.paginate_queryset(waves_of_programme(person_of(request), programme)) or []
        return self.get_paginated_response(WaveOut(rows_of(page, now=business_now()), many=True).data)


class WavesOfSubject(GenericAPIView):
    serializer_class = WaveOut

    @extend_schema(operation_id="reminder_waves_of_subject_list", responses=WaveOut(many=True))
    def get(self, request: Request, subject_id: UUID) -> Response:
        """Reminders of one review or consultation in time order; an empty list where you may see none."""
        page = self.paginate_queryset(waves_of_subject(person_of(request), subject_id)) or []
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
        check_can_see_recipients(person_of(request), wave.programme)
        narrowed = _valid(RecipientFilter(data=request.query_params))
        page = self.paginate_queryset(recipients_of(wave, fate=narrowed.get("state", "")))
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
        if reminder is None or not can_see_recipients(person, reminder.wave.programme):
            raise Http404
        reason = _valid(ReasonIn(data=request.data))["reason"]
        operations.cancel_reminder(reminder_id=reminder.pk, reason=reason, by=person, now=business_now())
        return Response(StoppedOut({"stopped": 1}).data)


def _wave(request: Request, wave_id: UUID) -> ReminderWave:
    return get_object_or_404(waves_visible_to(person_of(request)), pk=wave_id)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


urlpatterns = [
    path(
        "programmes/<uuid:programme_id>/reminder-waves/", WavesOfProgramme.as_view(), name="api_reminders_of_programme"
    ),
    path("subjects/<uuid:subject_id>/reminder-waves/", WavesOfSubject.as_view(), name="api_reminders_of_subject"),
    path("reminder-waves/<uuid:wave_id>/", WaveDetail.as_view(), name="api_reminder_wave"),
    path("reminder-waves/<uuid:wave_id>/recipients/", WaveRecipients.as_view(), name="api_reminder_recipients"),
    path("reminder-waves/<uuid:wave_id>/cancel/", CancelWave.as_view(), name="api_cancel_reminder_wave"),
    path("reminders/<uuid:reminder_id>/cancel/", CancelReminder.as_view(), name="api_cancel_reminder"),
]
