"""Endpoints of the scheduling room."""

from programmes.scheduling.api.closures import urlpatterns as closures
from programmes.scheduling.api.gates import urlpatterns as gates
from programmes.scheduling.api.life_cycles import urlpatterns as life_cycles
from programmes.scheduling.api.milestones import urlpatterns as milestones
from programmes.scheduling.api.stages import urlpatterns as stages

urlpatterns = [*gates, *closures, *life_cycles, *milestones, *stages]
