"""Messages: storing them in bulk, finding and reading them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import (
    DatasetId,
    Message,
    MessageFilter,
    MessageOrder,
    MessagePage,
    SourceId,
    SyncCounts,
    TextHits,
    ThreadLetter,
    Uid,
    parse_text,
    text_spans,
)
from workbench.errors import StoreError
from workbench.store.cursor import Cursor
from workbench.store.repositories.asking import TimedOrder
from workbench.store.repositories.attachments import Attachments
from workbench.store.repositories.finding import Finder
from workbench.store.repositories.kept import Reading
from workbench.store.repositories.message_files import MessageFiles
from workbench.store.repositories.message_rows import read_messages, with_places
from workbench.store.repositories.personal import Personal
from workbench.store.repositories.preparing import PreparedBatch, prepare
from workbench.store.repositories.sentiment_columns import with_sentiments
from workbench.store.repositories.threads import Threads
from workbench.store.repositories.translations import Translations

_UPDATED = ("uid", "timestamp", "thread_id", "subject", "body", "signature", "full_text", "sender")
_UPDATED_TOO = ("recipients", "language", "text_hash", "content_hash", "properties")
_EXTRAS = ("parts", "cc", "bcc", "sent_at")
_REWRITTEN = (
    "uid",
    "subject",
    "body",
    "signature",
    "full_text",
    "sender",
    "recipients",
    "language",
    *_EXTRAS,
)


@dataclass(frozen=True, kw_only=True)
class PutOutcome:
    """What storing a batch changed.

    Attributes
    ----------
    counts
        ``units`` is 0: charging is not the store's.
    charged
        ``message_id`` and ``reason`` (``created`` or ``text_modified``), in the order of the batch.
    rewritten
        Messages in whose parts anything changed, text or not: what people said of their fields no longer
        holds in any dataset, what they said of their labels does.
    """

    counts: SyncCounts
    charged: pa.Table
    rewritten: tuple[Uid, ...] = ()


class Messages:
    """The messages of the workspace."""

    def __init__(self, cursor: Cursor, reading: Reading | None = None) -> None:
        self._cursor = cursor
        self._finder = Finder(cursor, reading)

    # ---- storing ---------------------------------------------------------------------------------

    def put(self, source_id: SourceId, batch: pa.Table | PreparedBatch, *, at: datetime) -> PutOutcome:
        """Insert what is new, update what changed, leave the rest.

        ``batch`` has ``MESSAGE_SCHEMA``, or is what ``prepare`` made of such a one for this source, which
        spares others the wait: preparing takes a third of the time and needs no transaction. A message is
        unchanged when the hash over all its columns is; its text is modified when subject, body or full text
        are, and then its predictions go.

        Raises
        ------
        InputError
            As ``prepare``; nothing is stored.
        StoreError
            The source is masked and the batch is not.
        """
        prepared = batch if isinstance(batch, PreparedBatch) else prepare(source_id, batch)
        self._refuse_unmasked(source_id, prepared)
        is_new, is_changed, is_text_changed = self._compare(prepared)
        changed = _those(prepared.messages, is_changed)
        rewritten = self._rewritten(changed)
        self._insert(source_id, _those(prepared.messages, is_new), at)
        self._update(changed, at)
        self._put_attachments(prepared, changed.column("uid"), is_new)
        if pc.any(is_text_changed).as_py():
            modified = prepared.messages.filter(is_text_changed).select(["uid"])
            self._cursor.bulk("message.subtract_stale_predictions", modified)
            self._cursor.bulk("message.drop_stale_predictions", modified)
            self._cursor.bulk("message.drop_stale_scores", modified)
            Translations(self._cursor).drop(modified)
        self._put_properties(prepared, is_changed, pc.or_(is_new, is_changed))
        if prepared.came is not None:
            written = prepared.came.messages.filter(pc.or_(is_new, is_changed))
            Personal(self._cursor).keep(source_id, replace(prepared.came, messages=written))
        return _outcome(prepared.messages, is_new, is_changed, is_text_changed, rewritten)

    def _refuse_unmasked(self, source_id: SourceId, batch: PreparedBatch) -> None:
        row = self._cursor.one("personal.is_masked", source_id=source_id)
        if row is not None and row[0] and batch.came is None:
            raise StoreError(
                f"messages for source {source_id!r} came unmasked, and the source is masked.",
                next_step="Send them again: the source was masked in between.",
                details={"source_id": source_id},
            )

    def foresee(self, batch: PreparedBatch) -> PutOutcome:
        """What ``put`` would answer now; changes nothing."""
        return _outcome(batch.messages, *self._compare(batch))

    def _compare(self, batch: PreparedBatch) -> tuple[pa.Array, pa.Array, pa.Array]:
        messages = batch.messages
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
        if altered := Attachments(self._cursor).altered(batch.attachments):
            changed = pc.or_(
                changed, pc.is_in(messages.column("uid").combine_chunks(), pa.array(sorted(altered)))
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
        self._cursor.execute("message.mark_seq", last=last_seq + messages.num_rows)
        Threads(self._cursor).add(source_id, after=last_seq)

    def _update(self, messages: pa.Table, at: datetime) -> None:
        if messages.num_rows:
            threads = Threads(self._cursor)
            moved = threads.moved(messages)
            columns = [*_UPDATED, *_UPDATED_TOO, *_EXTRAS, "n_attachments"]
            self._cursor.bulk("message.update", messages.select(columns), at=at)
            threads.recount(moved)

    def _rewritten(self, changed: pa.Table) -> tuple[Uid, ...]:
        if not changed.num_rows:
            return ()
        with self._cursor.staged(changed.select(_REWRITTEN)):
            return tuple(sorted(uid for (uid,) in self._cursor.rows("message.rewritten")))

    def _put_attachments(self, prepared: PreparedBatch, changed: pa.ChunkedArray, is_new: pa.Array) -> None:
        attachments = Attachments(self._cursor)
        if changed.length():
            uids = set(changed.to_pylist())
            rows, contents = prepared.files_of(uids)
            attachments.replace(changed, rows, contents)
        if prepared.attachments:
            uids = set(prepared.messages.column("uid").filter(is_new).to_pylist())
            attachments.add(*prepared.files_of(uids))
            if left := set(prepared.messages.column("uid").to_pylist()) - uids - set(changed.to_pylist()):
                attachments.complete(*prepared.files_of(left))
            MessageFiles(self._cursor).hand_over(prepared.messages.column("uid"))

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
        return self._finder.count(dataset_id, where)

    def page(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageOrder = "recent",
        offset: int = 0,
        limit: int = 20,
        seed: int = 0,
    ) -> MessagePage:
        """A page of what passes, with the places of searched words; ``seed`` fixes the shuffle."""
        found = self._finder.page(dataset_id, where, order, offset, limit, seed)
        messages = self.get(dataset_id, found.uids)
        query = parse_text(where.text)
        hits = [
            TextHits(subject=text_spans(query, one.subject), body=text_spans(query, one.body))
            for one in (messages if query.groups else ())
        ]
        return MessagePage(
            messages=messages,
            n_total=found.n_total,
            n_total_is="exact" if found.is_exact else "at_least",
            offset=offset,
            hits=tuple(hits),
        )

    def find(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageOrder = "recent",
        offset: int = 0,
        limit: int = 20,
        seed: int = 0,
    ) -> tuple[tuple[Message, ...], int]:
        """As ``page``: the messages, and how many pass in all, counted whatever it costs."""
        found = self._finder.page(dataset_id, where, order, offset, limit, seed)
        n_total = found.n_total if found.is_exact else self.count(dataset_id, where)
        return self.get(dataset_id, found.uids), n_total

    def get(self, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
        """These messages with what is known of them in the dataset, in the order asked; unknown ones left out."""
        known = read_messages(self._cursor, dataset_id, uids)
        return tuple(known[uid] for uid in uids if uid in known)

    def following(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: TimedOrder,
        behind: tuple[datetime, int] | None,
        limit: int,
    ) -> tuple[tuple[Message, ...], tuple[datetime, int] | None]:
        """The next messages behind a timestamp and an ``upload_seq``, and those of the last one; None without any."""
        found = self._finder.following(dataset_id, where, order, behind, limit)
        return self.get(dataset_id, tuple(uid for uid, _, _ in found)), found[-1][1:] if found else None

    def label_counts(self, dataset_id: DatasetId, where: MessageFilter, resolution: str) -> pa.Table:
        """period, label, positive, negative: how many of the messages that pass carry each label."""
        with self._finder.condition(dataset_id, where) as condition:
            return self._cursor.table(
                "label.counts", where=condition, dataset_id=dataset_id, resolution=resolution
            )

    def thread(self, dataset_id: DatasetId, thread_id: str) -> tuple[Message, ...]:
        """A thread, oldest first, at most 256 messages."""
        found = self._cursor.rows("message.thread", dataset_id=dataset_id, thread_id=thread_id)
        return self.get(dataset_id, tuple(uid for (uid,) in found))

    def letters(self, dataset_id: DatasetId, uids: tuple[Uid, ...], n_each: int) -> tuple[ThreadLetter, ...]:
        """What stands beside messages in their threads: of each the ``n_each`` nearest on either side, oldest first."""
        found = self._cursor.rows("message.beside", dataset_id=dataset_id, uids=list(uids), n_each=n_each)
        return tuple(
            ThreadLetter(beside=beside, uid=uid, timestamp=at, sender=sender, body=body)
            for beside, uid, at, sender, body in found
        )

    def table(self, dataset_id: DatasetId, where: MessageFilter, n_most: int = 1_000_000) -> pa.Table:
        """Messages that pass, in order of arrival, at most ``n_most``.

        Columns: uid, source (full name), message_id, timestamp, thread_id, subject, body, sender,
        recipients, language, properties (JSON), reviewed, assigned (names), the place in the thread as
        ``with_places`` gives it, and the sentiments as ``with_sentiments`` does.
        """
        with self._finder.condition(dataset_id, where) as condition:
            found = self._cursor.table("message.table", where=condition, dataset_id=dataset_id, n_most=n_most)
        placed = with_places(self._cursor, dataset_id, found).drop_columns(["upload_seq"])
        return with_sentiments(self._cursor, dataset_id, placed)

    def texts(self, dataset_id: DatasetId) -> pa.Table:
        """uid, text_hash, subject, body, timestamp, thread_id, source_id of every message, in row order.

        The row order is the order of arrival; every matrix of a dataset uses it.
        """
        return self._cursor.table("message.texts", dataset_id=dataset_id)

    def keys(self, dataset_id: DatasetId) -> pa.Table:
        """uid, text_hash, timestamp of every message, in the fixed row order."""
        return self._cursor.table("message.row_order", dataset_id=dataset_id)

    def passing(self, dataset_id: DatasetId, where: MessageFilter) -> pa.Table:
        """Column uid of every message that passes, in row order."""
        with self._finder.condition(dataset_id, where) as condition:
            return self._cursor.table("message.passing", where=condition, dataset_id=dataset_id)

    def best(self, dataset_id: DatasetId, where: MessageFilter, n: int) -> tuple[Uid, ...]:
        """The ``n`` messages that fit the searched words best, best first."""
        return self._finder.page(dataset_id, where, "relevance", limit=n).uids

    def texts_without_vector(self, dataset_id: DatasetId, encoder_id: str) -> pa.Table:
        """text_hash, subject, body of every distinct text that the encoder has not embedded."""
        return self._cursor.table(
            "message.texts_without_vector", dataset_id=dataset_id, encoder_id=encoder_id
        )


def _those(messages: pa.Table, wanted: pa.Array) -> pa.Table:
    """The rows wanted; all of them without a copy."""
    return messages if pc.all(wanted).as_py() else messages.filter(wanted)


def _outcome(
    messages: pa.Table,
    is_new: pa.Array,
    is_changed: pa.Array,
    is_text_changed: pa.Array,
    rewritten: tuple[Uid, ...] = (),
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
    return PutOutcome(counts=counts, charged=outcome.filter(charged), rewritten=rewritten)
