"""Register of this floor's API routes."""

from partners.calendar.api import urlpatterns as calendar
from partners.people.api import urlpatterns as people
from partners.post.api import urlpatterns as post

urlpatterns = [*people, *calendar, *post]
