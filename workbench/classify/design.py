"""Training rows as the solver wants them: a dense block, a sparse block, and their products on two threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]


def row_blocks(indptr: npt.NDArray[np.integer], n_blocks: int) -> list[slice]:
    """Cut rows into at most ``n_blocks`` contiguous slices with about equally many stored values."""
    n_rows = len(indptr) - 1
    targets = np.linspace(0, int(indptr[-1]), n_blocks + 1)[1:-1]
    cuts = [0, *np.searchsorted(indptr, targets).tolist(), n_rows]
    return [slice(begin, end) for begin, end in pairwise(cuts) if end > begin]


def multiply_sparse(
    blocks: list[tuple[slice, csr_matrix]],
    weights: Floats,
    n_rows: int,
    pool: ThreadPoolExecutor | None,
) -> Floats:
    """Rows times weights, one thread per row block; the result does not depend on the number of blocks."""
    out = np.zeros((n_rows, weights.shape[1]), dtype=np.float32)

    def one(block: tuple[slice, csr_matrix]) -> None:
        out[block[0]] = block[1] @ weights

    if pool is None:
        for block in blocks:
            one(block)
    else:
        list(pool.map(one, blocks))
    return out


class Design:
    """``n`` rows with ``d`` dense and ``v`` sparse columns.

    Parameters
    ----------
    dense
        float32, (n, d).
    sparse
        float32 CSR, (n, v).
    pool
        Threads for the sparse products, None = this thread only.
    n_threads
        Blocks to cut the sparse part into.
    """

    def __init__(
        self,
        dense: Floats,
        sparse: csr_matrix,
        *,
        pool: ThreadPoolExecutor | None = None,
        n_threads: int = 1,
    ) -> None:
        self.dense, self.sparse = dense, sparse
        self.n_rows, self.n_dense = dense.shape
        self.n_sparse = sparse.shape[1]
        self.n_columns = self.n_dense + self.n_sparse
        self.pool, self.n_threads = pool, n_threads
        turned = sparse.T.tocsr()
        self._forward = [(cut, sparse[cut]) for cut in row_blocks(sparse.indptr, n_threads)]
        self._backward = [(cut, turned[cut]) for cut in row_blocks(turned.indptr, n_threads)]
        self.mean_square = np.concatenate(
            [
                np.einsum("ij,ij->j", dense, dense),
                np.asarray(sparse.multiply(sparse).sum(axis=0), dtype=np.float32).ravel(),
            ]
        ) / np.float32(max(self.n_rows, 1))

    def forward(self, weights: Floats) -> Floats:
        """(n, k) scores of weights (d + v, k)."""
        scores = self.dense @ weights[: self.n_dense]
        if self.n_sparse:
            scores += multiply_sparse(self._forward, weights[self.n_dense :], self.n_rows, self.pool)
        return scores

    def backward(self, scores: Floats) -> Floats:
        """(d + v, k) products of the columns with scores (n, k)."""
        out = np.empty((self.n_columns, scores.shape[1]), dtype=np.float32)
        np.matmul(self.dense.T, scores, out=out[: self.n_dense])
        if self.n_sparse:
            out[self.n_dense :] = multiply_sparse(self._backward, scores, self.n_sparse, self.pool)
        return out
