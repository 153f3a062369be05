"""Nearest neighbours of every row, without compiled extras and the same on every run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.discover.vectors import Floats, Ints

EXACT_LIMIT = 6_000
"""Up to this many rows every pair is compared."""

_QUERIES_AT_ONCE = 1_024
_PROBES = 12
_TRAINING_ROWS_PER_CELL = 24
_CENTRE_ROUNDS = 6


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The nearest rows of each row, nearest first.

    Attributes
    ----------
    rows
        int32, (n_queries, k). Where the queries are the table itself, column 0 is the row itself.
    distances
        float32, (n_queries, k), Euclidean, ascending.
    """

    rows: Ints
    distances: Floats


def nearest(table: Floats, k: int, *, queries: Floats | None = None, random_state: int = 0) -> Neighbours:
    """Find the ``k`` rows of ``table`` nearest to each query (Euclidean).

    Parameters
    ----------
    table
        float32, (n, d), n > 0.
    k
        Neighbours wanted; at most n are given.
    queries
        float32, (m, d); None = every row of ``table`` (each is then its own first neighbour).
    random_state
        Seed of the cells' first centres.

    Returns
    -------
    Neighbours
        Exact for up to 6,000 rows; above, only rows in the 12 nearest of about sqrt(n) k-means cells are
        compared (an inverted file, Jegou et al. 2011).
    """
    k = min(k, len(table))
    whole = queries is None
    asked = table if queries is None else queries
    rows = np.zeros((len(asked), k), dtype=np.int32)
    distances = np.zeros((len(asked), k), dtype=np.float32)
    if len(table) <= EXACT_LIMIT:
        everything = np.arange(len(table), dtype=np.int32)
        for start in range(0, len(asked), _QUERIES_AT_ONCE):
            part = np.arange(start, min(start + _QUERIES_AT_ONCE, len(asked)))
            rows[part], distances[part] = _among(asked[part], table, everything, k)
    else:
        _nearest_by_cells(table, asked, rows, distances, random_state)
    if whole:
        _put_self_first(rows, distances)
    return Neighbours(rows=rows, distances=distances)


def _among(asked: Floats, pool: Floats, pool_rows: Ints, k: int) -> tuple[Ints, Floats]:
    squared = (pool * pool).sum(axis=1) - 2 * (asked @ pool.T)
    if k < len(pool):
        chosen = np.argpartition(squared, k - 1, axis=1)[:, :k]
    else:
        chosen = np.broadcast_to(np.arange(k), (len(asked), k))
    values = np.take_along_axis(squared, chosen, axis=1) + (asked * asked).sum(axis=1)[:, None]
    names = pool_rows[chosen]
    order = np.lexsort((names, values), axis=1)  # ties by row: the same on every run
    values = np.take_along_axis(values, order, axis=1)
    return np.take_along_axis(names, order, axis=1), np.sqrt(np.maximum(values, 0))


def _nearest_by_cells(table: Floats, asked: Floats, rows: Ints, distances: Floats, random_state: int) -> None:
    """Fill ``rows`` and ``distances``; more cells are probed where a few hold too little."""
    k = rows.shape[1]
    centres = _centres(table, round(len(table) ** 0.5), random_state)
    cell = _cell_of(table, centres)
    members = np.split(
        np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell, minlength=len(centres)))[:-1]
    )
    asked_cell = cell if asked is table else _cell_of(asked, centres)
    near_cells = _among(centres, centres, np.arange(len(centres), dtype=np.int32), len(centres))[0]
    for number in np.unique(asked_cell):
        here = np.flatnonzero(asked_cell == number)
        probes = _PROBES
        while sum(len(members[c]) for c in near_cells[number, :probes]) < k:
            probes *= 2
        pool = np.concatenate([members[c] for c in near_cells[number, :probes]]).astype(np.int32)
        for start in range(0, len(here), _QUERIES_AT_ONCE):
            part = here[start : start + _QUERIES_AT_ONCE]
            rows[part], distances[part] = _among(asked[part], table[pool], pool, k)


def _cell_of(table: Floats, centres: Floats) -> Ints:
    half = (centres * centres).sum(axis=1) / 2
    cell = np.empty(len(table), dtype=np.int32)
    for start in range(0, len(table), 8 * _QUERIES_AT_ONCE):
        piece = table[start : start + 8 * _QUERIES_AT_ONCE]
        cell[start : start + len(piece)] = (half - piece @ centres.T).argmin(axis=1)
    return cell


def _centres(table: Floats, n_cells: int, random_state: int) -> Floats:
    """K-means centres (Lloyd 1982) of a sample; an emptied centre stays where it was."""
    random = np.random.default_rng(random_state)
    sample = table[random.permutation(len(table))[: n_cells * _TRAINING_ROWS_PER_CELL]]
    centres = sample[:n_cells].copy()
    for _ in range(_CENTRE_ROUNDS):
        cell = _cell_of(sample, centres)
        counts = np.bincount(cell, minlength=n_cells)
        order = np.argsort(cell, kind="stable")
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        filled = counts > 0
        sums = np.add.reduceat(sample[order], starts[filled], axis=0)
        centres[filled] = sums / counts[filled, None]
    return centres


def _put_self_first(rows: Ints, distances: Floats) -> None:
    """Make column 0 the row itself, also where equal rows or rounding put another first."""
    own = np.arange(len(rows), dtype=np.int32)
    for column in range(rows.shape[1] - 1, 0, -1):
        swapped = np.flatnonzero(rows[:, column] == own)
        rows[swapped, 1 : column + 1] = rows[swapped, :column]
        distances[swapped, 1 : column + 1] = distances[swapped, :column]
    rows[:, 0] = own
    distances[:, 0] = 0
