"""The worker process: runs pure functions on files of arrays, reports progress, stays warm between calls.

Started as ``python -m workbench.workspace.jobs.worker FD`` by the owner, over a socket pair that only the
two hold (hence pickle is acceptable on it). It dies with the owner.
"""

from __future__ import annotations

import ctypes
import importlib
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from workbench.errors import JobCancelledError, JobError, WorkbenchError

WORK_ROOM = "workbench.workspace.work."
_PROGRESS_EVERY_S = 0.2


class Report:
    """What a work function may say while it runs."""

    def __init__(self, peer: Connection) -> None:
        self._peer = peer
        self._told_at = 0.0
        self._cancelled = False
        self._spent_until = time.process_time()

    def progress(self, done: int, total: int) -> None:
        """Tell how far it is; raises ``JobCancelledError`` when somebody cancelled."""
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_EVERY_S or done == total:
            self._told_at = now
            self._peer.send(("progress", done, total))
        if self.cancelled():
            raise JobCancelledError("the job was cancelled.")

    def stage(self, name: str, total: int = 0, unit: str = "") -> None:
        """Name what comes next."""
        self._peer.send(("stage", name, total, unit))
        if self.cancelled():
            raise JobCancelledError("the job was cancelled.")

    def item(self, value: object) -> None:
        """Hand over one result of many and wait until it was taken."""
        self.spent()
        self._peer.send(("item", value))
        if self._peer.recv() == "cancel":
            self._cancelled = True
            raise JobCancelledError("the job was cancelled.")

    def spent(self) -> None:
        """Tell the processor time used since it was told last, of all threads."""
        now = time.process_time()
        self._peer.send(("spent", now - self._spent_until))
        self._spent_until = now

    def cancelled(self) -> bool:
        """Whether somebody cancelled."""
        while not self._cancelled and self._peer.poll():
            self._cancelled = self._peer.recv() == "cancel"
        return self._cancelled


def serve(peer: Connection) -> None:
    """Run calls until the owner closes its end."""
    while True:
        try:
            order = peer.recv()
        except EOFError:
            return
        if order == "cancel":  # it came after the work it meant had finished
            continue
        name, payload = order
        report = Report(peer)
        try:
            answer: tuple[str, object] = (
                "result",
                _function(name)(payload, report),
            )
        except WorkbenchError as error:
            answer = ("error", error)
        except Exception as error:  # noqa: BLE001 - the border of the process: everything becomes a reply
            print(traceback.format_exc(), file=sys.stderr, flush=True)
            answer = ("error", _unexpected(name, error))
        report.spent()
        peer.send(answer)


def _unexpected(name: str, error: Exception) -> JobError:
    return JobError(
        f"{name.rpartition(':')[2]} failed: {type(error).__name__}: {str(error)[:300]}.",
        next_step="See owner.log in the .workbench folder beside the file; resume the job to try again.",
        details={"kind": type(error).__name__},
    )


def _function(name: str) -> Callable[[dict[str, Any], Report], object]:
    module, _, function = name.partition(":")
    found: Callable[[dict[str, Any], Report], object] = getattr(
        importlib.import_module(WORK_ROOM + module), function
    )
    return found


def _die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the owner dies (Linux); elsewhere the closed pipe ends the worker."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))
