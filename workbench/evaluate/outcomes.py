"""What became of each test message at a threshold: rightly predicted, wrongly, missed, rightly left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain import OUTCOMES, Outcome, OutcomeCounts, Share
from workbench.evaluate.curves import Bools, Scores, check_rows
from workbench.evaluate.intervals import wilson_interval


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """How often two labels stood in for one another.

    Attributes
    ----------
    column
        The other label.
    taken_for
        Messages that carry this label and were given the other instead.
    taken_from
        Messages that carry the other and were given this label instead.
    """

    column: int
    taken_for: int
    taken_from: int


def passing(scores: Scores, thresholds: npt.ArrayLike) -> Bools:
    """bool, shape of ``scores``: "yes" at or above the threshold, compared as float32, in which scores are kept."""
    found: Bools = scores.astype(np.float32) >= np.asarray(thresholds, dtype=np.float32)
    return found


def outcome_rows(truth: Bools, predicted: Bools, outcome: Outcome) -> npt.NDArray[np.int64]:
    """Rows of one outcome, int64 ascending; ``truth`` and ``predicted`` are (n,)."""
    wanted_truth, wanted_prediction = OUTCOMES[outcome]
    return np.flatnonzero((truth == wanted_truth) & (predicted == wanted_prediction))


def count_outcomes(truth: Bools, predicted: Bools) -> OutcomeCounts:
    """Counts of the four outcomes, over one label or pooled over several; both arrays have one shape."""
    counts = {
        name: int(np.count_nonzero((truth == carries) & (predicted == yes)))
        for name, (carries, yes) in OUTCOMES.items()
    }
    return OutcomeCounts(n=truth.size, **counts)


def share_of(successes: int, trials: int) -> Share:
    """A share with its 95 % Wilson interval (Wilson 1927); value None and 0 to 1 without a trial."""
    low, high = wilson_interval(np.array([successes]), np.array([trials]))
    return Share(
        value=successes / trials if trials else None, low=float(low[0]), high=float(high[0]), n=trials
    )


def confusions(truth: Bools, predicted: Bools, column: int) -> tuple[Confusion, ...]:
    """Which labels one label is mixed up with, most often first.

    A message counts for a pair when it carries one of the two and not the other, and was given the other and not the
    one: a missed label and a wrong one on the same message, as in the confusion matrix of several labels a message
    (Heydarian, Doyle and Samavi 2022). Where several wrong labels stand beside a missed one, each counts.

    Parameters
    ----------
    truth, predicted
        bool, (n, n_labels).
    column
        The label.

    Raises
    ------
    InputError
        The shapes differ.
    """
    check_rows(truth, predicted.astype(np.float32))
    missed, wrong = truth & ~predicted, predicted & ~truth
    taken_for = wrong[missed[:, column]].sum(axis=0)
    taken_from = missed[wrong[:, column]].sum(axis=0)
    both = taken_for + taken_from
    order = np.argsort(-both, kind="stable")
    return tuple(
        Confusion(column=int(one), taken_for=int(taken_for[one]), taken_from=int(taken_from[one]))
        for one in order
        if both[one] and one != column
    )
