"""Arrow lists of equal length to numpy matrices and back, without Python objects."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def to_lists(matrix: np.ndarray) -> pa.Array:
    """A float32 (n, d) matrix as an Arrow ``list<float>`` array of n rows."""
    n, d = matrix.shape
    values = pa.array(np.ascontiguousarray(matrix, dtype=np.float32).reshape(-1))
    return pa.LargeListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int64) * d), values)


def to_matrix(column: pa.ChunkedArray, n_columns: int) -> np.ndarray:
    """A ``list<float>`` column whose lists all have ``n_columns`` entries, as float32 (n, n_columns)."""
    whole = np.empty((len(column), n_columns), dtype=np.float32)
    row = 0
    for chunk in column.chunks:
        whole[row : row + len(chunk)] = chunk.flatten().to_numpy().reshape(len(chunk), n_columns)
        row += len(chunk)
    return whole
