"""What has its turn by itself: one thread that looks whose has come. Here also the turns of mailboxes."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from workbench.domain import Event, IntegrationId, JobId
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.store import Session
from workbench.workspace.context import Workspace
from workbench.workspace.following import ACTOR
from workbench.workspace.syncing import due

log = logging.getLogger(__name__)
_TICK_S = 1.0
_LONGEST_WAIT_S = 300.0
_MOST_VAIN = 9


class Turns(ABC):
    """Something that has its turn from time to time.

    Attributes
    ----------
    topic
        Of the events after which it is looked at again.
    every_s
        Seconds between two looks without such an event.
    """

    topic: str
    every_s = 0.0

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._n_vain, self._not_before = 0, 0.0

    @abstractmethod
    def enabled(self) -> bool:
        """Whether the settings allow it at all."""

    @abstractmethod
    def any_there(self, session: Session) -> bool:
        """Whether there is anything that could have a turn; else only news is waited for."""

    @abstractmethod
    def look(self) -> bool:
        """Begin with what is due; whether there was anything."""

    def wait_longer(self) -> None:
        """Look again after 2, 4, 8 … seconds, at most five minutes: what was begun could not even be written down."""
        self._n_vain = min(self._n_vain + 1, _MOST_VAIN)
        self._not_before = time.monotonic() + min(2.0**self._n_vain, _LONGEST_WAIT_S)

    @property
    def rests(self) -> bool:
        """Whether it waits longer."""
        return time.monotonic() < self._not_before


class MailboxTurns(Turns):
    """Queues a sync when a mailbox is due and none runs."""

    topic = "integration"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._queued: tuple[JobId, frozenset[tuple[IntegrationId, str]]] | None = None

    def enabled(self) -> bool:
        """Unless the settings say that mailboxes are read only when asked."""
        return self.workspace.settings.sync_interval_s > 0

    def any_there(self, session: Session) -> bool:
        """Whether there is an integration."""
        return session.integrations.any()

    def look(self) -> bool:
        """Queue a sync when one is due; whether it was.

        A sync whose outcome could not even be written down (the disk is full) leaves its mailboxes due: the next
        one waits 2, 4, 8 … seconds, at most five minutes, until one gets further. ``EntitlementError`` where the plan of
        the workspace does not have messages.
        """
        workspace = self.workspace
        if workspace.jobs.busy("sync") or self.rests:
            return False
        found = frozenset(due(workspace))
        if not found:
            return False
        if self._was_in_vain(found):
            self.wait_longer()
            return False
        workspace.plan.check("communications_data")
        self._queued = (workspace.jobs.submit("sync", {"actor": ACTOR}), found)
        return True

    def _was_in_vain(self, found: frozenset[tuple[IntegrationId, str]]) -> bool:
        if self._queued is None:
            return False
        (job_id, asked), self._queued = self._queued, None
        try:
            with self.workspace.store.read() as session:
                failed = session.jobs.get(job_id).status == "failed"
        except UnknownNameError:
            failed = False
        if not (failed and asked <= found):
            self._n_vain = 0
            return False
        return True


class Poller:
    """Looks at what has turns, once a second, until stopped."""

    def __init__(self, workspace: Workspace, *turns: Turns) -> None:
        self._workspace = workspace
        self._seats = [_Seat(one) for one in turns]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="poller", daemon=True)

    def start(self) -> None:
        """Begin, unless the settings allow nothing."""
        if any(seat.turns.enabled() for seat in self._seats):
            self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def look(self) -> bool:
        """Look at everything now; whether anything was due."""
        found = [seat.turns.look() for seat in self._seats]
        return any(found)

    def _watch(self) -> None:
        after = 0
        seats = [seat for seat in self._seats if seat.turns.enabled()]
        while not self._stop.wait(0):
            page = self._workspace.events.wait(after, _TICK_S, None)
            after = page.last_seq
            for seat in seats:
                seat.hear(page.events, missed=page.missed)
                seat.look(self._workspace)
            self._stop.wait(_TICK_S)


class _Seat:
    """One of those that have turns, and whether there is anything to look at."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._any_there, self._next_look = True, 0.0

    def hear(self, events: Sequence[Event], *, missed: bool) -> None:
        """There may be something again."""
        if missed or any(event.topic == self.turns.topic for event in events):
            self._any_there, self._next_look = True, 0.0

    def look(self, workspace: Workspace) -> None:
        """Look, unless there is nothing or it was done a moment ago."""
        now = time.monotonic()
        if not self._any_there or now < self._next_look:
            return
        self._next_look = now + self.turns.every_s
        try:
            with workspace.store.read() as session:
                self._any_there = self.turns.any_there(session)
            self.turns.look()
        except WorkbenchError as error:
            self.turns.wait_longer()
            log.warning("what is due could not begin by itself (%s): %s", self.turns.topic, error)
