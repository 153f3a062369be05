"""Model versions, predictions, validation reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import (
    DatasetId,
    LabelId,
    MessageFilter,
    ModelVersion,
    Resolution,
    Uid,
    ValidationReport,
)
from workbench.errors import ModelError, UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.filters import compile_filter
from workbench.store.repositories.matrices import to_lists, to_matrix
from workbench.store.repositories.reports import decode_report, encode_report
from workbench.store.repositories.totals import label_totals
from workbench.store.repositories.weights import put_weights, read_weights


class Weights(NamedTuple):
    """What a version predicts with: its weights, parameters (JSON) and the order of its labels."""

    weights: bytes
    parameters: str
    label_ids: tuple[LabelId, ...]


class Models:
    """Versions; the newest is the one with the highest number."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add_version(
        self, version: ModelVersion, *, weights: bytes, parameters: str, label_ids: Sequence[LabelId]
    ) -> None:
        """Insert a version, once and whole. ``label_ids`` is the column order of its predictions.

        Raises
        ------
        ModelError
            The number is not above every one the dataset has.
        """
        newest = max((known.version for known in self.versions(version.dataset_id)), default=0)
        if version.version <= newest:
            raise ModelError(
                f"version {version.version} cannot follow version {newest}.",
                next_step=f"Number it {newest + 1}.",
                details={"version": version.version, "newest": newest},
            )
        self._cursor.execute(
            "model.add_version",
            dataset_id=version.dataset_id,
            version=version.version,
            created_at=version.created_at,
            n_reviewed=version.n_reviewed,
            n_labels=version.n_labels,
            encoder=version.encoder,
            pinned=version.pinned,
            tag=version.tag,
            lineage=msgspec.json.encode(version.lineage).decode(),
            parameters=parameters,
            label_ids=list(label_ids),
        )
        put_weights(self._cursor, version.dataset_id, version.version, weights)

    def versions(self, dataset_id: DatasetId) -> tuple[ModelVersion, ...]:
        """Versions kept, newest first; rating and mean average precision once validated."""
        return tuple(_version(row) for row in self._cursor.rows("model.versions", dataset_id=dataset_id))

    def weights(self, dataset_id: DatasetId, version: int) -> Weights:
        """Weights, parameters and label order of a version; ``UnknownNameError`` when it is gone."""
        row = self._cursor.one("model.about", dataset_id=dataset_id, version=version)
        if row is None:
            raise self._unknown(dataset_id, version)
        parameters, label_ids = row
        return Weights(read_weights(self._cursor, dataset_id, version), parameters, tuple(label_ids))

    def label_ids(self, dataset_id: DatasetId, version: int) -> tuple[LabelId, ...]:
        """The labels of a version in the order of its predictions; ``UnknownNameError`` when it is gone."""
        row = self._cursor.one("model.label_ids", dataset_id=dataset_id, version=version)
        if row is None:
            raise self._unknown(dataset_id, version)
        return tuple(row[0])

    def set_pinned(self, dataset_id: DatasetId, version: int, pinned: bool) -> ModelVersion:  # noqa: FBT001
        """Pin or unpin a version and return it; ``UnknownNameError`` when there is none."""
        self._cursor.execute("model.set_pinned", dataset_id=dataset_id, version=version, pinned=pinned)
        for known in self.versions(dataset_id):
            if known.version == version:
                return known
        raise self._unknown(dataset_id, version)

    def drop_unpinned_beyond(self, dataset_id: DatasetId, keep: int) -> tuple[int, ...]:
        """Remove unpinned versions except the newest and ``keep`` more; returns the numbers removed."""
        older = [known.version for known in self.versions(dataset_id)[1:] if not known.pinned]
        for version in older[keep:]:
            names = ("predictions", "totals", "validation", "weights", "version")
            for name in names:
                self._cursor.execute(f"model.drop_{name}", dataset_id=dataset_id, version=version)
        return tuple(older[keep:])

    # ---- predictions -----------------------------------------------------------------------------

    def put_predictions(
        self, dataset_id: DatasetId, version: int, uids: Sequence[Uid], probabilities: np.ndarray
    ) -> None:
        """Store float32 ``probabilities`` (n, n_labels), rows as in ``uids``, columns in the version's order.

        Rows that the version has for these messages are replaced; those of older unpinned versions go.

        Raises
        ------
        UnknownNameError
            There is no such version.
        ModelError
            The shape does not fit, or a probability is not in [0, 1].
        """
        label_ids = self.label_ids(dataset_id, version)
        _check_probabilities(uids, probabilities, len(label_ids))
        self._drop_older(dataset_id, version)
        staged = pa.table({"uid": pa.array(uids, pa.string())})
        self._cursor.bulk("model.drop_predictions_of", staged, dataset_id=dataset_id, version=version)
        self._insert(dataset_id, version, uids, probabilities)
        self._put_totals(dataset_id, version, probabilities, label_ids)

    def begin_predictions(self, dataset_id: DatasetId, version: int) -> None:
        """Make way for the predictions of a version that does not exist yet: a killed training may have left some."""
        if any(known.version == version for known in self.versions(dataset_id)):
            raise ModelError(f"version {version} exists already.", next_step="Number the new one higher.")
        self._cursor.execute("model.drop_predictions", dataset_id=dataset_id, version=version)

    def stage_predictions(
        self, dataset_id: DatasetId, version: int, uids: Sequence[Uid], probabilities: np.ndarray
    ) -> None:
        """Store a piece of the predictions of a version to come; nobody sees them before ``adopt_predictions``.

        ``probabilities`` is float32 (n, n_labels), rows as in ``uids``, no message twice among the pieces.
        """
        _check_probabilities(uids, probabilities, probabilities.shape[-1])
        self._insert(dataset_id, version, uids, probabilities)

    def drop_unadopted(self) -> None:
        """Remove what a killed training left of versions that never came to be."""
        found = self._cursor.rows("model.unadopted")
        for dataset_id, version in found:
            self._cursor.execute("model.drop_predictions", dataset_id=dataset_id, version=version)

    def adopt_predictions(self, dataset_id: DatasetId, version: int, probabilities: np.ndarray) -> None:
        """Count the staged predictions of a version just added; those of older unpinned versions go.

        Raises
        ------
        ModelError
            ``probabilities`` (all pieces, (n, n_labels)) are not those that were staged.
        """
        label_ids = self.label_ids(dataset_id, version)
        staged = self._cursor.rows("model.count_predictions", dataset_id=dataset_id, version=version)[0][0]
        if probabilities.shape != (staged, len(label_ids)):
            raise ModelError(
                f"{staged} predictions were staged for {len(label_ids)} labels, not {probabilities.shape}.",
                next_step="Train again.",
            )
        self._drop_older(dataset_id, version)
        self._put_totals(dataset_id, version, probabilities, label_ids)

    def predictions(self, dataset_id: DatasetId, version: int) -> tuple[tuple[Uid, ...], np.ndarray]:
        """Uids and float32 (n, n_labels) probabilities of a version, in row order."""
        uids, matrix = self.matrix(dataset_id, version)
        return tuple(uids.to_pylist()), matrix

    def matrix(self, dataset_id: DatasetId, version: int) -> tuple[pa.Array, np.ndarray]:
        """As ``predictions``, with the uids as an Arrow array: a million of them are dear as Python strings."""
        n_labels = len(self.label_ids(dataset_id, version))
        found = self._cursor.table("model.predictions", dataset_id=dataset_id, version=version)
        order = self._cursor.table("message.row_order", dataset_id=dataset_id).column("uid")
        uids = found.column("uid").combine_chunks()
        rows = pc.index_in(order, uids)
        matrix = to_matrix(found.column("probabilities"), n_labels)
        return order.filter(rows.is_valid()).combine_chunks(), matrix[rows.drop_null().to_numpy()]

    def unpredicted(self, dataset_id: DatasetId, version: int) -> tuple[Uid, ...]:
        """Messages of the dataset that the version has no prediction of, in row order."""
        found = self._cursor.table("model.unpredicted", dataset_id=dataset_id, version=version)
        return tuple(found.column("uid").to_pylist())

    def predictions_table(self, dataset_id: DatasetId, where: MessageFilter) -> pa.Table:
        """uid, label (name), probability (>= 0.05) of the newest version for messages that pass."""
        return self._cursor.table(
            "model.predictions_table", where=compile_filter(where), dataset_id=dataset_id
        )

    def label_totals(
        self, dataset_id: DatasetId, version: int | None = None, resolution: Resolution = "week"
    ) -> pa.Table:
        """Sum by period: period (date of its first day), label (name), expected, n_messages; every period times every label.

        ``expected`` sums probabilities over unreviewed messages and counts reviewed ones that carry the
        label. ``version`` None = the newest; without any version only reviewed messages count.
        """
        if version is None:
            version = max((known.version for known in self.versions(dataset_id)), default=0)
        if version:
            label_ids = self.label_ids(dataset_id, version)
            uids, matrix = self.matrix(dataset_id, version)
        else:
            label_ids, uids = (), pa.array([], pa.string())
            matrix = np.empty((0, 0), dtype=np.float32)
        taxonomy = self._cursor.rows("label.paths", dataset_id=dataset_id)
        return label_totals(
            periods=self._cursor.table("model.periods", dataset_id=dataset_id, resolution=resolution),
            reviewed=self._cursor.table("review.reviewed", dataset_id=dataset_id).column("uid"),
            assigned=self._cursor.table("review.matrix", dataset_id=dataset_id),
            names={label_id: " > ".join(path) for label_id, path in taxonomy},
            label_ids=label_ids,
            uids=uids,
            matrix=matrix,
        )

    # ---- validation ------------------------------------------------------------------------------

    def put_validation(self, report: ValidationReport) -> None:
        """Store the report of a version, in the place of an earlier one."""
        self.label_ids(report.dataset_id, report.version)
        self._cursor.execute(
            "model.put_validation",
            dataset_id=report.dataset_id,
            version=report.version,
            created_at=report.created_at,
            rating=report.rating.score,
            mean_average_precision=report.mean_average_precision.value,
            report=encode_report(report),
        )

    def validation(self, dataset_id: DatasetId, version: int | None = None) -> ValidationReport | None:
        """The report of a version (None = the newest that has one), None when there is none."""
        row = self._cursor.one("model.validation", dataset_id=dataset_id, version=version)
        return None if row is None else decode_report(row[0], ValidationReport)

    # ---- inside ----------------------------------------------------------------------------------

    def _drop_older(self, dataset_id: DatasetId, version: int) -> None:
        pinned = {known.version: known.pinned for known in self.versions(dataset_id)}
        for (found,) in self._cursor.rows("model.predicted_versions", dataset_id=dataset_id):
            if found < version and not pinned.get(found, False):
                for name in ("predictions", "totals"):
                    self._cursor.execute(f"model.drop_{name}", dataset_id=dataset_id, version=found)

    def _insert(
        self, dataset_id: DatasetId, version: int, uids: Sequence[Uid], probabilities: np.ndarray
    ) -> None:
        rows = {"uid": pa.array(uids, pa.string()), "probabilities": to_lists(probabilities)}
        self._cursor.bulk("model.insert_predictions", pa.table(rows), dataset_id=dataset_id, version=version)

    def _put_totals(
        self, dataset_id: DatasetId, version: int, fresh: np.ndarray, label_ids: tuple[LabelId, ...]
    ) -> None:
        stored = self._cursor.rows("model.count_predictions", dataset_id=dataset_id, version=version)[0][0]
        whole = fresh if stored == len(fresh) else self.matrix(dataset_id, version)[1]
        totals = whole.sum(axis=0, dtype=np.float64)
        self._cursor.execute("model.drop_totals", dataset_id=dataset_id, version=version)
        rows = {"label_id": pa.array(label_ids, pa.string()), "total": pa.array(totals)}
        self._cursor.bulk("model.insert_totals", pa.table(rows), dataset_id=dataset_id, version=version)

    def _unknown(self, dataset_id: DatasetId, version: int) -> UnknownNameError:
        known = (str(one.version) for one in self.versions(dataset_id))
        return UnknownNameError("model version", str(version), known)


def _check_probabilities(uids: Sequence[Uid], probabilities: np.ndarray, n_labels: int) -> None:
    if probabilities.shape != (len(uids), n_labels):
        raise ModelError(
            f"{len(uids)} messages and {n_labels} labels came with probabilities of shape "
            f"{probabilities.shape}.",
            next_step="Hand in one row per message and one column per label of the version.",
        )
    if probabilities.size and not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise ModelError("a probability is not in [0, 1].", next_step="Calibrate the version again.")


def _version(row: tuple[Any, ...]) -> ModelVersion:
    dataset_id, version, created_at, n_reviewed, n_labels, encoder, pinned, tag, *rest = row
    validated, rating, mean_average_precision, lineage = rest
    return ModelVersion(
        dataset_id=dataset_id,
        version=version,
        created_at=created_at,
        n_reviewed=n_reviewed,
        n_labels=n_labels,
        encoder=encoder,
        pinned=pinned,
        tag=tag,
        validated=validated,
        rating=rating,
        mean_average_precision=mean_average_precision,
        lineage=msgspec.json.decode(lineage, type=dict[str, str]),
    )
