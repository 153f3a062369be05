"""How many reviewed messages Check label and Missed label would show, label by label."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId
from workbench.store import Session
from workbench.workspace.context import Workspace
from workbench.workspace.matrices import held_out_file


def doubts(workspace: Workspace, session: Session, dataset_id: DatasetId) -> Mapping[str, tuple[int, int]]:
    """Messages that Check and that Missed would show, by label id; empty before the first validation."""
    file = held_out_file(workspace, dataset_id)
    if not file.exists():
        return {}
    with np.load(file, allow_pickle=False) as saved:
        label_ids = [str(label_id) for label_id in saved["label_ids"]]
        uids, scores = pa.array(saved["uids"].tolist(), pa.string()), saved["out_of_fold"]
    assigned = session.reviews.matrix(dataset_id)
    rows = _places(assigned.column("uid"), uids)
    columns = _places(assigned.column("label_id"), pa.array(label_ids, pa.string()))
    known = (rows >= 0) & (columns >= 0)
    carries = np.zeros(scores.shape, dtype=bool)
    carries[rows[known], columns[known]] = True
    settled = session.verdicts.settled(dataset_id)
    rows = _places(settled.column("uid"), uids)
    columns = _places(settled.column("label_id"), pa.array(label_ids, pa.string()))
    known = (rows >= 0) & (columns >= 0)
    is_settled = np.zeros(scores.shape, dtype=bool)
    is_settled[rows[known], columns[known]] = True
    n_check, n_missed = count_doubts(scores, carries, is_settled)
    return {
        label_id: (int(check), int(missed))
        for label_id, check, missed in zip(label_ids, n_check, n_missed, strict=True)
    }


def count_doubts(
    scores: np.ndarray, carries: np.ndarray, settled: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Messages in doubt per label, by the rules of the strategies ``check`` and ``missed``.

    Parameters
    ----------
    scores
        float, (n, n_labels), out-of-fold probabilities; NaN where a message has none.
    carries
        bool, (n, n_labels).
    settled
        bool, (n, n_labels): what a person said to keep as it is, which is not counted; None = nothing.

    Returns
    -------
    tuple of numpy.ndarray
        int64, (n_labels,) each: messages with the label that score below the mean of those without it, and messages
        without it that score above the mean of those with it.
    """
    with_label, without = np.where(carries, scores, np.nan), np.where(carries, np.nan, scores)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # nobody on one side: NaN, which nothing is above or below
        low, high = np.nanmean(without, axis=0), np.nanmean(with_label, axis=0)
    asked = True if settled is None else ~settled
    return ((with_label < low) & asked).sum(axis=0), ((without > high) & asked).sum(axis=0)


def _places(values: pa.ChunkedArray, among: pa.Array) -> np.ndarray:
    found: np.ndarray = pc.index_in(values, value_set=among).fill_null(-1).to_numpy()
    return found
