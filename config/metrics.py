"""Figures for Prometheus, for whoever has the token: read from the database at each request, so every process says the same."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from partners.clock.queries import business_now
from partners.post.enums import HoldKind
from partners.post.queries import post_figures
from programmes.reminders.queries import oldest_overdue_reminder

PREFIX = "portfolio_"


class PostRoom(Collector):
    """Reads the figures anew whenever it is asked."""

    def collect(self) -> Iterator[Metric]:
        now = business_now()
        figures = post_figures(now=now)
        reminder = oldest_overdue_reminder(now=now)
        messages = GaugeMetricFamily(
            f"{PREFIX}messages", "Messages that are not final, by channel and state", labels=["channel", "state"]
        )
        for (channel, state), count in figures.counts.items():
            messages.add_metric([channel, state], count)
        yield messages
        for name, words, value in (
            ("oldest_overdue_seconds", "For how long the oldest due e-mail has waited", figures.overdue_seconds),
            (
                "oldest_overdue_reminder_seconds",
                "For how long the oldest due reminder has waited to be queued",
                (now - reminder).total_seconds() if reminder else 0,
            ),
            ("suppressed_addresses", "Addresses to which nothing is sent", figures.suppressed),
        ):
            yield GaugeMetricFamily(f"{PREFIX}{name}", words, value=value)
        holds = GaugeMetricFamily(f"{PREFIX}sending_held", "1 while mail is held for this reason", labels=["kind"])
        for kind in HoldKind:
            holds.add_metric([kind], int(kind in figures.holds))
        yield holds
        ages = GaugeMetricFamily(
            f"{PREFIX}loop_age_seconds", "Since when a loop has not run to its end", labels=["loop"]
        )
        runs = GaugeMetricFamily(f"{PREFIX}loop_run_seconds", "How long its last run took", labels=["loop"])
        for beat in figures.loops:
            if beat.age is not None:
                ages.add_metric([beat.loop], beat.age.total_seconds())
                runs.add_metric([beat.loop], beat.run_ms / 1000)
        yield from (ages, runs)
        yield CounterMetricFamily(
            f"{PREFIX}delivery_attempts",
            "Passes at handing messages over since the installation began",
            value=figures.attempts,
        )


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """404 where the installation has set no METRICS_TOKEN, 401 without it as a bearer token."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse("A bearer token is needed.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(PostRoom())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


urlpatterns = [path("metrics", metrics, name="metrics")]
