"""What to review next, in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from typing import Any, get_args

from workbench.domain import DatasetId, LabelId, MessageFilter, Operations, ReviewBatch, ReviewMode
from workbench.door.names import chosen, message_filter
from workbench.errors import UnknownNameError

_ALL = MessageFilter()


class Reviewing:
    """Messages picked for review."""

    operations: Operations
    dataset_id: DatasetId

    def next_batch(
        self,
        mode: ReviewMode = "shuffle",
        n: int = 20,
        *,
        label: str | None = None,
        seed: int | None = None,
        where: MessageFilter = _ALL,
        **conditions: Any,
    ) -> ReviewBatch:
        """Pick messages to review; ``ds.next_batch("teach", label="Claims > Motor", languages=("en",))``.

        Parameters
        ----------
        n
            How many at most, 1-256.
        label
            Name of the label that the modes label, teach, check and missed are about.
        seed
            None = a new one, reported back.
        where
            Only messages that pass are picked; or as keyword arguments, as in ``ds.messages``.

        Raises
        ------
        UnknownNameError
            There is no such label.
        InputError
            There is no such mode, or it needs what does not exist yet.
        """
        chosen(mode, ReviewMode, "mode", get_args(ReviewMode))
        wanted = message_filter(conditions) if conditions else where
        label_id = None if label is None else self._label_id(label)
        return self.operations.next_batch(self.dataset_id, mode, n, label_id, seed, wanted)

    def _label_id(self, name: str) -> LabelId:
        known = {label.name: label.label_id for label in self.operations.labels(self.dataset_id)}
        if name not in known:
            raise UnknownNameError("label", name, known)
        return known[name]
