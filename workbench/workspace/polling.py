"""When mailboxes are read by themselves: one thread that looks whose turn has come."""

from __future__ import annotations

import logging
import threading
import time

from workbench.domain import IntegrationId, JobId
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.workspace.context import Workspace
from workbench.workspace.following import ACTOR
from workbench.workspace.syncing import due

log = logging.getLogger(__name__)
_TICK_S = 1.0
_LONGEST_WAIT_S = 300.0
_MOST_VAIN = 9


class Poller:
    """Queues a sync when a mailbox is due and none runs, until stopped."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stop = threading.Event()
        self._queued: tuple[JobId, frozenset[tuple[IntegrationId, str]]] | None = None
        self._n_vain, self._not_before = 0, 0.0
        self._thread = threading.Thread(target=self._watch, name="poller", daemon=True)

    def start(self) -> None:
        """Begin, unless the settings say that mailboxes are read only when asked."""
        if self._workspace.settings.sync_interval_s > 0:
            self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def look(self) -> bool:
        """Queue a sync when one is due; whether it was.

        A sync whose outcome could not even be written down (the disk is full) leaves its mailboxes due: the next
        one waits 2, 4, 8 … seconds, at most five minutes, until one gets further. ``EntitlementError`` where the plan of
        the workspace does not have messages.
        """
        workspace = self._workspace
        if workspace.jobs.busy("sync") or time.monotonic() < self._not_before:
            return False
        found = frozenset(due(workspace))
        if not found:
            return False
        if self._was_in_vain(found):
            self._wait_longer()
            return False
        workspace.plan.check("communications_data")
        self._queued = (workspace.jobs.submit("sync", {"actor": ACTOR}), found)
        return True

    def _was_in_vain(self, found: frozenset[tuple[IntegrationId, str]]) -> bool:
        if self._queued is None:
            return False
        (job_id, asked), self._queued = self._queued, None
        try:
            with self._workspace.store.read() as session:
                failed = session.jobs.get(job_id).status == "failed"
        except UnknownNameError:
            failed = False
        if not (failed and asked <= found):
            self._n_vain = 0
            return False
        return True

    def _wait_longer(self) -> None:
        self._n_vain = min(self._n_vain + 1, _MOST_VAIN)
        self._not_before = time.monotonic() + min(2.0**self._n_vain, _LONGEST_WAIT_S)

    def _watch(self) -> None:
        """Look every second while there are integrations; without any, only their news is waited for."""
        after, any_there = 0, True
        while not self._stop.wait(0):
            page = self._workspace.events.wait(after, _TICK_S, None)
            after = page.last_seq
            try:
                if page.missed or any(event.topic == "integration" for event in page.events):
                    any_there = True
                if any_there:
                    with self._workspace.store.read() as session:
                        any_there = session.integrations.any()
                    self.look()
            except WorkbenchError as error:
                self._wait_longer()
                log.warning("cannot read mailboxes by itself: %s", error)
            self._stop.wait(_TICK_S)
