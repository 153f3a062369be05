"""Strategies that need no model: shuffle, recent, search, cluster, rebalance."""

from __future__ import annotations

import numpy as np

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
    n_clusters = int(clusters.max(initial=-1)) + 1
    # Sorted by cluster once; small numbers are sorted by digits, in a tenth of the time.
    small = clusters.astype(np.int16) if n_clusters < np.iinfo(np.int16).max else clusters
    by_cluster = np.argsort(small, kind="stable")
    begins = np.searchsorted(clusters[by_cluster], np.arange(n_clusters + 1))
    of_reviewed = clusters[pool.reviewed]
    n_reviewed = np.bincount(of_reviewed[of_reviewed >= 0], minlength=n_clusters)
    n_all = np.diff(begins)
    n_open = np.diff(np.concatenate([[0], np.cumsum(is_open[by_cluster])])[begins])
    population = int(n_open.sum())
    order = np.lexsort((-n_all, n_reviewed > 0))
    chosen = order[(n_open > 0)[order]][: max(n, 0)]
    quota = max(_CARDS, 3 * n // max(len(chosen), 1))
    ranked: list[Ints] = []
    for number in chosen.tolist():
        members = by_cluster[begins[number] : begins[number + 1]]
        members = members[is_open[members]]
        typical = typicality(clusters, vectors, number) if pool.typicality is None else pool.typicality
        k = min(quota, len(members))
        ranked.append(skip_near_duplicates(first(members, [-typical[members]], CANDIDATES * k), vectors, k))
    turns = [
        (turn, place, int(members[turn]))
        for place, members in enumerate(ranked)
        for turn in range(len(members))
    ]
    return certain(np.array([index for _, _, index in sorted(turns)[:n]], dtype=np.int64), population)


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
    Inclusion probability: exact, by systematic sampling with unequal probabilities (Madow 1949). When
    nothing is lacking every unreviewed message is equally likely.
    """
    del label
    clusters = need(pool.clusters, "clusters", _DISCOVER)
    number = clusters - clusters.min(initial=0)
    is_open = pool.open
    n_all = np.bincount(number)
    n_reviewed = np.bincount(number[pool.reviewed], minlength=len(n_all))
    n_open = np.bincount(number[is_open], minlength=len(n_all))
    k = min(n, int(n_open.sum()))
    target = n_all / max(pool.n, 1) * (n_reviewed.sum() + k)
    lacking = np.clip(target - n_reviewed, 0, n_open)
    if lacking.sum() <= 0:
        lacking = n_open.astype(np.float64)
    weight = (lacking / np.maximum(n_open, 1))[number] * is_open
    return systematic_sample(weight, k, np.random.default_rng(random_state))


def systematic_sample(weight: Floats, n: int, rng: np.random.Generator) -> Picks:
    """Draw ``n`` rows with inclusion probabilities proportional to ``weight``, cut at 1 (Madow 1949).

    Rows of weight 0 are never drawn and are not of the population; fewer than ``n`` come back when fewer have weight.
    """
    rows = np.flatnonzero(weight)
    rng.shuffle(rows)
    chance = inclusion_probabilities(weight[rows], n)
    edges = np.concatenate([[0.0], np.cumsum(chance)])
    edges[-1] = round(edges[-1])
    marks = np.arange(round(edges[-1])) + rng.random()
    taken: Ints = np.unique(np.searchsorted(edges, marks, side="right") - 1)
    return Picks(
        indices=rows[taken].astype(np.int64),
        probabilities=np.minimum(chance[taken], 1.0),
        n_population=len(rows),
    )


def inclusion_probabilities(weight: Floats, n: int) -> Floats:
    """Probabilities proportional to ``weight`` (> 0) that sum to ``min(n, rows)``, none above 1."""
    chance = np.zeros(len(weight))
    sure: Bools = np.zeros(len(weight), dtype=bool)
    if n >= len(weight):
        return np.ones(len(weight))
    while True:
        room = n - int(sure.sum())
        free = ~sure
        chance[free] = room * weight[free] / max(float(weight[free].sum()), 1e-300)
        over = free & (chance >= 1.0)
        if not over.any():
            break
        sure |= over
    chance[sure] = 1.0
    return chance
