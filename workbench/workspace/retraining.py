"""Retraining by itself: after enough new reviews, or when the reviewer has paused."""

from __future__ import annotations

from datetime import datetime

from workbench.domain import DatasetId, Event, JobKind
from workbench.store import Session
from workbench.workspace.context import Workspace
from workbench.workspace.training import MIN_REVIEWED


class Retraining:
    """A training follows reviews of a dataset that has a model, changes of its taxonomy, and an imported taxonomy.

    Due = ``retrain_after_reviews`` new reviews since the newest version, or any new review followed by
    ``retrain_after_s`` of quiet; a change of the taxonomy counts like a review. Never while one is queued or running.
    The first training is started by a person, or follows, after the same quiet, what came from outside: labels that
    were imported, whose names are enough for a start, or annotations of programs and files, which nobody sits before.
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
                return self._first_due(session, dataset_id)
            until = datetime.fromisoformat(versions[0].lineage["reviewed_until"])
            n_new, last_at = session.reviews.since(dataset_id, until)
            step = session.taxonomies.newest(dataset_id)
            few = step is not None or versions[0].lineage.get("fit") == "rollback"
            dataset = session.catalog.counted_dataset(dataset_id) if few else None
        least = min(MIN_REVIEWED, versions[0].n_reviewed)  # a version made of names follows the taxonomy
        if dataset is not None and not (dataset.n_labels and dataset.n_reviewed >= least):
            return None  # a deletion left nothing to learn from, or it was set aside
        if step is not None and str(step[0]) != versions[0].lineage.get("taxonomy_step"):
            n_new, last_at = n_new + 1, max(step[1], last_at or step[1])
        if n_new == 0 or last_at is None:
            return None
        quiet_s = (self._workspace.clock() - last_at).total_seconds()
        limits = self._workspace.settings
        return n_new >= limits.retrain_after_reviews or quiet_s >= limits.retrain_after_s

    def _first_due(self, session: Session, dataset_id: DatasetId) -> bool | None:
        newest = session.taxonomies.steps(dataset_id, 1)
        n_said, last_at = session.reviews.imported(dataset_id)
        came_at = [one.at for one in newest if one.action == "import"]
        came_at += [last_at] if last_at is not None and n_said >= MIN_REVIEWED else []
        if not came_at:
            return None
        if (
            self._workspace.clock() - max(came_at)
        ).total_seconds() < self._workspace.settings.retrain_after_s:
            return False
        dataset = session.catalog.counted_dataset(
            dataset_id
        )  # last: counting takes long, and this is asked often
        return True if dataset.n_labels and dataset.n_messages else None
