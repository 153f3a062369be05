"""How much each row moves an average precision: what its variance is made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.evaluate.curves import Bools, Floats, Scores, check_rows, descending

_SPARSE = 4
"""Counting into an array with so many empty places per row is still faster than numbering the groups anew."""


def precision_influence(
    y_true: Bools, scores: Scores, weights: Floats | None = None
) -> tuple[float | None, Floats]:
    """Average precision of weighted rows, and the share of each row in its sampling error.

    Average precision is a smooth function of the rows' weights. The share of a row is its weight times the
    derivative by that weight (the infinitesimal jackknife: Jaeckel 1972; linearisation of weighted samples: Deville
    1999), so the sum of squared shares estimates the variance.

    Parameters
    ----------
    y_true, scores
        bool and float, (n,), as for ``average_precision``.
    weights
        float64, (n,), >= 0, any scale; None = all alike.

    Returns
    -------
    value
        Average precision in [0, 1]; None when no positive has weight.
    shares
        float64, (n,), sum 0; all 0 when there is no value.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    check_rows(y_true, scores)
    n = len(y_true)
    order = descending(scores)
    ranked, truth = scores[order], y_true[order].astype(np.float64)
    weight = np.ones(n) if weights is None else weights[order].astype(np.float64)
    held = weight * truth
    mass = float(held.sum())
    if mass <= 0:
        return None, np.zeros(n)
    # Rows of equal score are processed together: each sees the sums at the end of its group.
    is_end = np.append(ranked[1:] != ranked[:-1], True)
    ends = np.flatnonzero(is_end)
    group = np.cumsum(is_end) - is_end
    total = np.maximum(np.cumsum(weight)[ends], 1e-300)
    precision = np.minimum(np.cumsum(held)[ends] / total, 1.0)[group]
    value = float((held * precision).sum() / mass)
    # A row changes the precision at its own score and at every lower one: sums over these, from the far end.
    pull = held / total[group]
    begin = np.concatenate([[0], ends[:-1] + 1])[group]
    up = _from_the_end(pull)[begin]
    down = _from_the_end(pull * precision)[begin]
    shares = np.empty(n)
    shares[order] = weight * (truth * (precision - value) + truth * up - down) / mass
    return value, shares


def variance(shares: Floats, groups: npt.NDArray[np.int64] | None = None) -> float:
    """Sum of squared shares, those of one group (thread-mates) added up first; >= 0."""
    together = shares if groups is None or not len(shares) else _summed(shares, groups)
    return float((together * together).sum())


def effective_number(weights: Floats, groups: npt.NDArray[np.int64] | None = None) -> float:
    """What weighted rows are worth: ``(sum w)^2 / sum w^2`` (Kish 1965), 0 without weight.

    Weights of one group (thread-mates) are added up first, as if its rows said the same.
    """
    together = weights if groups is None or not len(weights) else _summed(weights, groups)
    squares = float((together * together).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _summed(values: Floats, groups: npt.NDArray[np.int64]) -> Floats:
    sums: Floats = np.bincount(small_numbers(groups), weights=values).astype(np.float64)
    return sums


def small_numbers(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same groups, (n,), n > 0, under numbers from 0 that are not much above n: as they are, where they are so."""
    if groups.min() >= 0 and groups.max() < _SPARSE * len(groups):
        return groups
    return np.unique(groups, return_inverse=True)[1]


def _from_the_end(values: Floats) -> Floats:
    return np.cumsum(values[::-1])[::-1]
