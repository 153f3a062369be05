"""Exceptions of streams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from workbench.domain import DatasetId, ExceptionTotal, Stream, StreamException, StreamId, TagCounts, Uid
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor


class Exceptions:
    """Messages of streams that could not be handled."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def tag(
        self, stream: Stream, exceptions: Sequence[StreamException], *, actor: str, at: datetime
    ) -> TagCounts:
        """Store what is new or differs from what is known; each message once.

        Raises
        ------
        UnknownNameError
            A message is not in the dataset.
        """
        with self._cursor.staged(_uids([one.uid for one in exceptions])):
            outside = self._cursor.rows("exception.outside", dataset_id=stream.dataset_id)
            rows = self._cursor.rows("exception.known", stream_id=stream.stream_id)
        if outside:
            raise UnknownNameError("message", outside[0][0][:300], ())
        known = {uid: (kind, msgspec.json.decode(metadata)) for uid, kind, metadata in rows}
        changed = [one for one in exceptions if known.get(one.uid) != (one.type, one.metadata)]
        if changed:
            self.untag(stream.stream_id, [one.uid for one in changed])
            columns = {
                "uid": pa.array([one.uid for one in changed], pa.string()),
                "type": pa.array([one.type for one in changed], pa.string()),
                "metadata": pa.array(
                    [msgspec.json.encode(one.metadata).decode() for one in changed], pa.string()
                ),
            }
            self._cursor.bulk(
                "exception.add",
                pa.table(columns),
                stream_id=stream.stream_id,
                dataset_id=stream.dataset_id,
                tagged_at=at,
                tagged_by=actor,
            )
        n_updated = sum(one.uid in known for one in changed)
        return TagCounts(
            new=len(changed) - n_updated, updated=n_updated, unchanged=len(exceptions) - len(changed)
        )

    def of_stream(self, stream: Stream) -> int:
        """How many messages of the dataset carry one of a stream."""
        row = self._cursor.one(
            "exception.of_stream", stream_id=stream.stream_id, dataset_id=stream.dataset_id
        )
        return int(row[0]) if row else 0

    def untag(self, stream_id: StreamId, uids: Sequence[Uid]) -> int:
        """Take exceptions off messages; returns how many there were."""
        with self._cursor.staged(_uids(uids)):
            n = len(self._cursor.rows("exception.known", stream_id=stream_id))
            if n:
                self._cursor.execute("exception.drop_these", stream_id=stream_id)
        return n

    def piece(self, stream_id: StreamId, after: int, n_most: int) -> pa.Table:
        """Columns uid, type, metadata, tagged_at, tagged_by: at most ``n_most`` after the first ``after``."""
        return self._cursor.table("exception.piece", stream_id=stream_id, after=after, n_most=n_most)

    def totals(self, dataset_id: DatasetId) -> tuple[ExceptionTotal, ...]:
        """Messages by stream and type."""
        return tuple(
            ExceptionTotal(stream=stream, type=kind, n=n, newest_at=newest_at)
            for stream, kind, n, newest_at in self._cursor.rows("exception.totals", dataset_id=dataset_id)
        )

    def of_dataset(self, dataset_id: DatasetId) -> list[tuple[Uid, str, str, datetime]]:
        """Message, stream, type, and when the stream was made, of every exception."""
        return self._cursor.rows("exception.of_dataset", dataset_id=dataset_id)


def _uids(uids: Sequence[Uid]) -> pa.Table:
    return pa.table({"uid": pa.array(uids, pa.string())})
