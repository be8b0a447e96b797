"""Endpoints of the consultations room: design and launch, and a person's own tasks."""

from programmes.consultations.api.design import urlpatterns as design
from programmes.consultations.api.tasks import urlpatterns as tasks

urlpatterns = [*design, *tasks]
