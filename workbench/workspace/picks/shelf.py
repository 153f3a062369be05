"""The pick indexes of the open datasets: made when first asked for, made anew in the background, bounded in memory."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from workbench.domain import DatasetId, Event
from workbench.workspace.picks.index import Key, PickIndex

_WAIT_S = 0.05
_PARTS = frozenset({"model", "discover", "taxonomy"})


@dataclass(frozen=True, kw_only=True)
class _Stamp:
    """What an index was made of: how often messages, and predictions, clusters or labels, had changed by then."""

    rows: int
    parts: int


@dataclass(kw_only=True)
class _Kept:
    stamp: _Stamp
    index: PickIndex


class PickShelf:
    """Hands out the index of a dataset.

    After a new version or an import the next one is made in a thread; whoever asks meanwhile waits a twentieth of a
    second for it and then gets the one before, with the reviewed flags of now. After messages of a dataset were deleted
    (an ``import`` event that says ``gone``) nobody gets what was of it; the other datasets keep theirs.

    Parameters
    ----------
    read
        Makes the index of a dataset from what is stored now, given one with the same rows (or None) and the parts to have ready.
    max_bytes
        Memory that all indexes may take; the datasets and parts not used for longest go first. One that is larger by
        itself is used and not kept.
    """

    def __init__(
        self, read: Callable[[DatasetId, PickIndex | None, list[Key]], PickIndex], *, max_bytes: int
    ) -> None:
        self._read = read
        self._max_bytes = max_bytes
        self._kept: OrderedDict[DatasetId, _Kept] = OrderedDict()
        self._making: dict[DatasetId, Future[PickIndex]] = {}
        self._rows_changed: Counter[DatasetId | None] = Counter()
        self._gone_at: Counter[DatasetId | None] = Counter()
        self._parts_changed: Counter[DatasetId | None] = Counter()
        self._lock = threading.Lock()
        self._maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pick-index")

    def hear(self, event: Event) -> None:
        """Note what an index no longer shows; called after the commit and before the caller has its answer."""
        dataset_id = event.dataset_id
        if event.topic == "import":
            with self._lock:
                self._rows_changed[dataset_id] += 1
                if dataset_id is not None and msgspec.json.decode(event.payload).get("gone"):
                    self._kept.pop(dataset_id, None)
                    self._gone_at[dataset_id] = self._stamp(dataset_id).rows
        elif event.topic in _PARTS:
            with self._lock:
                self._parts_changed[dataset_id] += 1
                known = dataset_id in self._kept
            if event.topic == "model" and dataset_id is not None and known:
                self._make(dataset_id)

    def get(self, dataset_id: DatasetId, needs: tuple[Key, ...] = ()) -> PickIndex:
        """The index of a dataset; while a newer one is being made, the one before if it has all that is needed."""
        with self._lock:
            kept = self._kept.get(dataset_id)
            if kept is not None:
                self._kept.move_to_end(dataset_id)
                if kept.stamp == self._stamp(dataset_id):
                    return kept.index
        made = self._make(dataset_id)
        before = kept.index.holding(needs) if kept else None
        if before is None:
            return made.result()
        try:
            return made.result(timeout=_WAIT_S)
        except TimeoutError:
            return before

    def settle(self) -> None:
        """Forget what is over the limit."""
        with self._lock:
            total = sum(kept.index.n_bytes for kept in self._kept.values())
            while total > self._max_bytes and len(self._kept) > 1:
                total -= self._kept.popitem(last=False)[1].index.n_bytes
            for dataset_id, kept in list(self._kept.items()):
                kept.index.shrink(self._max_bytes)
                if kept.index.n_bytes > self._max_bytes:
                    del self._kept[dataset_id]

    def close(self) -> None:
        """Stop making indexes."""
        self._maker.shutdown(wait=True, cancel_futures=True)

    # ---- inside ----------------------------------------------------------------------------------

    def _stamp(self, dataset_id: DatasetId) -> _Stamp:
        return _Stamp(
            rows=self._rows_changed[dataset_id] + self._rows_changed[None],
            parts=self._parts_changed[dataset_id] + self._parts_changed[None],
        )

    def _make(self, dataset_id: DatasetId) -> Future[PickIndex]:
        """Make the index in the thread; who asks while it is queued or made shares it."""
        with self._lock:
            under_way = self._making.get(dataset_id)
            if under_way is None:
                under_way = self._making[dataset_id] = self._maker.submit(self._made, dataset_id)
            return under_way

    def _made(self, dataset_id: DatasetId) -> PickIndex:
        with self._lock:
            # Before the read begins: what changes after it makes the index out of date, not wrong.
            self._making.pop(dataset_id, None)
            stamp = self._stamp(dataset_id)
            before = self._kept.get(dataset_id)
        if before is not None and before.stamp == stamp:
            return before.index
        same_rows = before is not None and before.stamp.rows == stamp.rows
        wanted = before.index.wanted() if before else []
        index = self._read(dataset_id, before.index if before and same_rows else None, wanted)
        with self._lock:
            if stamp.rows >= self._gone_at[dataset_id]:
                self._kept[dataset_id] = _Kept(stamp=stamp, index=index)
                self._kept.move_to_end(dataset_id)
        self.settle()
        return index
