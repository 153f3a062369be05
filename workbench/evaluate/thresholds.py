"""Automatic thresholds of a label."""

from __future__ import annotations

import numpy as np

from workbench.domain import ThresholdChoice
from workbench.evaluate.curves import Curve

WANTED = 0.95
"""Precision that ``high_precision`` and recall that ``high_recall`` ask for."""
SAMPLED_RECALLS = (0.1, 0.3, 0.5, 0.7, 0.9)


def choose_thresholds(curve: Curve, *, measured_on: Curve | None = None) -> tuple[ThresholdChoice, ...]:
    """Automatic thresholds of one label, each with precision and recall.

    Balanced, high precision, high recall and five sampled thresholds; none without a positive.

    * ``balanced``: largest F1, the higher threshold among equals.
    * ``high_precision``: lowest threshold with precision >= 0.95, else that of the best precision (lowest such).
    * ``high_recall``: highest threshold with recall >= 0.95 (recall 1 is always reached at the lowest).
    * ``sampled_0`` .. ``sampled_4``: highest threshold with recall >= 0.1, 0.3, 0.5, 0.7, 0.9.

    Parameters
    ----------
    curve
        What thresholds are chosen on.
    measured_on
        Curve of other rows, which precision and recall are read from: the best of many thresholds looks better
        than it is on the rows it was chosen on. A threshold above all of its scores is lowered to the highest.
        None = ``curve`` itself, a little too favourable.
    """
    if curve.n_positive == 0:
        return ()
    precisions, recalls = curve.precisions, curve.recalls
    f1 = 2 * curve.true_positives / (curve.predicted + curve.n_positive)
    chosen = {
        "balanced": int(len(f1) - 1 - np.argmax(f1[::-1])),
        "high_precision": int(np.argmax(precisions >= min(WANTED, float(precisions.max())))),
        "high_recall": _highest(recalls, WANTED),
    }
    for number, recall in enumerate(SAMPLED_RECALLS):
        chosen[f"sampled_{number}"] = _highest(recalls, recall)
    measured = curve if measured_on is None or not len(measured_on.thresholds) else measured_on
    return tuple(_measure(name, float(curve.thresholds[index]), measured) for name, index in chosen.items())


def _measure(name: str, threshold: float, curve: Curve) -> ThresholdChoice:
    """Precision and recall of "yes" at or above ``threshold``."""
    index = min(int(np.searchsorted(curve.thresholds, threshold)), len(curve.thresholds) - 1)
    return ThresholdChoice(
        name=name,
        threshold=min(threshold, float(curve.thresholds[index])),
        precision=float(curve.precisions[index]),
        recall=float(curve.recalls[index]),
    )


def _highest(recalls: np.ndarray[tuple[int], np.dtype[np.float64]], wanted: float) -> int:
    """Index of the highest threshold whose recall reaches ``wanted``; recalls fall along the array."""
    return int(np.flatnonzero(recalls >= wanted - 1e-12)[-1])
