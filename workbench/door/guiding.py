"""Training by the guide, in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from typing import get_args

from workbench.domain import DatasetId, Guide, GuidedBatch, Operations, ReviewMode
from workbench.door.names import chosen
from workbench.errors import UnknownNameError


class Guiding:
    """The step that is next, and batches of reviews."""

    operations: Operations
    dataset_id: DatasetId

    def guide(self) -> Guide:
        """How good the model is, what to do next, and what the last batch brought."""
        return self.operations.guide(self.dataset_id)

    def begin_batch(
        self, mode: ReviewMode = "shuffle", n: int = 20, *, label: str | None = None
    ) -> GuidedBatch:
        """Pick messages and keep them as your batch: what you judge of them until ``finish_batch`` counts for it.

        Parameters
        ----------
        n
            How many at most, 1-256.
        label
            Name of the label that the modes label, teach, check and missed are about.

        Raises
        ------
        UnknownNameError
            There is no such label.
        InputError
            There is no such mode, it has no message to review, or it needs what does not exist yet.
        """
        chosen(mode, ReviewMode, "mode", get_args(ReviewMode))
        known = {one.name: one.label_id for one in self.operations.labels(self.dataset_id)} if label else {}
        if label and label not in known:
            raise UnknownNameError("label", label, known)
        return self.operations.begin_batch(self.dataset_id, mode, n, known[label] if label else None)

    def finish_batch(self, batch: GuidedBatch | str) -> GuidedBatch:
        """End a batch; train afterwards, and ``ds.guide().last_batch`` says what it brought."""
        batch_id = batch if isinstance(batch, str) else batch.batch_id
        return self.operations.finish_batch(self.dataset_id, batch_id)
