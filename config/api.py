"""The API's routes: each floor brings its own; here the schema and its page are added."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from config import api_reference

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portfolio.api")),
    path("", include("programmes.api")),
    path("", include("partners.api")),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", api_reference.show, name="api_docs"),
]
