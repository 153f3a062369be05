"""Scores and probabilities of many messages: one dense product, then sparse product and sigmoid by blocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.classify.hierarchy import Parents, make_consistent
from workbench.classify.mixture import Mixture
from workbench.classify.rivalry import Rivalry

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
_BLOCK = 4_096
_LIMIT = np.float32(30.0)
"""Scores beyond give 0 or 1 in float32 anyway; cutting them keeps the exponential finite."""


class Scorer:
    """Linear scores of vectors and lexical features.

    Parameters
    ----------
    coef, intercept
        float32, (d, n_labels) and (n_labels,).
    lexical_columns, lexical_coef
        int64, (k,) and float32, (k, n_labels).
    """

    def __init__(
        self,
        coef: Floats,
        intercept: Floats,
        lexical_columns: npt.NDArray[np.int64],
        lexical_coef: Floats,
    ) -> None:
        self.coef = coef
        self.intercept = intercept
        self.lexical_columns = lexical_columns
        self.lexical_coef = lexical_coef

    def scores(self, vectors: Floats, lexical: csr_matrix | None, *, n_threads: int) -> Floats:
        """float32, (n, n_labels)."""
        return self._run(vectors, lexical, n_threads)

    def probabilities(
        self,
        vectors: Floats,
        lexical: csr_matrix | None,
        *,
        constants: Floats,
        parents: Parents,
        mixture: Mixture | None = None,
        rivalry: Rivalry | None = None,
        n_threads: int,
    ) -> Floats:
        """Sigmoid of the scores, names mixed in, rivals weighed; ``constants`` (not NaN) replace columns; parents as likely."""
        return self._run(vectors, lexical, n_threads, constants, parents, mixture, rivalry)

    def _run(
        self,
        vectors: Floats,
        lexical: csr_matrix | None,
        n_threads: int,
        constants: Floats | None = None,
        parents: Parents | None = None,
        mixture: Mixture | None = None,
        rivalry: Rivalry | None = None,
    ) -> Floats:
        out: Floats = np.asarray(vectors, dtype=np.float32) @ self.coef
        wide = self._wide(lexical)
        fixed = None if constants is None else np.flatnonzero(~np.isnan(constants))
        has_tree = parents is not None and bool((parents >= 0).any())

        def one(begin: int) -> None:
            block = out[begin : begin + _BLOCK]
            if lexical is not None and wide is not None:
                block += lexical[begin : begin + _BLOCK] @ wide
            block += self.intercept
            if constants is None:
                return
            if mixture is not None and parents is not None:
                mixture.mix(block, vectors[begin : begin + _BLOCK], parents)
            if rivalry is not None:
                rivalry.weigh(block)
            sigmoid_in_place(block)
            if fixed is not None and len(fixed):
                block[:, fixed] = constants[fixed]
            if parents is not None and has_tree:
                make_consistent(block, parents)

        begins = range(0, len(out), _BLOCK)
        if n_threads == 1:
            for begin in begins:
                one(begin)
        else:
            with ThreadPoolExecutor(max_workers=n_threads) as pool:
                list(pool.map(one, begins))
        return out

    def _wide(self, lexical: csr_matrix | None) -> Floats | None:
        """Weights of every lexical column, so that the matrix of all messages need not be cut."""
        if lexical is None or not len(self.lexical_columns):
            return None
        wide = np.zeros((lexical.shape[1], self.lexical_coef.shape[1]), dtype=np.float32)
        wide[self.lexical_columns] = self.lexical_coef
        return wide


def sigmoid_in_place(scores: Floats) -> Floats:
    """Replace scores by ``1 / (1 + exp(-score))``."""
    np.clip(scores, -_LIMIT, _LIMIT, out=scores)
    np.negative(scores, out=scores)
    np.exp(scores, out=scores)
    scores += 1.0
    np.reciprocal(scores, out=scores)
    return scores
