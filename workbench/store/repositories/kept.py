"""What a read session may use beside its snapshot: the index of words, and findings that are still true."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from workbench.domain import DatasetId, MessageFilter
from workbench.store.search.index import SearchIndex

T = TypeVar("T")


class Kept(Generic[T]):
    """What was found for a filter of a dataset, kept until something is written; at most ``most`` of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._version: int | None = None
        self._kept: dict[tuple[DatasetId, MessageFilter], T] = {}
        self._lock = threading.Lock()

    def get(self, version: int | None, dataset_id: DatasetId, where: MessageFilter) -> T | None:
        """What was kept for this state of the store, None when nothing was."""
        if version is None or not _can_be_kept(where):
            return None
        with self._lock:
            return self._kept.get((dataset_id, where)) if version == self._version else None

    def put(self, version: int | None, dataset_id: DatasetId, where: MessageFilter, found: T) -> None:
        """Keep it."""
        if version is None or not _can_be_kept(where):
            return
        with self._lock:
            if version != self._version or len(self._kept) >= self._most:
                self._version, self._kept = version, {}
            self._kept[dataset_id, where] = found


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a read session may use beside its snapshot.

    Attributes
    ----------
    version
        Number of the state it sees; None = a write ran meanwhile, so nothing may be kept under it.
    counts
        How many messages pass.
    times
        When some of those that pass came (``search.times``).
    """

    version: int | None
    index: SearchIndex
    counts: Kept[int]
    times: Kept[np.ndarray]


def _can_be_kept(where: MessageFilter) -> bool:
    """Not a filter with ids of messages, which may be many, or with lists for tuples, which have no hash."""
    if where.uids is not None:
        return False
    try:
        hash(where)
    except TypeError:
        return False
    return True
