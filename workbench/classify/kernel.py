"""Products of the training rows with one another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.classify.design import Floats, row_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_HELD_ROWS = 8_192
"""Up to this many training rows all products are held: 256 MiB. Above, those asked for are made each time."""


class Kernel:
    """``K = X X'`` of ``n`` rows with a dense and a sparse part.

    Parameters
    ----------
    dense
        float32, (n, d).
    sparse
        float32 CSR, (n, v).
    held_rows
        Largest ``n`` at which all of ``K`` is held in memory, 4 n^2 bytes.
    pool, n_threads
        Threads for making ``K``, None = this thread only, and the blocks of rows to cut it into.

    Attributes
    ----------
    longest
        float32: length of the longest row.
    """

    def __init__(
        self,
        dense: Floats,
        sparse: csr_matrix,
        *,
        held_rows: int = _HELD_ROWS,
        pool: ThreadPoolExecutor | None = None,
        n_threads: int = 1,
    ) -> None:
        self.n_rows = len(dense)
        squares = np.einsum("ij,ij->i", dense, dense)
        if sparse.shape[1]:
            squares += np.asarray(sparse.multiply(sparse).sum(axis=1), dtype=np.float32).ravel()
        self.longest = np.sqrt(squares.max(initial=0))
        self._dense, self._sparse = dense, sparse
        self._turned = sparse.T.tocsr() if sparse.shape[1] else None
        self._held = self._all(pool, n_threads) if self.n_rows <= held_rows else None

    def between(self, some: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Floats:
        """float32, (len(some), len(others)): products of some rows with others."""
        if self._held is not None:
            return self._held[some[:, None], others]
        return self._products(
            self._dense[some], self._sparse[some], self._dense[others], self._sparse[others]
        )

    def scores(self, rows: npt.NDArray[np.int64], weights: Floats) -> Floats:
        """float32, (k, n): scores of every row by ``k`` machines with ``weights``, (m, k), on ``rows``."""
        if self._held is not None:
            found: Floats = weights.T @ self._held.take(rows, 0)
            return found
        scores = self._dense @ (self._dense[rows].T @ weights)
        if self._turned is not None:
            scores += self._sparse @ (self._sparse[rows].T @ weights)
        return np.ascontiguousarray(scores.T)

    def times(self, weights: Floats) -> Floats:
        """``K @ weights``, float32 (n, k)."""
        scores = self._dense @ (self._dense.T @ weights)
        if self._turned is not None:
            scores += self._sparse @ (self._turned @ weights)
        return scores

    def _all(self, pool: ThreadPoolExecutor | None, n_threads: int) -> Floats:
        held: Floats = self._dense @ self._dense.T

        def add(rows: slice) -> None:
            held[rows] += (self._sparse[rows] @ self._turned).toarray()

        blocks = row_blocks(self._sparse.indptr, n_threads) if self._turned is not None else []
        for _ in map(add, blocks) if pool is None else pool.map(add, blocks):
            pass
        return held

    def _products(self, dense: Floats, sparse: csr_matrix, to: Floats, sparse_to: csr_matrix) -> Floats:
        made: Floats = dense @ to.T
        if self._turned is not None:
            made += (sparse @ sparse_to.T).toarray()
        return made
