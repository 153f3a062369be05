"""The limits of the HTTP door, as the settings give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from workbench.errors import InputError
from workbench.settings import Settings

METRICS_FOR = ("token", "loopback")
"""Who may read the figures: whoever has a token with the right, or also everybody on this machine."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the door allows.

    Attributes
    ----------
    threads
        Requests that are worked on at once.
    queue
        Requests that may wait for their turn besides.
    requests_per_minute, bytes_per_minute
        Of one token, or of one address without a known token; bytes are those of bodies. 0 = no limit.
    metrics_for
        One of ``METRICS_FOR``.
    """

    threads: int = 40
    queue: int = 1_000
    requests_per_minute: int = 0
    bytes_per_minute: int = 0
    metrics_for: str = METRICS_FOR[0]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules that settings give.

        Raises
        ------
        InputError
            A limit is negative, there is no thread, or ``http_metrics`` is none of ``METRICS_FOR``.
        """
        least = {
            "http_threads": 1,
            "http_queue": 0,
            "http_requests_per_minute": 0,
            "http_bytes_per_minute": 0,
        }
        for name, limit in least.items():
            if (value := getattr(settings, name)) < limit:
                raise InputError(
                    f"setting {name!r} is {value}.", next_step=f"Give a whole number of {limit} or more."
                )
        if settings.http_metrics not in METRICS_FOR:
            raise InputError(
                f"setting 'http_metrics' is {settings.http_metrics[:100]!r}.",
                next_step=f"Use one of: {', '.join(METRICS_FOR)}.",
            )
        return cls(
            threads=settings.http_threads,
            queue=settings.http_queue,
            requests_per_minute=settings.http_requests_per_minute,
            bytes_per_minute=settings.http_bytes_per_minute,
            metrics_for=settings.http_metrics,
        )
