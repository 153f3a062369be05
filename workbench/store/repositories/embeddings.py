"""Vectors by encoder and text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, Uid
from workbench.errors import ModelError
from workbench.store.cursor import Cursor
from workbench.store.repositories.matrices import to_lists, to_matrix


class Embeddings:
    """One vector per text and encoder, ever."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def put(self, encoder_id: str, text_hashes: Sequence[str], vectors: np.ndarray) -> None:
        """Store float32 ``vectors`` (n, d), rows as in ``text_hashes``; texts that have one keep it.

        Raises
        ------
        ModelError
            Numbers of rows differ, the length is not the encoder's, or a value is not finite.
        """
        known = self.length(encoder_id)
        if vectors.ndim != 2 or len(vectors) != len(text_hashes):  # noqa: PLR2004 - a matrix
            raise ModelError(
                f"{len(text_hashes)} texts came with vectors of shape {vectors.shape}.",
                next_step="Hand in one row per text.",
            )
        if known is not None and vectors.shape[1] != known:
            raise ModelError(
                f"encoder {encoder_id!r} has vectors of {known} numbers, got {vectors.shape[1]}.",
                next_step="Give a changed encoder another id.",
                details={"encoder_id": encoder_id, "known": known, "found": vectors.shape[1]},
            )
        if not np.isfinite(vectors).all():
            raise ModelError(
                f"encoder {encoder_id!r} gave a vector that is not finite.",
                next_step="Check its weights with the health command.",
            )
        staged = pa.table({"text_hash": pa.array(text_hashes, pa.string()), "vector": to_lists(vectors)})
        self._cursor.bulk("embedding.insert", staged, encoder_id=encoder_id)

    def length(self, encoder_id: str) -> int | None:
        """Numbers per vector of an encoder, None when it has none yet."""
        row = self._cursor.one("embedding.length", encoder_id=encoder_id)
        return None if row is None else int(row[0])

    def matrix(self, dataset_id: DatasetId, encoder_id: str) -> tuple[tuple[Uid, ...], np.ndarray]:
        """Uids and float32 (n, d) vectors of the messages that have one, in row order."""
        order = self._cursor.table("message.row_order", dataset_id=dataset_id)
        vectors = self._cursor.table("embedding.vectors", dataset_id=dataset_id, encoder_id=encoder_id)
        if not vectors.num_rows:
            return (), np.empty((0, 0), dtype=np.float32)
        length = self.length(encoder_id) or 0
        rows = pc.index_in(order.column("text_hash"), vectors.column("text_hash").combine_chunks())
        uids = order.column("uid").filter(rows.is_valid()).to_pylist()
        chosen = rows.drop_null().to_numpy()
        return tuple(uids), to_matrix(vectors.column("vector"), length)[chosen]

    def count(self, dataset_id: DatasetId, encoder_id: str) -> int:
        """Messages of the dataset that have a vector."""
        rows = self._cursor.rows("embedding.count", dataset_id=dataset_id, encoder_id=encoder_id)
        return int(rows[0][0])
