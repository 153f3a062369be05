"""Going back to an older model version, as a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from workbench.domain import Dataset, DatasetId, JobId, ModelVersion
from workbench.errors import InputError, ModelError
from workbench.store import Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.discovering import dataset_of, embed_missing, spool
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import dataset_matrices, sentiments_of
from workbench.workspace.setting_aside import moment_of, set_aside
from workbench.workspace.training import stage_predictions


def start_rollback(caller: Caller, dataset_id: DatasetId, version: int, set_aside: bool = False) -> JobId:  # noqa: FBT001, FBT002
    """Queue it."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        known = session.models.version(dataset.dataset_id, version)
        newest = session.models.versions(dataset.dataset_id)[0].version
        if known.version == newest:
            raise InputError(
                f"version {version} is the newest: there is nothing to go back to.",
                next_step="Name an older version (model_versions).",
                details={"version": version, "newest": newest},
            )
        caller.audit(session, "start_rollback", dataset.full_name, version=version, set_aside=set_aside)
    parameters = {"version": version, "set_aside": set_aside}
    return caller.submit("rollback", parameters, dataset_id=dataset.dataset_id)


def run_rollback(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: predict every message with the old weights, then make them a new version."""
    dataset = dataset_of(workspace, run)
    encoder_id, _ = embed_missing(workspace, run, dataset.dataset_id, dataset.encoder)
    with workspace.store.read() as session:
        old = session.models.version(dataset.dataset_id, int(parameters["version"]))
        kept = session.models.weights(dataset.dataset_id, old.version)
    if old.lineage.get("encoder_id") != encoder_id:
        raise ModelError(
            f"version {old.version} was trained on the vectors of another encoder.",
            next_step="Train a new version.",
        )
    matrices = dataset_matrices(workspace, dataset.dataset_id, encoder_id)
    with spool(workspace, run) as folder:
        run.stage("predicting", total=matrices.n_rows, unit="messages")
        payload = {
            "key": matrices.key,
            "vectors": str(matrices.vectors),
            "texts": str(matrices.texts),
            "matrices_folder": str(workspace.folder / "matrices"),
            "spool": str(folder),
            "weights": kept.weights,
        }
        found = run.work("learning:predict_all", payload)
        probabilities = np.load(found["probabilities"], mmap_mode="r")
        run.stage("storing predictions", total=len(found["uids"]), unit="messages")
        with workspace.store.read() as session:
            made = _again(workspace, session, dataset, old)
        stage_predictions(workspace, run, made, found["uids"], probabilities, sentiments_of(found))
        with workspace.store.write() as session:
            session.models.add_version(
                made,
                weights=kept.weights,
                parameters=kept.parameters,
                label_ids=kept.label_ids,
                zero_shot=kept.zero_shot,
            )
            session.models.adopt_predictions(dataset.dataset_id, made.version, probabilities)
            report = session.models.validation(dataset.dataset_id, old.version)
            if report is not None:
                session.models.put_validation(
                    replace(report, version=made.version, created_at=made.created_at)
                )
            tested = session.models.test_scores(dataset.dataset_id, old.version)
            session.models.put_test_scores(dataset.dataset_id, made.version, tested)
            session.thresholds.copy(dataset.dataset_id, old.version, made.version)
            session.models.drop_unpinned_beyond(dataset.dataset_id, workspace.settings.versions_kept)
            n_aside = 0
            if parameters.get("set_aside"):
                told = {
                    "step_id": str(run.state.job_id),
                    "actor": parameters["actor"],
                    "at": workspace.clock(),
                }
                n_aside = set_aside(session, dataset, old, **told)
    if n_aside:
        about = {"action": "set_aside", "n_messages": n_aside}
        workspace.events.publish(
            "taxonomy", str(run.state.job_id), dataset_id=dataset.dataset_id, payload=about
        )
    workspace.events.publish(
        "model",
        str(made.version),
        dataset_id=dataset.dataset_id,
        payload={"validated": report is not None, "rolled_back_from": old.version},
    )
    return {
        "version": made.version,
        "rolled_back_from": old.version,
        "predicted": len(found["uids"]),
        "validated": report is not None,
        "set_aside": n_aside,
    }


def _again(workspace: Workspace, session: Session, dataset: Dataset, old: ModelVersion) -> ModelVersion:
    """The old version under a new number; what people said until now does not set off a training."""
    newest = session.models.versions(dataset.dataset_id)[0]
    reviewed_at = session.reviews.reviewed(dataset.dataset_id).column("reviewed_at").to_pylist()
    step = session.taxonomies.newest(dataset.dataset_id)
    lineage = old.lineage | {
        "fit": "rollback",
        "rolled_back_from": str(old.version),
        "trained_as": str(old.trained_as),
        "taxonomy_step": str(step[0]) if step else "",
    }
    lineage["learned_until"] = moment_of(old).isoformat()
    if reviewed_at:
        lineage["reviewed_until"] = max(reviewed_at).isoformat()
    return ModelVersion(
        dataset_id=dataset.dataset_id,
        version=newest.version + 1,
        created_at=workspace.clock(),
        n_reviewed=old.n_reviewed,
        n_labels=old.n_labels,
        encoder=old.encoder,
        lineage=lineage,
    )
