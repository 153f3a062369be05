"""Models of a dataset in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.domain import (
    DatasetId,
    DatasetStatus,
    LabelsFrom,
    MessageFilter,
    ModelVersion,
    NewMessage,
    Operations,
    StoredPredictions,
    Uid,
    UnstoredPredictions,
    ValidationReport,
    VersionChoice,
    VersionComparison,
    VersionTag,
    message_batch,
)
from workbench.door.jobs import Job
from workbench.errors import NotTrainedError

if TYPE_CHECKING:
    import polars as pl

_ALL = MessageFilter()


class Modelling:
    """Training, predicting, judging versions."""

    operations: Operations
    dataset_id: DatasetId

    def status(self) -> DatasetStatus:
        """Whose predictions are shown, what the model is doing, and how long that will take."""
        return self.operations.dataset_status(self.dataset_id)

    def train(self, *, progress: bool = True) -> ModelVersion:
        """Train on all that is reviewed, predict every message, validate; waits until done."""
        Job(self.operations, self.operations.start_train(self.dataset_id)).wait(progress=progress)
        return self.operations.model_versions(self.dataset_id)[0]

    def predict(
        self, where: MessageFilter = _ALL, *, version: int | None = None, progress: bool = True
    ) -> pl.DataFrame:
        """Predict what a version (None = the newest) has no prediction of; then as ``predictions``."""
        Job(self.operations, self.operations.start_predict(self.dataset_id, version)).wait(progress=progress)
        return self.predictions(where, version=version)

    def predict_messages(
        self,
        messages: Sequence[NewMessage],
        *,
        version: VersionChoice = None,
        threshold: LabelsFrom = 0.05,
        no_charge: bool = False,
    ) -> UnstoredPredictions:
        """What a version says of messages that are handed in and not stored; each costs one unit.

        Parameters
        ----------
        messages
            1 to 4,096.
        version
            Its number, ``"live"`` or ``"staging"``; None = the newest.
        threshold
            Labels come from this probability on; ``"auto"`` = from their automatic thresholds.
        no_charge
            Record the units as not charged; for administrators.
        """
        batch = message_batch(messages)
        return self.operations.predict_messages(self.dataset_id, batch, version, threshold, no_charge)

    def predict_stored(
        self, uids: Sequence[Uid], *, version: VersionChoice = None, threshold: LabelsFrom = 0.05
    ) -> StoredPredictions:
        """What any version that is kept says of stored messages (1 to 4,096), in their order; costs nothing.

        ``version`` and ``threshold`` as for ``predict_messages``.
        """
        return self.operations.predict_stored(self.dataset_id, tuple(uids), version, threshold)

    def predictions(self, where: MessageFilter = _ALL, *, version: int | None = None) -> pl.DataFrame:
        """Stored predictions of a version (None = the newest) as a frame: uid, label, probability (>= 0.05).

        ``ModelError`` when an older version was kept without them: ``predict`` makes them again.
        """
        import polars as pl  # noqa: PLC0415

        return pl.DataFrame(self.operations.predictions_table(self.dataset_id, where, version))

    def validate(self, version: int | None = None) -> ValidationReport:
        """How good a version is, the newest by default; training judged it, so nothing is computed here."""
        return self.validation(version)

    def validation(self, version: int | None = None) -> ValidationReport:
        """Validation of a version; ``NotTrainedError`` before the first."""
        report = self.operations.validation(self.dataset_id, version)
        if report is None:
            said = "the dataset has no validated model version."
            if version is not None:
                said = f"version {version} was not validated: another training was waiting."
            raise NotTrainedError(said, next_step="Annotate, then ds.train().")
        return report

    # ---- versions

    def versions(self) -> pl.DataFrame:
        """Versions kept, starred ones first, then newest first; ``operations.model_versions`` has all of each."""
        import polars as pl  # noqa: PLC0415

        found = self.operations.model_versions(self.dataset_id)
        rows = [
            (
                one.version,
                one.created_at,
                one.starred,
                one.tag,
                one.pinned,
                one.n_reviewed,
                one.n_labels,
                one.rating,
                one.mean_average_precision,
                one.rolled_back_from,
                one.description,
            )
            for one in sorted(found, key=lambda one: not one.starred)
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "version": pl.Int64,
            "created_at": pl.Datetime("us", "UTC"),
            "starred": pl.Boolean,
            "tag": pl.String,
            "pinned": pl.Boolean,
            "n_reviewed": pl.Int64,
            "n_labels": pl.Int64,
            "rating": pl.Float64,
            "mean_average_precision": pl.Float64,
            "rolled_back_from": pl.Int64,
            "description": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def pin(self, version: int) -> ModelVersion:
        """Keep a version until it is unpinned."""
        return self.operations.pin_version(self.dataset_id, version)

    def unpin(self, version: int) -> ModelVersion:
        """Keep a version no longer than others; ``InputError`` while it carries a tag."""
        return self.operations.pin_version(self.dataset_id, version, pinned=False)

    def star(self, version: int, *, starred: bool = True) -> ModelVersion:
        """Mark a version for people; ``starred=False`` takes the mark away."""
        return self.operations.star_version(self.dataset_id, version, starred)

    def tag(self, version: int, tag: VersionTag | None) -> ModelVersion:
        """Make a version ``"live"`` or ``"staging"``, which pins it; None takes its tag away."""
        return self.operations.tag_version(self.dataset_id, version, tag)

    def describe_version(self, version: int, description: str) -> ModelVersion:
        """Say what a version is about."""
        return self.operations.describe_version(self.dataset_id, version, description)

    def delete_version(self, version: int) -> ModelVersion:
        """Delete a version; ``InputError`` when it is the newest, carries a tag or is pinned."""
        return self.operations.delete_version(self.dataset_id, version)

    def rollback(self, version: int, *, set_aside: bool = False, progress: bool = True) -> ModelVersion:
        """Make a new version of an older one; waits until done.

        Annotations stay; with ``set_aside`` what was reviewed after that version becomes unreviewed, in one step that
        ``ds.taxonomy.undo()`` takes back.
        """
        job = Job(self.operations, self.operations.start_rollback(self.dataset_id, version, set_aside))
        done = job.wait(progress=progress)
        found = {one.version: one for one in self.operations.model_versions(self.dataset_id)}
        return found[int(str(done["version"]))]

    def verify_version(self, version: int, *, progress: bool = True) -> dict[str, Any]:
        """Train a version again from what it was trained on; says whether, and how far, it comes out another.

        ``ModelError`` when that cannot be done any more, with the reason. Waits until done.
        """
        job = Job(self.operations, self.operations.start_verify(self.dataset_id, version))
        return job.wait(progress=progress)

    def compare_versions(self, first: int, second: int) -> VersionComparison:
        """Average precision of two versions on the test messages of both, per label and overall."""
        return self.operations.compare_versions(self.dataset_id, first, second)
