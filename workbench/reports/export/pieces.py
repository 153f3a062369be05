"""A dataset's messages, piece by piece, and what their columns will be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter, Operations

Matrix = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a whole export has columns for, fixed by its first piece.

    Attributes
    ----------
    labels
        Full names, ``Parent > Child``, by path.
    properties
        Names of user properties, prefix included.
    """

    labels: tuple[str, ...]
    properties: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some messages.

    Attributes
    ----------
    table
        As ``export_piece`` gives it, without ``probabilities`` and ``predicted_sentiments``.
    probabilities
        float32, (n_messages, n_labels), columns as in ``Layout.labels``.
    sentiments
        Predicted ones, of the same shape, NaN where the label is hardly likely; None = the dataset has no label
        sentiment.
    """

    table: pa.Table
    probabilities: Matrix
    sentiments: Matrix | None = None


def read_pieces(
    operations: Operations, dataset_id: DatasetId, where: MessageFilter, version: int | None
) -> tuple[Layout, Iterator[Piece]]:
    """The layout, and the pieces as they are fetched; one is held at a time."""
    first = operations.export_piece(dataset_id, where, version=version)
    layout = Layout(labels=_names(first, b"labels"), properties=_names(first, b"properties"))
    return layout, _pieces(operations, dataset_id, where, version, first, layout)


def _pieces(
    operations: Operations,
    dataset_id: DatasetId,
    where: MessageFilter,
    version: int | None,
    table: pa.Table,
    layout: Layout,
) -> Iterator[Piece]:
    yield _piece(table, layout)  # even when empty: it gives the header
    while table.num_rows:
        after = table.column("upload_seq")[-1].as_py()
        table = operations.export_piece(dataset_id, where, after=after, version=version)
        if table.num_rows:
            yield _piece(table, layout)


def _piece(table: pa.Table, layout: Layout) -> Piece:
    probabilities = _matrix(table, "probabilities", layout, missing=0.0)
    if "predicted_sentiments" not in table.column_names:
        return Piece(table=table.drop_columns(["probabilities"]), probabilities=probabilities)
    return Piece(
        table=table.drop_columns(["probabilities", "predicted_sentiments"]),
        probabilities=probabilities,
        sentiments=_matrix(table, "predicted_sentiments", layout, missing=np.nan),
    )


def _matrix(table: pa.Table, name: str, layout: Layout, *, missing: float) -> Matrix:
    """A column of lists as a float32 matrix, its columns those of the layout; null is NaN."""
    labels = _names(table, b"labels")
    values = table.column(name).combine_chunks().flatten().to_numpy(zero_copy_only=False)
    matrix: Matrix = values.reshape(table.num_rows, len(labels))
    if labels == layout.labels:
        return matrix
    # The taxonomy changed meanwhile: the columns are those of the first piece.
    place = {label: column for column, label in enumerate(labels)}
    aligned = np.full((table.num_rows, len(layout.labels)), missing, dtype=np.float32)
    for column, label in enumerate(layout.labels):
        if label in place:
            aligned[:, column] = matrix[:, place[label]]
    return aligned


def _names(table: pa.Table, key: bytes) -> tuple[str, ...]:
    return msgspec.json.decode(table.schema.metadata[key], type=tuple[str, ...])
