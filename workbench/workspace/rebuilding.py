"""Training a model version again from what it was trained on, to see that it comes out the same."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import Dataset, DatasetId, JobId, ModelVersion
from workbench.errors import ModelError
from workbench.store import Session, TrainingSet
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.discovering import dataset_of, embed_missing, spool
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import DatasetMatrices, dataset_matrices
from workbench.workspace.reviewed import ReviewedSet
from workbench.workspace.training import training_payload

TOLERANCE = 1e-6
"""Largest difference of a probability at which a version counts as rebuilt; other library versions round otherwise."""


def start_verify(caller: Caller, dataset_id: DatasetId, version: int) -> JobId:
    """Queue it."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        known = session.models.version(dataset.dataset_id, version)
        _steps(session, dataset, known)
        caller.audit(session, "start_verify", dataset.full_name, version=version)
    return caller.submit("verify", {"version": version}, dataset_id=dataset.dataset_id)


def run_verify(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: train it again, compare what both say of every message; nothing is stored."""
    dataset = dataset_of(workspace, run)
    embed_missing(workspace, run, dataset.dataset_id, dataset.encoder)
    with workspace.store.read() as session:
        known = session.models.version(dataset.dataset_id, int(parameters["version"]))
        steps = _steps(session, dataset, known)
        weights = session.models.weights(dataset.dataset_id, known.version).weights
    matrices = dataset_matrices(workspace, dataset.dataset_id, known.lineage["encoder_id"])
    with spool(workspace, run) as folder:
        run.stage("training again", total=len(steps), unit="trainings")
        payloads = [
            _payload(workspace, matrices, one, rows, folder=str(folder), has_sentiment=dataset.has_sentiment)
            for one, rows in steps
        ]
        payload = payloads[-1] | {"steps": payloads, "weights": weights}
        found = run.work("learning:train_again", payload)
    return {
        "version": known.version,
        "rebuilt": found["largest_difference"] <= TOLERANCE,
        "n_trainings": len(steps),
        **found,
    }


def _steps(session: Session, dataset: Dataset, known: ModelVersion) -> list[tuple[TrainingSet, pa.Table]]:
    """The trainings that led to the version, from a full one on, with the rows of each.

    Raises
    ------
    ModelError
        Some of it is gone: then the version works as before, but cannot be trained again.
    """
    if known.encoder != dataset.encoder:
        raise _lost(known, f"it reads the vectors of encoder {known.encoder!r}, the dataset has others")
    recorded = {one.version: one for one in session.lineages.sets(dataset.dataset_id)}
    chain: list[TrainingSet] = []
    number: int | None = known.trained_as
    while number is not None:
        if number not in recorded:
            raise _lost(known, f"what version {number} was trained on was not recorded when it was trained")
        chain.insert(0, recorded[number])
        number = chain[0].trained_from
    rows = session.lineages.rows(dataset.dataset_id, [one.version for one in chain])
    for one, left in zip(chain, rows, strict=True):
        gone = one.n_rows - left.num_rows
        if gone:
            why = "were deleted, or belong to a source the dataset no longer has"
            raise _lost(known, f"{gone:,} of the {one.n_rows:,} messages it learned from {why}")
        edited = pc.sum(pc.not_equal(left.column("text_hash"), left.column("text_hash_now"))).as_py() or 0
        if edited:
            raise _lost(known, f"the text of {edited:,} of the messages it learned from was edited since")
    return list(zip(chain, rows, strict=True))


def _payload(
    workspace: Workspace,
    matrices: DatasetMatrices,
    then: TrainingSet,
    rows: pa.Table,
    *,
    folder: str,
    has_sentiment: bool,
) -> dict[str, Any]:
    column_of = {label.label_id: column for column, label in enumerate(then.labels)}
    assigned = rows.column("labels").to_pylist()
    pairs = [(row, column_of[label_id]) for row, labels in enumerate(assigned) for label_id in labels]
    signs = [sign for felt in rows.column("sentiments").to_pylist() for sign in felt or ()]
    known = ReviewedSet(
        uids=rows.column("uid").to_pylist(),
        pairs=np.asarray(pairs, dtype=np.int32).reshape(-1, 2),
        modes=[],
        read_at=workspace.clock(),
        signs=np.asarray(signs, dtype=np.int8) if has_sentiment else None,
    )
    return training_payload(workspace, matrices, then.labels, known, folder=folder) | {
        "parameters": msgspec.json.decode(then.parameters),
        "threads": rows.column("thread").to_pylist(),
    }


def _lost(known: ModelVersion, why: str) -> ModelError:
    return ModelError(
        f"version {known.version} cannot be trained again: {why}.",
        next_step="It predicts as before. Train a new version to have one that can be.",
        details={"version": known.version, "reason": why},
    )
