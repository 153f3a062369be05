"""How streams are kept up with: what waits, what was handed on hour by hour, and how a webhook does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from workbench.domain.ids import DatasetId

RATE_HOURS = 24
"""Hours that rates are told of, the one that runs now included."""
WebhookPause = Literal["", "user", "failures"]
"""Why a webhook sends nothing: it does not pause, somebody paused it, or its target failed too often in a row."""
HourlyRates = tuple[tuple[datetime, int], ...]
"""When an hour began, and how many messages were handed on in it; the oldest hour first, none left out."""


@dataclass(frozen=True, kw_only=True)
class WebhookStatus:
    """How sending a stream to its target goes.

    Attributes
    ----------
    url
        Where it is sent to.
    paused
        Why nothing is sent; empty = it is.
    n_waiting, oldest_waiting
        Messages that the target has not taken yet, and when the first of them was stored.
    n_delivered, rates
        Messages that it took, in all and in each of the last 24 hours.
    n_failures
        Failed attempts since the last success.
    last_success, last_failure
        When the target last took something, and when it last did not; None = never.
    last_error
        What went wrong then, in a sentence without what the target answered; empty after a success.
    next_try
        When it is tried again; None = as soon as there is something to send, or not before somebody resumes it.
    """

    url: str
    paused: WebhookPause = ""
    n_waiting: int = 0
    oldest_waiting: datetime | None = None
    n_delivered: int = 0
    rates: HourlyRates = ()
    n_failures: int = 0
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str = ""
    next_try: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StreamStatus:
    """How consumers keep up with a stream.

    Attributes
    ----------
    version
        The model version that it holds; None = none.
    n_waiting, oldest_waiting
        Messages that pass its filter and that no consumer has advanced over, and when the first of them was stored.
    n_delivered
        Messages that pass and that consumers advanced over since the stream was made; those that a reset brought back
        count again.
    rates
        The same in each of the last 24 hours.
    n_exceptions
        Messages that carry an exception of the stream.
    last_fetched
        When a consumer last advanced; None = none ever did.
    webhook
        What is sent beside it; None = nothing is. It has a position of its own, and counts of its own.
    """

    name: str
    version: int | None
    n_waiting: int
    oldest_waiting: datetime | None
    n_delivered: int
    rates: HourlyRates
    n_exceptions: int
    last_fetched: datetime | None
    webhook: WebhookStatus | None = None


class StreamStatusOperations(Protocol):
    """Watching streams."""

    def stream_status(self, dataset_id: DatasetId, name: str) -> StreamStatus:
        """What waits in a stream, and what its consumers were given hour by hour.

        ``AccessError`` where the filter asks for a property that the caller may not read: counts would tell it.
        """
        ...


__all__ = [
    "RATE_HOURS",
    "HourlyRates",
    "StreamStatus",
    "StreamStatusOperations",
    "WebhookPause",
    "WebhookStatus",
]
