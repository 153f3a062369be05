"""Precision and recall of (weighted) rows at given thresholds, with intervals on effective numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluate.curves import Bools, Floats, Scores, check_rows, descending
from workbench.evaluate.influence import effective_number, small_numbers
from workbench.evaluate.intervals import wilson_interval


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Figures at each threshold, (k,) each.

    Attributes
    ----------
    n_predicted
        int64: rows at or above the threshold.
    precisions, recalls, precision_low, precision_high, recall_low, recall_high
        float64, 0-1, with 95 % Wilson bounds; NaN where nothing has weight.
    """

    n_predicted: npt.NDArray[np.int64]
    precisions: Floats
    recalls: Floats
    precision_low: Floats
    precision_high: Floats
    recall_low: Floats
    recall_high: Floats


def measure_points(
    y_true: Bools,
    scores: Scores,
    thresholds: Floats,
    *,
    weights: Floats | None = None,
    groups: npt.NDArray[np.int64] | None = None,
) -> Points:
    """Precision and recall of "yes" at or above each threshold.

    Bounds are Wilson's on the effective number of messages (Kish 1965; Korn and Graubard 1998): of those at or above
    the threshold for a precision, of the positives for a recall.

    Parameters
    ----------
    y_true, scores
        bool and float, (n,), as for ``average_precision``.
    thresholds
        float64, (k,).
    weights
        float64, (n,), >= 0; None = all alike.
    groups
        int64, (n,): rows with one number (thread-mates) count together; None = each on its own.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    check_rows(y_true, scores)
    n = len(y_true)
    order = descending(scores)
    ranked, truth = scores[order].astype(np.float64), y_true[order]
    weight = np.ones(n) if weights is None else weights[order].astype(np.float64)
    member = None if groups is None or not n else small_numbers(groups)[order]
    n_predicted = np.searchsorted(-ranked, -thresholds, side="right").astype(np.int64)
    total = _up_to(weight, n_predicted)
    found = _up_to(weight * truth, n_predicted)
    mass = float((weight * truth).sum())
    worth = total**2 / np.maximum(_up_to(_square_steps(weight, member), n_predicted), 1e-300)
    with np.errstate(invalid="ignore", divide="ignore"):
        precisions = np.where(total > 0, np.minimum(found / total, 1.0), np.nan)
        recalls = np.minimum(found / mass, 1.0) if mass > 0 else np.full(len(thresholds), np.nan)
    n_positive = np.full(
        len(thresholds), effective_number((weight * truth)[truth], None if member is None else member[truth])
    )
    precision_low, precision_high = wilson_interval(precisions * worth, worth)
    recall_low, recall_high = wilson_interval(recalls * n_positive, n_positive)
    return Points(
        n_predicted=n_predicted,
        precisions=precisions,
        recalls=recalls,
        precision_low=np.minimum(precision_low, precisions),
        precision_high=np.maximum(precision_high, precisions),
        recall_low=np.minimum(recall_low, recalls),
        recall_high=np.maximum(recall_high, recalls),
    )


def _up_to(values: Floats, counts: npt.NDArray[np.int64]) -> Floats:
    """Sum of the first so many values, for each count."""
    sums: Floats = np.append(0.0, np.cumsum(values))[counts]
    return sums


def _square_steps(weight: Floats, member: npt.NDArray[np.int64] | None) -> Floats:
    """What each row adds to the sum over groups of their squared weights: ``w^2 + 2 w * (weight of mates before)``."""
    if member is None:
        return weight * weight
    before = np.zeros(len(weight))
    shared = np.flatnonzero(np.bincount(member)[member] > 1)  # most messages are alone in their thread
    if len(shared):
        rows = shared[np.argsort(member[shared], kind="stable")]
        sums = np.cumsum(weight[rows]) - weight[rows]
        first = np.append(True, np.diff(member[rows]) != 0)
        before[rows] = sums - sums[first][np.cumsum(first) - 1]
    return weight * (weight + 2 * before)
