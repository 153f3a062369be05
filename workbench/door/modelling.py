"""Models of a dataset in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain import DatasetId, MessageFilter, ModelVersion, Operations, ValidationReport
from workbench.door.jobs import Job
from workbench.errors import NotTrainedError

if TYPE_CHECKING:
    import polars as pl

_ALL = MessageFilter()


class Modelling:
    """Training, predicting, judging versions."""

    operations: Operations
    dataset_id: DatasetId

    def train(self, *, progress: bool = True) -> ModelVersion:
        """Train on all that is reviewed, predict every message, validate; waits until done."""
        Job(self.operations, self.operations.start_train(self.dataset_id)).wait(progress=progress)
        return self.operations.model_versions(self.dataset_id)[0]

    def predict(self, where: MessageFilter = _ALL, *, progress: bool = True) -> pl.DataFrame:
        """Predict what came since the newest version was trained; then as ``predictions``."""
        Job(self.operations, self.operations.start_predict(self.dataset_id)).wait(progress=progress)
        return self.predictions(where)

    def predictions(self, where: MessageFilter = _ALL) -> pl.DataFrame:
        """Stored predictions of the newest version as a frame: uid, label, probability (>= 0.05)."""
        import polars as pl  # noqa: PLC0415

        return pl.DataFrame(self.operations.predictions_table(self.dataset_id, where))

    def validate(self, version: int | None = None) -> ValidationReport:
        """How good a version is, the newest by default; training judged it, so nothing is computed here."""
        return self.validation(version)

    def validation(self, version: int | None = None) -> ValidationReport:
        """Validation of a version; ``NotTrainedError`` before the first."""
        report = self.operations.validation(self.dataset_id, version)
        if report is None:
            said = "the dataset has no validated model version."
            raise NotTrainedError(said, next_step="Annotate, then ds.train().")
        return report
