"""What people have before them, as far as the owner can know: the messages that were last handed to each."""

from __future__ import annotations

import threading
from collections import OrderedDict

from workbench.domain import DatasetId, Uid

_MOST = 64
"""People and datasets remembered; a batch has at most 256 messages."""


class OnScreen:
    """The last batch of each person in each dataset. Thread-safe."""

    def __init__(self) -> None:
        self._shown: OrderedDict[tuple[DatasetId, str], tuple[Uid, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def show(self, dataset_id: DatasetId, actor: str, uids: tuple[Uid, ...]) -> None:
        """Note what was handed to somebody."""
        with self._lock:
            self._shown[dataset_id, actor] = uids
            self._shown.move_to_end((dataset_id, actor))
            while len(self._shown) > _MOST:
                self._shown.popitem(last=False)

    def of(self, dataset_id: DatasetId) -> frozenset[Uid]:
        """Messages of a dataset that somebody has before them."""
        with self._lock:
            return frozenset(
                uid for (shown_in, _), uids in self._shown.items() if shown_in == dataset_id for uid in uids
            )
