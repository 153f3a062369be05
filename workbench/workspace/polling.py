"""When mailboxes are read by themselves: one thread that looks whose turn has come."""

from __future__ import annotations

import logging
import threading

from workbench.errors import WorkbenchError
from workbench.workspace.context import Workspace
from workbench.workspace.following import ACTOR
from workbench.workspace.syncing import due

log = logging.getLogger(__name__)
_TICK_S = 1.0


class Poller:
    """Queues a sync when a mailbox is due and none runs, until stopped."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stop = threading.Event()
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
        """Queue a sync when one is due; whether it was."""
        workspace = self._workspace
        if workspace.jobs.busy("sync") or not due(workspace):
            return False
        workspace.jobs.submit("sync", {"actor": ACTOR})
        return True

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
                log.warning("cannot read mailboxes by itself: %s", error)
            self._stop.wait(_TICK_S)
