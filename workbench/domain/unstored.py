"""Predictions for messages that are handed in and not stored."""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from workbench.domain.ids import DatasetId
from workbench.domain.mail import RawMail
from workbench.domain.predicted import LabelsFrom, PredictedLabel, VersionChoice, WantedLabel


@dataclass(frozen=True, kw_only=True)
class UnstoredPrediction:
    """What a version says of one message that was handed in.

    Attributes
    ----------
    message_id
        As it was handed in; of a mail, as it would be stored, empty for one that cannot be read.
    labels
        The most probable first.
    problem
        Why nothing is predicted of a mail; it is not charged then.
    """

    message_id: str
    labels: tuple[PredictedLabel, ...] = ()
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class UnstoredPredictions:
    """The answer to one call, in the order of what was handed in.

    Attributes
    ----------
    version, created_at
        The model version that predicted, and when it was made.
    units
        Units charged for this call.
    warnings
        Budgets whose soft limit is passed, in words.
    """

    version: int
    created_at: datetime
    units: int
    predictions: tuple[UnstoredPrediction, ...]
    warnings: tuple[str, ...] = ()


class UnstoredOperations(Protocol):
    """Predictions for messages that are not stored: each entry of a call is charged."""

    def predict_messages(
        self,
        dataset_id: DatasetId,
        batch: pa.Table,
        version: VersionChoice = None,
        threshold: LabelsFrom = 0.05,
        no_charge: bool = False,
        wanted: tuple[WantedLabel, ...] = (),
    ) -> UnstoredPredictions:
        """Predict the labels of a batch (``MESSAGE_SCHEMA``, 1 to 4,096 rows) without storing anything of it.

        Labels come from the probability ``threshold`` on ([0, 1], or ``auto``: from their automatic thresholds on);
        with ``wanted`` only those, each from its own threshold if it has one. The parents of what comes come too.
        ``version`` is a number, ``live`` or ``staging``; None = the newest. One unit is charged per message before the
        answer goes out, once however often the same call is sent. ``no_charge`` (for administrators) records the
        units as not charged. ``NotTrainedError`` without a version.
        """
        ...

    def predict_raw_mails(
        self,
        dataset_id: DatasetId,
        mails: tuple[RawMail, ...],
        version: VersionChoice = None,
        threshold: LabelsFrom = 0.05,
        no_charge: bool = False,
        wanted: tuple[WantedLabel, ...] = (),
    ) -> UnstoredPredictions:
        """The same for mails as they were received (1 to 4,096); one that cannot be read is not charged."""
        ...
