"""Measures two ways to the same rows, turn by turn, in this process."""

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

Get = Callable[[], HttpResponse]
WARM_UP = 3


@dataclass
class Side:
    """One way to an answer, with what it took."""

    get: Get
    queries: int = 0
    size: int = 0
    peak: int = 0
    milliseconds: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.milliseconds, n=20)[-1]


@dataclass
class Comparison:
    """A page or endpoint of the product beside the bare one, or beside the same for another day.

    ``goal`` is the most that the ratio of p50 may be, ``limit`` the most that p50 may be in milliseconds.
    """

    title: str
    ours: Side
    bare: Side | None = None
    goal: float | None = None
    limit: float | None = None
    beside: str = "bare"

    @property
    def ratio(self) -> float | None:
        return self.ours.p50 / self.bare.p50 if self.bare else None

    @property
    def is_met(self) -> bool:
        is_slow = self.limit is not None and self.ours.p50 > self.limit
        return not is_slow and (self.goal is None or (self.ratio is not None and self.ratio <= self.goal))


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def getting(client: Client, path: str) -> Get:
    def get() -> HttpResponse:
        response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}.")
        return response

    return get


def measure(comparison: Comparison, *, runs: int) -> Comparison:
    """Warms both sides up, counts queries and bytes, then times them in turns; memory last, since watching it is slow."""
    sides = [comparison.ours, *([comparison.bare] if comparison.bare else [])]
    for side in sides:
        for _ in range(WARM_UP):
            side.get()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            side.size = len(side.get().content)
        side.queries = len(captured)
    gc.collect()
    for _ in range(runs):
        for side in sides:
            began = time.perf_counter()
            side.get()
            side.milliseconds.append((time.perf_counter() - began) * 1000)
    for side in sides:
        gc.collect()
        tracemalloc.start()
        side.get()
        side.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return comparison
