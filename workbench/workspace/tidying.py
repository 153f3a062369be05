"""Checkpoints while nobody writes, so that no judgement has to wait for one; and what else is due by the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from workbench.errors import WorkbenchError
from workbench.store import Store

log = logging.getLogger(__name__)
_TICK_S = 1.0
_QUIET_TICKS = 5
_LOG_BYTES = 16 << 20
"""A shorter log is left: reading it again after a crash takes no time."""


class Tidying:
    """One thread that looks once a second, until stopped.

    The log is written into the file when it is long and nothing was written for five looks in a row. Under steady
    work it grows until DuckDB's own limit, which ``connecting`` sets. ``at_each_look`` is called once a second too.
    """

    def __init__(
        self,
        store: Store,
        *,
        at_each_look: Callable[[], None] = lambda: None,
        log_bytes: int = _LOG_BYTES,
        tick_s: float = _TICK_S,
    ) -> None:
        self._store = store
        self._at_each_look = at_each_look
        self._log_bytes = log_bytes
        self._tick_s = tick_s
        self._stop = threading.Event()
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="tidying", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def soon(self) -> None:
        """Make one at once, quiet or not: a bulk load has ended, and else some later write would pay for it."""
        self._asked.set()

    def stop(self) -> None:
        """Stop, after a checkpoint that is being made."""
        self._stop.set()
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        seen, quiet = -1, 0
        while not self._stop.is_set():
            asked = self._asked.wait(self._tick_s)
            self._asked.clear()
            if self._stop.is_set():
                return
            self._look()
            now = self._store.n_writes
            quiet = quiet + 1 if now == seen else 0
            seen = now
            if asked or (quiet >= _QUIET_TICKS and self._store.log_bytes >= self._log_bytes):
                self._checkpoint()
                quiet = 0

    def _look(self) -> None:
        try:
            self._at_each_look()
        except WorkbenchError as error:  # the next look will do
            log.warning("what is due was not done: %s", error)

    def _checkpoint(self) -> None:
        try:
            self._store.checkpoint()
        except WorkbenchError as error:  # the next quiet moment will do
            log.warning("no checkpoint: %s", error)
