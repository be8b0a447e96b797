"""The routes of the demo, for tests of its sign-in."""

from config.demo.urls import urlpatterns as demo
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours

urlpatterns = [*ours, *demo]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
