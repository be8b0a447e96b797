"""Register of this floor's pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("partners.people.urls")),
    path("", include("partners.organisations.urls")),
    path("", include("partners.consortia.urls")),
    path("", include("partners.post.urls")),
]
