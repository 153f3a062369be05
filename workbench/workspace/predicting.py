"""Predictions for messages that came, or changed their text, after the newest version was trained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.domain import Dataset, DatasetId, Event, JobId, JobKind, ModelVersion, Uid
from workbench.errors import ModelError, NotTrainedError
from workbench.store import Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.discovering import dataset_of, embed_missing, spool
from workbench.workspace.following import AfterImport
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import dataset_matrices, sentiments_of


def start_predict(caller: Caller, dataset_id: DatasetId, version: int | None = None) -> JobId:
    """Queue the predictions that are missing."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        _newest(session, dataset.dataset_id, dataset.full_name)
        if version is not None:
            session.models.version(dataset.dataset_id, version)
        caller.audit(session, "start_predict", dataset.full_name, version=version)
    # What waits for the newest answers a call for the newest; a call for another version waits by itself.
    parameters = {} if version is None else {"version": version}
    return caller.submit("predict", parameters, dataset_id=dataset.dataset_id, joins=version is None)


def run_predict(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: predict what the newest version has no prediction of, then those that streams hold, then the one asked for.

    A version that a stream holds and that was trained on other vectors is passed over: it can predict nothing new.
    """
    dataset = dataset_of(workspace, run)
    encoder_id, _ = embed_missing(workspace, run, dataset.dataset_id, dataset.encoder)
    asked = parameters.get("version")
    done = _predict_with(workspace, run, dataset, None, encoder_id)
    with workspace.store.read() as session:
        held = [one.version for one in held_versions(session, dataset.dataset_id, encoder_id)]
    for version in held:
        if version not in (asked, done["version"]):
            _predict_with(workspace, run, dataset, version, encoder_id)
    if asked in (None, done["version"]):
        return done
    return _predict_with(workspace, run, dataset, int(asked), encoder_id)


def _predict_with(
    workspace: Workspace, run: JobRun, dataset: Dataset, version: int | None, encoder_id: str
) -> dict[str, int]:
    with workspace.store.read() as session:
        if version is None:
            chosen = _newest(session, dataset.dataset_id, dataset.full_name)
        else:
            chosen = session.models.version(dataset.dataset_id, version)
        weights = session.models.weights(dataset.dataset_id, chosen.version).weights
        uids = session.models.unpredicted(dataset.dataset_id, chosen.version)
    if chosen.lineage.get("encoder_id") != encoder_id:
        raise ModelError(
            f"version {chosen.version} was trained on the vectors of another encoder.",
            next_step="Train a new version.",
        )
    if not uids:
        return {"version": chosen.version, "predicted": 0}
    matrices = dataset_matrices(workspace, dataset.dataset_id, encoder_id)
    about = {"weights": weights, "vectors": str(matrices.vectors), "texts": str(matrices.texts)}
    n_predicted = 0
    for some in screen_first(uids, workspace.on_screen.of(dataset.dataset_id)):
        n_predicted += _predict_some(workspace, run, dataset, chosen, about, some, is_newest=version is None)
    return {"version": chosen.version, "predicted": n_predicted}


def held_versions(session: Session, dataset_id: DatasetId, encoder_id: object) -> tuple[ModelVersion, ...]:
    """Versions that streams hold and that were trained on the vectors of this encoder, newest first."""
    return tuple(
        one
        for one in session.models.versions(dataset_id)
        if one.held_by and one.lineage.get("encoder_id") == encoder_id
    )


def screen_first(uids: Sequence[Uid], shown: frozenset[Uid]) -> tuple[list[Uid], ...]:
    """In two parts: what somebody has on screen, and the rest; none of them empty."""
    parts = ([uid for uid in uids if uid in shown], [uid for uid in uids if uid not in shown])
    return tuple(part for part in parts if part)


def _predict_some(
    workspace: Workspace,
    run: JobRun,
    dataset: Dataset,
    chosen: ModelVersion,
    about: dict[str, Any],
    uids: list[Uid],
    *,
    is_newest: bool,
) -> int:
    """Predict some messages and show it; returns of how many."""
    run.stage("predicting", total=len(uids), unit="messages")
    with spool(workspace, run) as folder:
        found = run.work("learning:predict_messages", about | {"uids": uids, "spool": str(folder)})
        probabilities, sentiments = np.load(found["probabilities"]), sentiments_of(found)
    run.stage("storing predictions", total=len(found["uids"]), unit="messages")
    with workspace.store.write() as session:
        # A training that ended meanwhile has predicted everything there was.
        newest = _newest(session, dataset.dataset_id, dataset.full_name).version
        if not is_newest or newest == chosen.version:
            session.models.put_predictions(
                dataset.dataset_id, chosen.version, found["uids"], probabilities, sentiments
            )
    workspace.events.publish(
        "model",
        str(chosen.version),
        dataset_id=dataset.dataset_id,
        payload={"predicted": len(found["uids"])},
    )
    return len(found["uids"])


class CatchingUp(AfterImport):
    """Predictions follow messages: when a source of a dataset with a model has been quiet for a moment.

    So do those of the versions that streams hold; a stream that is made, changed or kept waiting asks for them at once.
    """

    kind: JobKind = "predict"
    excludes: tuple[JobKind, ...] = ("train", "predict")

    @property
    def quiet_s(self) -> float:
        """As the settings say."""
        return self.workspace.settings.predict_after_s

    def touched(self, event: Event) -> frozenset[DatasetId]:
        """Datasets that the event is news for."""
        if event.topic != "stream" or event.dataset_id is None:
            return super().touched(event)
        # Not as if messages had come: a consumer that asks often would put the predictions off for ever.
        self._last_at.setdefault(event.dataset_id, -math.inf)
        return frozenset((event.dataset_id,))

    def is_missing(self, session: Session, dataset_id: DatasetId) -> bool:
        """Whether the newest version, or one that a stream holds, has not predicted all messages."""
        versions = session.models.versions(dataset_id)
        if not versions:
            return False
        newest = versions[0]
        held = held_versions(session, dataset_id, newest.lineage.get("encoder_id"))
        wanted = {newest.version, *(one.version for one in held)}
        return any(session.models.unpredicted(dataset_id, version) for version in sorted(wanted))


def _newest(session: Session, dataset_id: DatasetId, name: str) -> ModelVersion:
    versions = session.models.versions(dataset_id)
    if not versions:
        raise NotTrainedError(f"dataset {name!r} has no model version yet.", next_step="Train one first.")
    return versions[0]
