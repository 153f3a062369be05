"""Retraining by itself: after enough new reviews, or when the reviewer has paused."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from workbench.domain import DatasetId
from workbench.errors import WorkbenchError
from workbench.workspace.context import Workspace

log = logging.getLogger(__name__)
_TICK_S = 1.0
ACTOR = "workbench"


class Retrainer:
    """Watches datasets that have a model and queues a training when one is due.

    Due = ``retrain_after_reviews`` new reviews since the newest version, or any new review followed by
    ``retrain_after_s`` of quiet. Never while one is queued or running, never before the first training
    (which a person starts).
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="retrainer", daemon=True)

    def start(self) -> None:
        """Begin watching, unless the settings say never."""
        if self._workspace.settings.retrain_after_reviews > 0:
            self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def due(self, dataset_id: DatasetId) -> bool:
        """Whether a training should be queued now."""
        if self._workspace.jobs.busy("train", dataset_id):
            return False
        with self._workspace.store.read() as session:
            versions = session.models.versions(dataset_id)
            if not versions:
                return False
            until = datetime.fromisoformat(versions[0].lineage["reviewed_until"])
            n_new, last_at = session.reviews.since(dataset_id, until)
        if n_new == 0 or last_at is None:
            return False
        quiet_s = (self._workspace.clock() - last_at).total_seconds()
        limits = self._workspace.settings
        return n_new >= limits.retrain_after_reviews or quiet_s >= limits.retrain_after_s

    def _watch(self) -> None:
        pending: set[DatasetId] = set()
        after = 0
        while not self._stop.wait(0 if pending else _TICK_S):
            page = self._workspace.events.wait(after, _TICK_S, None)
            after = page.last_seq
            pending |= {e.dataset_id for e in page.events if e.topic == "judgement" and e.dataset_id}
            for dataset_id in sorted(pending):
                try:
                    if self.due(dataset_id):
                        self._workspace.jobs.submit(
                            "train", {"actor": ACTOR}, dataset_id=dataset_id, joins=True
                        )
                        pending.discard(dataset_id)
                except WorkbenchError as error:
                    log.warning("cannot queue a retraining: %s", error)
                    pending.discard(dataset_id)
