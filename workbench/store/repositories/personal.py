"""Masked sources: ``message`` holds what anybody may see, ``original`` what came, and nothing else reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pyarrow as pa

from workbench.domain import DatasetId, Message, SourceId, Uid, read_parts, read_properties
from workbench.primitives import hex_digest
from workbench.store.cursor import Cursor
from workbench.store.repositories.preparing import PreparedBatch
from workbench.store.repositories.threads import Threads
from workbench.store.repositories.translations import Translations

WAITING = "[being masked]"
"""The text of a message that waits to be masked."""
Numbers = dict[tuple[str, str], int]
_REWRITTEN = (
    *("uid", "subject", "body", "signature", "full_text", "sender", "recipients", "properties"),
    *("parts", "cc", "bcc", "text_hash"),
)


class Personal:
    """Hiding what is personal, and giving it back."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    # ---- the numbers of masks --------------------------------------------------------------------

    def numbers(self, source_id: SourceId, threads: Iterable[str]) -> dict[str, Numbers]:
        """The numbers of masks by thread, each by kind and digest."""
        found: dict[str, Numbers] = {thread: {} for thread in threads}
        with self._cursor.staged(pa.table({"thread": pa.array(list(found), pa.string())})):
            for thread, kind, digest, number in self._cursor.rows("personal.numbers", source_id=source_id):
                found[thread][kind, digest] = number
        return found

    def add_numbers(self, source_id: SourceId, new: Iterable[tuple[str, str, str, int]]) -> None:
        """Keep numbers: thread, kind, digest, number."""
        columns = list(zip(*new, strict=True))
        if columns:
            kinds = (pa.string(), pa.string(), pa.string(), pa.int32())
            arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
            table = pa.table(arrays, names=["thread", "kind", "digest", "number"])
            self._cursor.bulk("personal.add_numbers", table, source_id=source_id)

    def keep(self, source_id: SourceId, came: PreparedBatch) -> None:
        """Keep what messages of a masked source came with, instead of what was kept of them before."""
        if came.messages.num_rows:
            table = originals_of(came)
            self._cursor.bulk("personal.drop_of", table.select(["uid"]))
            self._cursor.bulk("personal.add", table, source_id=source_id)

    # ---- turning it on ---------------------------------------------------------------------------

    def hide(self, source_id: SourceId) -> int:
        """Take every text of a source's messages out of sight; how many messages wait to be masked."""
        uids = self._cursor.table("personal.keys", source_id=source_id)
        if not uids.num_rows:
            return 0
        threads = Threads(self._cursor)
        touched = threads.keys(uids)
        self._cursor.execute("personal.keep", source_id=source_id)
        self._cursor.execute("personal.blank_properties", source_id=source_id)
        self._cursor.execute("personal.blank_files", source_id=source_id)
        self._cursor.execute(
            "personal.blank", source_id=source_id, body=WAITING, text_hash=hex_digest(WAITING)
        )
        threads.recount(touched)
        Translations(self._cursor).drop(uids)
        return int(uids.num_rows)

    def n_waiting(self, source_id: SourceId) -> int:
        """How many messages are not masked yet."""
        ((n,),) = self._cursor.rows("personal.n_waiting", source_id=source_id)
        return int(n)

    def waiting(self, source_id: SourceId, n_most: int) -> pa.Table:
        """The next messages to mask, as they came: columns of a prepared batch, as far as they matter."""
        return self._cursor.table("personal.waiting", source_id=source_id, n_most=n_most)

    def show_masked(self, came: pa.Table, masked: PreparedBatch) -> None:
        """Put masked texts in place; predictions of those that differ from what came go."""
        messages = masked.messages
        threads = Threads(self._cursor)
        self._cursor.bulk("personal.rewrite", messages.select(_REWRITTEN))
        threads.recount(threads.keys(messages))
        uids = messages.select(["uid"])
        self._cursor.bulk("message.drop_properties", uids)
        if masked.properties.num_rows:
            self._cursor.bulk("message.insert_properties", masked.properties)
        self._cursor.bulk("personal.mark", uids)
        before = came.column("text_hash").to_pylist()
        differs = [
            one != other for one, other in zip(before, messages.column("text_hash").to_pylist(), strict=True)
        ]
        self._drop_stale(uids.filter(pa.array(differs)))

    # ---- turning it off --------------------------------------------------------------------------

    def show(self, source_id: SourceId) -> None:
        """Give the messages of a source back what they came with."""
        uids = self._cursor.table("personal.keys", source_id=source_id)
        altered = self._cursor.table("personal.altered", source_id=source_id)
        self._cursor.execute("personal.restore", source_id=source_id)
        self._cursor.execute("personal.restore_files", source_id=source_id)
        self._cursor.execute("personal.blank_properties", source_id=source_id)
        self._cursor.execute("personal.restore_properties", source_id=source_id)
        self.forget_source(source_id)
        if uids.num_rows:
            threads = Threads(self._cursor)
            threads.recount(threads.keys(uids))
        self._drop_stale(altered)

    def forget_source(self, source_id: SourceId) -> None:
        """Forget what its messages were, and the numbers."""
        self._cursor.execute("personal.drop_source", source_id=source_id)
        self._cursor.execute("personal.drop_numbers", source_id=source_id)

    def _drop_stale(self, uids: pa.Table) -> None:
        if uids.num_rows:
            self._cursor.bulk("message.subtract_stale_predictions", uids)
            self._cursor.bulk("message.drop_stale_predictions", uids)
            self._cursor.bulk("message.drop_stale_scores", uids)
            Translations(self._cursor).drop(uids)

    def drop_results(self, dataset_id: DatasetId) -> None:
        """Drop what quotes texts: clusters with their names, drift reports, vectors of texts that no message has."""
        for (run_id,) in self._cursor.rows("deletion.run_ids", dataset_id=dataset_id):
            for name in ("projection", "members", "clusters", "run"):
                self._cursor.execute(f"discovery.drop_{name}", run_id=run_id)
        self._cursor.execute("deletion.drop_dataset_reports", dataset_id=dataset_id)

    def drop_unused_vectors(self) -> None:
        """Drop the vectors of texts that no message has any more: much of a text can be guessed from its vector."""
        self._cursor.execute("deletion.drop_unused_vectors")

    # ---- reading ---------------------------------------------------------------------------------

    def with_originals(self, dataset_id: DatasetId, messages: Mapping[Uid, Message]) -> tuple[Message, ...]:
        """Messages with what they came with, in their order; those of other sources as they are."""
        shown = dict(messages)
        for uid, *texts, parts, properties, files in self._cursor.rows(
            "personal.get", dataset_id=dataset_id, uids=list(messages)
        ):
            subject, body, signature, full_text, sender, recipients, cc, bcc = texts
            one = shown[uid]
            shown[uid] = replace(
                one,
                subject=subject,
                body=body,
                signature=signature,
                full_text=full_text,
                sender=sender,
                recipients=tuple(recipients),
                cc=tuple(cc),
                bcc=tuple(bcc),
                parts=read_parts(parts) if parts else (),
                properties=read_properties(properties),
                attachments=tuple(
                    replace(file, name=files[file.position]) if file.position < len(files) else file
                    for file in one.attachments
                ),
                translation=None,
            )
        return tuple(shown.values())


def originals_of(batch: PreparedBatch) -> pa.Table:
    """What messages of a batch came with, as ``personal.add`` takes it."""
    files: dict[str, list[str]] = {}
    for one in sorted(batch.attachments, key=lambda one: int(one["position"])):
        files.setdefault(one["uid"], []).append(one["name"])
    names = ("uid", "subject", "body", "signature", "full_text", "sender", "recipients", "cc", "bcc", "parts")
    table = batch.messages.select([*names, "properties", "text_hash"])
    listed = [files.get(uid, []) for uid in table.column("uid").to_pylist()]
    return table.append_column("files", pa.array(listed, pa.list_(pa.string())))
