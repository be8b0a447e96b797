from django.conf import settings
from django.urls import include, path

from config import api, health, metrics, pages
from partners import admin

urlpatterns = [
    path("", include("portfolio.urls")),
    path("", include("programmes.urls")),
    path("", include("partners.urls")),
    path("", include(pages.urlpatterns)),
    path("", include(health.urlpatterns)),
    path("", include(metrics.urlpatterns)),
    path("accounts/", include("config.accounts")),
    path("admin/", admin.site.urls),
    path("api/", include(api.urlpatterns)),
    *([path("", include("config.demo.urls"))] if settings.MODE == "demo" else []),
]
handler400 = "config.pages.bad_request"
handler403 = "config.pages.permission_denied"
handler404 = "config.pages.page_not_found"
handler500 = "config.pages.server_error"
