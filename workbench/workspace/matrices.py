"""Derived files: the vectors and texts of a dataset in one fixed row order, for workers to map into memory.

They lie in ``<file>.workbench/matrices`` (in memory when the workspace is encrypted), are named after their content,
and can always be made again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId
from workbench.errors import ModelError
from workbench.primitives import hex_digest, write_atomically
from workbench.workspace.context import Workspace
from workbench.workspace.derived import ensure_room

_KEPT = 6
TEST_SCORES = "test_scores.arrow"
"""Where a validation leaves, for its job, what it said of each test message: uid, scores."""
TRAINED_ON = "trained_on.arrow"
"""Where a training leaves, for its job, what it learned from: uid, text_hash, thread, labels."""


@dataclass(frozen=True, kw_only=True)
class DatasetMatrices:
    """A dataset's messages as files.

    Attributes
    ----------
    key
        Hash over the rows' content: the same key means the same rows in the same order.
    vectors
        NPY, float32, (n, d).
    texts
        Arrow IPC file: uid, subject, body, timestamp, thread_id, source_id.
    """

    key: str
    n_rows: int
    vectors: Path
    texts: Path


def sentiments_of(found: dict[str, str]) -> np.ndarray | None:
    """The sentiments beside the probabilities that a worker wrote, float32, (n, n_labels); None = a version without."""
    return np.load(found["sentiments"], mmap_mode="r") if "sentiments" in found else None


def dataset_matrices(workspace: Workspace, dataset_id: DatasetId, encoder_id: str) -> DatasetMatrices:
    """Write what is missing; quick when nothing changed.

    Raises
    ------
    ModelError
        Some message has no vector yet.
    """
    folder = workspace.folder / "matrices"
    with workspace.store.read() as session:
        table = session.messages.texts(dataset_id)
        key = _content_key(table)
        vectors = folder / f"{dataset_id}-{encoder_id}-{key}.npy"
        texts = folder / f"{dataset_id}-{key}.arrow"
        if not vectors.exists():
            uids, matrix = session.embeddings.matrix(dataset_id, encoder_id)
            if len(uids) != table.num_rows:
                raise ModelError(
                    f"{table.num_rows - len(uids)} messages have no vector yet.",
                    next_step="Run embed (or discover) first.",
                )
            ensure_room(workspace, matrix.nbytes)
            write_atomically(vectors, lambda draft: np.save(draft, matrix, allow_pickle=False))
    if not texts.exists():
        ensure_room(workspace, table.nbytes)
        write_atomically(texts, lambda draft: write_table(draft, table))
    for used in (vectors, texts):
        used.touch()  # what is used is new: neither this call nor another dataset's takes it away
    _drop_old(folder, keep=_KEPT)
    return DatasetMatrices(key=key, n_rows=table.num_rows, vectors=vectors, texts=texts)


def newest_vectors(workspace: Workspace, dataset_id: DatasetId, *, n_rows: int) -> np.ndarray | None:
    """Vectors of the newest derived file, mapped into memory; None when there is none for that many rows."""
    files = sorted((workspace.folder / "matrices").glob(f"{dataset_id}-*.npy"), key=_age)
    for file in files:
        matrix: np.ndarray = np.load(file, mmap_mode="r")
        if len(matrix) == n_rows:
            return matrix
    return None


def held_out_file(workspace: Workspace, dataset_id: DatasetId) -> Path:
    """Where the newest validation leaves its out-of-fold probabilities (uids, label_ids, out_of_fold)."""
    return workspace.folder / "held_out" / f"{dataset_id}.npz"


def drop_derived(workspace: Workspace, dataset_ids: Iterable[DatasetId]) -> None:
    """Remove the files made of datasets: they hold texts and vectors of messages that may be gone."""
    for dataset_id in dataset_ids:
        for file in (workspace.folder / "matrices").glob(f"{dataset_id}-*"):
            file.unlink(missing_ok=True)
        held_out_file(workspace, dataset_id).unlink(missing_ok=True)


def write_table(path: Path, table: pa.Table) -> None:
    """Write an Arrow IPC file."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_table(path: Path | str) -> pa.Table:
    """Map an Arrow IPC file."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _content_key(table: pa.Table) -> str:
    uids = table.column("uid").combine_chunks()
    hashes = table.column("text_hash").combine_chunks()
    parts = [buffer.to_pybytes() for column in (uids, hashes) for buffer in column.buffers()[1:] if buffer]
    return hex_digest(str(table.num_rows), *parts, n_digits=16)


def _drop_old(folder: Path, *, keep: int) -> None:
    for file in sorted(folder.glob("*.*"), key=_age)[keep:]:
        file.unlink(missing_ok=True)


def _age(file: Path) -> float:
    return -file.stat().st_mtime
