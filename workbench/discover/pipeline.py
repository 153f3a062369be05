"""From vectors and texts to a map with named clusters: the one call a worker process makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.discover.clustering import (
    Method,
    check_cluster_options,
    cluster,
    default_min_cluster_size,
)
from workbench.discover.describing import ClusterSummary, describe
from workbench.discover.duplicates import near_duplicates
from workbench.discover.matching import match_clusters
from workbench.discover.naming import EncodePhrases, FindPhrases, name_clusters
from workbench.discover.neighbours import nearest
from workbench.discover.projection import (
    N_COMPONENTS,
    Progress,
    few,
    lay_out,
    place,
)
from workbench.discover.vectors import Floats, Ints, check_vectors, principal_components, unit_rows
from workbench.errors import InputError, JobCancelledError

FIT_LIMIT = 40_000
"""Above this many distinct messages the map is fitted on a sample of that many."""

_NEIGHBOURS = 15
_FEWEST = 15
_RADIUS = 0.95  # a message outside joins the nearest cluster when nearer than this share of its members
_STEPS = 7


@dataclass(frozen=True, kw_only=True)
class PreviousRun:
    """What stable ids need of the run before.

    Attributes
    ----------
    labels
        int, (n,), rows as in this run: the message's old cluster id, -1 = in none or not there then.
    next_id
        The first cluster id never used in this dataset.
    """

    labels: Ints
    next_id: int


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """A finished run.

    Attributes
    ----------
    xy
        float32, (n, 2), the map.
    labels
        int32, (n,), cluster ids, -1 = unclustered.
    strengths
        float32, (n,), in [0, 1], how firmly the message belongs; 0 where unclustered.
    clusters
        By descending score.
    share_unclustered
        In [0, 1]; 0 when there is no message.
    next_id
        The first cluster id not used yet; hand it to the next run.
    """

    xy: Floats
    labels: Ints
    strengths: Floats
    clusters: tuple[ClusterSummary, ...]
    share_unclustered: float
    next_id: int


def discover(
    texts: Sequence[str],
    vectors: npt.ArrayLike,
    *,
    find_phrases: FindPhrases,
    method: Method = "fast_hdbscan",
    min_cluster_size: int | None = None,
    random_state: int,
    previous: PreviousRun | None = None,
    encode_phrases: EncodePhrases | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Discovery:
    """Map, cluster and name messages.

    Parameters
    ----------
    texts
        Message texts, rows as in ``vectors``; used for names alone.
    vectors
        (n, d), finite, one encoder's.
    find_phrases
        Finds phrases in texts: ``workbench.language.phrases``.
    method, min_cluster_size
        See :func:`cluster`.
    random_state
        Seed; the same input and seed give the same result on one machine.
    previous
        The run before, for stable ids.
    encode_phrases
        Re-ranks the phrases of names; see :func:`name_clusters`.
    progress
        Called with (steps done, 7).
    cancelled
        Asked before each step.

    Returns
    -------
    Discovery
        Near-duplicates (cosine above 0.97) count once, so copies make no cluster on their own; they lie with the
        message that they copy. Above 40,000 distinct messages a sample is fitted; the others join the nearest
        cluster when they lie inside the radius that holds 95 % of its members, as do messages that the density
        method left out.

    Raises
    ------
    InputError
        ``texts`` and ``vectors`` differ in number, or a value cannot be used.
    JobCancelledError
        ``cancelled`` said so.
    """
    check_cluster_options(method, min_cluster_size)
    table = check_vectors(vectors)
    if len(texts) != len(table):
        raise InputError(
            f"{len(texts)} texts came with {len(table)} vectors.",
            next_step="Hand in one vector for each text.",
        )
    step = _Steps(progress, cancelled)
    unit = unit_rows(table)

    step()
    groups = near_duplicates(unit, random_state=random_state)
    _, leaders = np.unique(groups, return_index=True)

    step()
    reduced = principal_components(unit[leaders], N_COMPONENTS)
    random = np.random.default_rng(random_state)
    sample = np.sort(random.permutation(len(leaders))[:FIT_LIMIT])

    fitted = reduced[sample]
    if len(fitted) < _FEWEST:
        step()
        placed = few(fitted, 2)
    else:
        near = nearest(fitted, _NEIGHBOURS, random_state=random_state)
        step()
        placed = lay_out(fitted, near, n_dims=2, random_state=random_state)

    step()
    least = default_min_cluster_size(len(leaders)) if min_cluster_size is None else min_cluster_size
    # A sample holds a like share of each cluster.
    least_in_sample = max(2, round(least * len(sample) / max(len(leaders), 1)))
    found = cluster(
        fitted if method == "evoc" else placed,
        method=method,
        min_cluster_size=least_in_sample,
        random_state=random_state,
    )

    step()
    xy = place(reduced, sample, placed, random_state=random_state)[groups]
    labels, strengths = _join(reduced, sample, found.labels, found.strengths)
    labels, strengths = labels[groups], strengths[groups]
    next_id = 0
    if previous is not None:
        ids = match_clusters(previous.labels, labels, next_id=previous.next_id)
        labels = _renumber(labels, ids)
        next_id = previous.next_id
    next_id = max(next_id, int(labels.max(initial=-1)) + 1)

    step()
    names = name_clusters(find_phrases(texts), labels, unit, encode_phrases=encode_phrases)
    step()
    clusters = describe(unit, labels, xy, names)
    step.finish()
    return Discovery(
        xy=xy,
        labels=labels,
        strengths=strengths,
        clusters=clusters,
        share_unclustered=float((labels < 0).mean()) if len(labels) else 0.0,
        next_id=next_id,
    )


def _join(
    reduced: Floats, sample: npt.NDArray[np.intp], labels: Ints, strengths: Floats
) -> tuple[Ints, Floats]:
    """Labels for all rows: outsiders join the nearest cluster when within its radius.

    A joined row's strength is what is left of the radius, halved, so that it never passes for a core member.
    """
    all_labels = np.full(len(reduced), -1, dtype=np.int32)
    all_strengths = np.zeros(len(reduced), dtype=np.float32)
    all_labels[sample], all_strengths[sample] = labels, strengths
    n_clusters = int(labels.max(initial=-1)) + 1
    if n_clusters == 0:
        return all_labels, all_strengths
    unit = unit_rows(reduced)
    centres = np.zeros((n_clusters, unit.shape[1]), dtype=np.float32)
    np.add.at(centres, labels[labels >= 0], unit[sample[labels >= 0]])
    centres = unit_rows(centres)
    own = 1 - (unit[sample] * centres[labels]).sum(axis=1)
    radius = np.array([np.quantile(own[labels == c], _RADIUS) for c in range(n_clusters)], dtype=np.float32)
    outside = np.flatnonzero(all_labels < 0)
    for start in range(0, len(outside), 8192):
        rows = outside[start : start + 8192]
        away = 1 - unit[rows] @ centres.T
        nearest_cluster = away.argmin(axis=1)
        room = radius[nearest_cluster] - away[np.arange(len(rows)), nearest_cluster]
        inside = room >= 0
        all_labels[rows[inside]] = nearest_cluster[inside]
        all_strengths[rows[inside]] = room[inside] / np.maximum(radius[nearest_cluster[inside]], 1e-6) / 2
    return all_labels, all_strengths


def _renumber(labels: Ints, ids: dict[int, int]) -> Ints:
    table = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int32)
    for number, cluster_id in ids.items():
        table[number] = cluster_id
    return table[labels]  # -1 takes the last entry, which is -1


class _Steps:
    """Counts steps, tells the listener, and stops when cancelled."""

    def __init__(self, progress: Progress | None, cancelled: Callable[[], bool] | None) -> None:
        self._progress, self._cancelled, self._done = progress, cancelled, 0

    def __call__(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise JobCancelledError("discovery was cancelled.", next_step="Start it again when you need it.")
        if self._progress is not None:
            self._progress(self._done, _STEPS)
        self._done += 1

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(_STEPS, _STEPS)
