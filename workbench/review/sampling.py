"""Strategies that need no model: shuffle, recent, search, cluster, rebalance."""

from __future__ import annotations

import bisect

import numpy as np
import numpy.typing as npt

from workbench.review.diversity import CANDIDATES, skip_near_duplicates
from workbench.review.pool import Bools, Floats, Floats32, Ints, Picks, Pool, certain, need
from workbench.review.ranking import first

_DISCOVER = "Run discover first."
_CARDS = 12
"""Least messages of a cluster that may be shown."""


def shuffle(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Draw unreviewed messages at random, all equally likely: the reference sample.

    Population: unreviewed. Inclusion probability: exactly ``n / n_population``. Simple random sampling without
    replacement (Cochran 1977, chapter 2).
    """
    del label
    open_ = np.flatnonzero(pool.open)
    k = min(n, len(open_))
    chosen = np.random.default_rng(random_state).choice(open_, size=k, replace=False)
    chance = np.full(k, k / max(len(open_), 1))
    return Picks(indices=chosen.astype(np.int64), probabilities=chance, n_population=len(open_))


def recent(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Newest messages first, reviewed or not; among equal times the earlier row.

    Population: all. Inclusion probability: 1. By time alone (no source: it is the order of a mailbox).
    """
    del label, random_state
    times = need(pool.times, "message times", "Import messages with a time column.")
    rows = np.flatnonzero(pool.among(np.ones(pool.n, dtype=bool)))
    return certain(first(rows, [-times[rows]], n), len(rows))


def search(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Best matches of a text search first, reviewed or not; newest first among equals.

    Population: all that match. Inclusion probability: 1. Finds other wordings quickly but biases the training
    data, so use it for a few examples per label. Guided search for positives (Attenberg and Provost 2010).
    """
    del label, random_state
    matches = need(pool.matches, "search results", "Search for a word or phrase first.")
    times = np.zeros(pool.n, dtype=np.int64) if pool.times is None else pool.times
    rows = np.flatnonzero(pool.among(matches > 0))
    return certain(first(rows, [-matches[rows], -times[rows]], n), len(rows))


def cluster(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """One representative of each cluster in turn, clusters without reviews and large ones first.

    Population: unreviewed messages in a cluster. Inclusion probability: 1. Within a cluster the most typical
    message comes first: the one with the highest mean cosine to the cluster (TypiClust: Hacohen, Dekel and
    Weinshall 2022). With it 200 messages train a model that random choice needs 500 for.
    """
    del label, random_state
    clusters = need(pool.clusters, "clusters", _DISCOVER)
    vectors = need(pool.vectors, "vectors", "Embed the messages first.")
    is_open = pool.open
    order = by_cluster(clusters, pool.typicality) if pool.by_cluster is None else pool.by_cluster
    begins = _begins(clusters, order)
    n_all, n_reviewed, n_open = (counts[1:] for counts in _counts(pool, clusters, begins))
    population = int(n_open.sum())
    turn = np.lexsort((-n_all, n_reviewed > 0))
    chosen = turn[(n_open > 0)[turn]][: max(n, 0)]
    quota = max(_CARDS, 3 * n // max(len(chosen), 1))
    ranked: list[Ints] = []
    for number in chosen.tolist():
        members = order[begins[number + 1] : begins[number + 2]].astype(np.int64)
        members = members[is_open[members]]
        k = min(quota, len(members))
        if pool.typicality is None:
            members = first(members, [-typicality(clusters, vectors, number)[members]], CANDIDATES * k)
        ranked.append(skip_near_duplicates(members[: CANDIDATES * k], vectors, k))
    turns = [
        (turn, place, int(members[turn]))
        for place, members in enumerate(ranked)
        for turn in range(len(members))
    ]
    return certain(np.array([index for _, _, index in sorted(turns)[:n]], dtype=np.int64), population)


def by_cluster(clusters: Ints, typical: Floats32 | None = None) -> npt.NDArray[np.int32]:
    """The rows cluster by cluster, those in none first.

    Parameters
    ----------
    clusters
        int64, (n,), -1 = unclustered.
    typical
        float32, (n,), see ``typicality``: within a cluster the most typical come first; None = in row order, as do
        equal ones.

    Returns
    -------
    numpy.ndarray
        int32, (n,).
    """
    # Small numbers are sorted by digits, in a tenth of the time.
    is_small = clusters.max(initial=-1) < np.iinfo(np.int16).max
    key = clusters.astype(np.int16) if is_small else clusters
    order = np.argsort(key, kind="stable") if typical is None else np.lexsort((-typical, key))
    return order.astype(np.int32)


def _begins(clusters: Ints, order: npt.NDArray[np.int32]) -> Ints:
    """int64, (n_clusters + 2,): where in ``order`` the unclustered rows and each cluster begin, and the end."""
    n_clusters = int(clusters[order[-1]]) + 1 if len(order) else 0
    places = range(len(order))
    begins = [
        bisect.bisect_left(places, number, key=lambda at: clusters[order[at]]) for number in range(n_clusters)
    ]
    return np.array([0, *begins, len(order)], dtype=np.int64)


def _counts(pool: Pool, clusters: Ints, begins: Ints) -> tuple[Ints, Ints, Ints]:
    """int64, (n_clusters + 1,) each, the unclustered first: messages, reviewed ones, and those that may be picked."""
    n_all = np.diff(begins)
    n_reviewed, n_closed = (
        np.bincount(clusters[np.flatnonzero(rows)] + 1, minlength=len(n_all))
        for rows in (pool.reviewed, ~pool.open)
    )
    return n_all, n_reviewed, n_all - n_closed


def typicality(clusters: Ints, vectors: Floats32, number: int | None = None) -> Floats32:
    """How typical each message is of its cluster: its mean cosine to all messages there.

    Parameters
    ----------
    clusters
        int64, (n,), -1 = unclustered.
    vectors
        float32, (n, d), unit length.
    number
        The only cluster to look at; None = every one.

    Returns
    -------
    numpy.ndarray
        float32, (n,); 0 outside the clusters looked at.
    """
    result = np.zeros(len(clusters), dtype=np.float32)
    for one in range(int(clusters.max(initial=-1)) + 1) if number is None else (number,):
        members = np.flatnonzero(clusters == one)
        if len(members):
            those = vectors[members]
            result[members] = those @ those.mean(axis=0)
    return result


def rebalance(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Draw unreviewed messages from clusters that are under-represented among the reviewed ones.

    Population: unreviewed messages of clusters (unclustered messages count as one more) whose reviewed share
    lags behind their share of all messages. A cluster's chance follows how many messages it lacks.
    Inclusion probability: exact. Systematic sampling with unequal probabilities (Madow 1949) tells how many come
    from each cluster, a simple random sample which ones. When nothing is lacking every unreviewed message is
    equally likely.
    """
    del label
    clusters = need(pool.clusters, "clusters", _DISCOVER)
    order = by_cluster(clusters) if pool.by_cluster is None else pool.by_cluster
    begins = _begins(clusters, order)
    n_all, n_reviewed, n_open = _counts(pool, clusters, begins)
    k = min(n, int(n_open.sum()))
    target = n_all / max(pool.n, 1) * (n_reviewed.sum() + k)
    lacking = np.clip(target - n_reviewed, 0, n_open)
    if lacking.sum() <= 0:
        lacking = n_open.astype(np.float64)
    groups = np.flatnonzero(lacking)
    rng = np.random.default_rng(random_state)
    rng.shuffle(groups)
    chance, n_drawn = systematic_sample(lacking[groups] / n_open[groups], n_open[groups], k, rng)
    is_open = pool.open
    drawn: list[Ints] = [np.zeros(0, dtype=np.int64)]
    for group, n_here in zip(groups.tolist(), n_drawn.tolist(), strict=True):
        if n_here:
            members = order[begins[group] : begins[group + 1]]
            drawn.append(rng.choice(members[is_open[members]], size=n_here, replace=False))
    indices, chances = np.concatenate(drawn), np.repeat(chance, n_drawn)
    shown = rng.permutation(len(indices))
    return Picks(indices=indices[shown], probabilities=chances[shown], n_population=int(n_open[groups].sum()))


def systematic_sample(weight: Floats, times: Ints, n: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """How many rows of each group to draw, so that a row's chance follows its weight (Madow 1949).

    Parameters
    ----------
    weight, times
        (k,), > 0: the weight of each of the ``times`` rows of a group.
    n
        How many rows in all; all of them when there are fewer.
    rng
        Where the first one falls.

    Returns
    -------
    tuple[numpy.ndarray, numpy.ndarray]
        (k,) each: the inclusion probability of each row of a group when its rows are drawn by a simple random
        sample, float64; and how many to draw, int64.
    """
    chance = inclusion_probabilities(weight, times, n)
    edges = np.concatenate([[0.0], np.cumsum(chance * times)])
    edges[-1] = round(edges[-1])
    marks = np.arange(round(edges[-1])) + rng.random()
    n_drawn: Ints = np.minimum(np.diff(np.searchsorted(marks, edges)), times)
    return chance, n_drawn


def inclusion_probabilities(weight: Floats, times: Ints, n: int) -> Floats:
    """Probabilities proportional to ``weight`` that sum to ``min(n, rows)``, none above 1.

    Parameters
    ----------
    weight, times
        (k,), > 0: the weight of each of ``times`` rows.
    n
        How many rows are drawn.
    """
    chance = np.zeros(len(weight))
    sure: Bools = np.zeros(len(weight), dtype=bool)
    if n >= times.sum():
        return np.ones(len(weight))
    while True:
        room = n - int(times[sure].sum())
        free = ~sure
        chance[free] = room * weight[free] / max(float((weight * times)[free].sum()), 1e-300)
        over = free & (chance >= 1.0)
        if not over.any():
            break
        sure |= over
    chance[sure] = 1.0
    return np.minimum(chance, 1.0)
