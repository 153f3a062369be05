"""Work that follows from what happened: it waits for news of a dataset and queues a job when one is due."""

from __future__ import annotations

import logging
import math
import threading
import time
from abc import ABC, abstractmethod
from typing import Protocol

from workbench.domain import DatasetId, Event, JobKind
from workbench.errors import WorkbenchError
from workbench.store import DatasetPlace, Session
from workbench.workspace.context import Workspace

log = logging.getLogger(__name__)
_TICK_S = 1.0
ACTOR = "workbench"


class Rule(Protocol):
    """When which job follows."""

    kind: JobKind

    def enabled(self) -> bool:
        """Whether the settings allow it at all."""
        ...

    def touched(self, event: Event) -> frozenset[DatasetId]:
        """Datasets that an event may call for the job of."""
        ...

    def due(self, dataset_id: DatasetId) -> bool | None:
        """True = queue it now, False = ask again soon, None = nothing to do until the next event."""
        ...


class AfterImport(ABC):
    """A rule of work that follows messages, once they have stopped coming for a moment.

    Attributes
    ----------
    excludes
        Kinds of jobs of the dataset that have to end before this one is worth queueing.
    """

    kind: JobKind
    excludes: tuple[JobKind, ...]

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._last_at: dict[DatasetId, float] = {}

    @property
    @abstractmethod
    def quiet_s(self) -> float:
        """Seconds without news before the job is queued; negative = never."""

    @abstractmethod
    def is_missing(self, session: Session, dataset_id: DatasetId) -> bool:
        """Whether there is anything to do."""

    def enabled(self) -> bool:
        """Unless the settings say never."""
        return self.quiet_s >= 0

    def concerns(self, event: Event, dataset: DatasetPlace) -> bool:
        """Whether an event is news for the dataset: messages came into it, or it got other sources."""
        return event.topic == "import" and event.subject in (dataset.dataset_id, *dataset.sources)

    def touched(self, event: Event) -> frozenset[DatasetId]:
        """Datasets that the event is news for."""
        if event.topic not in ("import", "language"):
            return frozenset()
        datasets = self.workspace.store.dataset_places()
        found = frozenset(one.dataset_id for one in datasets if self.concerns(event, one))
        self._last_at |= dict.fromkeys(found, time.monotonic())
        return found

    def due(self, dataset_id: DatasetId) -> bool | None:
        """Whether the job should be queued now."""
        if any(self.workspace.jobs.busy(kind, dataset_id) for kind in self.excludes):
            return False
        if time.monotonic() - self._last_at[dataset_id] < self.quiet_s:
            return False
        with self.workspace.store.read() as session:
            return True if self.is_missing(session, dataset_id) else None


class Follower:
    """One thread that applies the rules, until stopped."""

    def __init__(self, workspace: Workspace, *rules: Rule) -> None:
        self._workspace = workspace
        self._rules = [rule for rule in rules if rule.enabled()]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="follower", daemon=True)

    def start(self) -> None:
        """Begin, unless no rule is enabled."""
        if self._rules:
            self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _watch(self) -> None:
        pending: set[tuple[int, DatasetId]] = set()
        after, looked_at = 0, -math.inf
        while not self._stop.wait(0):
            page = self._workspace.events.wait(after, _TICK_S, None)
            after = page.last_seq
            for event in page.events:
                for number, rule in enumerate(self._rules):
                    pending |= {(number, dataset_id) for dataset_id in rule.touched(event)}
            # News may come a hundred times a second, and what is due is asked of the file: once a tick will do.
            if not page.events or time.monotonic() - looked_at >= _TICK_S:
                pending = {asked for asked in sorted(pending) if self._waits(*asked)}
                looked_at = time.monotonic()

    def _waits(self, number: int, dataset_id: DatasetId) -> bool:
        """Queue the job when it is due; whether to ask again."""
        rule = self._rules[number]
        try:
            due = rule.due(dataset_id)
            if due:
                self._workspace.jobs.submit(rule.kind, {"actor": ACTOR}, dataset_id=dataset_id, joins=True)
        except WorkbenchError as error:
            log.warning("cannot queue %s by itself: %s", rule.kind, error)
            return False
        return due is False
