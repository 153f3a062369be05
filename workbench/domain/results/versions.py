"""Model versions, and two of them compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.results.models import AveragePrecision

VersionTag = Literal["live", "staging"]


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """An immutable model: integer per dataset. ``validated`` turns true when its report exists.

    Attributes
    ----------
    pinned
        Kept until unpinned, and predicts the same for ever.
    tag
        What it serves as: at most one version of a dataset carries each tag. A tag pins.
    starred, description
        For people: what lists show first, and why.
    held_by
        Names of the streams that return its predictions; while there are any it stays pinned.
    rolled_back_from
        The version it repeats, None = it was trained.
    mean_average_precision, mean_average_precision_low, mean_average_precision_high
        Quality over all labels in the test part with its 95 % interval, None = not known.
    predicted
        Whether what it predicts is stored; an older version keeps only its weights, unless it is pinned.
    lineage
        Hashes: annotations, encoder, parameters, library versions.
    """

    dataset_id: DatasetId
    version: int
    created_at: datetime
    n_reviewed: int
    n_labels: int
    encoder: str
    pinned: bool = False
    tag: VersionTag | None = None
    starred: bool = False
    description: str = ""
    held_by: tuple[str, ...] = ()
    rolled_back_from: int | None = None
    validated: bool = False
    rating: float | None = None
    mean_average_precision: float | None = None
    mean_average_precision_low: float | None = None
    mean_average_precision_high: float | None = None
    predicted: bool = False
    lineage: dict[str, str]

    @property
    def trained_as(self) -> int:
        """The version whose training made these weights: itself, or the one that was gone back to."""
        return int(self.lineage.get("trained_as") or self.rolled_back_from or self.version)


@dataclass(frozen=True, kw_only=True)
class RollbackPreview:
    """What going back to a version could set aside.

    Attributes
    ----------
    moment
        The newest judgement that the version learned from.
    n_reviewed
        Messages reviewed now.
    n_later
        Those of them that were reviewed, or reviewed again, after that.
    """

    dataset_id: DatasetId
    version: int
    moment: datetime
    n_reviewed: int
    n_later: int


@dataclass(frozen=True, kw_only=True)
class PrecisionPair:
    """Average precision of two versions on the same messages.

    ``difference`` is second minus first with its 95 % interval over the same messages, so that what both find hard does
    not widen it; None where no message carries the label.
    """

    first: AveragePrecision
    second: AveragePrecision
    difference: float | None
    difference_low: float | None
    difference_high: float | None


@dataclass(frozen=True, kw_only=True)
class LabelComparison:
    """One label under two versions. ``counts`` = it is part of the mean over labels."""

    label_id: LabelId
    name: str
    counts: bool
    precision: PrecisionPair


@dataclass(frozen=True, kw_only=True)
class VersionComparison:
    """Two versions on the messages that are in the test part of both, against what people say of them now.

    Attributes
    ----------
    n
        Messages compared on.
    n_first, n_second
        Test messages each version was validated on.
    overall
        Mean over labels that had >= 25 examples, of these >= 20 for training, in both and that >= 1 compared message carries.
    labels
        Labels of the taxonomy that both know, in its order.
    only_first, only_second
        Names of labels that one of them does not know.
    """

    dataset_id: DatasetId
    first: int
    second: int
    n: int
    n_first: int
    n_second: int
    overall: PrecisionPair
    labels: tuple[LabelComparison, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    seed: int


__all__ = [
    "LabelComparison",
    "ModelVersion",
    "PrecisionPair",
    "RollbackPreview",
    "VersionComparison",
    "VersionTag",
]
