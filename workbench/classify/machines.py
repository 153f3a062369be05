"""Weights of all labels, and the scores of their cross-validation folds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.classify.design import Design, Floats
from workbench.classify.kernel import Kernel
from workbench.classify.solver import solve
from workbench.classify.working_sets import solve_with_folds

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Flags = npt.NDArray[np.bool_]

_RARE = 1_500
"""Labels with more examples (or more counterexamples, if those are fewer) have too many rows near their margin for
a working set: they are trained together, on all columns."""


@dataclass(frozen=True, kw_only=True)
class Machines:
    """How the linear machines of one training are found.

    Attributes
    ----------
    dense, sparse
        float32, (n, d) and CSR (n, v): the training rows.
    targets
        bool, (n, n_labels).
    trained
        bool, (n_labels,): labels that can be learned.
    C, tolerance
        As for ``solver.solve``.
    n_threads
        Threads, >= 1. Results do not depend on it.
    """

    dense: Floats
    sparse: csr_matrix
    targets: Flags
    trained: Flags
    C: float
    tolerance: float
    n_threads: int

    def from_weights(self, start: Floats) -> Floats:
        """Weights, float32 (d + v, n_labels), beginning from those of an earlier training; 0 for untrained labels."""
        with self._threads() as pool:
            return self._together(self.trained, np.ones(len(self.targets), bool), pool, start)

    def with_folds(self, folds: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Weights as above from nothing, and scores of every row by a machine that did not see its fold.

        Parameters
        ----------
        folds
            int64, (n,): -1 everywhere = none; the scores are NaN then, and 0 for untrained labels.
        """
        n_positive = self.targets.sum(axis=0)
        rare = np.minimum(n_positive, len(self.targets) - n_positive) <= _RARE
        with self._threads() as pool:
            weights, held_out = self._apart(self.trained & rare, folds, pool)
            many = self.trained & ~rare
            if many.any():
                weights[:, many] = self._together(many, np.ones(len(folds), bool), pool)[:, many]
            for fold in range(int(folds.max(initial=-1)) + 1 if many.any() else 0):
                out = folds == fold
                of_fold = self._together(many, ~out, pool)
                held_out[np.ix_(out, many)] = self._scores(out, of_fold[:, many])
        return weights, held_out

    def _apart(
        self, chosen: Flags, folds: npt.NDArray[np.int64], pool: ThreadPoolExecutor
    ) -> tuple[Floats, Floats]:
        n_columns = self.dense.shape[1] + self.sparse.shape[1]
        weights = np.zeros((n_columns, self.targets.shape[1]), dtype=np.float32)
        held_out = np.full(self.targets.shape, 0 if (folds >= 0).all() else np.nan, dtype=np.float32)
        if chosen.any():
            design = Design(self.dense, self.sparse, pool=pool, n_threads=self.n_threads)
            found = solve_with_folds(
                Kernel(design), self._signs(chosen), folds, C=self.C, tolerance=self.tolerance
            )
            weights[:, chosen] = design.backward(found.duals)
            held_out[:, chosen] = found.held_out
        return weights, held_out

    def _together(
        self, chosen: Flags, rows: Flags, pool: ThreadPoolExecutor, start: Floats | None = None
    ) -> Floats:
        n_columns = self.dense.shape[1] + self.sparse.shape[1]
        weights = np.zeros((n_columns, self.targets.shape[1]), dtype=np.float32)
        if chosen.any():
            everything = bool(rows.all())
            dense, sparse = (self.dense, self.sparse) if everything else (self.dense[rows], self.sparse[rows])
            weights[:, chosen] = solve(
                Design(dense, sparse, pool=pool, n_threads=self.n_threads),
                self._signs(chosen)[rows],
                C=self.C,
                start=None if start is None else start[:, chosen],
                tolerance=self.tolerance,
            ).weights
        return weights

    def _scores(self, rows: Flags, weights: Floats) -> Floats:
        scores: Floats = self.dense[rows] @ weights[: self.dense.shape[1]]
        if self.sparse.shape[1]:
            scores += self.sparse[rows] @ weights[self.dense.shape[1] :]
        return scores

    def _signs(self, chosen: Flags) -> Floats:
        return np.where(self.targets[:, chosen], np.float32(1), np.float32(-1))

    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=self.n_threads, thread_name_prefix="classify")
