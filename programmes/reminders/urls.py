from django.urls import path

from programmes.reminders import views

urlpatterns = [
    path("reminders/<uuid:subject_id>/", views.of_subject, name="reminders_of_subject"),
    path("programmes/<uuid:programme_id>/reminders/", views.of_programme, name="reminders_of_programme"),
    path("reminders/waves/<uuid:wave_id>/", views.wave, name="reminder_wave"),
    path("reminders/waves/<uuid:wave_id>/cancel/", views.cancel_wave, name="cancel_reminder_wave"),
    path("reminders/planned/<uuid:reminder_id>/cancel/", views.cancel_reminder, name="cancel_reminder"),
]
