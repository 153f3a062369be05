"""Where a message stands."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def places(uids: pa.Array, among: pa.Array) -> np.ndarray:
    """Where each of ``uids`` stands in ``among``, -1 = nowhere.

    The smaller of the two is made a hash table of, the larger one is run through once.
    """
    if len(uids) < len(among):
        origin = pc.index_in(among, value_set=uids).fill_null(-1).to_numpy(zero_copy_only=False)
        found = np.full(len(uids), -1, dtype=np.int64)
        rows = np.flatnonzero(origin >= 0)
        found[origin[rows]] = rows
        return found
    result: np.ndarray = pc.index_in(uids, value_set=among).fill_null(-1).to_numpy(zero_copy_only=False)
    return result.astype(np.int64)
