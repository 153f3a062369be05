"""Taking messages, sources and datasets away for good."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import (
    DatasetId,
    DeletionPreview,
    MessageChoice,
    Source,
    SourceId,
    TouchedDataset,
    make_uid,
)
from workbench.store.cursor import Cursor
from workbench.store.repositories.attachments import Attachments
from workbench.store.repositories.message_files import MessageFiles
from workbench.store.repositories.retention import Retention
from workbench.store.repositories.threads import Threads

_OF_MESSAGES = ("states", "events", "overlap_tasks", "batch_messages", "assigned", "dismissed", "exceptions")
_OF_DATASET = (
    "predictions",
    "scores",
    "training_rows",
    "training_sets",
    "totals",
    "validations",
    "weights",
    "stream_thresholds",
    "stream_positions",
    "stream_deliveries",
    "stream_webhooks",
    "exceptions",
    "streams",
    "versions",
    "reports",
    "assigned",
    "dismissed",
    "states",
    "events",
    "overlap_tasks",
    "overlaps",
    "batches",
    "batch_messages",
    "labels",
    "steps",
    "sources",
)


@dataclass(frozen=True, kw_only=True)
class Removed:
    """How much went."""

    n_messages: int = 0
    n_predictions: int = 0
    n_vectors: int = 0
    n_contents: int = 0


class Deletion:
    """Deletes whole: rows, properties, judgements, predictions, clusters, points, vectors, contents."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def chosen(self, source_id: SourceId, which: MessageChoice) -> pa.Table:
        """Columns uid and is_annotated (by anybody, in any dataset) of the chosen messages, in order of arrival."""
        if which.message_ids is None:
            return self._cursor.table(
                "deletion.chosen_by_time", source_id=source_id, since=which.since, until=which.until
            )
        uids = [make_uid(source_id, message_id) for message_id in dict.fromkeys(which.message_ids)]
        with self._cursor.staged(pa.table({"uid": pa.array(uids, pa.string())})):
            return self._cursor.table("deletion.chosen_by_id")

    def preview(self, source: Source, which: MessageChoice) -> DeletionPreview:
        """What deleting the chosen messages would take."""
        found = self.chosen(source.source_id, which)
        with self._cursor.staged(found.select(["uid"])):
            rows = self._cursor.rows("deletion.touched", source_id=source.source_id)
        return DeletionPreview(
            source_id=source.source_id,
            source=source.full_name,
            n_messages=found.num_rows,
            n_annotated=pc.sum(found.column("is_annotated")).as_py() or 0,
            n_unknown=len(set(which.message_ids or ())) - found.num_rows if which.message_ids else 0,
            datasets=tuple(
                TouchedDataset(dataset_id=dataset_id, full_name=full_name, n_annotated=n)
                for dataset_id, full_name, n in rows
            ),
        )

    def messages(self, uids: pa.Table) -> Removed:
        """Delete messages (column ``uid``) and everything that is known of them."""
        if not uids.num_rows:
            return Removed()
        n_predictions = self.forget(uids, None)
        threads = Threads(self._cursor)
        keys = threads.keys(uids)
        files = MessageFiles(self._cursor).forget_of(uids)
        with self._cursor.staged(uids):
            blobs = [*files, *(blob for (blob,) in self._cursor.rows("deletion.blobs_of"))]
            for name in _OF_MESSAGES:
                self._cursor.execute(f"deletion.drop_{name}")
            self._cursor.execute("message.drop_properties")
            self._cursor.execute("attachment.drop_of")
            self._cursor.execute("translation.drop_of")
            self._cursor.execute("verdict.drop_of")
            self._cursor.execute("personal.drop_of")
            self._cursor.execute("deletion.drop_messages")
        self._cursor.execute("personal.drop_unused_numbers")
        threads.recount(keys)
        n_contents = Attachments(self._cursor).sweep(blobs)
        ((n_vectors,),) = self._cursor.rows("deletion.count_unused_vectors")
        self._cursor.execute("deletion.drop_unused_vectors")
        return Removed(
            n_messages=uids.num_rows,
            n_predictions=n_predictions,
            n_vectors=n_vectors,
            n_contents=n_contents,
        )

    def forget(self, uids: pa.Table, dataset_id: DatasetId | None) -> int:
        """Take messages out of what was computed, of a dataset or (None) of all; returns predictions gone."""
        with self._cursor.staged(uids):
            ((n_predictions,),) = self._cursor.rows("deletion.count_predictions", dataset_id=dataset_id)
            self._cursor.execute("deletion.subtract_predictions", dataset_id=dataset_id)
            self._cursor.execute("deletion.drop_predictions", dataset_id=dataset_id)
            self._cursor.execute("deletion.drop_scores", dataset_id=dataset_id)
            self._cursor.execute("deletion.drop_training_rows", dataset_id=dataset_id)
            self._cursor.execute("deletion.shrink_clusters", dataset_id=dataset_id)
            for name in ("members", "points"):
                self._cursor.execute(f"deletion.drop_{name}", dataset_id=dataset_id)
        self._cursor.execute("deletion.drop_empty_clusters")
        return int(n_predictions)

    def source(self, source_id: SourceId) -> Removed:
        """Delete a source with its messages, and take it out of every dataset."""
        removed = self.messages(self.chosen(source_id, MessageChoice()).select(["uid"]))
        MessageFiles(self._cursor).forget_source(source_id)
        self._cursor.execute("bad_row.drop_source", source_id=source_id)
        self._cursor.execute("deletion.drop_source_from_datasets", source_id=source_id)
        self._cursor.execute("usage.remember_source", source_id=source_id)
        self._cursor.execute("deletion.drop_source", source_id=source_id)
        Retention(self._cursor).forget_source(source_id)
        return removed

    def dataset(self, dataset_id: DatasetId) -> int:
        """Delete a dataset; its sources keep their messages. Returns the predictions gone."""
        ((n_predictions,),) = self._cursor.rows("deletion.count_dataset_predictions", dataset_id=dataset_id)
        for (run_id,) in self._cursor.rows("deletion.run_ids", dataset_id=dataset_id):
            for name in ("projection", "members", "clusters", "run"):
                self._cursor.execute(f"discovery.drop_{name}", run_id=run_id)
        for name in _OF_DATASET:
            self._cursor.execute(f"deletion.drop_dataset_{name}", dataset_id=dataset_id)
        self._cursor.execute("verdict.drop_dataset", dataset_id=dataset_id)
        self._cursor.execute("threshold.drop_dataset", dataset_id=dataset_id)
        self._cursor.execute("usage.remember_dataset", dataset_id=dataset_id)
        self._cursor.execute("deletion.drop_dataset", dataset_id=dataset_id)
        return int(n_predictions)

    def project(self, name: str) -> None:
        """Delete a project that is empty."""
        self._cursor.execute("deletion.drop_project", name=name)
        Retention(self._cursor).forget_policy("project", name)

    def copy_into(self, dataset_id: DatasetId, new_id: DatasetId) -> None:
        """Copy taxonomy and annotations to a dataset that was just made, for the sources both have."""
        for name in _COPIED:
            self._cursor.execute(name, dataset_id=dataset_id, new_id=new_id)


_COPIED = ("copying.labels", "copying.states", "copying.assigned", "copying.dismissed", "copying.events")
