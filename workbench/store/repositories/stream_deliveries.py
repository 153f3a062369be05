"""How many messages streams handed on, hour by hour."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from workbench.domain import Stream, StreamId
from workbench.store.cursor import Cursor

Way = Literal["pull", "push"]
"""A consumer advanced over them, or the target of a webhook took them."""


class StreamDeliveries:
    """What streams handed on."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, stream: Stream, way: Way, n: int, at: datetime) -> None:
        """Count messages to the hour of ``at``, which has an offset; none are counted too, for their time."""
        of_hour = {
            "stream_id": stream.stream_id,
            "way": way,
            "hour_at": at.replace(minute=0, second=0, microsecond=0),
        }
        row = self._cursor.one("stream.delivered_in", **of_hour)
        self._cursor.execute("stream.drop_delivery", **of_hour)
        self._cursor.execute(
            "stream.add_delivery",
            **of_hour,
            dataset_id=stream.dataset_id,
            n=n + (row[0] if row else 0),
            last_at=at,
        )

    def total(self, stream_id: StreamId, way: Way) -> tuple[int, datetime | None]:
        """How many in all, and when the last were handed on."""
        n, last_at = self._cursor.rows("stream.delivered", stream_id=stream_id, way=way)[0]
        return int(n), last_at

    def by_hour(self, stream_id: StreamId, way: Way, since: datetime) -> dict[datetime, int]:
        """How many in each hour from one on; hours without any are left out."""
        rows = self._cursor.rows("stream.delivered_since", stream_id=stream_id, way=way, since=since)
        return dict(rows)
