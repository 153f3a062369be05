"""Reviewed messages whose labels may be wrong, ranked over all labels of a tree.

For each message the smallest changes of its labels are weighed: taking one away, adding one, or putting one in the
place of another. Out-of-fold probabilities say how much likelier each makes what people said (confident learning,
Northcutt, Jiang and Chuang 2021, works on the same probabilities); the best change gives the message its score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain import SuspectKind
from workbench.errors import InputError
from workbench.evaluate.curves import Bools, Floats, Scores

KINDS: tuple[SuspectKind, ...] = ("instead", "missing", "wrong")
_LEAST = 1e-3
"""Added to probabilities before the logarithm: below it, how improbable a label is says nothing more."""
_NEVER = -np.inf
_EVEN = 0.5
SUSPECT = float(np.log(4))
"""A message is suspect when a change is at least four times as likely: one label at 20 % or below, or at 80 %."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Suspects:
    """Suspect messages, most suspect first; all arrays (k,).

    Attributes
    ----------
    rows
        int64: rows of the truth.
    kinds
        int64: places in ``KINDS``.
    said, expected
        int64: columns of the label in doubt and of the expected one, -1 = none.
    scores
        float64: logarithm of how much likelier the change is.
    """

    rows: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]
    said: npt.NDArray[np.int64]
    expected: npt.NDArray[np.int64]
    scores: Floats


def rank_suspects(
    y_true: Bools,
    out_of_fold: Scores,
    parents: npt.NDArray[np.int64],
    *,
    settled: Bools | None = None,
    label: int | None = None,
    least: float = SUSPECT,
) -> Suspects:
    """Rank reviewed messages by how strongly a model that did not learn from them contradicts their labels.

    * ``wrong``: taking away a label without an assigned child, log((1 - p) / p). Where it is the only one, the
      logarithm of how much rarer messages without any label are than independent labels would leave is added.
    * ``missing``: adding a label, log(p / (1 - p)).
    * ``instead``: another label in its place, log(p_other / p).

    A message takes the score of its best change, and is suspect when that reaches ``least``. Where a label below 50 % could
    be exchanged for one above, it is told as ``instead``.

    Parameters
    ----------
    y_true
        bool, (n, n_labels): labels of the reviewed messages, ancestors set.
    out_of_fold
        float, (n, n_labels), in [0, 1], no child above its parent: probabilities of models that did not see the message;
        messages with a NaN are left out.
    parents
        int64, (n_labels,): column of each label's parent, -1 = none.
    settled
        bool, (n, n_labels): labels that a person said to leave as they are on a message; None = none.
    label
        Only changes that are about this column; None = all.
    least
        Lowest score that is listed.

    Raises
    ------
    InputError
        Shapes differ or there is no such column.
    """
    n_labels = y_true.shape[1]
    _check(y_true, out_of_fold, parents, settled, label)
    usable = np.flatnonzero(np.isfinite(out_of_fold).all(axis=1))
    truth = y_true[usable]
    if not len(usable) or not n_labels:
        none = np.zeros(0, dtype=np.int64)
        return Suspects(rows=none, kinds=none, said=none, expected=none, scores=np.zeros(0))
    p = out_of_fold[usable].astype(np.float64)
    log_p, log_q = np.log(p + _LEAST), np.log(1 - p + _LEAST)
    above = _ancestors(parents)
    deepest = truth & ~(truth.astype(np.float32) @ above.astype(np.float32) > 0)
    open_ = np.ones_like(truth) if settled is None else ~settled[usable]
    about = np.ones(n_labels, dtype=bool) if label is None else np.arange(n_labels) == label
    doubted, lacking = deepest & open_, ~truth & open_
    wrong = np.where(doubted & about, log_q - log_p, _NEVER)
    wrong += np.where(deepest.sum(axis=1) <= 1, _rarity_of_none(truth), 0.0)[:, None]
    missing = np.where(lacking & about, log_p - log_q, _NEVER)
    said, expected, instead = _exchange(log_p, doubted, lacking, about)
    scores = np.stack([instead, missing.max(axis=1), wrong.max(axis=1)], axis=1)
    kinds = scores.argmax(axis=1)
    best = scores[np.arange(len(kinds)), kinds]
    # Where one label is unlikely and another likely, both are told, whichever of the changes weighs most.
    rows = np.arange(len(p))
    both = np.isfinite(instead) & (p[rows, said] < _EVEN) & (p[rows, expected] > _EVEN)
    kinds[both] = KINDS.index("instead")
    said = np.choose(kinds, [said, np.full(len(said), -1), wrong.argmax(axis=1)])
    expected = np.choose(kinds, [expected, missing.argmax(axis=1), np.full(len(said), -1)])
    suspect = np.flatnonzero(best >= least)
    order = suspect[np.lexsort((suspect, -best[suspect]))]
    return Suspects(
        rows=usable[order],
        kinds=kinds[order],
        said=said[order],
        expected=_deepest_expected(expected[order], p[order], truth[order], parents),
        scores=best[order],
    )


def _check(
    y_true: Bools,
    out_of_fold: Scores,
    parents: npt.NDArray[np.int64],
    settled: Bools | None,
    label: int | None,
) -> None:
    shapes = {y_true.shape, out_of_fold.shape, (len(y_true), len(parents))}
    if settled is not None:
        shapes.add(settled.shape)
    if len(shapes) > 1:
        raise InputError(
            f"shapes of truth, probabilities, parents and settled labels differ: {sorted(shapes)}.",
            next_step="Give one row per reviewed message and one column per label.",
        )
    if label is not None and not 0 <= label < len(parents):
        raise InputError(
            f"label column {label} does not exist.",
            next_step=f"Choose one of 0 to {len(parents) - 1}.",
            details={"label": label, "n_labels": len(parents)},
        )


def _ancestors(parents: npt.NDArray[np.int64]) -> Bools:
    """bool, (n_labels, n_labels): whether the column is an ancestor of the row."""
    above = np.zeros((len(parents), len(parents)), dtype=bool)
    for column in range(len(parents)):
        parent = int(parents[column])
        while parent >= 0:
            above[column, parent] = True
            parent = int(parents[parent])
    return above


def _rarity_of_none(truth: Bools) -> float:
    """Log of the share of messages without a label over the share that independent labels would leave, at most 0."""
    n = len(truth)
    alone = n * float(np.prod(1 - truth.mean(axis=0)))
    return min(0.0, float(np.log(((~truth.any(axis=1)).sum() + 0.5) / (alone + 0.5))))


def _exchange(
    log_p: Floats, doubted: Bools, lacking: Bools, about: Bools
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Column taken away, column put in its place, and the score, (n,) each: the least probable by the likeliest."""
    rows = np.arange(len(log_p))
    best_said, best_expected = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    best = np.full(len(rows), _NEVER)
    every = np.ones_like(about)
    # About one label: it goes, or it comes.
    for from_here, to_there in ((False, False),) if about.all() else ((True, False), (False, True)):
        surprise = np.where(doubted & (about if from_here else every), -log_p, _NEVER)
        likely = np.where(lacking & (about if to_there else every), log_p, _NEVER)
        said, expected = surprise.argmax(axis=1), likely.argmax(axis=1)
        score = surprise[rows, said] + likely[rows, expected]
        better = score > best
        best_said[better], best_expected[better], best[better] = said[better], expected[better], score[better]
    return best_said, best_expected, best


def _deepest_expected(
    expected: npt.NDArray[np.int64], p: Floats, truth: Bools, parents: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The most precise label below an expected one that is still at least half as probable."""
    found = expected.copy()
    for place in np.flatnonzero(expected >= 0):
        while True:
            here = found[place]
            below = np.flatnonzero((parents == here) & ~truth[place])
            if not len(below):
                break
            best = below[p[place, below].argmax()]
            if p[place, best] < p[place, here] / 2:
                break
            found[place] = best
    return found
