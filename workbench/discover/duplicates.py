"""Messages that say the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.discover.neighbours import nearest
from workbench.discover.vectors import Floats, Ints, check_vectors, principal_components, unit_rows

NEAR_DUPLICATE = 0.97
"""Cosine above which two messages count as copies."""

_NEIGHBOURS = 16
_COMPONENTS = 50
_ROWS_AT_ONCE = 4_096
_PAIRS_AT_ONCE = 1_000_000


def near_duplicates(
    vectors: npt.ArrayLike, threshold: float = NEAR_DUPLICATE, *, random_state: int = 0
) -> Ints:
    """Group rows whose cosine is above ``threshold``.

    Parameters
    ----------
    vectors
        (n, d), finite; scaled to length 1 here.
    threshold
        Cosine, in (0, 1].
    random_state
        Seed of the neighbour search.

    Returns
    -------
    ndarray
        int32, (n,): the group of each row, 0 … g-1 in order of first appearance. Each row joins the group of an
        earlier row that is within the threshold of it and stands for a group itself, so that every member is a
        copy of the group's first row and chains of ever less similar messages do not grow. Equal rows share a
        group exactly; others are sought among the 16 nearest distinct rows in 50 principal components, so that
        hundreds of copies that all differ a little make several groups.
    """
    unit = unit_rows(check_vectors(vectors))
    if len(unit) == 0:
        return np.zeros(0, dtype=np.int32)
    as_bytes = np.ascontiguousarray(unit).view(np.dtype((np.void, unit.shape[1] * unit.itemsize))).ravel()
    _, first, same = np.unique(as_bytes, return_index=True, return_inverse=True)
    order = np.sort(first)
    distinct = unit[order]
    # Neighbours are sought among few dimensions, then compared in all.
    near = nearest(principal_components(distinct, _COMPONENTS), _NEIGHBOURS, random_state=random_state)
    leader = _leaders(near.rows, _cosines(distinct, near.rows) > threshold)
    place = np.empty(len(unit), dtype=np.int64)
    place[order] = np.arange(len(order))
    leaders_of_rows = leader[place[first[same]]]
    return np.unique(leaders_of_rows, return_inverse=True)[1].astype(np.int32)


def _cosines(unit: Floats, rows: Ints) -> Floats:
    """Cosine of each row with each of its neighbours, (n, k)."""
    cosines = np.empty(rows.shape, dtype=np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        piece = slice(start, start + _ROWS_AT_ONCE)
        cosines[piece] = np.einsum("nd,nkd->nk", unit[piece], unit[rows[piece]])
    return cosines


def _leaders(rows: Ints, close: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The row that stands for each row: itself, or an earlier close one that stands for itself."""
    leader = np.arange(len(rows))
    heads, places = np.nonzero(close)
    tails = rows[heads, places].astype(np.int64)
    low, high = np.minimum(heads, tails), np.maximum(heads, tails)
    pairs = np.unique((high * len(rows) + low)[low != high])
    stands = [True] * len(rows)
    for begin in range(0, len(pairs), _PAIRS_AT_ONCE):
        later, earlier = np.divmod(pairs[begin : begin + _PAIRS_AT_ONCE], len(rows))
        for one, other in zip(later.tolist(), earlier.tolist(), strict=True):
            if stands[one] and stands[other]:
                stands[one] = False
                leader[one] = other
    return leader
