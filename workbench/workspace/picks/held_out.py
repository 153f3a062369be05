"""What the newest validation said of the reviewed messages without having learned from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.domain import LabelId


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """Out-of-fold probabilities, and what the labels were found to be worth.

    Attributes
    ----------
    uids
        (k,), reviewed messages.
    label_ids
        (n_labels,).
    out_of_fold
        float32, (k, n_labels).
    informativeness
        float64, (n_labels,): see ``review.informativeness``; None = not kept then.
    """

    uids: pa.Array
    label_ids: list[str]
    out_of_fold: np.ndarray
    informativeness: np.ndarray | None

    @classmethod
    def of(cls, file: Path) -> HeldOut | None:
        """What ``keep_held_out`` left, None before the first validation."""
        if not file.exists():
            return None
        with np.load(file, allow_pickle=False) as saved:
            return cls(
                uids=pa.array(saved["uids"].tolist(), pa.string()),
                label_ids=[str(label_id) for label_id in saved["label_ids"]],
                out_of_fold=saved["out_of_fold"],
                informativeness=saved.get("informativeness"),
            )

    def informativeness_of(self, label_ids: tuple[LabelId, ...]) -> np.ndarray | None:
        """Informativeness of each of ``label_ids``; 1 for labels unknown then."""
        if self.informativeness is None:
            return None
        place = {label_id: column for column, label_id in enumerate(self.label_ids)}
        columns = np.array([place.get(label_id, -1) for label_id in label_ids], dtype=np.int64)
        known: np.ndarray = np.append(self.informativeness, 1.0)[columns]
        return known
