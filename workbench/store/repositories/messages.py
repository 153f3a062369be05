"""Messages: storing them in bulk, finding and reading them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import (
    DatasetId,
    Message,
    MessageFilter,
    MessageOrder,
    SourceId,
    SyncCounts,
    Uid,
)
from workbench.store.cursor import Cursor
from workbench.store.filters import OLDEST, RECENT, Condition, compile_filter, relevance_order
from workbench.store.repositories.message_rows import read_messages
from workbench.store.repositories.preparing import PreparedBatch, prepare

_UPDATED = ("uid", "timestamp", "thread_id", "subject", "body", "signature", "full_text", "sender")
_UPDATED_TOO = ("recipients", "language", "text_hash", "content_hash", "properties")


@dataclass(frozen=True, kw_only=True)
class PutOutcome:
    """What storing a batch changed.

    Attributes
    ----------
    counts
        ``units`` is 0: charging is not the store's.
    charged
        ``message_id`` and ``reason`` (``created`` or ``text_modified``), in the order of the batch.
    """

    counts: SyncCounts
    charged: pa.Table


class Messages:
    """The messages of the workspace."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    # ---- storing ---------------------------------------------------------------------------------

    def put(self, source_id: SourceId, batch: pa.Table | PreparedBatch, *, at: datetime) -> PutOutcome:
        """Insert what is new, update what changed, leave the rest.

        ``batch`` has ``MESSAGE_SCHEMA``, or is what ``prepare`` made of such a one for this source, which
        spares others the wait: preparing takes a third of the time and needs no transaction. A message is unchanged when the hash over all its columns is;
        its text is modified when subject, body or full text are, and then its predictions go.

        Raises
        ------
        InputError
            Wrong schema, a message id twice in the batch, or unreadable properties; nothing is stored.
        """
        prepared = batch if isinstance(batch, PreparedBatch) else prepare(source_id, batch)
        is_new, is_changed, is_text_changed = self._compare(prepared.messages)
        self._insert(source_id, _those(prepared.messages, is_new), at)
        self._update(_those(prepared.messages, is_changed), at)
        if pc.any(is_text_changed).as_py():
            modified = prepared.messages.filter(is_text_changed).select(["uid"])
            self._cursor.bulk("message.subtract_stale_predictions", modified)
            self._cursor.bulk("message.drop_stale_predictions", modified)
        self._put_properties(prepared, is_changed, pc.or_(is_new, is_changed))
        return _outcome(prepared.messages, is_new, is_changed, is_text_changed)

    def foresee(self, batch: PreparedBatch) -> PutOutcome:
        """What ``put`` would answer now; changes nothing."""
        return _outcome(batch.messages, *self._compare(batch.messages))

    def _compare(self, messages: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
        with self._cursor.staged(messages.select(["uid"])):
            if not self._cursor.table("message.existing").num_rows:
                none = pa.array(np.zeros(messages.num_rows, dtype=bool))
                return pc.invert(none), none, none
        keys = messages.select(["row", "uid", "text_hash", "content_hash", "full_text"])
        with self._cursor.staged(keys):
            found = self._cursor.table("message.compare").sort_by("row")
        new, changed, text_changed = (
            found.column(name).combine_chunks() for name in ("is_new", "is_changed", "is_text_changed")
        )
        return new, changed, pc.and_(changed, text_changed)

    def _insert(self, source_id: SourceId, messages: pa.Table, at: datetime) -> None:
        if not messages.num_rows:
            return
        (last_seq,) = self._cursor.rows("message.last_seq")[0]
        numbers = pa.array(np.arange(last_seq + 1, last_seq + 1 + messages.num_rows, dtype=np.int64))
        self._cursor.bulk(
            "message.insert", messages.append_column("upload_seq", numbers), source_id=source_id, at=at
        )

    def _update(self, messages: pa.Table, at: datetime) -> None:
        if messages.num_rows:
            self._cursor.bulk("message.update", messages.select([*_UPDATED, *_UPDATED_TOO]), at=at)

    def _put_properties(self, prepared: PreparedBatch, is_changed: pa.Array, is_written: pa.Array) -> None:
        uids = prepared.messages.column("uid")
        if pc.any(is_changed).as_py():
            self._cursor.bulk("message.drop_properties", pa.table({"uid": uids.filter(is_changed)}))
        rows = prepared.properties
        rows = rows.filter(pc.is_in(rows.column("uid"), uids.filter(is_written).combine_chunks()))
        if rows.num_rows:
            self._cursor.bulk("message.insert_properties", rows)

    # ---- finding and reading ---------------------------------------------------------------------

    def count(self, dataset_id: DatasetId, where: MessageFilter) -> int:
        """How many messages pass."""
        rows = self._cursor.rows("message.count", where=compile_filter(where), dataset_id=dataset_id)
        return int(rows[0][0])

    def find(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageOrder = "recent",
        offset: int = 0,
        limit: int = 20,
        seed: int = 0,
    ) -> tuple[tuple[Message, ...], int]:
        """A page of what passes, and how many pass in all; ``seed`` fixes the shuffle."""
        condition = compile_filter(where)
        ordering = _ordering(order, where, seed)
        # Counting all while sorting costs more than a second pass, unless the pass searches text.
        searched = bool(where.text)
        found = self._cursor.rows(
            "message.find_and_count" if searched else "message.find",
            where=condition,
            order=ordering.sql,
            **ordering.parameters,
            dataset_id=dataset_id,
            offset=offset,
            limit=limit,
        )
        n_total = found[0][1] if searched and found else self.count(dataset_id, where)
        return self.get(dataset_id, tuple(row[0] for row in found)), n_total

    def get(self, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
        """These messages with what is known of them in the dataset, in the order asked; unknown ones left out."""
        known = read_messages(self._cursor, dataset_id, uids)
        return tuple(known[uid] for uid in uids if uid in known)

    def thread(self, dataset_id: DatasetId, thread_id: str) -> tuple[Message, ...]:
        """A thread, oldest first, at most 256 messages."""
        found = self._cursor.rows("message.thread", dataset_id=dataset_id, thread_id=thread_id)
        return self.get(dataset_id, tuple(uid for (uid,) in found))

    def table(self, dataset_id: DatasetId, where: MessageFilter, n_most: int = 1_000_000) -> pa.Table:
        """Messages that pass, in order of arrival, at most ``n_most``.

        Columns: uid, source (full name), message_id, timestamp, thread_id, subject, body, sender,
        recipients, language, properties (JSON), reviewed, assigned (names).
        """
        return self._cursor.table(
            "message.table", where=compile_filter(where), dataset_id=dataset_id, n_most=n_most
        )

    def texts(self, dataset_id: DatasetId) -> pa.Table:
        """uid, text_hash, subject, body, timestamp, thread_id, source_id of every message, in row order.

        The row order is the order of arrival; every matrix of a dataset uses it.
        """
        return self._cursor.table("message.texts", dataset_id=dataset_id)

    def keys(self, dataset_id: DatasetId) -> pa.Table:
        """uid, text_hash, timestamp of every message, in the fixed row order."""
        return self._cursor.table("message.row_order", dataset_id=dataset_id)

    def texts_without_vector(self, dataset_id: DatasetId, encoder_id: str) -> pa.Table:
        """text_hash, subject, body of every distinct text that the encoder has not embedded."""
        return self._cursor.table(
            "message.texts_without_vector", dataset_id=dataset_id, encoder_id=encoder_id
        )


def _those(messages: pa.Table, wanted: pa.Array) -> pa.Table:
    """The rows wanted; all of them without a copy."""
    return messages if pc.all(wanted).as_py() else messages.filter(wanted)


def _outcome(
    messages: pa.Table, is_new: pa.Array, is_changed: pa.Array, is_text_changed: pa.Array
) -> PutOutcome:
    charged = pc.or_(is_new, is_text_changed)
    reasons = pc.if_else(is_new, "created", "text_modified")
    n_new, n_updated, n_text = (pc.sum(mask).as_py() or 0 for mask in (is_new, is_changed, is_text_changed))
    counts = SyncCounts(
        new=n_new,
        updated=n_updated,
        unchanged=messages.num_rows - n_new - n_updated,
        text_modified=n_text,
    )
    outcome = pa.table({"message_id": messages.column("message_id"), "reason": reasons})
    return PutOutcome(counts=counts, charged=outcome.filter(charged))


def _ordering(order: MessageOrder, where: MessageFilter, seed: int) -> Condition:
    match order:
        case "recent":
            return Condition(sql=RECENT)
        case "oldest":
            return Condition(sql=OLDEST)
        case "shuffle":
            return Condition(sql="md5(m.uid || $seed), m.upload_seq", parameters={"seed": f"/{seed}"})
        case "relevance":
            return relevance_order(where)
