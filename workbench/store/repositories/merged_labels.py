"""What became of labels that a judgement names and the taxonomy no longer has."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import msgspec

from workbench.domain import DatasetId, LabelId
from workbench.store.cursor import Cursor


class MergedLabels:
    """Follows labels through the merges of a dataset; what is recorded is read once, when it is first needed.

    Parameters
    ----------
    known
        Labels that there are.
    """

    def __init__(self, cursor: Cursor, dataset_id: DatasetId, known: Collection[LabelId]) -> None:
        self._cursor = cursor
        self._dataset_id = dataset_id
        self._known = known

    def now(self, label_id: LabelId) -> LabelId | None:
        """The label itself, the one it was merged into, or None when it is gone."""
        seen: set[LabelId] = set()
        while label_id not in self._known:
            if label_id in seen or label_id not in self._became:
                return None
            seen.add(label_id)
            label_id = self._became[label_id]
        return label_id

    @cached_property
    def _became(self) -> dict[LabelId, LabelId]:
        rows = self._cursor.rows("taxonomy.became", dataset_id=self._dataset_id)
        found: dict[LabelId, LabelId] = {}
        for (became,) in rows:
            found |= msgspec.json.decode(became, type=dict[LabelId, LabelId])
        return found
