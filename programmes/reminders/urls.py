from django.urls import path

from programmes.reminders.views import acting, planning, showing

_WAVE = "reminders/waves/<uuid:wave_id>/"
_REMINDER = "reminders/planned/<uuid:reminder_id>/"
urlpatterns = [
    path("reminders/check/", planning.check_all, name="check_reminders"),
    path("reminders/<uuid:subject_id>/", showing.of_subject, name="reminders_of_subject"),
    path("reminders/<uuid:subject_id>/plan-anew/", planning.plan_subject_anew, name="plan_reminders_of_subject_anew"),
    path("programmes/<uuid:programme_id>/reminders/", showing.of_programme, name="reminders_of_programme"),
    path("programmes/<uuid:programme_id>/reminders/plan-anew/", planning.plan_anew, name="plan_reminders_anew"),
    path(_WAVE, showing.wave, name="reminder_wave"),
    path(f"{_WAVE}cancel/", acting.cancel_wave, name="cancel_reminder_wave"),
    path(f"{_WAVE}send-now/", acting.send_wave_now, name="send_reminder_wave_now"),
    path(f"{_REMINDER}cancel/", acting.cancel_reminder, name="cancel_reminder"),
    path(f"{_REMINDER}send-now/", acting.send_reminder_now, name="send_reminder_now"),
]
