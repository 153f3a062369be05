"""How well predictions cover a message with labels that say something, and how sure they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.review.pool import Bools, Floats, Floats32

_OFTEN_ALONE = 0.10
"""Share of uses in which a label stands alone, from which it counts as fully informative."""
_ENOUGH_USES = 20
_ROWS_AT_ONCE = 16_384
_LEAST_LIKELY = np.float32(1e-6)
"""Below this it says nothing how unlikely a label is."""


def informativeness(assigned: Bools, parents: npt.NDArray[np.int64]) -> Floats:
    """How much a label says by itself, learnt from the reviewed messages.

    A label is *alone* on a message when it is assigned there, none of its children is, and no label outside
    its own path is. ``min(1, (n_alone + 1) / (n_uses + 2) / 0.10)``; 0 for a label never alone in 20 or more
    uses (a parent that never comes without a child, an "Urgent" that always accompanies).

    Parameters
    ----------
    assigned
        bool, (n_reviewed, n_labels), ancestors set.
    parents
        int64, (n_labels,), column of the parent or -1.

    Returns
    -------
    numpy.ndarray
        float64, (n_labels,), 0-1.
    """
    n_labels = assigned.shape[1]
    depth = np.zeros(n_labels, dtype=np.int64)
    above = parents.copy()
    for _ in range(n_labels):
        depth += above >= 0
        above = np.where(above >= 0, parents[above], -1)
    n_assigned = assigned.sum(axis=1)
    n_uses = assigned.sum(axis=0)
    # With ancestors set, exactly depth + 1 labels means: this label, its path, and nothing else.
    n_alone = (assigned & (n_assigned[:, None] == depth + 1)).sum(axis=0)
    share = (n_alone + 1) / (n_uses + 2)
    silent = (n_alone == 0) & (n_uses >= _ENOUGH_USES)
    result: Floats = np.where(silent, 0.0, np.minimum(1.0, share / _OFTEN_ALONE))
    return result


def cover(probabilities: Floats32, informative: Floats | None, thresholds: Floats | None) -> Floats32:
    """Probability that a message has at least one informative label.

    ``1 - prod(1 - informative * p * [p >= threshold])`` over the labels.

    Parameters
    ----------
    probabilities
        float32, (n, n_labels).
    informative, thresholds
        float64, (n_labels,); None = 1 and 0.5.

    Returns
    -------
    numpy.ndarray
        float32, (n,), 0-1.
    """
    weight = np.float32(1) if informative is None else informative.astype(np.float32)
    least = np.float32(0.5) if thresholds is None else thresholds.astype(np.float32)
    result = np.empty(len(probabilities), dtype=np.float32)
    # In pieces: whole, the copies take several times the room of the predictions themselves.
    for start in range(0, len(probabilities), _ROWS_AT_ONCE):
        rows = probabilities[start : start + _ROWS_AT_ONCE]
        counted = np.where(rows >= least, rows * weight, np.float32(0))
        result[start : start + _ROWS_AT_ONCE] = np.float32(1) - np.prod(np.float32(1) - counted, axis=1)
    return result


def sureness(probabilities: Floats32, informative: Floats | None) -> Floats32:
    """How sure a message's prediction is as a whole, on a log scale.

    ``ln(max(informative * p)) + sum(ln(max(p, 1 - p)))`` over the labels: low where no informative label is likely, and low
    where it is open which of several apply.

    Parameters
    ----------
    probabilities
        float32, (n, n_labels).
    informative
        float64, (n_labels,); None = 1.

    Returns
    -------
    numpy.ndarray
        float32, (n,), at most 0.
    """
    weight = np.float32(1) if informative is None else informative.astype(np.float32)
    result = np.empty(len(probabilities), dtype=np.float32)
    for start in range(0, len(probabilities), _ROWS_AT_ONCE):
        rows = probabilities[start : start + _ROWS_AT_ONCE]
        likely = (rows * weight).max(axis=1, initial=0)
        decided = np.log(np.maximum(rows, np.float32(1) - rows)).sum(axis=1)
        result[start : start + _ROWS_AT_ONCE] = np.log(np.maximum(likely, _LEAST_LIKELY)) + decided
    return result
