"""Precision and recall over thresholds, and average precision.

Average precision is ``sum((R_n - R_{n-1}) * P_n)`` without interpolation, scores that tie being processed
together: scikit-learn's definition (Manning, Raghavan and Schuetze 2008, chapter 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Counts at every distinct score, ascending; a prediction is "yes" at or above the threshold.

    Attributes
    ----------
    thresholds
        float64, (k,), strictly ascending; empty without rows.
    true_positives, predicted
        int64, (k,): correct and all predictions at each threshold; they never rise along the arrays.
    n_positive, n
        Rows that carry the label, and all rows.
    """

    thresholds: Floats
    true_positives: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    n_positive: int
    n: int

    @property
    def precisions(self) -> Floats:
        """float64, (k,): correct share of the predictions (there is at least one at each threshold)."""
        return self.true_positives / np.maximum(self.predicted, 1)

    @property
    def recalls(self) -> Floats:
        """float64, (k,), never rising: found share of the positives; 0 when there is no positive."""
        return self.true_positives / max(self.n_positive, 1)


def check_rows(y_true: Bools, scores: Scores) -> None:
    """Raise ``InputError`` unless both have one shape and no score is NaN or infinite."""
    if y_true.shape != scores.shape:
        raise InputError(
            f"truth has shape {y_true.shape} and scores have shape {scores.shape}.",
            next_step="Give one score for each judgement.",
            details={"y_true": str(y_true.shape), "scores": str(scores.shape)},
        )
    if not np.isfinite(scores).all():
        raise InputError(
            "some scores are NaN or infinite.",
            next_step="Leave out rows that were not predicted.",
        )


def descending(scores: Scores) -> npt.NDArray[np.int64]:
    """Indices, (n,), from the highest score to the lowest, equal ones as they came; scores (n,) are finite.

    Few scores are equal: numpy's fastest sort, after which those are put in order, takes a third of a stable one.
    """
    order = np.argsort(-scores)
    ranked = scores[order]
    is_new = np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)]
    equal = np.flatnonzero(~is_new)
    if len(equal):
        places = np.union1d(equal - 1, equal)
        rows = order[places]
        order[places] = rows[np.lexsort((rows, np.cumsum(is_new)[places]))]
    return order


def precision_recall_curve(y_true: Bools, scores: Scores) -> Curve:
    """Counts of one label at every distinct score.

    Parameters
    ----------
    y_true
        bool, (n,): whether the label applies.
    scores
        float, (n,), finite: probability or any rising score.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    check_rows(y_true, scores)
    order = descending(scores)
    ranked = scores[order].astype(np.float64)
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else order
    correct = np.cumsum(y_true[order], dtype=np.int64)
    return Curve(
        thresholds=ranked[last][::-1],
        true_positives=correct[last][::-1],
        predicted=(last + 1).astype(np.int64)[::-1],
        n_positive=int(y_true.sum()),
        n=len(y_true),
    )


def average_precision(y_true: Bools, scores: Scores) -> float | None:
    """Average precision of one label in [0, 1]; None without a positive. Raises as the curve does."""
    curve = precision_recall_curve(y_true, scores)
    return None if curve.n_positive == 0 else area_under(curve)


def area_under(curve: Curve) -> float:
    """Average precision of a curve with at least one positive."""
    gained = curve.true_positives - np.append(curve.true_positives[1:], 0)
    return float((gained * curve.precisions).sum() / max(curve.n_positive, 1))


def precision_at_recall(curve: Curve, n_points: int = 101) -> Floats:
    """Best precision at recall ``>= r`` for r on an even grid from 0 to 1; float64, (n_points,).

    Without a positive all are 0.
    """
    if curve.n_positive == 0:
        return np.zeros(n_points)
    # Along ascending recall (reversed thresholds) take the running maximum from the far end.
    recalls, precisions = curve.recalls[::-1], curve.precisions[::-1]
    best = np.maximum.accumulate(precisions[::-1])[::-1]
    grid = np.linspace(0.0, 1.0, n_points)
    return best[np.searchsorted(recalls, grid - 1e-12)]


def thin(curve: Curve, n_points: int = 101) -> npt.NDArray[np.int64]:
    """Indices of at most ``n_points`` (>= 2) thresholds for drawing, ascending, both ends kept.

    Points are spread evenly over recall, where the curve bends, not over the thresholds.
    """
    n = len(curve.thresholds)
    if n <= n_points:
        return np.arange(n)
    wanted = np.linspace(curve.recalls[0], curve.recalls[-1], n_points)
    inside = np.searchsorted(-curve.recalls, -wanted)
    return np.unique(np.concatenate([[0, n - 1], np.clip(inside[1:-1], 0, n - 1)])).astype(np.int64)
