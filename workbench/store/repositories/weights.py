"""Weights of model versions: bytes in, bytes out, stored as lists of numbers.

Long values are never freed by DuckDB, lists are (``m0015_weights``).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId
from workbench.store.cursor import Cursor

_WORD_BYTES = 8
_PART_WORDS = 65_536


def put_weights(cursor: Cursor, dataset_id: DatasetId, version: int, weights: bytes) -> None:
    """Store the weights of a version that has none yet."""
    n_words = -(-len(weights) // _WORD_BYTES)
    words = np.frombuffer(weights.ljust(n_words * _WORD_BYTES, b"\0"), dtype=np.uint64)
    cuts = [*range(0, n_words, _PART_WORDS), n_words]
    pieces = pa.LargeListArray.from_arrays(pa.array(cuts, pa.int64()), pa.array(words))
    staged = pa.table({"part": pa.array(range(len(pieces)), pa.int32()), "content": pieces})
    cursor.bulk("model.add_weights", staged, dataset_id=dataset_id, version=version, n_bytes=len(weights))


def read_weights(cursor: Cursor, dataset_id: DatasetId, version: int) -> bytes:
    """The weights of a version, as they were stored."""
    found = cursor.table("model.weights", dataset_id=dataset_id, version=version)
    if not found.num_rows:
        return b""
    words = [chunk.flatten().to_numpy() for chunk in found.column("content").chunks]
    return np.concatenate(words).tobytes()[: found.column("n_bytes")[0].as_py()]
