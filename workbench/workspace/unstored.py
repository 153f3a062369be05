"""Predictions of messages that are handed in: charged, answered, and not stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from workbench.domain import (
    LIMITS,
    DatasetId,
    LabelId,
    PredictedLabel,
    ProjectName,
    RawMail,
    SourceId,
    UnstoredPrediction,
    UnstoredPredictions,
)
from workbench.embed import message_text
from workbench.errors import InputError, ModelError, NotTrainedError
from workbench.store import prepare
from workbench.workspace.charges import book, check_waiver, entries_for, tell_budgets
from workbench.workspace.context import Caller
from workbench.workspace.discovering import encoder_payload
from workbench.workspace.predictor import Predicted

_NO_SOURCE = SourceId("0" * 16)


def predict_messages(
    caller: Caller,
    dataset_id: DatasetId,
    batch: pa.Table,
    version: int | None = None,
    threshold: float = 0.05,
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> UnstoredPredictions:
    """Predict a batch."""
    LIMITS["batch_predictions"].check(batch.num_rows, "the call")
    prepare(_NO_SOURCE, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
    columns = [batch.column(name).to_pylist() for name in ("message_id", "subject", "body")]
    handed = list(zip(*columns, strict=True))
    return _Answer(caller, dataset_id, version, threshold).give(handed, "predict", no_charge=no_charge)


def predict_raw_mails(
    caller: Caller,
    dataset_id: DatasetId,
    mails: tuple[RawMail, ...],
    version: int | None = None,
    threshold: float = 0.05,
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> UnstoredPredictions:
    """Predict mails; those that cannot be read are answered with why."""
    LIMITS["batch_predictions"].check(len(mails), "the call")
    answer = _Answer(caller, dataset_id, version, threshold)
    read = caller.workspace.mail.read(mails)
    handed = [
        (one.message.message_id, one.message.subject, one.message.body)
        for one in read
        if one.message is not None and not one.problem
    ]
    found = answer.give(handed, "predict_raw_mails", no_charge=no_charge)
    said = iter(found.predictions)
    predictions = tuple(
        next(said)
        if one.message is not None and not one.problem
        else UnstoredPrediction(
            message_id="" if one.message is None else one.message.message_id, problem=one.problem
        )
        for one in read
    )
    return UnstoredPredictions(
        version=found.version, units=found.units, predictions=predictions, warnings=found.warnings
    )


class _Answer:
    """One call: its model version, and how its answer is made and charged."""

    def __init__(self, caller: Caller, dataset_id: DatasetId, version: int | None, threshold: float) -> None:
        if not 0 <= threshold <= 1:
            raise InputError(
                f"labels cannot come from the probability {threshold} on.",
                next_step="Use a threshold from 0 to 1.",
                details={"threshold": str(threshold)},
            )
        self._caller, self._threshold = caller, np.float32(threshold)
        with caller.store.read() as session:
            self._dataset = session.catalog.find_dataset(dataset_id)
            home = self._dataset.dataset_id
            versions = session.models.versions(home)
            if not versions:
                raise NotTrainedError(
                    f"dataset {self._dataset.full_name!r} has no model version yet.",
                    next_step="Train one first.",
                )
            self._version = versions[0] if version is None else session.models.version(home, version)
            number = self._version.version
            self._weights = session.models.weights(home, number).weights
            self._label_ids = session.models.label_ids(home, number)
            self._names = session.taxonomies.names(home, self._label_ids)

    def give(
        self, handed: Sequence[tuple[str, str, str]], operation: str, *, no_charge: bool
    ) -> UnstoredPredictions:
        """Predict what was handed in (id, subject, body), charge it, answer."""
        check_waiver(self._caller, no_charge)
        said = self._predict([message_text(subject, body) for _, subject, body in handed])
        ids = [message_id for message_id, _, _ in handed]
        units = self._charge(ids, operation, no_charge=no_charge)
        warnings = tell_budgets(self._caller, {self._dataset.project: units})
        return UnstoredPredictions(
            version=self._version.version,
            units=units,
            predictions=tuple(self._labels(message_id, said, row) for row, message_id in enumerate(ids)),
            warnings=warnings,
        )

    def _predict(self, texts: list[str]) -> Predicted:
        if not texts:
            return Predicted(
                encoder_id="", probabilities=np.zeros((0, len(self._label_ids)), np.float32), sentiments=None
            )
        workspace = self._caller.workspace
        payload = encoder_payload(workspace, self._dataset.encoder) | {
            "texts": texts,
            "weights": self._weights,
        }
        said = workspace.predictor.predict(payload)
        if said.encoder_id != self._version.lineage.get("encoder_id"):
            raise ModelError(
                f"version {self._version.version} was trained on the vectors of another encoder.",
                next_step="Train a new version.",
            )
        return said

    def _charge(self, ids: Sequence[str], operation: str, *, no_charge: bool) -> int:
        """Write the ledger rows; the source of what is stored nowhere is its dataset."""
        caller, project = self._caller, self._dataset.project
        outcome = pa.table(
            {"message_id": list(ids), "reason": ["predicted"] * len(ids)},
            schema=pa.schema([("message_id", pa.string()), ("reason", pa.string())]),
        )
        with caller.store.write(messages=False) as session:
            entries, units = entries_for(
                caller,
                session,
                outcome,
                source_id=SourceId(self._dataset.dataset_id),
                project=ProjectName(project),
                operation=operation,
                batch_id=caller.made_id("predictions"),
                at=caller.workspace.clock(),
                no_charge=no_charge,
            )
            # The same call that comes again after its reply was lost is charged, and its budget checked, once.
            if not entries.num_rows or session.ledger.entry(entries.column("entry_id")[0].as_py()) is None:
                book(caller, session, entries, units, project, None)
        return units

    def _labels(self, message_id: str, said: Predicted, row: int) -> UnstoredPrediction:
        likely = said.probabilities[row]
        labels = [
            PredictedLabel(
                label_id=LabelId(self._label_ids[place]),
                name=self._names[self._label_ids[place]],
                probability=float(likely[place]),
                sentiment=None if said.sentiments is None else float(said.sentiments[row, place]),
            )
            for place in np.flatnonzero(likely >= self._threshold)
        ]
        labels.sort(key=lambda one: (-one.probability, one.name))
        return UnstoredPrediction(message_id=message_id, labels=tuple(labels))
