"""What a model version says of a message, and how one asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import LabelId, Uid
from workbench.domain.results.versions import VersionTag

AutoThreshold = Literal["high_recall", "balanced", "high_precision"]
"""Thresholds that the validation of a version chose for a label, the lowest first."""

VersionChoice = int | VersionTag | None
"""A model version by its number or its tag; None = the newest."""

LabelsFrom = float | Literal["auto"]
"""From which probability on labels come, [0, 1].

``auto``: from the lowest of its automatic thresholds on, of which each label then names those that it reaches; from
``NO_AUTO_THRESHOLDS`` on where a label has none, since it was not validated.
"""

NO_AUTO_THRESHOLDS = 0.25


@dataclass(frozen=True, kw_only=True)
class WantedLabel:
    """A label that one asks for by its name now.

    Attributes
    ----------
    threshold
        In [0, 1]; None = as for all labels.
    """

    name: str
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class PredictedLabel:
    """A label that a version predicts.

    Attributes
    ----------
    probability
        In [0, 1].
    sentiment
        In [-1, 1]; None where the dataset has no label sentiment.
    auto_thresholds
        Those of the automatic thresholds that the probability reaches, None = nobody asked.
    """

    label_id: LabelId
    name: str
    probability: float
    sentiment: float | None = None
    auto_thresholds: tuple[AutoThreshold, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class StoredPrediction:
    """What a version says of one stored message; ``labels`` has the most probable first."""

    uid: Uid
    labels: tuple[PredictedLabel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StoredPredictions:
    """What a version says of stored messages, in the order of what was asked for.

    Attributes
    ----------
    version, created_at
        The model version that predicted, and when it was made.
    """

    version: int
    created_at: datetime
    predictions: tuple[StoredPrediction, ...]


__all__ = [
    "NO_AUTO_THRESHOLDS",
    "AutoThreshold",
    "LabelsFrom",
    "PredictedLabel",
    "StoredPrediction",
    "StoredPredictions",
    "VersionChoice",
    "WantedLabel",
]
