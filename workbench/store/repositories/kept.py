"""What a read session may use beside its snapshot: the index of words, and findings that are still true."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from workbench.domain import DatasetId, FilterValues, MessageFilter, SourceId
from workbench.store.changes import Seen
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


State = tuple[tuple[str, ...], int, int]
"""What the messages of a dataset are: its sources, how many messages, and a number that changes with any of them."""


class KeptValues:
    """Values to filter by, kept while the messages of their dataset are what they were; at most ``most`` lists."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[tuple[DatasetId, object], tuple[State, FilterValues]] = {}
        self._lock = threading.Lock()

    def get(self, state: State, dataset_id: DatasetId, asked: object) -> FilterValues | None:
        """What was kept for this state of the messages, None when nothing was; what was for another is let go."""
        with self._lock:
            known, found = self._kept.get((dataset_id, asked), (None, None))
            if known != state:
                self._kept.pop((dataset_id, asked), None)
                return None
            return found

    def put(self, state: State, dataset_id: DatasetId, asked: object, found: FilterValues) -> None:
        """Keep it, in the place of all that was kept for another state of this dataset."""
        with self._lock:
            stale = [key for key, (known, _) in self._kept.items() if key[0] == dataset_id and known != state]
            for key in stale:
                del self._kept[key]
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[dataset_id, asked] = (state, found)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._kept.clear()


@dataclass(frozen=True, kw_only=True)
class DatasetPlace:
    """A dataset's project, and that of each of its sources."""

    dataset_id: DatasetId
    project: str
    name: str
    sources: dict[SourceId, str]

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"


class KeptPlaces:
    """What datasets there are, kept until a write has changed that."""

    def __init__(self) -> None:
        self._kept: tuple[int, tuple[DatasetPlace, ...]] | None = None

    def get(self, version: int) -> tuple[DatasetPlace, ...] | None:
        """What was kept for this number of changes, None when nothing was."""
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == version else None

    def put(self, version: int, found: tuple[DatasetPlace, ...]) -> None:
        """Keep it."""
        self._kept = (version, found)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a read session may use beside its snapshot.

    Attributes
    ----------
    version
        Number of the state it sees; None = a write ran meanwhile, so nothing may be kept under it.
    messages
        The same for messages alone: judgements leave it as it is.
    counts
        How many messages pass.
    times
        When some of those that pass came (``search.times``).
    states
        What the messages of a dataset are.
    values
        Values to filter by.
    places
        What datasets there are, for the number ``n_of_places``.
    """

    version: int | None
    messages: int | None
    index: SearchIndex
    counts: Kept[int]
    times: Kept[np.ndarray]
    states: Kept[State]
    values: KeptValues
    places: KeptPlaces
    n_of_places: int


class Findings:
    """All that is kept of what was found."""

    def __init__(self) -> None:
        self.counts: Kept[int] = Kept(512)
        self.times: Kept[np.ndarray] = Kept(8)
        self.states: Kept[State] = Kept(64)
        self.values = KeptValues(256)
        self.places = KeptPlaces()

    def reading(self, seen: Seen, *, index: SearchIndex) -> Reading:
        """What a session may use that sees a state."""
        return Reading(
            version=seen.version,
            messages=seen.messages,
            index=index,
            counts=self.counts,
            times=self.times,
            states=self.states,
            values=self.values,
            places=self.places,
            n_of_places=seen.places,
        )


def _can_be_kept(where: MessageFilter) -> bool:
    """Not a filter with ids of messages, which may be many, or with lists for tuples, which have no hash."""
    if where.uids is not None:
        return False
    try:
        hash(where)
    except TypeError:
        return False
    return True
