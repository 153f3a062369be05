"""The test messages behind a validation, in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain import DatasetId, LabelOutcomes, Operations, Outcome
from workbench.door.names import label_id_of

if TYPE_CHECKING:
    import polars as pl


class Judged:
    """What the newest validated version said of messages it had not seen."""

    operations: Operations
    dataset_id: DatasetId

    def outcomes(self, label: str, threshold: float | None = None) -> LabelOutcomes:
        """What a threshold (None = that of the best F1) makes of a label's test messages, and its mixed-up labels."""
        label_id = label_id_of(self.operations, self.dataset_id, label)
        return self.operations.label_outcomes(self.dataset_id, label_id, threshold)

    def outcome_messages(
        self, label: str, outcome: Outcome, threshold: float | None = None, *, n: int = 20
    ) -> pl.DataFrame:
        """Test messages of a label that came out as ``false_positive``, for instance; the most telling first."""
        import polars as pl  # noqa: PLC0415

        label_id = label_id_of(self.operations, self.dataset_id, label)
        found = self.operations.outcome_messages(self.dataset_id, label_id, outcome, threshold, limit=n)
        rows = [
            (one.message.uid, one.probability, one.message.subject, one.message.body)
            for one in found.messages
        ]
        return pl.DataFrame(
            rows,
            schema={"uid": pl.String, "probability": pl.Float64, "subject": pl.String, "body": pl.String},
            orient="row",
        )

    def breakdown(self, by: str, label: str | None = None, threshold: float | None = None) -> pl.DataFrame:
        """Precision and recall of the newest validated version by ``source``, ``language``, ``month`` or a property.

        One row per group with 95 % bounds; without a label the decisions on all labels are pooled.
        """
        import polars as pl  # noqa: PLC0415

        label_id = None if label is None else label_id_of(self.operations, self.dataset_id, label)
        found = self.operations.validation_breakdown(self.dataset_id, by, label_id, threshold)
        names = ("value", "low", "high", "n")
        rows = [
            (
                one.value,
                one.n_messages,
                *(getattr(share, name) for share in (one.precision, one.recall) for name in names),
            )
            for one in found.groups
        ]
        shares = {
            column: pl.Int64 if name == "n" else pl.Float64
            for what in ("precision", "recall")
            for name, column in zip(names, (what, f"{what}_low", f"{what}_high", f"n_{what}"), strict=True)
        }
        return pl.DataFrame(rows, schema={"group": pl.String, "n": pl.Int64, **shares}, orient="row")
