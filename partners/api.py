"""Register of this floor's API routes."""

from partners.consortia.api import urlpatterns as consortia
from partners.organisations.api import urlpatterns as organisations
from partners.people.api import urlpatterns as people
from partners.post.api import urlpatterns as post

urlpatterns = [*people, *organisations, *consortia, *post]
