"""Streams, and what the versions that they hold say."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from workbench.domain import (
    DatasetId,
    LabelId,
    LabelThreshold,
    MessageFilter,
    Stream,
    StreamId,
    StreamSettings,
    Uid,
)
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.filters import compile_filter
from workbench.store.repositories.message_rows import key_of
from workbench.store.repositories.taxonomies import Taxonomies


class Streams:
    """Streams of datasets."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self, dataset_id: DatasetId) -> tuple[Stream, ...]:
        """By name; each threshold with the name of its label, the last one where the label is gone."""
        listed: dict[StreamId, list[tuple[LabelId, float]]] = {}
        for stream_id, label_id, threshold in self._cursor.rows("stream.thresholds", dataset_id=dataset_id):
            listed.setdefault(stream_id, []).append((label_id, threshold))
        label_ids = {label_id for pairs in listed.values() for label_id, _ in pairs}
        names = Taxonomies(self._cursor).names(dataset_id, label_ids)
        made = []
        for (
            stream_id,
            name,
            title,
            description,
            where,
            version,
            unlisted,
            created_at,
            updated_at,
        ) in self._cursor.rows("stream.all", dataset_id=dataset_id):
            settings = StreamSettings(
                title=title,
                description=description,
                where=msgspec.json.decode(where, type=MessageFilter),
                version=version,
                thresholds=tuple(
                    LabelThreshold(label_id=label_id, threshold=threshold, name=names[label_id])
                    for label_id, threshold in listed.get(stream_id, ())
                ),
                unlisted=unlisted,
            )
            made.append(
                Stream(
                    stream_id=stream_id,
                    dataset_id=dataset_id,
                    name=name,
                    settings=settings,
                    created_at=created_at,
                    updated_at=updated_at,
                )
            )
        return tuple(made)

    def get(self, dataset_id: DatasetId, name: str) -> Stream:
        """One stream; ``UnknownNameError`` when the dataset has none of that name."""
        known = {one.name: one for one in self.all(dataset_id)}
        if name not in known:
            raise UnknownNameError("stream", name[:300], known)
        return known[name]

    def put(self, stream: Stream) -> None:
        """Store a stream whose name is free, or in the place of what it was."""
        self._take_out(stream.stream_id)
        told = stream.settings
        self._cursor.execute(
            "stream.add",
            stream_id=stream.stream_id,
            dataset_id=stream.dataset_id,
            name=stream.name,
            title=told.title,
            description=told.description,
            message_filter=msgspec.json.encode(told.where).decode(),
            version=told.version,
            unlisted=told.unlisted,
            created_at=stream.created_at,
            updated_at=stream.updated_at,
        )
        if told.thresholds:
            rows = {
                "position": pa.array(range(len(told.thresholds)), pa.int32()),
                "label_id": pa.array([one.label_id for one in told.thresholds], pa.string()),
                "threshold": pa.array([one.threshold for one in told.thresholds], pa.float64()),
            }
            self._cursor.bulk(
                "stream.add_thresholds",
                pa.table(rows),
                stream_id=stream.stream_id,
                dataset_id=stream.dataset_id,
            )

    def drop(self, stream_id: StreamId) -> None:
        """Remove a stream with its thresholds, its position, what it handed on, its target and its exceptions."""
        self._take_out(stream_id)
        self._cursor.execute("stream.drop_deliveries", stream_id=stream_id)
        self._cursor.execute("webhook.drop", stream_id=stream_id)
        self._cursor.execute("stream.drop_position", stream_id=stream_id)
        self._cursor.execute("exception.drop_stream", stream_id=stream_id)

    def _take_out(self, stream_id: StreamId) -> None:
        self._cursor.execute("stream.drop_thresholds", stream_id=stream_id)
        self._cursor.execute("stream.drop", stream_id=stream_id)

    def said(
        self, dataset_id: DatasetId, version: int | None, uids: Sequence[Uid], where: MessageFilter
    ) -> dict[Uid, tuple[list[float] | None, list[float] | None]]:
        """Probabilities and sentiments, in the version's label order, of those of the messages that pass.

        Probabilities None = the version says nothing of the message yet, sentiments None = it says none.
        """
        rows = self._cursor.rows(
            "stream.said",
            where=compile_filter(where),
            dataset_id=dataset_id,
            version=version,
            uids=list(uids),
            keys=[key_of(uid) for uid in uids],
        )
        return {uid: (probabilities, sentiments) for uid, probabilities, sentiments in rows}
