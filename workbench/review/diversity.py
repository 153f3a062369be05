"""Choosing messages that differ from one another."""

from __future__ import annotations

import numpy as np

from workbench.review.pool import Bools, Floats32, Ints

NEAR_DUPLICATE = 0.97
"""Cosine above which two messages say the same."""
CANDIDATES = 10
"""Times as many candidates as are wanted are looked at for near-duplicates."""
_AT_ONCE = 32
"""Least candidates that are compared with each other at once."""
_ROUNDS = 10
"""Rounds of k-means: the groups of a hundred candidates stand still after a few."""


def k_centre(candidates: Ints, vectors: Floats32, n: int) -> Ints:
    """At most ``n`` of ``candidates``, each farthest from those before (Sener and Savarese 2018).

    The first candidate is always taken; ties go to the earlier one.
    """
    if len(candidates) <= n:
        return candidates
    if n < 1:
        return candidates[:0]
    rows = vectors[candidates]
    taken = [0]
    nearest = rows @ rows[0]
    for _ in range(n - 1):
        nearest[taken[-1]] = np.inf
        following = int(np.argmin(nearest))
        taken.append(following)
        nearest = np.maximum(nearest, rows @ rows[following])
    return candidates[taken]


def skip_near_duplicates(ranked: Ints, vectors: Floats32 | None, n: int) -> Ints:
    """The first ``n`` of ``ranked`` without near-duplicates of earlier ones.

    When too few are left, the skipped ones follow in their order. None as ``vectors`` skips nothing.
    """
    if vectors is None or n < 1:
        return ranked[: max(n, 0)]
    taken: list[int] = []
    skipped: list[int] = []
    chosen = np.empty((n, vectors.shape[1]), dtype=vectors.dtype)
    # Far beyond n candidates the order matters less than the time.
    looked = ranked[: CANDIDATES * n]
    at_once = max(n, _AT_ONCE)
    for begin in range(0, len(looked), at_once):
        indices = looked[begin : begin + at_once]
        rows = vectors[indices]
        likeness: Floats32 = rows @ rows.T
        alike: Bools = likeness > np.float32(NEAR_DUPLICATE)
        known: Bools = np.any(rows @ chosen[: len(taken)].T > NEAR_DUPLICATE, axis=1)
        for place, index in enumerate(indices.tolist()):
            if known[place]:
                skipped.append(index)
                continue
            chosen[len(taken)] = rows[place]
            taken.append(index)
            if len(taken) == n:
                return np.array(taken, dtype=np.int64)
            known |= alike[place]
    rest = [*skipped, *ranked[CANDIDATES * n :].tolist()]
    return np.array([*taken, *rest][:n], dtype=np.int64)


def spread(candidates: Ints, vectors: Floats32, n: int) -> Ints:
    """One of ``candidates`` from each of ``n`` groups of similar ones, in their order.

    k-means on the sphere, begun at ``k_centre``'s choice, then the candidate nearest to each centre (Zhdanov 2019,
    "Diverse mini-batch active learning"): unlike the farthest points these lie where messages are. Ties go to the
    earlier candidate; without randomness.
    """
    if len(candidates) <= n or n < 1:
        return candidates[: max(n, 0)]
    rows = vectors[candidates]
    centres = vectors[k_centre(candidates, vectors, n)]
    for _ in range(_ROUNDS):
        group = (rows @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, group, rows)
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(length > 0, sums / np.maximum(length, np.float32(1e-12)), centres)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    likeness = rows @ centres.T
    likeness[np.arange(n) != likeness.argmax(axis=1)[:, None]] = -np.inf
    taken = np.unique(likeness.argmax(axis=0)[np.isfinite(likeness.max(axis=0))])
    # An empty group leaves its place to the first candidate that is left.
    rest = np.setdiff1d(np.arange(len(candidates)), taken)[: n - len(taken)]
    chosen: Ints = candidates[np.sort(np.concatenate([taken, rest]))]
    return chosen
