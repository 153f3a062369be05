"""Model versions: train, predict every message, validate."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import numpy as np
import pyarrow as pa

from workbench.domain import (
    Dataset,
    DatasetId,
    FactorName,
    JobId,
    Label,
    ModelVersion,
    Resolution,
    Uid,
)
from workbench.errors import TooFewAnnotationsError
from workbench.store import Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.discovering import dataset_of, embed_missing, encoder_payload, spool
from workbench.workspace.gains import measure_gained
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import (
    TEST_SCORES,
    TRAINED_ON,
    DatasetMatrices,
    dataset_matrices,
    held_out_file,
    read_table,
    sentiments_of,
)
from workbench.workspace.reviewed import ReviewedSet, reviewed_set

MIN_REVIEWED = 2
"""With fewer there is nothing to validate, and labels speak from their names alone."""
_PIECE_ROWS = 16_384
_REFIT_GROWTH = 1.25
"""A full training is due when a quarter more is reviewed than at the last; in between, weights are refreshed."""


def start_train(caller: Caller, dataset_id: DatasetId) -> JobId:
    """Queue a training."""
    with caller.store.write() as session:
        dataset = session.catalog.counted_dataset(dataset_id)
        if not dataset.n_messages or not dataset.n_labels:
            has = f"{dataset.n_reviewed} reviewed messages" if dataset.n_messages else "no messages"
            raise TooFewAnnotationsError(
                f"dataset {dataset.full_name!r} has {has} and {dataset.n_labels} labels.",
                next_step="Import messages and create labels first: a label's name is enough for a start, "
                "25 examples make it measurable.",
                details={"n_reviewed": dataset.n_reviewed, "n_labels": dataset.n_labels},
            )
        caller.audit(session, "start_train", dataset.full_name)
    return caller.submit("train", {"full": True}, dataset_id=dataset.dataset_id, joins=True)


def label_totals(caller: Caller, dataset_id: DatasetId, resolution: Resolution = "week") -> pa.Table:
    """Expected label volumes over time."""
    with caller.store.read() as session:
        versions = session.models.versions(dataset_id)
        version = versions[0].version if versions else 0
        return session.models.label_totals(dataset_id, version, resolution)


def run_train(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: new weights, new predictions, then the honest look at them."""
    dataset = dataset_of(workspace, run)
    encoder_id, _ = embed_missing(workspace, run, dataset.dataset_id, dataset.encoder)
    run.stage("training")
    matrices = dataset_matrices(workspace, dataset.dataset_id, encoder_id)
    with workspace.store.read() as session:
        labels = session.labels.all(dataset.dataset_id, counted=False)
        known = reviewed_set(session, dataset.dataset_id, labels)
        versions = session.models.versions(dataset.dataset_id)
        previous = _previous(session, versions, encoder_id)
        step = session.taxonomies.newest(dataset.dataset_id)
    taxonomy_step = str(step[0]) if step else ""
    full = (
        parameters.get("full", False)
        or previous is None
        or _refit_due(versions, known, labels, taxonomy_step)
    )
    with spool(workspace, run) as folder:
        payload = (
            training_payload(workspace, matrices, labels, known, folder=str(folder))
            | encoder_payload(workspace, dataset.encoder)
            | {"previous": previous, "full": full}
        )
        fitted = run.work("learning:fit_and_predict", payload)
        about_fit = {
            "encoder_id": encoder_id,
            "fit": "full" if full else "refresh",
            "taxonomy_step": taxonomy_step,
        }
        fitted["trained_on"] = read_table(folder / TRAINED_ON)
        made = _store_version(workspace, run, dataset, labels, known, versions, fitted, about_fit)
        if len(known.uids) < MIN_REVIEWED or workspace.jobs.queued("train", dataset.dataset_id):
            return {"version": made.version, "validated": False}
        run.stage("validating")
        about = {
            "dataset_id": dataset.dataset_id,
            "version": made.version,
            "created_at": workspace.clock(),
            "held_out": str(held_out_file(workspace, dataset.dataset_id)),
            "rating_weights": {
                name: getattr(workspace.settings, f"rating_weight_{name}") for name in get_args(FactorName)
            },
        }
        report = run.work("learning:validate_version", payload | about)
        said = folder / TEST_SCORES
        tested = read_table(said) if said.exists() else None
        with workspace.store.write() as session:
            session.models.put_validation(report)
            session.review_batches.measure(report, until=known.read_at)
            if tested is not None:
                session.models.put_test_scores(dataset.dataset_id, made.version, tested)
        measure_gained(workspace, report)
    workspace.events.publish(
        "model", str(made.version), dataset_id=dataset.dataset_id, payload={"validated": True}
    )
    return {
        "version": made.version,
        "validated": True,
        "rating": report.rating.score,
        "mean_average_precision": report.mean_average_precision.value,
    }


def training_payload(
    workspace: Workspace,
    matrices: DatasetMatrices,
    labels: tuple[Label, ...],
    known: ReviewedSet,
    *,
    folder: str,
) -> dict[str, Any]:
    """What a training learns from, for a worker."""
    return {
        "key": matrices.key,
        "vectors": str(matrices.vectors),
        "texts": str(matrices.texts),
        "matrices_folder": str(workspace.folder / "matrices"),
        "spool": folder,
        "label_ids": [label.label_id for label in labels],
        "label_names": [label.name for label in labels],
        "paths": [label.path for label in labels],
        "instructions": [label.instructions for label in labels],
        "trainable": [label.trainable for label in labels],
        "uids": known.uids,
        "pairs": known.pairs,
        "signs": known.signs,
        "modes": known.modes,
        "picked": known.picked,
        "seed": workspace.settings.random_seed,
        "n_threads": workspace.settings.n_threads,
    }


def _store_version(
    workspace: Workspace,
    run: JobRun,
    dataset: Dataset,
    labels: tuple[Label, ...],
    known: ReviewedSet,
    versions: tuple[ModelVersion, ...],
    fitted: dict[str, Any],
    about_fit: dict[str, str],
) -> ModelVersion:
    run.stage("storing predictions", total=len(fitted["uids"]), unit="messages")
    last = versions[0].version if versions else 0
    made = ModelVersion(
        dataset_id=dataset.dataset_id,
        version=last + 1,
        created_at=workspace.clock(),
        n_reviewed=len(known.uids),
        n_labels=len(labels),
        encoder=dataset.encoder,
        lineage=fitted["lineage"] | about_fit | {"reviewed_until": known.read_at.isoformat()},
    )
    parameters = msgspec.json.encode(fitted["parameters"]).decode()
    probabilities = np.load(fitted["probabilities"], mmap_mode="r")
    stage_predictions(workspace, run, made, fitted["uids"], probabilities, sentiments_of(fitted))
    with workspace.store.write() as session:
        session.models.add_version(
            made,
            weights=fitted["weights"],
            parameters=parameters,
            label_ids=[label.label_id for label in labels],
            zero_shot=fitted["zero_shot"],
        )
        session.lineages.add(
            dataset.dataset_id,
            made.version,
            fitted["trained_on"],
            trained_from=None if about_fit["fit"] == "full" else last,
            labels=labels,
            parameters=parameters,
        )
        session.models.adopt_predictions(dataset.dataset_id, made.version, probabilities)
        session.models.drop_unpinned_beyond(dataset.dataset_id, workspace.settings.versions_kept)
    workspace.events.publish("model", str(made.version), dataset_id=dataset.dataset_id)
    return made


def stage_predictions(
    workspace: Workspace,
    run: JobRun,
    made: ModelVersion,
    uids: list[Uid],
    probabilities: np.ndarray,
    sentiments: np.ndarray | None = None,
) -> None:
    """Store predictions piece by piece, unseen until the version is there: who annotates waits for one piece only."""
    with workspace.store.write() as session:
        session.models.begin_predictions(made.dataset_id, made.version)
    for begin in range(0, len(uids), _PIECE_ROWS):
        piece = slice(begin, begin + _PIECE_ROWS)
        with workspace.store.write() as session:
            felt = None if sentiments is None else sentiments[piece]
            session.models.stage_predictions(
                made.dataset_id, made.version, uids[piece], probabilities[piece], felt
            )
        run.progress(min(piece.stop, len(uids)))


def _previous(session: Session, versions: tuple[ModelVersion, ...], encoder_id: str) -> bytes | None:
    if not versions or versions[0].lineage.get("encoder_id") != encoder_id:
        return None
    return session.models.weights(versions[0].dataset_id, versions[0].version).weights


def _refit_due(
    versions: tuple[ModelVersion, ...], known: ReviewedSet, labels: tuple[Label, ...], taxonomy_step: str
) -> bool:
    if versions[0].lineage.get("fit") == "rollback":
        return True  # its weights are of another time, and may know other labels
    last_full = next((v for v in versions if v.lineage.get("fit") == "full"), None)
    if last_full is None or len(labels) != last_full.n_labels:
        return True
    if last_full.lineage.get("taxonomy_step", "") != taxonomy_step:
        return True
    return len(known.uids) > _REFIT_GROWTH * last_full.n_reviewed
