"""How much too good an average precision of few positives is."""

from __future__ import annotations

import numpy as np

from workbench.evaluate.curves import Bools, Floats, Scores, check_rows
from workbench.evaluate.influence import precision_influence

_MOST_POSITIVES = 50
"""Beyond these the bias is below a hundredth, and is not looked for."""
_LEAST_POSITIVES = 2


def precision_bias(y_true: Bools, scores: Scores, weights: Floats | None = None) -> float | None:
    """What average precision expects above its value on ever more rows, by leaving out one row at a time.

    A positive counts in the precision at its own score, so few of them flatter it: by 0.02 to 0.05 with five. The
    jackknife (Quenouille 1956) finds most of that; positives and negatives are left out as two strata.

    Parameters
    ----------
    y_true, scores, weights
        As for ``precision_influence``, (n,).

    Returns
    -------
    float or None
        To be taken off; 0 with over 50 positives of weight, None with fewer than 2: it cannot be known.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    check_rows(y_true, scores)
    weight = np.ones(len(y_true)) if weights is None else weights.astype(np.float64)
    kept = weight > 0
    truth, said, weight = y_true[kept], scores[kept].astype(np.float64), weight[kept]
    n_positive, n_negative = int(truth.sum()), int((~truth).sum())
    if n_positive < _LEAST_POSITIVES:
        return None
    if n_positive > _MOST_POSITIVES:
        return 0.0
    value, _ = precision_influence(truth, said, weight)
    at, held = said[truth], weight[truth]
    # Rows below every positive change nothing.
    able = said >= at.min()
    truth, said, weight = truth[able], said[able], weight[able]
    reaches = said[:, None] >= at[None, :]
    total, found = weight @ reaches, (weight * truth) @ reaches
    gone = weight[:, None] * reaches
    left_found = np.maximum(found - gone * truth[:, None], 0.0)
    precision = left_found / np.maximum(total - gone, 1e-300)
    counts = np.broadcast_to(held, precision.shape).copy()
    rows = np.flatnonzero(truth)
    counts[rows, np.arange(n_positive)] = 0.0  # a positive that is left out is not averaged over either
    without = (counts * precision).sum(axis=1) / counts.sum(axis=1)
    apart = without - (value or 0.0)
    bias = (n_positive - 1) / n_positive * apart[truth].sum()
    if n_negative:
        bias += (n_negative - 1) / n_negative * apart[~truth].sum()
    return float(bias)
