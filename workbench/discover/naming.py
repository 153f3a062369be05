"""Names for clusters, taken from their own messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from workbench.discover.vectors import Floats, Ints, check_vectors, unit_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_PHRASES = 10
"""Phrases kept for each cluster."""

_CANDIDATES = 12
_POOL = 60
_STEM = 5
_FUNCTION_WORD = 3  # letters of the longest word inside a phrase that counts as one
_LEAST_SHARE = 0.02
_HALF = 0.5


class Phrases(Protocol):
    """What is needed of a table of phrases: their words, and which message contains which.

    ``incidence`` is sparse, (n_messages, n_phrases), 1 where the message contains the phrase.
    """

    @property
    def phrases(self) -> tuple[str, ...]: ...  # noqa: D102 - see the class

    @property
    def incidence(self) -> csr_matrix: ...  # noqa: D102 - see the class


FindPhrases = Callable[[Sequence[str]], Phrases]
EncodePhrases = Callable[[list[str]], npt.NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class ClusterName:
    """What to call a cluster.

    Attributes
    ----------
    cluster
        The cluster's number in the labels handed in.
    name
        One or two phrases joined by `` / ``; empty when its messages share no phrase.
    phrases
        Up to 10 phrases that tell it from the rest, best first.
    """

    cluster: int
    name: str
    phrases: tuple[str, ...]


def name_clusters(
    table: Phrases,
    labels: Ints,
    vectors: npt.ArrayLike,
    *,
    encode_phrases: EncodePhrases | None = None,
) -> list[ClusterName]:
    """Name each cluster by phrases that its messages use more than the others.

    Parameters
    ----------
    table
        Phrases of the messages, rows as in ``labels``.
    labels
        int, (n,), -1 = in no cluster.
    vectors
        (n, d), of the encoder behind ``encode_phrases``.
    encode_phrases
        Turns phrases into (m, d) vectors; called once. None = phrases are not re-ranked.

    Returns
    -------
    list of ClusterName
        By cluster number. A phrase's score is the share of the cluster's messages that contain it, times the
        logarithm of that share over the share among all other messages (both smoothed). The 12 best are then
        ordered by the cosine between the phrase's vector and the cluster's centre. The second phrase of a name
        shares no word stem with the first, and where a larger cluster has the same name already, a lower phrase takes
        its place.
    """
    clusters = np.unique(labels[labels >= 0])
    if len(clusters) == 0:
        return []
    unit = unit_rows(check_vectors(vectors))
    shares, scores = _scores(table, labels, clusters)
    best = [_best(table.phrases, score, share) for score, share in zip(scores, shares, strict=True)]
    if encode_phrases is not None:
        wanted = sorted({phrase for few in best for phrase in few})
        if wanted:
            place = {phrase: row for row, phrase in enumerate(wanted)}
            phrase_vectors = unit_rows(check_vectors(encode_phrases(wanted)))
            for i, number in enumerate(clusters):
                centre = unit[labels == number].mean(axis=0)
                near = phrase_vectors[[place[phrase] for phrase in best[i]]] @ centre
                best[i] = [best[i][j] for j in np.argsort(-near, kind="stable")]
    sizes = np.bincount(np.searchsorted(clusters, labels[labels >= 0]))
    names = _different_names(best, np.argsort(-sizes, kind="stable").tolist())
    return [
        ClusterName(cluster=int(number), name=name, phrases=tuple(few[:N_PHRASES]))
        for number, name, few in zip(clusters, names, best, strict=True)
    ]


def _scores(table: Phrases, labels: Ints, clusters: Ints) -> tuple[Floats, Floats]:
    """Share of each cluster's messages with each phrase, and share times log-lift; both (k, n_phrases)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - heavy

    rows = np.flatnonzero(labels >= 0)
    member = csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (np.searchsorted(clusters, labels[rows]), rows)),
        shape=(len(clusters), len(labels)),
    )
    inside = np.asarray((member @ table.incidence).todense(), dtype=np.float32)
    everywhere = np.asarray(table.incidence.sum(axis=0), dtype=np.float32).ravel()
    sizes = np.asarray(member.sum(axis=1), dtype=np.float32)
    share = inside / sizes
    outside = (everywhere - inside + 1) / (len(labels) - sizes + 2)
    lift = np.log((inside + 0.5) / (sizes + 1) / outside)
    return share, np.where(share >= _LEAST_SHARE, share * np.maximum(lift, 0), 0)


def _best(phrases: tuple[str, ...], scores: Floats, shares: Floats) -> list[str]:
    """The highest-scoring phrases; of two, one inside the other, the longer unless it is half as frequent."""
    pool = np.argpartition(-scores, min(_POOL, len(scores) - 1))[:_POOL] if len(scores) else np.zeros(0, int)
    chosen: list[int] = []
    for at in sorted(pool, key=lambda i: (-scores[i], phrases[i])):
        if scores[at] <= 0:
            break
        inside = [i for i, c in enumerate(chosen) if f" {phrases[c]} " in f" {phrases[at]} "]
        around = any(f" {phrases[at]} " in f" {phrases[c]} " for c in chosen)
        if inside and shares[at] > _HALF * shares[chosen[inside[0]]]:
            chosen[inside[0]] = int(at)
            chosen = [c for i, c in enumerate(chosen) if i not in inside[1:]]
        elif not inside and not around and len(chosen) < _CANDIDATES:
            chosen.append(int(at))
    return [phrases[at] for at in chosen]


def _different_names(best: list[list[str]], order: list[int]) -> list[str]:
    """A name for each cluster from its ranked phrases; the first in ``order`` chooses first."""
    names = [""] * len(best)
    taken: set[str] = set()
    for at in order:
        candidates = list(_names(best[at]))
        names[at] = next((name for name in candidates if name not in taken), candidates[0])
        taken.add(names[at])
    return names


def _names(ranked: list[str]) -> Iterator[str]:
    """Names that these phrases can make, best first; at least one, which may be empty."""
    if not ranked:
        yield ""
        return
    first = _stems(ranked[0])
    seconds = [phrase for phrase in ranked[1:] if not first & _stems(phrase)]
    if not seconds:
        yield ranked[0]
    yield from (f"{ranked[0]} / {second}" for second in seconds)
    yield from ranked[1:]


def _stems(phrase: str) -> set[str]:
    """Beginnings of its words; short ones inside ("change of address") are function words and repeat nothing."""
    words = phrase.split()
    return {
        word[:_STEM]
        for at, word in enumerate(words)
        if at in (0, len(words) - 1) or len(word) > _FUNCTION_WORD
    }
