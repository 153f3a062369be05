"""What was fetched last from each stream, so that an advance counts it without asking the filter again."""

from __future__ import annotations

import threading

import numpy as np

from workbench.domain import StreamId

_MOST_KEPT = 1_024


class HandedOn:
    """The numbers of the messages that the last fetch of a stream gave. Thread-safe; kept in memory alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[StreamId, tuple[int, int, np.ndarray]] = {}

    def put(self, stream_id: StreamId, position: int, end: int, seqs: np.ndarray) -> None:
        """Keep what was given.

        Parameters
        ----------
        position, end
            After which message, and up to which, passed over or not.
        seqs
            int64, (n,), rising: the messages that pass.
        """
        with self._lock:
            if stream_id not in self._kept and len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[stream_id] = (position, end, seqs)

    def count(self, stream_id: StreamId, position: int, end: int) -> int | None:
        """How many that pass lie between two messages; None = that was not fetched last."""
        with self._lock:
            known = self._kept.get(stream_id)
        if known is None or not known[0] <= position <= end <= known[1]:
            return None
        first, last = np.searchsorted(known[2], [position, end], side="right")
        return int(last - first)
