"""The operations of guided training. A part of ``Operations``, in a module of its own for its length."""

from __future__ import annotations

from typing import Protocol

from workbench.domain.guide import Guide, GuidedBatch
from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.review import ReviewMode


class GuideOperations(Protocol):
    """Where training stands, what to review next, and batches of reviews."""

    def guide(self, dataset_id: DatasetId) -> Guide:
        """How good the newest validated version is, the step that is next, and what the last batch brought."""
        ...

    def begin_batch(
        self, dataset_id: DatasetId, mode: ReviewMode, n: int = 20, label_id: LabelId | None = None
    ) -> GuidedBatch:
        """Pick ``n`` (1-256) messages as ``next_batch`` does and keep them as the caller's batch.

        Their open batch in this dataset ends. Mode ``cluster`` takes five clusters, those without reviews first, one
        after the other. ``InputError`` when the mode has no message to review, or needs what does not exist yet.
        """
        ...

    def finish_batch(self, dataset_id: DatasetId, batch_id: str) -> GuidedBatch:
        """End a batch of the caller, reviewed to its end or not; ended again, it stays as it is.

        ``UnknownNameError`` when they have no such batch. One in which nothing was reviewed is forgotten.
        """
        ...
