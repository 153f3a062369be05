"""Where a message stands."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ONE_IN = 16
"""Of fewer than one in so many messages each is looked up; of more, all messages are run through once."""
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_TAILS = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], dtype=np.uint64)


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


class Places:
    """The same for one ``among`` asked again and again: a few uids are found without running through all of it.

    Parameters
    ----------
    among
        string, (n,), all different, without nulls.
    """

    def __init__(self, among: pa.Array) -> None:
        self.among = among
        prints = _prints(among)
        self._rows = np.argsort(prints).astype(np.int32)
        self._prints = prints[self._rows]

    @property
    def n_bytes(self) -> int:
        """Memory it takes beside ``among``."""
        return int(self._rows.nbytes + self._prints.nbytes)

    def of(self, uids: pa.Array) -> np.ndarray:
        """int64, (k,): where each of ``uids``, all different, stands; -1 = nowhere."""
        if len(uids) * _ONE_IN >= len(self.among):
            return places(uids, self.among)
        at = np.searchsorted(self._prints, prints := _prints(uids))
        rows = self._rows[np.minimum(at, len(self._rows) - 1)].astype(np.int64)
        same = pc.equal(self.among.take(pa.array(rows)), uids).to_numpy(zero_copy_only=False)
        rows[~same] = -1
        # Two uids with one print: the first of them is found, the other is looked for the long way.
        twins = ~same & (self._prints[np.minimum(at, len(self._prints) - 1)] == prints)
        if twins.any():
            rows[twins] = places(uids.filter(pa.array(twins)), self.among)
        return rows


def _prints(uids: pa.Array) -> np.ndarray:
    """uint64, (n,): a number made of the bytes of each text."""
    if not len(uids):
        return np.zeros(0, dtype=np.uint64)
    _, offsets, data = uids.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[uids.offset : uids.offset + len(uids) + 1].astype(np.int64)
    first, last = int(ends[0]), int(ends[-1])
    # The bytes as overlapping words of eight, one from each byte on.
    held = np.zeros(last - first + 8, dtype=np.uint8)
    if last > first:
        held[: last - first] = np.frombuffer(data, dtype=np.uint8)[first:last]
    words = np.ndarray(len(held) - 7, dtype="<u8", buffer=held, strides=(1,))
    begins, lengths = ends[:-1] - first, np.diff(ends)
    prints: np.ndarray = lengths.astype(np.uint64)
    going = np.arange(len(uids))
    for done in range(0, int(lengths.max(initial=0)), 8):
        going = going[lengths[going] > done]
        word = words[begins[going] + done] & _TAILS[np.minimum(lengths[going] - done, 8)]
        mixed = (prints[going] ^ word) * _PRIME
        prints[going] = mixed ^ (mixed >> np.uint64(29))
    return prints
