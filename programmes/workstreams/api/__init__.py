"""Endpoints of workstreams, of what they need not report, of ratings beside theirs, and of the reporting day."""

from programmes.workstreams.api.beside import urlpatterns as beside
from programmes.workstreams.api.rated import urlpatterns as rated
from programmes.workstreams.api.settings import urlpatterns as settings
from programmes.workstreams.api.workstreams import urlpatterns as workstreams

urlpatterns = [*workstreams, *beside, *rated, *settings]
