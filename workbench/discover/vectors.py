"""Vectors made ready for geometry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_ROWS_AT_ONCE = 65_536


def check_vectors(vectors: npt.ArrayLike) -> Floats:
    """``vectors`` as contiguous float32, (n, d).

    Raises
    ------
    InputError
        They are not a table of finite numbers.
    """
    table = np.ascontiguousarray(vectors, dtype=np.float32)
    if table.ndim != 2 or (len(table) and not table.shape[1]):  # noqa: PLR2004 - rows and columns
        raise InputError(
            f"vectors of shape {table.shape} cannot be used.",
            next_step="Hand in one row per message: shape (n, d), d above 0.",
        )
    if not np.isfinite(table).all():
        bad = int(np.flatnonzero(~np.isfinite(table).all(axis=1))[0])
        raise InputError(
            f"the vector in row {bad} has a value that is no finite number.",
            next_step="Embed that message again.",
            details={"row": bad},
        )
    return table


def unit_rows(vectors: Floats) -> Floats:
    """Rows scaled to length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def principal_components(vectors: Floats, n_components: int) -> Floats:
    """Centred rows on their first principal axes, float32, (n, min(n_components, d)).

    The axes come from the covariance matrix, each signed so that its largest entry is positive: the same
    rows give the same numbers whatever their number, without a random start.
    """
    n, d = vectors.shape
    kept = min(n_components, d)
    if n == 0:
        return np.zeros((0, kept), dtype=np.float32)
    mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    scatter = np.zeros((d, d), dtype=np.float64)
    for start in range(0, n, _ROWS_AT_ONCE):
        piece = vectors[start : start + _ROWS_AT_ONCE] - mean
        scatter += piece.T @ piece
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :kept]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(kept)] < 0, -1, 1)
    turned = axes.astype(np.float32)
    reduced = np.empty((n, kept), dtype=np.float32)
    for start in range(0, n, _ROWS_AT_ONCE):
        piece = slice(start, start + _ROWS_AT_ONCE)
        reduced[piece] = (vectors[piece] - mean) @ turned
    return reduced
