"""Endpoints of the consultations room: design and launch, links to answer, comments, and a person's own tasks."""

from programmes.consultations.api.comments import urlpatterns as comments
from programmes.consultations.api.design import urlpatterns as design
from programmes.consultations.api.links import urlpatterns as links
from programmes.consultations.api.tasks import urlpatterns as tasks

urlpatterns = [*design, *links, *comments, *tasks]
