"""Expected messages per label and period. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import LabelId


def label_totals(
    *,
    periods: pa.Table,
    reviewed: pa.ChunkedArray,
    assigned: pa.Table,
    names: Mapping[LabelId, str],
    label_ids: Sequence[LabelId],
    uids: pa.Array,
    matrix: np.ndarray,
) -> pa.Table:
    """Sum probabilities of unreviewed messages and count assigned labels of reviewed ones.

    Parameters
    ----------
    periods
        ``uid`` and ``period`` (date) of every message.
    reviewed
        Uids of reviewed messages.
    assigned
        ``uid`` and ``label_id`` of their labels.
    names
        Label names by id, in the order of the result.
    label_ids, uids, matrix
        Predictions: float32 (len(uids), len(label_ids)).

    Returns
    -------
    pa.Table
        ``period``, ``label``, ``expected``, ``n_messages`` of the period; by period, then label.
    """
    starts = periods.column("period").combine_chunks().dictionary_encode()
    codes = np.asarray(starts.indices)
    n_periods, places = len(starts.dictionary), {label_id: i for i, label_id in enumerate(names)}
    expected = np.zeros((n_periods, len(names)))
    all_uids = periods.column("uid").combine_chunks()
    _add_predicted(expected, codes, all_uids, reviewed, uids, matrix, [places.get(i, -1) for i in label_ids])
    rows = np.asarray(pc.index_in(assigned.column("uid"), all_uids).fill_null(-1))
    columns = np.array([places.get(i, -1) for i in assigned.column("label_id").to_pylist()], dtype=np.int64)
    kept = (rows >= 0) & (columns >= 0)
    np.add.at(expected, (codes[rows[kept]], columns[kept]), 1.0)
    counts = np.bincount(codes, minlength=n_periods)
    table = pa.table(
        {
            "period": starts.dictionary.take(pa.array(np.repeat(np.arange(n_periods), len(names)))),
            "label": pa.array(list(names.values()) * n_periods, pa.string()),
            "expected": pa.array(expected.reshape(-1)),
            "n_messages": pa.array(np.repeat(counts, len(names)).astype(np.int64)),
        }
    )
    place = pa.array(np.tile(np.arange(len(names)), n_periods))
    ordered = table.append_column("place", place).sort_by([("period", "ascending"), ("place", "ascending")])
    return ordered.drop_columns("place")


def _add_predicted(
    expected: np.ndarray,
    codes: np.ndarray,
    all_uids: pa.Array,
    reviewed: pa.ChunkedArray,
    uids: pa.Array,
    matrix: np.ndarray,
    columns: list[int],
) -> None:
    if not len(uids):
        return
    rows = np.asarray(pc.index_in(uids, all_uids).fill_null(-1))
    judged = np.asarray(pc.is_in(uids, reviewed.combine_chunks()))
    kept = (rows >= 0) & ~judged
    if not kept.any():
        return
    code = codes[rows[kept]]
    order = np.argsort(code, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(code[order]) > 0])
    sums = np.add.reduceat(matrix[np.flatnonzero(kept)[order]], first, axis=0, dtype=np.float64)
    known = np.array(columns) >= 0
    places = np.array(columns)[known]
    expected[np.ix_(code[order][first], places)] += sums[:, known]
