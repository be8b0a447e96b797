"""Register of this floor's pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("programmes.register.urls")),
    path("", include("programmes.workstreams.urls")),
    path("", include("programmes.reporting.urls")),
    path("", include("programmes.scheduling.urls")),
    path("", include("programmes.decisions.urls")),
    path("", include("programmes.savings.urls")),
    path("", include("programmes.raid.urls")),
    path("", include("programmes.reviews.urls")),
    path("", include("programmes.consultations.urls")),
    path("", include("programmes.reminders.urls")),
    path("", include("programmes.engagements.urls")),
    path("", include("programmes.imports.urls")),
    path("", include("programmes.overview.urls")),
]
