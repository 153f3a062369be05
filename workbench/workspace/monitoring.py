"""Drift and balance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from workbench.domain import BalanceReport, DatasetId, DriftReport, JobId
from workbench.errors import NotTrainedError
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.discovering import dataset_of, embed_missing, spool
from workbench.workspace.excepting import refused_streams
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import dataset_matrices, held_out_file
from workbench.workspace.reviewed import reviewed_set
from workbench.workspace.sensitive import hidden_from, shown_names


def start_monitor(caller: Caller, dataset_id: DatasetId) -> JobId:
    """Queue a look for drift and imbalance."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        if not session.models.versions(dataset.dataset_id):
            raise NotTrainedError(
                f"dataset {dataset.full_name!r} has no model version yet.", next_step="Train one first."
            )
        caller.audit(session, "start_monitor", dataset.full_name)
    return caller.submit("monitor", {}, dataset_id=dataset.dataset_id, joins=True)


def drift(caller: Caller, dataset_id: DatasetId) -> DriftReport | None:
    """The newest report, without the exceptions of streams that the caller may not ask."""
    with caller.store.read() as session:
        report = session.monitoring.drift(dataset_id)
        if report is None or not report.exceptions:
            return report
        refused = refused_streams(caller, session, dataset_id)
    return replace(report, exceptions=tuple(one for one in report.exceptions if one.stream not in refused))


def balance(caller: Caller, dataset_id: DatasetId) -> BalanceReport | None:
    """The newest report, without the properties that the caller may not read."""
    with caller.store.read() as session:
        report = session.monitoring.balance(dataset_id)
        hidden = hidden_from(caller, session)
        if report is None or not hidden:
            return report
        names = [one.name for one in report.properties]
        shown = set(shown_names(session, dataset_id, names, hidden))
    return replace(report, properties=tuple(one for one in report.properties if one.name in shown))


def run_monitor(workspace: Workspace, run: JobRun, _parameters: dict[str, Any]) -> object:
    """The job."""
    dataset = dataset_of(workspace, run)
    encoder_id, _ = embed_missing(workspace, run, dataset.dataset_id, dataset.encoder)
    run.stage("comparing windows")
    matrices = dataset_matrices(workspace, dataset.dataset_id, encoder_id)
    with workspace.store.read() as session:
        labels = session.labels.all(dataset.dataset_id)
        known = reviewed_set(session, dataset.dataset_id, labels)
        version = session.models.versions(dataset.dataset_id)[0].version
        uids, probabilities = session.models.predictions(dataset.dataset_id, version)
        trained_on = session.models.label_ids(dataset.dataset_id, version)
        spread = session.monitoring.spread(dataset.dataset_id)
        exceptions = session.exceptions.of_dataset(dataset.dataset_id)
    names = {label.label_id: label.name for label in labels}
    with spool(workspace, run) as folder:
        scores = folder / "probabilities.npy"
        np.save(scores, probabilities, allow_pickle=False)
        payload = {
            "vectors": str(matrices.vectors),
            "texts": str(matrices.texts),
            "probabilities": str(scores),
            "predicted_uids": list(uids),
            "held_out": str(held_out_file(workspace, dataset.dataset_id)),
            "label_ids": list(trained_on),
            "label_names": [names.get(label_id, label_id) for label_id in trained_on],
            "reviewed_uids": known.uids,
            "pairs": known.pairs,
            "modes": known.modes,
            "spread": spread,
            "exceptions": exceptions,
            "all_label_ids": [label.label_id for label in labels],
            "paths": [label.path for label in labels],
            "seed": workspace.settings.random_seed,
        }
        found = run.work("watching:compare", payload)
    about = {"dataset_id": dataset.dataset_id, "created_at": workspace.clock()}
    drifted = msgspec.convert(found["drift"] | about | {"version": version}, DriftReport)
    balanced = msgspec.convert(found["balance"] | about, BalanceReport)
    with workspace.store.write() as session:
        session.monitoring.put_drift(drifted)
        session.monitoring.put_balance(balanced)
    workspace.events.publish(
        "monitor", dataset.dataset_id, dataset_id=dataset.dataset_id, payload={"alarm": drifted.alarm}
    )
    return {"alarm": drifted.alarm, "balance": balanced.balance, "summary": drifted.summary}
