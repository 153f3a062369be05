"""Figures about the HTTP door in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

TEXT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Counts since the server started; each application has its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        named = ("route", "method", "status")
        self._requests = Counter(
            "workbench_http_requests", "Requests that were answered.", named, registry=self._registry
        )
        self._seconds = Histogram(
            "workbench_http_request_seconds",
            "From a request's head to the end of its answer.",
            ("route", "method"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._in_flight = Gauge("workbench_http_in_flight", "Requests in progress.", registry=self._registry)
        self._owner = Gauge(
            "workbench_owner_up", "1 = the owner of the workspace answers.", registry=self._registry
        )
        self._jobs = Gauge(
            "workbench_jobs", "Jobs among the newest 100.", ("status",), registry=self._registry
        )

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a request while it is in progress."""
        with self._in_flight.track_inprogress():
            yield

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered. Clients choose words of their own as methods; those share one line."""
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._seconds.labels(route, known).observe(seconds)

    def text(self, *, owner_up: bool, jobs: Mapping[str, int]) -> bytes:
        """All figures, with what was just found out about the owner."""
        self._owner.set(owner_up)
        self._jobs.clear()
        for status, n in jobs.items():
            self._jobs.labels(status).set(n)
        return generate_latest(self._registry)
