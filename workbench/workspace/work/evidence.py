"""Coverage and review modes: what rating and balance need besides the labels."""

from __future__ import annotations

import numpy as np

from workbench.monitor import coverage, informativeness

THRESHOLD = 0.5
"""Of every label, until a label's own threshold can be estimated."""


def expected_coverage(
    probabilities: np.ndarray, targets: np.ndarray, paths: list[tuple[str, ...]]
) -> float | None:
    """Expected share of messages with an informative label, in [0, 1]; None without messages.

    Parameters
    ----------
    probabilities
        (n, n_labels) of all messages.
    targets
        bool, (n_reviewed, n_labels), ancestors set.
    """
    weights = informativeness(targets, paths)
    return coverage(probabilities, weights, np.full(len(paths), THRESHOLD)).coverage


def mode_shares(modes: list[str]) -> dict[str, float]:
    """Share of reviews by mode, 0-1."""
    return {mode: modes.count(mode) / len(modes) for mode in sorted(set(modes))}
