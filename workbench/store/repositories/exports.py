"""Messages on their way out: pieces in the order of arrival, each a table of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter
from workbench.store.cursor import Cursor
from workbench.store.filters import compile_filter
from workbench.store.repositories.judging import has_sentiment
from workbench.store.repositories.matrices import to_lists
from workbench.store.repositories.message_rows import LEAST_SHOWN, with_places
from workbench.store.repositories.sentiment_columns import shown_sentiments, with_sentiments


@dataclass(frozen=True, kw_only=True)
class LabelOrder:
    """Full label names by path, and where a version keeps the probability of each (-1 = it does not).

    ``positions`` is int64, (n_labels,).
    """

    names: tuple[str, ...]
    positions: np.ndarray


class Exports:
    """Reads pieces; see the operation ``export_piece``."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def last_seq(self, dataset_id: DatasetId) -> int:
        """Number of the message that arrived last, 0 without messages."""
        return int(self._cursor.rows("export.last_seq", dataset_id=dataset_id)[0][0])

    def properties(self, dataset_id: DatasetId) -> tuple[str, ...]:
        """Names of user properties, prefix included."""
        return tuple(name for (name,) in self._cursor.rows("export.properties", dataset_id=dataset_id))

    def named_properties(self, dataset_id: DatasetId, text: str) -> dict[str, tuple[str, ...]]:
        """User properties whose names stand in a text, each with its values that stand there too (texts only)."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self._cursor.rows("export.named_properties", dataset_id=dataset_id, text=text):
            found[name] = (*found.get(name, ()), *(() if value is None else (value,)))
        return found

    def label_order(self, dataset_id: DatasetId, version: int) -> LabelOrder:
        """The taxonomy now, against a version."""
        rows = self._cursor.rows("export.label_order", dataset_id=dataset_id, version=version)
        return LabelOrder(
            names=tuple(name for name, _ in rows),
            positions=np.array([(position or 0) - 1 for _, position in rows], dtype=np.int64),
        )

    def rows(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: LabelOrder,
        version: int,
        after: int,
        until: int,
    ) -> pa.Table:
        """Messages numbered in (``after``, ``until``] that pass; ``probabilities`` follow ``order``, 0 for none.

        Behind them stand the columns of ``with_places``; where the dataset has label sentiment also that of
        ``with_sentiments``, and ``predicted_sentiments`` that follow ``order`` too.
        """
        found = self._cursor.table(
            "export.rows",
            where=compile_filter(where),
            dataset_id=dataset_id,
            version=version,
            after_seq=after,
            until_seq=until,
        )
        place = found.schema.get_field_index("probabilities")
        probabilities = _in_order(found.column(place), order)
        expected = found.column("predicted_sentiments")
        ordered = found.set_column(place, "probabilities", to_lists(probabilities))
        placed = with_places(self._cursor, dataset_id, ordered.drop_columns(["predicted_sentiments"]))
        if not has_sentiment(self._cursor, dataset_id):
            return placed
        listed = shown_sentiments(probabilities, _in_order(expected, order), LEAST_SHOWN)
        said = with_sentiments(self._cursor, dataset_id, placed)
        return said.append_column("predicted_sentiments", listed)


def _in_order(column: pa.ChunkedArray, order: LabelOrder) -> np.ndarray:
    matrix = np.zeros((len(column), len(order.names)), dtype=np.float32)
    kept = order.positions >= 0
    whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    predicted = np.flatnonzero(whole.is_valid().to_numpy(zero_copy_only=False))
    if len(predicted) and kept.any():
        values = whole.drop_null().flatten().to_numpy(zero_copy_only=False).reshape(len(predicted), -1)
        matrix[np.ix_(predicted, np.flatnonzero(kept))] = values[:, order.positions[kept]]
    return matrix
