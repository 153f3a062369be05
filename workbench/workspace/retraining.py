"""Retraining by itself: after enough new reviews, or when the reviewer has paused."""

from __future__ import annotations

from datetime import datetime

from workbench.domain import DatasetId, Event, JobKind
from workbench.workspace.context import Workspace
from workbench.workspace.training import MIN_REVIEWED


class Retraining:
    """A training follows reviews of a dataset that has a model, and changes of its taxonomy.

    Due = ``retrain_after_reviews`` new reviews since the newest version, or any new review followed by
    ``retrain_after_s`` of quiet; a change of the taxonomy counts like a review. Never while one is queued or running, never before the first training
    (which a person starts).
    """

    kind: JobKind = "train"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def enabled(self) -> bool:
        """Unless the settings say never."""
        return self._workspace.settings.retrain_after_reviews > 0

    def touched(self, event: Event) -> frozenset[DatasetId]:
        """The dataset of a judgement, or of a change of its taxonomy."""
        judged = event.topic in ("judgement", "taxonomy") and event.dataset_id
        return frozenset({event.dataset_id}) if judged and event.dataset_id else frozenset()

    def due(self, dataset_id: DatasetId) -> bool | None:
        """Whether a training should be queued now."""
        if self._workspace.jobs.busy("train", dataset_id):
            return False
        with self._workspace.store.read() as session:
            versions = session.models.versions(dataset_id)
            if not versions:
                return None
            until = datetime.fromisoformat(versions[0].lineage["reviewed_until"])
            n_new, last_at = session.reviews.since(dataset_id, until)
            step = session.taxonomies.newest(dataset_id)
            few = step is not None or versions[0].lineage.get("fit") == "rollback"
            dataset = session.catalog.find_dataset(dataset_id) if few else None
        if dataset is not None and not (dataset.n_labels and dataset.n_reviewed >= MIN_REVIEWED):
            return None  # a deletion left nothing to learn from, or it was set aside
        if step is not None and str(step[0]) != versions[0].lineage.get("taxonomy_step"):
            n_new, last_at = n_new + 1, max(step[1], last_at or step[1])
        if n_new == 0 or last_at is None:
            return None
        quiet_s = (self._workspace.clock() - last_at).total_seconds()
        limits = self._workspace.settings
        return n_new >= limits.retrain_after_reviews or quiet_s >= limits.retrain_after_s
