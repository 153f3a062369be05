"""Predictions of messages that are handed in: charged, answered, and not stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from workbench.domain import (
    LIMITS,
    DatasetId,
    LabelsFrom,
    ProjectName,
    RawMail,
    SourceId,
    UnstoredPrediction,
    UnstoredPredictions,
    VersionChoice,
    WantedLabel,
)
from workbench.embed import message_text
from workbench.store import prepare
from workbench.workspace.charges import book, entries_for, tell_budgets
from workbench.workspace.context import Caller
from workbench.workspace.warm import predict_texts

_NO_SOURCE = SourceId("0" * 16)


def predict_messages(
    caller: Caller,
    dataset_id: DatasetId,
    batch: pa.Table,
    version: VersionChoice = None,
    threshold: LabelsFrom = 0.05,
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    wanted: tuple[WantedLabel, ...] = (),
) -> UnstoredPredictions:
    """Predict a batch."""
    LIMITS["batch_predictions"].check(batch.num_rows, "the call")
    prepare(_NO_SOURCE, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
    columns = [batch.column(name).to_pylist() for name in ("message_id", "subject", "body")]
    handed = list(zip(*columns, strict=True))
    return _Answer(caller, dataset_id, version, threshold, wanted).give(
        handed, "predict", no_charge=no_charge
    )


def predict_raw_mails(
    caller: Caller,
    dataset_id: DatasetId,
    mails: tuple[RawMail, ...],
    version: VersionChoice = None,
    threshold: LabelsFrom = 0.05,
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    wanted: tuple[WantedLabel, ...] = (),
) -> UnstoredPredictions:
    """Predict mails; those that cannot be read are answered with why."""
    LIMITS["batch_predictions"].check(len(mails), "the call")
    answer = _Answer(caller, dataset_id, version, threshold, wanted)
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
    return replace(found, predictions=predictions)


class _Answer:
    """One call: its model version, and how its answer is made and charged."""

    def __init__(
        self,
        caller: Caller,
        dataset_id: DatasetId,
        version: VersionChoice,
        threshold: LabelsFrom,
        wanted: tuple[WantedLabel, ...],
    ) -> None:
        self._caller = caller
        found = caller.workspace.lookups.of(caller.store, dataset_id, version, threshold, wanted)
        self._dataset, self._version, self._answering = found.dataset, found.version, found.answering

    def give(
        self, handed: Sequence[tuple[str, str, str]], operation: str, *, no_charge: bool
    ) -> UnstoredPredictions:
        """Predict what was handed in (id, subject, body), charge it, answer."""
        texts = [message_text(subject, body) for _, subject, body in handed]
        n_labels = len(self._answering.label_ids)
        said = predict_texts(self._caller.workspace, self._dataset, self._version, texts, n_labels)
        ids = [message_id for message_id, _, _ in handed]
        units = self._charge(ids, operation, no_charge=no_charge)
        warnings = tell_budgets(self._caller, {self._dataset.project: units})
        labels = self._answering.labels(said.probabilities, said.sentiments)
        return UnstoredPredictions(
            version=self._version.version,
            created_at=self._version.created_at,
            units=units,
            predictions=tuple(
                UnstoredPrediction(message_id=message_id, labels=found)
                for message_id, found in zip(ids, labels, strict=True)
            ),
            warnings=warnings,
        )

    def _charge(self, ids: Sequence[str], operation: str, *, no_charge: bool) -> int:
        """Write the ledger rows; the source of what is stored nowhere is its dataset."""
        caller, project = self._caller, self._dataset.project
        outcome = pa.table(
            {"message_id": list(ids), "reason": ["predicted"] * len(ids)},
            schema=pa.schema([("message_id", pa.string()), ("reason", pa.string())]),
        )
        with caller.store.write(messages=False, ledger_only=True) as session:
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
            keys = entries.column("idempotency_key")
            if not entries.num_rows or not session.ledger.holds(keys[0].as_py()):
                book(caller, session, entries, units, project, None)
        return units
