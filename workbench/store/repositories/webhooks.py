"""Where streams are sent to, and how far."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from workbench.domain import DatasetId, StreamId, WebhookPause
from workbench.store.cursor import Cursor


@dataclass(frozen=True, kw_only=True)
class HookRow:
    """The target of a stream as it is stored.

    Attributes
    ----------
    webhook_id
        Its own: of a stream that is sent elsewhere after its target was deleted, another one.
    position
        Up to which message its target took them, that one included.
    batch_end
        The last message of the batch that was begun to be sent; None = none was.
    """

    stream_id: StreamId
    dataset_id: DatasetId
    webhook_id: str
    url: str
    batch_size: int
    timeout_s: float
    created_at: datetime
    created_by: str
    position: int
    batch_end: int | None = None
    paused: WebhookPause = ""
    n_failures: int = 0
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str = ""
    next_try: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DueHook:
    """A stream whose target may be sent something."""

    stream_id: StreamId
    name: str
    dataset_id: DatasetId
    url: str


class Webhooks:
    """Targets of streams."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def get(self, stream_id: StreamId) -> HookRow | None:
        """The target of a stream; None = it has none."""
        rows = self._cursor.table("webhook.of_stream", stream_id=stream_id).to_pylist()
        return HookRow(**rows[0]) if rows else None

    def put(self, row: HookRow) -> None:
        """Store the target of a stream in the place of what was known."""
        self.drop(row.stream_id)
        self._cursor.execute("webhook.add", **asdict(row))

    def drop(self, stream_id: StreamId) -> None:
        """Forget the target of a stream."""
        self._cursor.execute("webhook.drop", stream_id=stream_id)

    def any(self) -> bool:
        """Whether a stream has a target."""
        return bool(self._cursor.rows("webhook.any"))

    def due(self, at: datetime, last: int) -> tuple[DueHook, ...]:
        """Those that may be sent something: who waited longest first, who waits for nothing last.

        Parameters
        ----------
        last
            The highest number that a message was ever given.
        """
        rows = self._cursor.rows("webhook.due", at=at, last=last)
        return tuple(
            DueHook(stream_id=stream_id, name=name, dataset_id=dataset_id, url=url)
            for stream_id, name, dataset_id, url in rows
        )

    def of_dataset(self, dataset_id: DatasetId) -> tuple[StreamId, ...]:
        """Streams of a dataset that have a target."""
        return tuple(
            stream_id for (stream_id,) in self._cursor.rows("webhook.of_dataset", dataset_id=dataset_id)
        )
