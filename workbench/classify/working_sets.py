"""Linear support vector machines and their cross-validation folds from the products of the training rows.

The same problem as in ``solver``: for each label ``|w|^2 / 2 + C * sum(max(0, 1 - y * f)^2)``. Its answer is
``w = X' b`` with ``b = 2 C y * max(0, 1 - y * f)``: only rows within the margin have weight, and with few positives
those are few. So each label looks at a working set of such rows (Joachims 1999), where Newton's method (Chapelle
2007) is a handful of products of a small matrix, and takes in rows outside that turn out to lie within the margin.
Folds begin from the rows that have weight in the answer on all rows, less those they hold out: few others join, and
one product serves all folds. The answer of a fold does not depend on where it began, up to the tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from workbench.classify.design import Floats
from workbench.classify.kernel import Kernel
from workbench.classify.newton import settle

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

_FIRST_ROWS, _ROWS_PER_POSITIVE = 100, 1
"""A working set begins with the rarer side and this many rows of the other: a number and a multiple of the rarer."""
_RIDGE = np.float32(1)
"""Added to the squares of the first guess: the order of its scores hardly depends on it between 1 and 10."""
_MAX_ROUNDS = 40


@dataclass(frozen=True, kw_only=True)
class Folded:
    """Machines of all labels, and what those of their folds say.

    Attributes
    ----------
    duals
        float32, (n, n_labels): the weights of label ``l`` are ``X' duals[:, l]``.
    held_out
        float32, (n, n_labels): scores of each row by the machine that was not trained on its fold; NaN without
        folds.
    """

    duals: Floats
    held_out: Floats


def solve_with_folds(
    kernel: Kernel,
    signs: Floats,
    folds: npt.NDArray[np.int64],
    *,
    C: float,  # noqa: N803 - the name everybody knows
    tolerance: float,
) -> Folded:
    """Train one machine per column of ``signs`` on all rows, and one per fold on the rows of the others.

    Parameters
    ----------
    kernel
        Products of the training rows. The threads of its design train one label each; results do not depend on them.
    signs
        float32, (n, n_labels), +1 where the label applies, else -1.
    folds
        int64, (n,): fold of each row; all -1 = none.
    C
        Weight of the errors against the length of the weights, > 0.
    tolerance
        A machine is done when its gradient is shorter than ``tolerance * 2 C * min(positives, negatives)``.
    """
    likely = _least_squares(kernel.design.dense, signs)
    n_folds = int(folds.max(initial=-1)) + 1
    everywhere = np.ones((1, len(signs)), dtype=bool)
    elsewhere = folds != np.arange(n_folds)[:, None]
    duals, held_out = np.zeros_like(signs), np.full_like(signs, np.nan)
    every = np.arange(len(signs))

    def train(label: int) -> None:
        one = _WorkingSet(kernel, np.ascontiguousarray(signs[:, label]), likely[:, label])
        one.solve(everywhere, C=C, tolerance=tolerance)
        duals[one.rows, label] = one.weights[0]
        if n_folds:
            held_out[:, label] = one.solve(elsewhere, C=C, tolerance=tolerance)[folds, every]

    # The longest first, so that no thread is left with one at the end.
    order = np.argsort(np.abs(signs.mean(axis=0)), kind="stable").tolist()
    # One thread per label: threads inside these small products as well would only wait for each other.
    pool = kernel.design.pool
    with threadpool_limits(1, user_api="blas"):
        for _ in map(train, order) if pool is None else pool.map(train, order):
            pass
    return Folded(duals=duals, held_out=held_out)


def _least_squares(dense: Floats, signs: Floats) -> Floats:
    """Scores, float32 (n, n_labels), of machines that fit the signs by least squares on the dense columns alone.

    One factorisation serves all labels; the order of these scores tells well which rows will be near the margin.
    """
    squares = dense.T @ dense
    squares[np.diag_indices_from(squares)] += _RIDGE
    scores: Floats = dense @ np.linalg.solve(squares, dense.T @ signs)
    return scores


class _WorkingSet:
    """Rows that one label looks at, their products, and the weights of its machines on them."""

    def __init__(self, kernel: Kernel, signs: Floats, likely: Floats) -> None:
        self.kernel, self.signs = kernel, signs
        rare = signs > 0
        if 2 * rare.sum() > len(signs):
            rare, likely = ~rare, -likely
        self.n_rare = max(int(rare.sum()), 1)
        self.rows: Rows = np.zeros(0, dtype=np.int64)
        self.weights: Floats = np.zeros((1, 0), dtype=np.float32)
        self._products: Floats = np.zeros((0, 0), dtype=np.float32)
        self._outside = np.ones(len(signs), dtype=bool)
        self._step = _FIRST_ROWS + _ROWS_PER_POSITIVE * self.n_rare
        near = _largest(np.where(rare, -np.inf, likely), min(self._step, int((~rare).sum())))
        self._add(np.concatenate([np.flatnonzero(rare), near]))

    def solve(self, trains_on: Flags, *, C: float, tolerance: float) -> Floats:  # noqa: N803
        """Train a machine per row of ``trains_on``, bool (k, n), beginning from the first one there is.

        Returns
        -------
        numpy.ndarray
            float32, (k, n): scores of all rows.
        """
        cost = np.float32(2 * C)
        goal = np.float32(tolerance * self.n_rare) * cost
        self.weights = self.weights[:1] * trains_on[:, self.rows]
        # Scores that lack what the rows held out said would be shifted: the rows with weight are the better guess.
        active = self.weights != 0 if self.weights.any() else None
        scores = np.empty(trains_on.shape, dtype=np.float32)
        going = np.arange(len(trains_on))
        for _ in range(_MAX_ROUNDS):
            inside, begin = trains_on[going][:, self.rows], self.weights[going]
            found = settle(self._products, self.signs[self.rows], inside, begin, active, cost, goal)
            active, self.weights[going] = None, found
            heavy = found.any(axis=0)
            scores[going] = self.kernel.scores(self.rows[heavy], found[:, heavy])
            missed = np.maximum(1 - self.signs * scores[going], 0) * (trains_on[going] & self._outside)
            # No row is longer: this bounds what the rows outside add to the gradient.
            short = cost * self.kernel.longest * missed.sum(axis=1) > goal
            going = going[short]
            if not len(going):
                break
            worst = missed[short].max(axis=0)
            self._add(_largest(worst, min(self._step, int(np.count_nonzero(worst)))))
        return scores

    def _add(self, rows: Rows) -> None:
        border, corner = self.kernel.between(rows, self.rows, rows)
        self._products = np.block([[self._products, border.T], [border, corner]])
        self.rows = np.concatenate([self.rows, rows])
        fresh = np.zeros((len(self.weights), len(rows)), dtype=np.float32)
        self.weights = np.hstack([self.weights, fresh])
        self._outside[rows] = False


def _largest(values: Floats, n: int) -> Rows:
    """Places of the ``n`` largest values, ascending."""
    if n >= len(values):
        return np.arange(len(values))
    return np.sort(np.argpartition(-values, n)[:n])
