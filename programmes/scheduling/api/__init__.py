"""Endpoints of the scheduling room."""

from programmes.scheduling.api.stages import urlpatterns as stages

urlpatterns = [*stages]
