"""How far streams have been consumed, and what comes next in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from workbench.domain import DatasetId, Message, MessageFilter, Stream, StreamId, Uid
from workbench.store.cursor import Cursor
from workbench.store.filters import Condition
from workbench.store.repositories.finding import Finder
from workbench.store.repositories.kept import Reading
from workbench.store.repositories.message_rows import key_of, read_messages

_FIRST_WINDOW = 4_096
_LARGEST_WINDOW = 262_144
_GROWTH = 8
_NEAR = 32_768
"""Numbers among which predictions are looked for one by one; among more of them, reading all is no slower."""


@dataclass(frozen=True, kw_only=True)
class QueuePlace:
    """How far a stream has been consumed: up to the message with the number ``position``, which is included."""

    position: int
    n_resets: int
    moved_at: datetime
    moved_by: str


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What comes next in a stream.

    Attributes
    ----------
    seqs, uids
        Numbers (int64, (n,)) and messages that pass its filter, in order of arrival.
    filtered
        int64, (m,): numbers of the messages that do not pass and lie before the last that does, or before the end.
    is_end
        Whether the dataset has no message after these.
    """

    seqs: np.ndarray
    uids: tuple[Uid, ...]
    filtered: np.ndarray
    is_end: bool

    def up_to(self, n: int) -> Ahead:
        """The first ``n`` that pass, and what is passed over before the next one."""
        if n >= len(self.uids):
            return self
        return Ahead(
            seqs=self.seqs[:n],
            uids=self.uids[:n],
            filtered=self.filtered[self.filtered < self.seqs[n]],
            is_end=False,
        )

    def last_seq(self, position: int) -> int:
        """The highest number among these; ``position`` without any."""
        return max(int(part[-1]) if len(part) else position for part in (self.seqs, self.filtered))


class StreamQueues:
    """Streams as queues over the order of arrival."""

    def __init__(self, cursor: Cursor, reading: Reading | None = None) -> None:
        self._cursor = cursor
        self._finder = Finder(cursor, reading)

    def place(self, stream_id: StreamId) -> QueuePlace:
        """Where a stream stands."""
        row = self._cursor.one("stream.position", stream_id=stream_id)
        if row is None:
            raise KeyError(stream_id)
        position, n_resets, moved_at, moved_by = row
        return QueuePlace(position=position, n_resets=n_resets, moved_at=moved_at, moved_by=moved_by)

    def move(self, stream: Stream, place: QueuePlace) -> None:
        """Store where a stream stands, in the place of what was known."""
        self._cursor.execute("stream.drop_position", stream_id=stream.stream_id)
        self._cursor.execute(
            "stream.add_position",
            stream_id=stream.stream_id,
            dataset_id=stream.dataset_id,
            position=place.position,
            n_resets=place.n_resets,
            moved_at=place.moved_at,
            moved_by=place.moved_by,
        )

    def last_seq(self) -> int:
        """The highest number that a message was ever given."""
        return int(self._cursor.rows("message.last_seq")[0][0])

    def before(self, dataset_id: DatasetId, since: datetime) -> int:
        """The number before the first message that was stored at a time or later; without one, the highest."""
        ((first,),) = self._cursor.rows("stream.first_since", dataset_id=dataset_id, since=since)
        return self.last_seq() if first is None else int(first) - 1

    def behind(self, dataset_id: DatasetId, position: int) -> tuple[int, datetime | None]:
        """How many messages of the dataset came after a number, and when the first of them was stored."""
        sources = [row[0] for row in self._cursor.rows("search.sources", dataset_id=dataset_id)]
        if not sources:
            return 0, None
        ((n, first),) = self._cursor.rows("stream.behind", source_ids=sources, after=position)
        if first is None:
            return 0, None
        ((first_at,),) = self._cursor.rows("stream.stored_at", seq=first)
        return int(n), first_at

    def waiting(
        self, dataset_id: DatasetId, where: MessageFilter, after: int, last: int
    ) -> tuple[int, datetime | None]:
        """How many that pass came after one number, up to another, and when the first of them was stored."""
        with self._finder.condition(dataset_id, where, near=last - after <= _NEAR) as condition:
            rows = self._cursor.rows(
                "stream.waiting", where=condition, dataset_id=dataset_id, after=after, last=last
            )
        n, first_at = rows[0]
        return int(n), first_at

    def ahead(
        self, dataset_id: DatasetId, where: MessageFilter, position: int, size: int, max_filtered: int | None
    ) -> Ahead:
        """What comes after a number: at most ``size`` that pass, and at most ``max_filtered`` passed over."""
        widest = _NEAR if where.labels else _LARGEST_WINDOW
        with self._finder.condition(dataset_id, where, near=bool(where.labels)) as condition:
            return self._ahead(dataset_id, condition, position, self.last_seq(), size, max_filtered, widest)

    def messages(self, dataset_id: DatasetId, ahead: Ahead) -> tuple[Message, ...]:
        """What comes next, as messages without predictions."""
        if not ahead.uids:
            return ()
        among = int(ahead.seqs[0]), int(ahead.seqs[-1])
        known = read_messages(self._cursor, dataset_id, ahead.uids, among=among)
        return tuple(known[uid] for uid in ahead.uids)

    def said(
        self, dataset_id: DatasetId, version: int | None, uids: Sequence[Uid]
    ) -> dict[Uid, tuple[list[float] | None, list[float] | None]]:
        """As ``Streams.said``, of messages that are known to pass."""
        if version is None or not uids:
            return dict.fromkeys(uids, (None, None))
        rows = self._cursor.rows(
            "stream.predicted", dataset_id=dataset_id, version=version, keys=[key_of(uid) for uid in uids]
        )
        found = {uid: (probabilities, sentiments) for uid, probabilities, sentiments in rows}
        return {uid: found.get(uid, (None, None)) for uid in uids}

    def _ahead(
        self,
        dataset_id: DatasetId,
        condition: Condition,
        position: int,
        last: int,
        size: int,
        max_filtered: int | None,
        widest: int,
    ) -> Ahead:
        """Window by window: tables are in order of arrival, so a window is found without reading the rest."""
        found: list[tuple[int, Uid]] = []
        filtered: list[np.ndarray] = []
        n_filtered, after, width, is_full = 0, position, max(_FIRST_WINDOW, 2 * size), False
        while after < last and not is_full:
            end = min(after + width, last)
            bounds: dict[str, Any] = {"dataset_id": dataset_id, "after": after}
            some = self._cursor.rows(
                "stream.passing", where=condition, n_most=size - len(found), last=end, **bounds
            )
            is_full = len(found) + len(some) == size
            end = some[-1][0] if is_full else end
            passed_over = np.empty(0, np.int64)
            if condition.sql != "TRUE":
                seqs = self._cursor.table("stream.seqs", last=end, **bounds).column("upload_seq").to_numpy()
                passed_over = seqs[~np.isin(seqs, np.array([seq for seq, _ in some], np.int64))]
            if max_filtered is not None and n_filtered + len(passed_over) > max_filtered:
                end, is_full = int(passed_over[max_filtered - n_filtered]) - 1, True
                passed_over = passed_over[: max_filtered - n_filtered]
                some = [one for one in some if one[0] <= end]
            found += some
            filtered.append(passed_over)
            n_filtered += len(passed_over)
            after, width = end, min(width * _GROWTH, widest)
        return Ahead(
            seqs=np.array([seq for seq, _ in found], np.int64),
            uids=tuple(uid for _, uid in found),
            filtered=np.concatenate([np.empty(0, np.int64), *filtered]),
            is_end=not (is_full and self._cursor.rows("stream.more", dataset_id=dataset_id, after=after)),
        )
