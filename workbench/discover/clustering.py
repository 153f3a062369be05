"""Groups of messages by density."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from workbench.discover.vectors import Floats, Ints, check_vectors
from workbench.errors import InputError

Method = Literal["hdbscan", "fast_hdbscan", "evoc"]
Fit = Callable[[int | None], tuple[np.ndarray, np.ndarray]]
"""From the most rows a cluster may have (None = any) to labels and strengths."""

_MIN_SAMPLES = 5
_FEWEST = 10
_LARGE = 0.25
"""Share of the rows above which a cluster is looked at again: it says little about what people write."""
_PARTS_HOLD = 0.5
"""Its parts take its place when they hold this share of it …"""
_MOST_OF_PARTS = 2 / 3
"""… and none of them has more than this share of what they hold: a core with specks around it is one cluster."""


@dataclass(frozen=True, kw_only=True)
class ClusterLabels:
    """Who belongs where.

    Attributes
    ----------
    labels
        int32, (n,): 0 … k-1, or -1 for a row in no cluster.
    strengths
        float32, (n,), in [0, 1]: how firmly the row belongs; 0 where the label is -1.
    """

    labels: Ints
    strengths: Floats


def default_min_cluster_size(n: int) -> int:
    """Smallest cluster for ``n`` messages: 10 for few, rising with the square root, at most 100."""
    return int(np.clip(round(n**0.5 / 5), 10, 100))


def check_cluster_options(method: str, min_cluster_size: int | None) -> None:
    """Raise ``InputError`` when :func:`cluster` would; a long run asks before it begins."""
    if method not in get_args(Method):
        raise InputError(
            f"clustering method {method!r} is not known.",
            next_step=f"Use one of {', '.join(get_args(Method))}.",
            details={"method": method},
        )
    if min_cluster_size is not None and min_cluster_size < 2:  # noqa: PLR2004 - a group has two
        raise InputError(
            f"min_cluster_size {min_cluster_size} is too small.",
            next_step="Use 2 or more.",
            details={"min_cluster_size": min_cluster_size},
        )


def cluster(
    vectors: npt.ArrayLike,
    *,
    method: Method,
    min_cluster_size: int | None = None,
    random_state: int,
) -> ClusterLabels:
    """Find dense groups of rows.

    Parameters
    ----------
    vectors
        (n, d), finite. ``hdbscan`` and ``fast_hdbscan`` expect a reduction to few dimensions; ``evoc``
        takes embeddings as they are.
    method
        ``hdbscan`` or ``fast_hdbscan`` (Campello et al. 2013), or ``evoc``, whose layer with the most
        persistent clusters is taken. The first two choose clusters by excess of mass, which can prefer one
        cluster of nearly everything to its parts; a cluster of more than a quarter of the rows gives way to its parts
        where they hold at least half of it and none of them most of that.
    min_cluster_size
        Rows in the smallest cluster, at least 2; None = from the number of rows.
    random_state
        Seed of ``evoc``; the others have no randomness.

    Returns
    -------
    ClusterLabels
        Fewer than 10 rows, or fewer than ``min_cluster_size``, are all -1.

    Raises
    ------
    InputError
        Unknown method, or ``min_cluster_size`` below 2.
    """
    table = check_vectors(vectors)
    check_cluster_options(method, min_cluster_size)
    size = default_min_cluster_size(len(table)) if min_cluster_size is None else min_cluster_size
    if len(table) < max(_FEWEST, size):
        return ClusterLabels(
            labels=np.full(len(table), -1, dtype=np.int32), strengths=np.zeros(len(table), dtype=np.float32)
        )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the libraries' own deprecations, at import and in use, are not the caller's business
        labels, strengths = _FITS[method](table, size, random_state)
    strengths = np.where(labels >= 0, np.nan_to_num(strengths), 0)
    return ClusterLabels(
        labels=np.asarray(labels, dtype=np.int32), strengths=np.clip(strengths, 0, 1).astype(np.float32)
    )


def _hdbscan(table: Floats, size: int, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    from hdbscan import HDBSCAN  # noqa: PLC0415 - heavy

    del random_state

    def fit(most: int | None) -> tuple[np.ndarray, np.ndarray]:
        fitted = HDBSCAN(
            min_cluster_size=size,
            min_samples=min(_MIN_SAMPLES, size),
            max_cluster_size=most or 0,
            core_dist_n_jobs=1,
        ).fit(table)
        return fitted.labels_, fitted.probabilities_

    return _without_catch_all(fit, len(table))


def _fast_hdbscan(table: Floats, size: int, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    from fast_hdbscan import HDBSCAN  # noqa: PLC0415 - heavy

    del random_state

    def fit(most: int | None) -> tuple[np.ndarray, np.ndarray]:
        fitted = HDBSCAN(
            min_cluster_size=size,
            min_samples=min(_MIN_SAMPLES, size),
            max_cluster_size=np.inf if most is None else most,
        ).fit(table)
        return fitted.labels_, fitted.probabilities_

    return _without_catch_all(fit, len(table))


def _without_catch_all(fit: Fit, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit; where clusters are too large, fit again with a bound and take the parts of those that have some."""
    labels, strengths = fit(None)
    large = np.flatnonzero(np.bincount(labels[labels >= 0]) > _LARGE * n)
    if not len(large):
        return labels, strengths
    bounded, bounded_strengths = fit(int(_LARGE * n))
    labels, strengths = labels.copy(), strengths.copy()
    next_label = int(labels.max()) + 1
    for one in large:
        rows = np.flatnonzero(labels == one)
        parts, inside = np.unique(bounded[rows], return_inverse=True)
        n_in_parts = np.bincount(inside)[parts >= 0]
        held = n_in_parts.sum()
        if held >= _PARTS_HOLD * len(rows) and n_in_parts.max() <= _MOST_OF_PARTS * held:
            fresh = np.where(parts >= 0, next_label + np.cumsum(parts >= 0) - 1, -1)
            labels[rows], strengths[rows] = fresh[inside], bounded_strengths[rows]
            next_label += len(n_in_parts)
    kept, dense = np.unique(labels, return_inverse=True)
    return dense - int(kept[0] < 0), strengths


def _evoc(table: Floats, size: int, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    from evoc import EVoC  # noqa: PLC0415 - heavy

    fitted = EVoC(base_min_cluster_size=size, random_state=random_state)
    fitted.fit_predict(table)
    return fitted.labels_, fitted.membership_strengths_


_FITS = {"hdbscan": _hdbscan, "fast_hdbscan": _fast_hdbscan, "evoc": _evoc}
