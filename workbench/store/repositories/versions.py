"""Model versions: weights, marks, reports, test scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from workbench.domain import (
    DatasetId,
    LabelId,
    MessageLabels,
    ModelVersion,
    Uid,
    ValidationReport,
    VersionTag,
)
from workbench.errors import ModelError, UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.repositories.lineages import Lineages
from workbench.store.repositories.reports import decode_report, encode_report
from workbench.store.repositories.weights import put_weights, read_weights

_PARTS = ("predictions", "totals", "validation", "weights", "version")


class Weights(NamedTuple):
    """What a version predicts with: its weights, parameters (JSON), the order of its labels, and how much of each is its name's."""

    weights: bytes
    parameters: str
    label_ids: tuple[LabelId, ...]
    zero_shot: tuple[float, ...] = ()


class Versions:
    """Versions; the newest is the one with the highest number."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add_version(
        self,
        version: ModelVersion,
        *,
        weights: bytes,
        parameters: str,
        label_ids: Sequence[LabelId],
        zero_shot: Sequence[float] = (),
    ) -> None:
        """Insert a version, once and whole. ``label_ids`` is the column order of its predictions.

        ``zero_shot`` is how much of each label's predictions comes from its name, empty = nothing of any.

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
            starred=version.starred,
            description=version.description,
            lineage=msgspec.json.encode(version.lineage).decode(),
            parameters=parameters,
            label_ids=list(label_ids),
            zero_shot=list(zero_shot),
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
        parameters, label_ids, zero_shot = row
        weights = read_weights(self._cursor, dataset_id, version)
        return Weights(weights, parameters, tuple(label_ids), tuple(zero_shot))

    def label_ids(self, dataset_id: DatasetId, version: int) -> tuple[LabelId, ...]:
        """The labels of a version in the order of its predictions; ``UnknownNameError`` when it is gone."""
        row = self._cursor.one("model.label_ids", dataset_id=dataset_id, version=version)
        if row is None:
            raise self._unknown(dataset_id, version)
        return tuple(row[0])

    def version(self, dataset_id: DatasetId, version: int) -> ModelVersion:
        """One version; ``UnknownNameError`` when there is none."""
        for known in self.versions(dataset_id):
            if known.version == version:
                return known
        raise self._unknown(dataset_id, version)

    # ---- marks -----------------------------------------------------------------------------------

    def set_pinned(self, dataset_id: DatasetId, version: int, pinned: bool) -> ModelVersion:  # noqa: FBT001
        """Pin or unpin a version and return it; ``UnknownNameError`` when there is none."""
        self._cursor.execute("model.set_pinned", dataset_id=dataset_id, version=version, pinned=pinned)
        return self.version(dataset_id, version)

    def set_starred(self, dataset_id: DatasetId, version: int, starred: bool) -> ModelVersion:  # noqa: FBT001
        """Star a version or not and return it; ``UnknownNameError`` when there is none."""
        self._cursor.execute("version.set_starred", dataset_id=dataset_id, version=version, starred=starred)
        return self.version(dataset_id, version)

    def set_description(self, dataset_id: DatasetId, version: int, description: str) -> ModelVersion:
        """Describe a version and return it; ``UnknownNameError`` when there is none."""
        said = {"dataset_id": dataset_id, "version": version, "description": description}
        self._cursor.execute("version.set_description", **said)
        return self.version(dataset_id, version)

    def set_tag(self, dataset_id: DatasetId, version: int, tag: VersionTag | None) -> ModelVersion:
        """Move a tag to a version, which pins it, and return it; ``UnknownNameError`` when there is none."""
        if tag is not None:
            self._cursor.execute("version.take_tag", dataset_id=dataset_id, tag=tag)
        self._cursor.execute("version.set_tag", dataset_id=dataset_id, version=version, tag=tag)
        return self.version(dataset_id, version)

    # ---- going -----------------------------------------------------------------------------------

    def drop(self, dataset_id: DatasetId, version: int) -> None:
        """Remove a version with all that is its own, and its training unless a version kept began from it."""
        for name in _PARTS:
            self._cursor.execute(f"model.drop_{name}", dataset_id=dataset_id, version=version)
        self._cursor.execute("version.drop_scores", dataset_id=dataset_id, version=version)
        self._cursor.execute("threshold.drop_version", dataset_id=dataset_id, version=version)
        kept = (one.trained_as for one in self.versions(dataset_id))
        Lineages(self._cursor).keep(dataset_id, kept)

    def drop_unpinned_beyond(self, dataset_id: DatasetId, keep: int) -> tuple[int, ...]:
        """Remove unpinned versions except the newest and ``keep`` more; returns the numbers removed."""
        older = [known.version for known in self.versions(dataset_id)[1:] if not known.pinned]
        for version in older[keep:]:
            self.drop(dataset_id, version)
        return tuple(older[keep:])

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
            mean_low=report.mean_average_precision.low,
            mean_high=report.mean_average_precision.high,
            report=encode_report(report),
        )

    def validation(self, dataset_id: DatasetId, version: int | None = None) -> ValidationReport | None:
        """The report of a version (None = the newest that has one), None when there is none."""
        row = self._cursor.one("model.validation", dataset_id=dataset_id, version=version)
        return None if row is None else decode_report(row[0], ValidationReport)

    # ---- test scores -----------------------------------------------------------------------------

    def put_test_scores(self, dataset_id: DatasetId, version: int, tested: pa.Table) -> None:
        """Store what a version's train-only twin said of its test messages, in the place of what was there.

        ``tested`` has uid and scores (list of float32, in the version's label order).
        """
        self.label_ids(dataset_id, version)
        self._cursor.execute("version.drop_scores", dataset_id=dataset_id, version=version)
        self._cursor.bulk("version.add_scores", tested, dataset_id=dataset_id, version=version)

    def test_scores(self, dataset_id: DatasetId, version: int) -> pa.Table:
        """uid, scores (in the version's label order) of its test messages, in row order; empty when it has none."""
        self.label_ids(dataset_id, version)
        return self._cursor.table("version.scores", dataset_id=dataset_id, version=version)

    # ---- what came after -------------------------------------------------------------------------

    def reviewed_after(
        self, dataset_id: DatasetId, at: datetime
    ) -> tuple[tuple[Uid, int, MessageLabels], ...]:
        """Uid, revision and labels of each message that was reviewed after a time."""
        rows = self._cursor.rows("version.later", dataset_id=dataset_id, at=at)
        return tuple(
            (uid, revision, MessageLabels(assigned=frozenset(assigned), dismissed=frozenset(dismissed)))
            for uid, revision, assigned, dismissed in rows
        )

    # ---- inside ----------------------------------------------------------------------------------

    def _unknown(self, dataset_id: DatasetId, version: int) -> UnknownNameError:
        known = (str(one.version) for one in self.versions(dataset_id))
        return UnknownNameError("model version", str(version), known)


def check_probabilities(uids: Sequence[Uid], probabilities: np.ndarray, n_labels: int) -> None:
    """Refuse probabilities that are not (n, n_labels) or not in [0, 1], with a ``ModelError``."""
    if probabilities.shape != (len(uids), n_labels):
        raise ModelError(
            f"{len(uids)} messages and {n_labels} labels came with probabilities of shape "
            f"{probabilities.shape}.",
            next_step="Hand in one row per message and one column per label of the version.",
        )
    if probabilities.size and not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise ModelError("a probability is not in [0, 1].", next_step="Calibrate the version again.")


def check_sentiments(sentiments: np.ndarray, probabilities: np.ndarray) -> None:
    """Refuse sentiments that are not beside ``probabilities`` or not in [-1, 1], with a ``ModelError``."""
    if sentiments.shape != probabilities.shape or not np.abs(sentiments).max(initial=0.0) <= 1:
        raise ModelError(
            f"sentiments of shape {sentiments.shape} came with probabilities of shape {probabilities.shape}, or one "
            "is not in [-1, 1].",
            next_step="Hand in one sentiment per probability.",
        )


def _version(row: tuple[Any, ...]) -> ModelVersion:
    dataset_id, version, created_at, n_reviewed, n_labels, encoder, pinned, tag, *rest = row
    (
        starred,
        description,
        validated,
        rating,
        mean_average_precision,
        low,
        high,
        predicted,
        lineage,
        held_by,
    ) = rest
    parents = msgspec.json.decode(lineage, type=dict[str, str])
    origin = parents.get("rolled_back_from")
    return ModelVersion(
        dataset_id=dataset_id,
        version=version,
        created_at=created_at,
        n_reviewed=n_reviewed,
        n_labels=n_labels,
        encoder=encoder,
        pinned=pinned,
        tag=tag,
        starred=starred,
        description=description,
        held_by=tuple(held_by),
        rolled_back_from=int(origin) if origin else None,
        validated=validated,
        rating=rating,
        mean_average_precision=mean_average_precision,
        mean_average_precision_low=low,
        mean_average_precision_high=high,
        predicted=predicted,
        lineage=parents,
    )
