"""The rows of ``thread``, kept true while messages come, change and go."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import SourceId
from workbench.store.cursor import Cursor

_NEVER = np.iinfo(np.int64).max


class Threads:
    """What conditions on threads ask, told once per source and thread; every writer of messages says what it did.

    New messages are added to what is known, so that a batch costs what it is long and not what its threads are;
    the threads of messages that change or go are counted anew.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, source_id: SourceId, *, after: int) -> None:
        """Count messages of a source that were stored with an ``upload_seq`` above ``after``."""
        new = self._cursor.table("thread.of_new", after=after)
        if not new.num_rows:
            return
        keys = new.select(["thread_key"])
        with self._cursor.staged(keys):
            known = self._cursor.table("thread.known")
        own = known.filter(pc.equal(known.column("source_id"), source_id))
        if own.num_rows:
            self._cursor.bulk("thread.drop", own.select(["thread_key"]), source_id=source_id)
        self._cursor.bulk("thread.insert", summed(pa.concat_tables([new, own])))
        if own.num_rows < known.num_rows:
            self._cursor.bulk("thread.tell_shared", keys)

    def moved(self, changed: pa.Table) -> pa.Table:
        """Column thread_key: what to ``recount`` once these messages (uid, timestamp, thread_id, sender) are stored."""
        with self._cursor.staged(changed.select(["uid", "timestamp", "thread_id", "sender"])):
            return self._cursor.table("thread.moved")

    def keys(self, uids: pa.Table) -> pa.Table:
        """Column thread_key: the threads of messages (column uid) as they are now."""
        with self._cursor.staged(uids.select(["uid"])):
            return self._cursor.table("thread.keys")

    def recount(self, keys: pa.Table) -> None:
        """Count threads (column thread_key) anew from their messages, in every source."""
        if not keys.num_rows:
            return
        with self._cursor.staged(keys):
            messages = self._cursor.table("thread.of_keys")
            self._cursor.execute("thread.drop", source_id=None)
        self._cursor.bulk("thread.insert", summed(messages))
        self._cursor.bulk("thread.tell_shared", keys)


def summed(rows: pa.Table) -> pa.Table:
    """One row per source and thread of rows that tell of parts of them, in any order.

    Columns, before and after: source_id, thread_key (uint64), n_messages, first_at and last_at (microseconds),
    first_seq (``upload_seq`` of the first message) and its sender; spoke (who wrote the first message that names a
    sender), spoke_at, and other_at (when somebody else first did); the last four may be null. Of equal times the
    lower first_seq is first.
    """
    if not rows.num_rows:
        return rows
    source = rows.column("source_id").combine_chunks().dictionary_encode().indices.to_numpy()
    key, seq = (rows.column(name).to_numpy() for name in ("thread_key", "first_seq"))
    spoke = rows.column("spoke").combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy()
    spoke_at, other_at = (_times(rows.column(name)) for name in ("spoke_at", "other_at"))

    order = np.lexsort((seq, rows.column("first_at").to_numpy(), key, source))
    is_next = np.ones(len(order), dtype=bool)
    is_next[1:] = (np.diff(key[order]) != 0) | (np.diff(source[order]) != 0)
    starts = np.flatnonzero(is_next)
    first = order[starts]
    # Each thread has its place in this order too, so it starts where it did.
    leading = np.lexsort((seq, spoke_at, key, source))[starts]
    by_leader = spoke[order] == np.repeat(spoke[leading], np.diff(starts, append=len(order)))
    others = np.where(by_leader, other_at[order], spoke_at[order])

    made = rows.take(pa.array(first))
    figures = {
        "n_messages": pa.array(np.add.reduceat(rows.column("n_messages").to_numpy()[order], starts)),
        "last_at": pa.array(np.maximum.reduceat(rows.column("last_at").to_numpy()[order], starts)),
        "spoke": rows.column("spoke").take(pa.array(leading)),
        "spoke_at": _nullable(spoke_at[leading]),
        "other_at": _nullable(np.minimum.reduceat(others, starts)),
    }
    for name, values in figures.items():
        made = made.set_column(made.schema.get_field_index(name), name, values)
    return made


def _times(column: pa.ChunkedArray) -> np.ndarray:
    """int64, microseconds; null = never, which is later than any other time."""
    times: np.ndarray = pc.fill_null(column, _NEVER).to_numpy()
    return times


def _nullable(times: np.ndarray) -> pa.Array:
    return pa.array(times, mask=times == _NEVER)
