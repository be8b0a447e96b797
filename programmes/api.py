"""Register of this floor's API routes."""

from programmes.consultations.api import urlpatterns as consultations
from programmes.decisions.api import urlpatterns as decisions
from programmes.engagements.api import urlpatterns as engagements
from programmes.imports.api import urlpatterns as imports
from programmes.overview.api import urlpatterns as overview
from programmes.raid.api import urlpatterns as raid
from programmes.register.api import urlpatterns as register
from programmes.reminders.api import urlpatterns as reminders
from programmes.reporting.api import urlpatterns as reporting
from programmes.reviews.api import urlpatterns as reviews
from programmes.savings.api import urlpatterns as savings
from programmes.scheduling.api import urlpatterns as scheduling
from programmes.workstreams.api import urlpatterns as workstreams

urlpatterns = [
    *register,
    *workstreams,
    *reporting,
    *scheduling,
    *decisions,
    *savings,
    *raid,
    *reviews,
    *consultations,
    *reminders,
    *engagements,
    *imports,
    *overview,
]
