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
        As ``export_piece`` gives it, without ``probabilities``.
    probabilities
        float32, (n_messages, n_labels), columns as in ``Layout.labels``.
    """

    table: pa.Table
    probabilities: Matrix


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
    labels = _names(table, b"labels")
    values = table.column("probabilities").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    matrix = values.reshape(table.num_rows, len(labels))
    if labels != layout.labels:  # the taxonomy changed meanwhile: the columns are those of the first piece
        place = {name: column for column, name in enumerate(labels)}
        aligned = np.zeros((table.num_rows, len(layout.labels)), dtype=np.float32)
        for column, name in enumerate(layout.labels):
            if name in place:
                aligned[:, column] = matrix[:, place[name]]
        matrix = aligned
    return Piece(table=table.drop_columns(["probabilities"]), probabilities=matrix)


def _names(table: pa.Table, key: bytes) -> tuple[str, ...]:
    return msgspec.json.decode(table.schema.metadata[key], type=tuple[str, ...])
