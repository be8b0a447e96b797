from django.urls import path

from partners.post import views

urlpatterns = [
    path("inbox/", views.inbox_page, name="inbox"),
    path("inbox/read/", views.read_all, name="inbox_read_all"),
    path("inbox/<uuid:message_id>/", views.inbox_entry, name="inbox_entry"),
    path("inbox/<uuid:message_id>/read/", views.read_entry, name="inbox_read"),
    path("preferences/reminders/", views.preferences_page, name="reminder_preferences"),
    path("preferences/calendar/new/", views.make_feed, name="calendar_feed_new"),
    path("preferences/calendar/<uuid:feed_id>/revoke/", views.revoke_feed, name="calendar_feed_revoke"),
    path("settings/post/", views.post_settings_page, name="post_settings"),
    path("settings/post/health/", views.post_health_page, name="post_health"),
    path("settings/post/health/stop/", views.stop_sending, name="stop_sending"),
    path("settings/post/health/holds/<uuid:hold_id>/", views.release_hold, name="release_hold"),
    path("settings/post/health/settle/", views.settle_messages, name="settle_messages"),
    path("settings/post/health/addresses/<uuid:suppression_id>/", views.lift_suppression, name="lift_suppression"),
    path("settings/post/messages/", views.outbox, name="post_messages"),
    path("settings/post/messages/<uuid:message_id>/", views.message, name="post_message"),
    path("settings/post/messages/<uuid:message_id>/resolve/", views.resolve, name="resolve_message"),
    path("settings/post/messages/<uuid:message_id>/cancel/", views.cancel, name="cancel_message"),
]
