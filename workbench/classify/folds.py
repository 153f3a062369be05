"""Cross-validation folds that spread rare labels and keep threads together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError

MIN_FOLDS = 2


def assign_folds(
    targets: npt.NDArray[np.bool_],
    *,
    n_folds: int = 5,
    groups: npt.NDArray[np.int64] | None = None,
    random_state: int = 0,
) -> npt.NDArray[np.int64]:
    """Give each row a fold by iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011).

    The rarest label that is still open is dealt out first, each time to the fold that lacks it most.

    Parameters
    ----------
    targets
        bool, (n, n_labels).
    n_folds
        At least 2.
    groups
        int64, (n,): rows with the same number (thread-mates) share a fold; None = each row on its own.
    random_state
        Breaks ties.

    Returns
    -------
    numpy.ndarray
        int64, (n,), values 0 to ``n_folds - 1``.

    Raises
    ------
    InputError
        ``n_folds`` is below 2, or ``groups`` has another length.
    """
    n_rows = len(targets)
    if n_folds < MIN_FOLDS:
        raise InputError(
            f"n_folds={n_folds} leaves nothing to compare with.",
            next_step="Use 2 or more; 5 is usual.",
            details={"n_folds": n_folds},
        )
    if groups is not None and len(groups) != n_rows:
        raise InputError(
            f"{len(groups)} groups for {n_rows} rows.",
            next_step="Give one group number per row.",
            details={"n_groups": len(groups), "n_rows": n_rows},
        )
    if not n_rows:
        return np.zeros(0, dtype=np.int64)
    if groups is None:
        members = np.arange(n_rows)
        sizes, wants = np.ones(n_rows), targets.astype(np.float64)
    else:
        _, members = np.unique(groups, return_inverse=True)
        sizes = np.bincount(members).astype(np.float64)
        wants = np.zeros((len(sizes), targets.shape[1]))
        np.add.at(wants, members, targets)
    return _deal(wants, sizes, n_folds, np.random.default_rng(random_state))[members]


def _deal(
    wants: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    n_folds: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Deal out units (rows or groups) with ``wants`` label counts and ``sizes`` rows."""
    n_units = len(sizes)
    fold = np.full(n_units, -1, dtype=np.int64)
    room = np.full(n_folds, sizes.sum() / n_folds)
    lack = np.tile(wants.sum(axis=0) / n_folds, (n_folds, 1))
    # Large units first within a label, chance among equals.
    order = np.lexsort((rng.random(n_units), -sizes))
    tie = rng.random((n_units, n_folds))
    holders = [order[wants[order, label] > 0] for label in range(wants.shape[1])]
    n_left = np.array([len(units) for units in holders], dtype=np.float64)
    n_left[n_left == 0] = np.inf
    while np.isfinite(n_left).any():
        label = int(np.argmin(n_left))
        for unit in holders[label]:
            if fold[unit] >= 0:
                continue
            best = int(np.lexsort((tie[unit], -room, -lack[:, label]))[0])
            fold[unit] = best
            room[best] -= sizes[unit]
            lack[best] -= wants[unit]
            n_left[wants[unit] > 0] -= 1
        n_left[label] = np.inf
        n_left[n_left <= 0] = np.inf
    for unit in order[fold[order] < 0]:
        best = int(np.lexsort((tie[unit], -room))[0])
        fold[unit] = best
        room[best] -= sizes[unit]
    return fold
