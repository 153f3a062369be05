"""What a query strategy chooses from, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """Messages to choose from, as aligned arrays; None = not known yet.

    Attributes
    ----------
    reviewed
        bool, (n,).
    allowed
        bool, (n,): messages that pass the filter, so may be picked; None = all. What is learnt from the others,
        such as thresholds and shares of clusters, stays the same.
    times
        int64, (n,): when the message was sent, any unit that grows with time.
    probabilities
        float32, (n, n_labels): predictions of the newest model.
    out_of_fold
        float32, (n, n_labels): cross-validated probabilities; NaN for unreviewed messages.
    assigned
        bool, (n, n_labels): labels of reviewed messages, ancestors set; False elsewhere.
    vectors
        float32, (n, d), unit length.
    clusters
        int64, (n,), -1 = unclustered.
    by_cluster
        int32, (n,), see ``by_cluster``, where it was computed before (from ``typicality`` too, when that was).
    matches
        float64, (n,): how well a message matches a text search; 0 = not at all.
    informativeness
        float64, (n_labels,), 0-1, see ``informativeness``; None = 1 for all.
    sure
        float32, (n,): ``sureness`` of each row of ``probabilities``, where it was computed before.
    typicality
        float32, (n,), see ``typicality``, where it was computed before.
    even
        The probability at which the model is least sure whether a label applies: 1/2, and 2/3 where labels have a
        sentiment, because three outcomes are then as likely as each other.
    settled
        bool, (n,): judgements of the chosen label that a person confirmed; Check and Missed skip them.
    """

    reviewed: Bools
    times: Ints | None = None
    probabilities: Floats32 | None = None
    out_of_fold: Floats32 | None = None
    assigned: Bools | None = None
    vectors: Floats32 | None = None
    clusters: Ints | None = None
    by_cluster: npt.NDArray[np.int32] | None = None
    matches: Floats | None = None
    informativeness: Floats | None = None
    sure: Floats32 | None = None
    typicality: Floats32 | None = None
    settled: Bools | None = None
    allowed: Bools | None = None
    even: float = 0.5

    @property
    def n(self) -> int:
        """Messages."""
        return len(self.reviewed)

    @property
    def open(self) -> Bools:
        """Unreviewed messages that may be picked."""
        return self.among(~self.reviewed)

    def among(self, rows: Bools) -> Bools:
        """Those of ``rows`` that may be picked."""
        return rows if self.allowed is None else rows & self.allowed


@dataclass(frozen=True, kw_only=True, eq=False)
class Picks:
    """Chosen messages in the order to show them.

    Attributes
    ----------
    indices
        int64, (k,), different rows of the pool; k is smaller than asked when no more qualify.
    probabilities
        float64, (k,), in (0, 1]: probability with which the strategy picks this message, over all seeds.
        1 = the strategy would always pick it, so it stands for itself alone and tells nothing of other
        messages; below 1 = a random pick, which may be weighted by ``1 / probability``.
    n_population
        Messages the strategy chose among.
    """

    indices: Ints
    probabilities: Floats
    n_population: int


class Strategy(Protocol):
    """A rule for what to review next."""

    def __call__(self, pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
        """Pick at most ``n`` (>= 0) messages.

        Parameters
        ----------
        pool
            What there is.
        n
            How many at most.
        label
            Column of the chosen label; strategies that are not about one label ignore it.
        random_state
            Fixes every random choice: the same pool, n, label and seed give the same picks.

        Raises
        ------
        InputError
            The pool lacks an array the strategy needs, or ``label`` is missing or out of range.
        """
        ...


Array = TypeVar("Array", bound=npt.NDArray[np.generic])


def need(array: Array | None, what: str, next_step: str) -> Array:
    """``array``, or ``InputError`` when it is None."""
    if array is None:
        raise InputError(
            f"this way of choosing messages needs {what}, which do not exist yet.",
            next_step=next_step,
            details={"missing": what},
        )
    return array


def column(array: npt.NDArray[np.generic], label: int | None) -> int:
    """``label`` when it is a column of ``array``, else ``InputError``."""
    if label is None or not 0 <= label < array.shape[1]:
        raise InputError(
            f"label column {label} does not exist.",
            next_step=f"Choose a label first (0 to {array.shape[1] - 1}).",
            details={"label": -1 if label is None else label, "n_labels": array.shape[1]},
        )
    return label


def certain(indices: npt.NDArray[np.integer], n_population: int) -> Picks:
    """Picks that the strategy would always make."""
    return Picks(
        indices=indices.astype(np.int64), probabilities=np.ones(len(indices)), n_population=n_population
    )
