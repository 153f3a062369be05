"""Strategies that ask the model: label, teach, low confidence, check, missed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.review.cover import sureness
from workbench.review.diversity import CANDIDATES, k_centre, skip_near_duplicates, spread
from workbench.review.pool import Bools, Floats, Floats32, Picks, Pool, certain, column, need
from workbench.review.ranking import first

TEACH_CANDIDATES = 100
"""Messages nearest to even odds among which ``teach`` looks for different ones."""
UNSURE = 6
"""Times as many unsure messages as are wanted, among which ``low_confidence`` looks for different ones."""
_TRAIN = "Train a model first."


def label(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Messages with the chosen label, most confident first.

    Population: unreviewed (the filter of the page finds the reviewed ones that carry it: they need no decision).
    Inclusion probability: 1. Confirms quickly, teaches little: certainty sampling, after
    relevance feedback (Rocchio 1971).
    """
    del random_state
    probabilities = need(pool.probabilities, "predictions", _TRAIN)
    p = probabilities[:, column(probabilities, label)]
    open_ = np.flatnonzero(pool.open)
    return certain(first(open_, [-p[open_]], n), len(open_))


def teach(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Messages the model is least sure of for the chosen label, different from one another.

    Population: unreviewed. Inclusion probability: 1. Uncertainty sampling (Lewis and Gale 1994): the 100
    probabilities nearest to ``Pool.even``, from these ``n`` by greedy k-centre (Sener and Savarese 2018), beginning
    with the least sure.
    """
    del random_state
    probabilities = need(pool.probabilities, "predictions", _TRAIN)
    p = probabilities[:, column(probabilities, label)]
    open_ = np.flatnonzero(pool.open)
    doubt = np.abs(p[open_] - np.float32(pool.even))
    if pool.vectors is None:
        return certain(first(open_, [doubt], n), len(open_))
    near = first(open_, [doubt], max(TEACH_CANDIDATES, n))
    return certain(k_centre(near, pool.vectors, n), len(open_))


def low_confidence(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Messages whose prediction as a whole is least sure, different from one another.

    Population: unreviewed. The least sure six times as many (see ``sureness``; chance among equals) without
    near-duplicates, at most half of the unreviewed messages, from these one of each of ``n`` groups (Zhdanov 2019:
    margin and diversity). Inclusion probability: 1, the chance among equals left aside.
    """
    del label
    open_ = np.flatnonzero(pool.open)
    sure = pool.sure
    if sure is None:
        sure = sureness(need(pool.probabilities, "predictions", _TRAIN), pool.informativeness)
    chance: Floats = np.random.default_rng(random_state).random(len(open_))
    keys: list[npt.NDArray[Any]] = [sure[open_], chance]
    if pool.vectors is None:
        return certain(first(open_, keys, n), len(open_))
    wanted = max(n, min(UNSURE * n, len(open_) // 2))
    ranked = first(open_, keys, CANDIDATES * wanted)
    candidates = skip_near_duplicates(ranked, pool.vectors, wanted)
    return certain(spread(candidates, pool.vectors, n), len(open_))


def check(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Reviewed messages that carry the chosen label although the model doubts it, most doubtful first.

    Population: reviewed with the label, not settled. Shown are messages whose out-of-fold probability is below
    the mean of those without the label (confident learning: Northcutt, Jiang and Chuang 2021). Inclusion
    probability: 1.
    """
    del random_state
    p, has, judged = _held_out(pool, label)
    without = judged & ~has
    if not without.any():
        return certain(np.zeros(0, dtype=np.int64), 0)
    asked = pool.among(judged & has & ~_settled(pool))
    found = np.flatnonzero(asked & (p < p[without].mean()))
    return certain(found[np.argsort(p[found], kind="stable")][:n], int(asked.sum()))


def missed(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
    """Reviewed messages without the chosen label although the model expects it, surest first.

    Population: reviewed without the label, not settled. Shown are messages whose out-of-fold probability is
    above the mean of those with the label (confident learning, as ``check``: Northcutt, Jiang and Chuang 2021). Inclusion
    probability: 1.
    """
    del random_state
    p, has, judged = _held_out(pool, label)
    with_label = judged & has
    if not with_label.any():
        return certain(np.zeros(0, dtype=np.int64), 0)
    asked = pool.among(judged & ~has & ~_settled(pool))
    found = np.flatnonzero(asked & (p > p[with_label].mean()))
    return certain(found[np.argsort(-p[found], kind="stable")][:n], int(asked.sum()))


def _held_out(pool: Pool, chosen: int | None) -> tuple[Floats32, Bools, Bools]:
    """Out-of-fold probability and truth of one label, and which rows have both."""
    out_of_fold = need(pool.out_of_fold, "out-of-fold predictions", _TRAIN)
    assigned = need(pool.assigned, "reviewed labels", "Review some messages first.")
    index = column(out_of_fold, chosen)
    p = out_of_fold[:, index]
    return p, assigned[:, index], pool.reviewed & np.isfinite(p)


def _settled(pool: Pool) -> Bools:
    return np.zeros(pool.n, dtype=bool) if pool.settled is None else pool.settled
