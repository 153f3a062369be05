"""The map: vectors to two dimensions (UMAP, McInnes et al. 2018)."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from workbench.discover.neighbours import Neighbours, nearest
from workbench.discover.vectors import (
    Floats,
    check_vectors,
    principal_components,
    unit_rows,
)

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""

N_COMPONENTS = 50
SAMPLE_LIMIT = 100_000
"""Above this many rows a sample is fitted and the rest placed beside its neighbours."""

_PLACING_NEIGHBOURS = 10
_FEWEST_FOR_UMAP = 15
_CURVE = {0.0: (1.9293, 0.7915), 0.1: (1.5769, 0.8951)}  # a, b of the low-dimensional similarity
_MIN_DIST = 0.1


def project(
    vectors: npt.ArrayLike,
    *,
    random_state: int,
    n_neighbors: int = 15,
    n_dims: int = 2,
    progress: Progress | None = None,
) -> Floats:
    """Place every row in a few dimensions so that near rows stay near.

    Parameters
    ----------
    vectors
        (n, d), finite. Rows are scaled to length 1 and reduced to 50 principal components first.
    random_state
        Seed; the same seed and rows give the same map.
    n_neighbors
        Rows each row is drawn to.
    n_dims
        Dimensions of the map.
    progress
        Called as the steps go by.

    Returns
    -------
    ndarray
        float32, (n, n_dims). Fewer than 15 rows are placed by their principal components. Above 100,000 rows a
        sample of that many is fitted, and each other row lies at the weighted mean of the 10 nearest of them.
    """
    tell = progress or _silent
    reduced = principal_components(unit_rows(check_vectors(vectors)), N_COMPONENTS)
    tell(1, 4)
    if len(reduced) <= SAMPLE_LIMIT:
        sample = np.arange(len(reduced))
    else:
        random = np.random.default_rng(random_state)
        sample = np.sort(random.choice(len(reduced), SAMPLE_LIMIT, replace=False))
    fitted = reduced[sample]
    if len(fitted) < _FEWEST_FOR_UMAP:
        return few(fitted, n_dims)
    near = nearest(fitted, n_neighbors, random_state=random_state)
    tell(2, 4)
    placed = lay_out(fitted, near, n_dims=n_dims, random_state=random_state)
    tell(3, 4)
    xy = place(reduced, sample, placed, random_state=random_state)
    tell(4, 4)
    return xy


def few(reduced: Floats, n_dims: int) -> Floats:
    """Too few rows for a neighbour graph: their first principal components, padded with zeros."""
    xy = np.zeros((len(reduced), n_dims), dtype=np.float32)
    kept = min(n_dims, reduced.shape[1])
    xy[:, :kept] = reduced[:, :kept]
    return xy


def lay_out(
    reduced: Floats,
    near: Neighbours,
    *,
    n_dims: int,
    random_state: int,
    min_dist: float = _MIN_DIST,
    n_epochs: int | None = None,
) -> Floats:
    """UMAP of ``reduced`` from a neighbour graph already found, float32, (n, n_dims)."""
    random = np.random.RandomState(random_state)
    a, b = _CURVE[min_dist]
    with warnings.catch_warnings():
        # The library warns that TensorFlow is absent, which nobody needs here.
        warnings.simplefilter("ignore")
        from umap.umap_ import (  # noqa: PLC0415 - heavy
            fuzzy_simplicial_set,
            simplicial_set_embedding,
        )

        graph, _, _ = fuzzy_simplicial_set(
            reduced,
            near.rows.shape[1],
            random,
            "euclidean",
            knn_indices=near.rows,
            knn_dists=near.distances,
        )
        start = few(reduced, n_dims)
        start = start * (10 / max(float(np.abs(start).max()), 1e-9))
        placed, _ = simplicial_set_embedding(
            reduced,
            graph,
            n_dims,
            1.0,
            a,
            b,
            1.0,
            5,
            n_epochs,
            start.astype(np.float32),
            random,
            "euclidean",
            {},
            False,
            {},
            False,
        )
    return np.asarray(placed, dtype=np.float32)


def place(all_rows: Floats, sample: npt.NDArray[np.intp], placed: Floats, *, random_state: int) -> Floats:
    """Give rows outside the sample the weighted mean position of their 10 nearest rows inside it."""
    xy = np.empty((len(all_rows), placed.shape[1]), dtype=np.float32)
    xy[sample] = placed
    rest = np.setdiff1d(np.arange(len(all_rows)), sample, assume_unique=True)
    if len(rest):
        near = nearest(
            all_rows[sample], _PLACING_NEIGHBOURS, queries=all_rows[rest], random_state=random_state
        )
        weights = 1 / (near.distances + 1e-6)
        weights /= weights.sum(axis=1, keepdims=True)
        xy[rest] = (placed[near.rows] * weights[:, :, None]).sum(axis=1)
    return xy


def _silent(done: int, total: int) -> None:
    """Nobody listens."""
