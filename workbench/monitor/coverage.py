"""Coverage: how many messages get a label that says something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError
from workbench.monitor.windows import Doubles

COVERED = 0.5
"""A message is covered from this ``cover`` on."""
_FULL_WEIGHT = 0.10
_LEAST_USES = 20
_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Share of messages with an informative label.

    Attributes
    ----------
    coverage
        Mean of ``cover``: the expected share of messages with at least one informative label; None without messages.
    share_covered
        Share of messages whose ``cover`` is at least 0.5; None without messages.
    cover
        float64, (n,), in [0, 1], per message.
    """

    coverage: float | None
    share_covered: float | None
    cover: Doubles


def coverage(probabilities: npt.ArrayLike, informative: npt.ArrayLike, thresholds: npt.ArrayLike) -> Coverage:
    """Expected share of messages with at least one informative label.

    Parameters
    ----------
    probabilities
        (n, n_labels), calibrated, in [0, 1].
    informative
        (n_labels,), weights in [0, 1]; see :func:`informativeness`.
    thresholds
        (n_labels,): a probability below its label's threshold counts as 0.

    Returns
    -------
    Coverage
        Per message ``1 - prod(1 - weight * p * [p >= threshold])`` over labels.

    Raises
    ------
    InputError
        The shapes do not fit.
    """
    p = np.asarray(probabilities)
    weights = np.asarray(informative, dtype=np.float64)
    least = np.asarray(thresholds, dtype=np.float64)
    if p.ndim != 2 or weights.shape != (p.shape[1],) or least.shape != weights.shape:  # noqa: PLR2004
        raise InputError(
            f"probabilities of shape {p.shape} came with weights {weights.shape} and thresholds {least.shape}.",
            next_step="Hand in one weight and one threshold for each label.",
        )
    cover = np.empty(len(p), dtype=np.float64)
    # In pieces: the whole table in double precision is larger than all else together.
    for start in range(0, len(p), _ROWS_AT_ONCE):
        rows = p[start : start + _ROWS_AT_ONCE].astype(np.float64)
        cover[start : start + _ROWS_AT_ONCE] = 1 - np.prod(1 - weights * rows * (rows >= least), axis=1)
    return Coverage(
        coverage=float(cover.mean()) if len(cover) else None,
        share_covered=float((cover >= COVERED).mean()) if len(cover) else None,
        cover=cover,
    )


def informativeness(assigned: npt.ArrayLike, paths: Sequence[Sequence[str]]) -> Doubles:
    """How much each label says on its own, from how people use it.

    Parameters
    ----------
    assigned
        bool, (n_reviewed, n_labels).
    paths
        Each label's name path, root first.

    Returns
    -------
    ndarray
        float64, (n_labels,), in [0, 1]. A label stands alone on a message when every other label assigned there is one of
        its ancestors. With s = (times alone + 1) / (uses + 2) the weight is ``min(1, s / 0.10)``, and 0 for a label
        that never stood alone in 20 or more uses.

    Raises
    ------
    InputError
        The number of paths is not that of the columns.
    """
    given = np.asarray(assigned, dtype=bool)
    if given.ndim != 2 or given.shape[1] != len(paths):  # noqa: PLR2004
        raise InputError(
            f"{len(paths)} paths came with assignments of shape {given.shape}.",
            next_step="Hand in one path for each label.",
        )
    uses = given.sum(axis=0)
    alone = np.zeros(len(paths), dtype=np.int64)
    for column, path in enumerate(paths):
        line = np.array([tuple(path[: len(other)]) == tuple(other) for other in paths], dtype=bool)
        alone[column] = (given[:, column] & ~given[:, ~line].any(axis=1)).sum()
    weights = np.minimum(1.0, (alone + 1) / (uses + 2) / _FULL_WEIGHT)
    return np.asarray(np.where((alone == 0) & (uses >= _LEAST_USES), 0.0, weights))
