"""The operations on the model versions of a dataset. A part of ``Operations``, in a module of its own for its length."""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from workbench.domain.filters import MessageFilter
from workbench.domain.ids import DatasetId, JobId, Uid
from workbench.domain.predicted import LabelsFrom, StoredPredictions, VersionChoice, WantedLabel
from workbench.domain.results import (
    DatasetStatus,
    ModelVersion,
    RollbackPreview,
    ValidationReport,
    VersionComparison,
    VersionTag,
)


class ModelOperations(Protocol):
    """Model versions: which are kept, what they are for, how good they are, what they predict.

    A version that does not exist raises ``UnknownNameError``, which lists those kept.
    """

    def dataset_status(self, dataset_id: DatasetId) -> DatasetStatus:
        """Whose predictions and validation are shown, what the model is doing, and how long that will take.

        A training follows reviews by itself: after ``retrain_after_reviews`` of them, or ``retrain_after_s`` quiet
        seconds after the last.
        """
        ...

    def start_predict(self, dataset_id: DatasetId, version: int | None = None) -> JobId:
        """Predict what a version (None = the newest) has no prediction of: messages that came or changed since.

        For the newest it starts by itself when an import into one of the sources has ended (setting
        ``predict_after_s``). What an older one predicts stays until a newer one predicts again, if it is not pinned.
        """
        ...

    def start_rollback(self, dataset_id: DatasetId, version: int, set_aside: bool = False) -> JobId:
        """Make a new version of the weights of an older one, with its validation, and predict every message.

        Its predictions are those of the old one. Annotations and taxonomy stay as they are, and the next training
        learns from all of them; with ``set_aside`` the messages reviewed after that version learned become unreviewed,
        their labels standing, in one step that ``undo_taxonomy`` takes back. ``InputError`` when it is the newest.
        """
        ...

    def rollback_preview(self, dataset_id: DatasetId, version: int) -> RollbackPreview:
        """How many reviewed messages going back to a version would set aside."""
        ...

    def start_verify(self, dataset_id: DatasetId, version: int) -> JobId:
        """Train a version again from what it was trained on and compare both on every message; changes nothing.

        The job's result has ``identical`` (the weights are the same bit for bit), ``largest_difference`` of a
        probability, ``rebuilt`` (that is at most 1e-6), ``n_compared``, ``n_trainings`` (those it took, from the last
        full one on) and ``differs``, the names in its lineage that are others now, such as a library version.
        ``ModelError`` when messages it learned from were deleted or edited, or when it is older than the record.
        """
        ...

    def model_versions(self, dataset_id: DatasetId) -> tuple[ModelVersion, ...]:
        """Versions kept, newest first: the newest, the pinned, and as many more as ``versions_kept`` says."""
        ...

    def pin_version(self, dataset_id: DatasetId, version: int, pinned: bool = True) -> ModelVersion:
        """Pin or unpin a version; a pinned one is kept and predicts the same for ever.

        ``InputError`` when one that carries a tag, or that a stream holds, would be unpinned.
        """
        ...

    def star_version(self, dataset_id: DatasetId, version: int, starred: bool = True) -> ModelVersion:
        """Mark a version for people, or take the mark away; a star does not keep it, a pin does."""
        ...

    def tag_version(self, dataset_id: DatasetId, version: int, tag: VersionTag | None) -> ModelVersion:
        """Say what a version serves as; the tag moves from the version that had it, in one transaction.

        A tag pins, and the version stays pinned when the tag moves on. None takes its tag away.
        """
        ...

    def describe_version(self, dataset_id: DatasetId, version: int, description: str) -> ModelVersion:
        """Say what a version is about, empty = nothing."""
        ...

    def delete_version(self, dataset_id: DatasetId, version: int) -> ModelVersion:
        """Delete a version with its weights, predictions and report; returns what it was.

        ``InputError`` when it is the newest, carries a tag, is held by a stream, or is pinned.
        """
        ...

    def compare_versions(self, dataset_id: DatasetId, first: int, second: int) -> VersionComparison:
        """Average precision of two versions on the test messages of both, per label and overall.

        Judged by what people say now; what each version said, it said before it learned from these messages.
        ``TooFewAnnotationsError`` below 10 messages in common.
        """
        ...

    def validation(self, dataset_id: DatasetId, version: int | None = None) -> ValidationReport | None:
        """The report of a version (None = the newest that has one), None when there is none."""
        ...

    def predictions_table(
        self, dataset_id: DatasetId, where: MessageFilter, version: int | None = None
    ) -> pa.Table:
        """uid, label, probability (>= 0.05) of a version (None = the newest) for messages that pass, long format.

        Where the dataset has label sentiment, sentiment in [-1, 1] too.

        ``ModelError`` when an older version was kept without its predictions: ``start_predict`` makes them again.
        """
        ...

    def predict_stored(
        self,
        dataset_id: DatasetId,
        uids: tuple[Uid, ...],
        version: VersionChoice = None,
        threshold: LabelsFrom = 0.05,
        wanted: tuple[WantedLabel, ...] = (),
    ) -> StoredPredictions:
        """What any version that is kept says of stored messages (1 to 4,096), one answer for each uid, in their order.

        What is not stored of it is predicted now, and stored nowhere; it costs nothing. ``version``, ``threshold`` and
        ``wanted`` as for ``predict_messages``. ``UnknownMessageError`` for a message that the dataset does not have.
        """
        ...
