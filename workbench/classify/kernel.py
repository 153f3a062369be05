"""Products of the training rows with one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.classify.design import Design, Floats, row_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_HELD_ROWS = 8_192
"""Up to this many training rows all products are held: 256 MiB. Above, those asked for are made each time."""
_BLOCKS_PER_THREAD = 8
"""The sparse part is added in so many pieces by each thread: a small piece stays near the processor."""


class Kernel:
    """``K = X X'`` of the rows of a design.

    Parameters
    ----------
    design
        The ``n`` training rows.
    held_rows
        Largest ``n`` at which all of ``K`` is held in memory, 4 n^2 bytes.

    Attributes
    ----------
    longest
        float32: length of the longest row.
    """

    def __init__(self, design: Design, *, held_rows: int = _HELD_ROWS) -> None:
        self.design = design
        squares = np.einsum("ij,ij->i", design.dense, design.dense)
        if design.n_sparse:
            squares += np.asarray(design.sparse.multiply(design.sparse).sum(axis=1), dtype=np.float32).ravel()
        self.longest = np.sqrt(squares.max(initial=0))
        self._held = self._all() if design.n_rows <= held_rows else None

    def between(self, some: npt.NDArray[np.int64], *others: npt.NDArray[np.int64]) -> tuple[Floats, ...]:
        """float32, (len(some), len(o)) for each ``o`` of ``others``: products of some rows with others."""
        if self._held is not None:
            rows = self._held.take(some, 0)
            return tuple(rows.take(other, 1) for other in others)
        dense, sparse = self.design.dense[some], self.design.sparse[some]
        return tuple(self._made(dense, sparse, other) for other in others)

    def scores(self, rows: npt.NDArray[np.int64], weights: Floats) -> Floats:
        """float32, (k, n): scores of every row by ``k`` machines with ``weights``, (k, m), on ``rows``."""
        if self._held is not None:
            found: Floats = weights @ self._held.take(rows, 0)
            return found
        dense, sparse = self.design.dense, self.design.sparse
        scores = dense @ (dense[rows].T @ weights.T)
        if self.design.n_sparse:
            scores += sparse @ (sparse[rows].T @ weights.T)
        return np.ascontiguousarray(scores.T)

    def _made(self, dense: Floats, sparse: csr_matrix, others: npt.NDArray[np.int64]) -> Floats:
        made: Floats = dense @ self.design.dense[others].T
        if self.design.n_sparse:
            made += (sparse @ self.design.sparse[others].T).toarray()
        return made

    def _all(self) -> Floats:
        dense, sparse, pool = self.design.dense, self.design.sparse, self.design.pool
        held: Floats = dense @ dense.T
        if not self.design.n_sparse:
            return held
        turned = sparse.T.tocsr()

        def add(rows: slice) -> None:
            held[rows] += (sparse[rows] @ turned).toarray()

        blocks = row_blocks(sparse.indptr, self.design.n_threads * _BLOCKS_PER_THREAD)
        for _ in map(add, blocks) if pool is None else pool.map(add, blocks):
            pass
        return held
