"""Whether the product is alive and ready, for whatever watches it. Strangers learn no more than that."""

from datetime import datetime

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners.clock.queries import business_now
from partners.people.models import User
from partners.people.permissions import is_administrator
from partners.post.queries import oldest_overdue
from programmes.reminders.queries import oldest_overdue_reminder

BROKER_SECONDS = 2
LATE_TICKS = 5


@require_safe
@never_cache
@login_not_required
def live(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """200 while the database and the broker answer, else 503. ``post`` is late when due mail waits for several ticks.

    Late mail does not make the web server unready: watch it apart. Administrators see for how many seconds it waits.
    """
    overdue = _overdue_seconds()
    has_database, has_broker = overdue is not None, _broker_answers()
    is_ready = has_database and has_broker
    is_late = (overdue or 0) > LATE_TICKS * max(settings.TICK_SECONDS, 1)
    answer: dict[str, object] = {
        "ready": is_ready,
        "database": has_database,
        "broker": has_broker,
        "post": "late" if is_late else "on time" if has_database else "unknown",
    }
    if has_database and isinstance(request.user, User) and is_administrator(request.user):
        answer["oldest_overdue_seconds"] = overdue
    return JsonResponse(answer, status=200 if is_ready else 503)


def _overdue_seconds() -> int | None:
    """For how long the oldest due reminder or message has waited; None when the database does not answer."""
    try:
        now = business_now()
        since: list[datetime] = [
            found for found in (oldest_overdue(now=now), oldest_overdue_reminder(now=now)) if found is not None
        ]
    except DatabaseError:
        return None
    return int((now - min(since)).total_seconds()) if since else 0


def _broker_answers() -> bool:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        ) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False


urlpatterns = [path("healthz", live, name="health_live"), path("readyz", ready, name="health_ready")]
