"""Thresholds kept with model versions, and recent probabilities to weigh them by."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from workbench.domain import DatasetId, KeptThreshold, LabelId, MessageFilter
from workbench.store.cursor import Cursor
from workbench.store.filters import compile_filter


class Recent(NamedTuple):
    """Recent messages: int64, (m,), microseconds since 1970; float32, (m,), probabilities, NaN = not predicted."""

    times: np.ndarray
    probabilities: np.ndarray


class Thresholds:
    """Thresholds of labels; at most one of each label with a version."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def put(self, kept: KeptThreshold) -> None:
        """Keep a threshold, in the place of an earlier one of the same label and version."""
        self.drop(kept.dataset_id, kept.version, kept.label_id)
        self._cursor.execute(
            "threshold.put",
            dataset_id=kept.dataset_id,
            version=kept.version,
            label_id=kept.label_id,
            threshold=kept.threshold,
            check_from=kept.check_from,
            basis=kept.basis,
            reason=kept.reason,
            kept_at=kept.kept_at,
            kept_by=kept.kept_by,
        )

    def drop(self, dataset_id: DatasetId, version: int, label_id: LabelId) -> None:
        """Keep none of a label."""
        self._cursor.execute("threshold.drop", dataset_id=dataset_id, version=version, label_id=label_id)

    def of_version(self, dataset_id: DatasetId, version: int) -> tuple[KeptThreshold, ...]:
        """Those kept with a version, in the order of the taxonomy, labels that are gone last."""
        rows = self._cursor.rows("threshold.of_version", dataset_id=dataset_id, version=version)
        return tuple(_kept(row) for row in rows)

    def copy(self, dataset_id: DatasetId, version: int, new_version: int) -> None:
        """Keep those of a version with another one too, which has none yet."""
        self._cursor.execute(
            "threshold.copy", dataset_id=dataset_id, version=version, new_version=new_version
        )

    def span(self, dataset_id: DatasetId) -> tuple[int, int] | None:
        """Microseconds since 1970 of the oldest and the newest message; None without messages."""
        ((oldest, newest),) = self._cursor.rows("threshold.times", dataset_id=dataset_id)
        return None if oldest is None else (oldest, newest)

    def recent(
        self, dataset_id: DatasetId, version: int, place: int, *, after: int, where: MessageFilter
    ) -> Recent:
        """Messages after a time (microseconds since 1970) that pass, with what a version says of a label.

        ``place`` of the label is from 0, in the version's order.
        """
        found = self._cursor.table(
            "threshold.recent",
            where=compile_filter(where),
            dataset_id=dataset_id,
            version=version,
            place=place + 1,
            after=after,
        )
        probabilities = found.column("probability").to_numpy().astype(np.float32)
        return Recent(found.column("at").to_numpy().astype(np.int64), probabilities)


def _kept(row: tuple[Any, ...]) -> KeptThreshold:
    dataset_id, version, label_id, name, threshold, check_from, basis, reason, kept_at, kept_by = row
    return KeptThreshold(
        dataset_id=dataset_id,
        version=version,
        label_id=label_id,
        name=name,
        threshold=threshold,
        check_from=check_from,
        basis=basis,
        reason=reason,
        kept_at=kept_at,
        kept_by=kept_by,
    )
