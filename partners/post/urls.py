from django.urls import path

from partners.post import views

urlpatterns = [
    path("settings/post/", views.post_settings_page, name="post_settings"),
    path("settings/post/messages/", views.outbox, name="post_messages"),
    path("settings/post/messages/<uuid:message_id>/", views.message, name="post_message"),
    path("settings/post/messages/<uuid:message_id>/resolve/", views.resolve, name="resolve_message"),
    path("settings/post/messages/<uuid:message_id>/cancel/", views.cancel, name="cancel_message"),
]
