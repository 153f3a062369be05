"""Predictions of model versions, and sums of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, LabelId, MessageFilter, Resolution, Uid
from workbench.errors import ModelError
from workbench.store.filters import compile_filter
from workbench.store.repositories.judging import has_sentiment
from workbench.store.repositories.matrices import to_lists, to_matrix
from workbench.store.repositories.totals import label_totals
from workbench.store.repositories.versions import Versions, check_probabilities, check_sentiments


class Models(Versions):
    """Versions with what they predict."""

    def put_predictions(
        self,
        dataset_id: DatasetId,
        version: int,
        uids: Sequence[Uid],
        probabilities: np.ndarray,
        sentiments: np.ndarray | None = None,
    ) -> None:
        """Store float32 ``probabilities`` (n, n_labels), rows as in ``uids``, columns in the version's order.

        ``sentiments`` of the same shape, in [-1, 1]; None = the dataset has no label sentiment.

        Rows that the version has for these messages are replaced; those of older unpinned versions go.

        Raises
        ------
        UnknownNameError
            There is no such version.
        ModelError
            The shape does not fit, or a probability is not in [0, 1].
        """
        label_ids = self.label_ids(dataset_id, version)
        check_probabilities(uids, probabilities, len(label_ids))
        self._drop_older(dataset_id, version)
        staged = pa.table({"uid": pa.array(uids, pa.string())})
        self._cursor.bulk("model.drop_predictions_of", staged, dataset_id=dataset_id, version=version)
        self._insert(dataset_id, version, uids, probabilities, sentiments)
        self._put_totals(dataset_id, version, probabilities, label_ids)

    def begin_predictions(self, dataset_id: DatasetId, version: int) -> None:
        """Make way for the predictions of a version that does not exist yet: a killed training may have left some."""
        if any(known.version == version for known in self.versions(dataset_id)):
            raise ModelError(f"version {version} exists already.", next_step="Number the new one higher.")
        self._cursor.execute("model.drop_predictions", dataset_id=dataset_id, version=version)

    def stage_predictions(
        self,
        dataset_id: DatasetId,
        version: int,
        uids: Sequence[Uid],
        probabilities: np.ndarray,
        sentiments: np.ndarray | None = None,
    ) -> None:
        """Store a piece of the predictions of a version to come; nobody sees them before ``adopt_predictions``.

        ``probabilities`` is float32 (n, n_labels), rows as in ``uids``, no message twice among the pieces;
        ``sentiments`` as for ``put_predictions``.
        """
        check_probabilities(uids, probabilities, probabilities.shape[-1])
        self._insert(dataset_id, version, uids, probabilities, sentiments)

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

    def column(self, dataset_id: DatasetId, version: int, place: int) -> pa.Table:
        """uid, probability (float32) of the label at ``place`` (from 0) in the version's order; rows in any order."""
        return self._cursor.table("model.column", dataset_id=dataset_id, version=version, place=place + 1)

    def pieces(self, dataset_id: DatasetId, version: int) -> Iterator[tuple[pa.Array, np.ndarray]]:
        """Uids and float32 (k, n_labels) probabilities, piece by piece, in any order; nothing else may be read meanwhile."""
        n_labels = len(self.label_ids(dataset_id, version))
        for piece in self._cursor.pieces("model.predictions", dataset_id=dataset_id, version=version):
            yield piece.column("uid").combine_chunks(), to_matrix(piece.column("probabilities"), n_labels)

    def unpredicted(self, dataset_id: DatasetId, version: int) -> tuple[Uid, ...]:
        """Messages of the dataset that the version has no prediction of, in row order."""
        found = self._cursor.table("model.unpredicted", dataset_id=dataset_id, version=version)
        return tuple(found.column("uid").to_pylist())

    def predictions_table(
        self, dataset_id: DatasetId, where: MessageFilter, version: int | None = None
    ) -> pa.Table:
        """uid, label (name), probability (>= 0.05) of a version (None = the newest) for messages that pass.

        Where the dataset has label sentiment, ``sentiment`` in [-1, 1] too.

        Raises
        ------
        UnknownNameError
            There is no such version.
        ModelError
            It is an older one whose predictions were not kept.
        """
        if version is not None:
            self._check_predicted(dataset_id, version)
        found = self._cursor.table(
            "model.predictions_table", where=compile_filter(where), dataset_id=dataset_id, version=version
        )
        return found if has_sentiment(self._cursor, dataset_id) else found.drop_columns(["sentiment"])

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

    # ---- inside ----------------------------------------------------------------------------------

    def _check_predicted(self, dataset_id: DatasetId, version: int) -> None:
        self.label_ids(dataset_id, version)
        ((n_predicted,),) = self._cursor.rows(
            "model.count_predictions", dataset_id=dataset_id, version=version
        )
        if not n_predicted and self.unpredicted(dataset_id, version):
            raise ModelError(
                f"version {version} was kept without its predictions.",
                next_step=f"Predict with it again: start_predict(version={version}), ds.predict(version={version}).",
                details={"version": version},
            )

    def _drop_older(self, dataset_id: DatasetId, version: int) -> None:
        pinned = {known.version: known.pinned for known in self.versions(dataset_id)}
        for (found,) in self._cursor.rows("model.predicted_versions", dataset_id=dataset_id):
            if found < version and not pinned.get(found, False):
                for name in ("predictions", "totals"):
                    self._cursor.execute(f"model.drop_{name}", dataset_id=dataset_id, version=found)

    def _insert(
        self,
        dataset_id: DatasetId,
        version: int,
        uids: Sequence[Uid],
        probabilities: np.ndarray,
        sentiments: np.ndarray | None,
    ) -> None:
        if sentiments is not None:
            check_sentiments(sentiments, probabilities)
        rows = {
            "uid": pa.array(uids, pa.string()),
            "probabilities": to_lists(probabilities),
            "sentiments": pa.nulls(len(uids), pa.list_(pa.float32()))
            if sentiments is None
            else to_lists(sentiments),
        }
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
