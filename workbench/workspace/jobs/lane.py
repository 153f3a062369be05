"""A lane: one warm worker process, used by one job at a time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.errors import JobCancelledError, WorkerDiedError

_POLL_S = 0.1
_GRACE_POLLS = 40
"""Polls a cancelled worker is left to stop by itself (4 s) before it is killed."""
_starter = ThreadPoolExecutor(1, "worker-starter")
"""Starts every worker: Linux ends a worker when the thread that started it ends, and who asks first may be gone soon."""


class Lane:
    """Owns at most one worker process; starts it when first needed and again after it died.

    Parameters
    ----------
    name
        ``load``, ``compute``, ``train`` or ``translate``.
    n_threads
        Threads the worker may use for numeric work.
    cache_dir
        Where compiled code and encoder graphs are kept between runs.

    Attributes
    ----------
    spent_s
        Processor seconds that its workers told of. What one used that was killed, since it told last, is missing.
    """

    def __init__(self, name: str, *, n_threads: int, cache_dir: Path) -> None:
        self.name = name
        self._n_threads = n_threads
        self._cache_dir = cache_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._peer: Connection | None = None
        self._unfinished = False
        self.spent_s = 0.0

    def call(
        self,
        function: str,
        payload: dict[str, Any],
        *,
        cancelled: Callable[[], bool],
        on_progress: Callable[[int, int], None],
        on_stage: Callable[[str, int, str], None],
    ) -> Any:
        """Run ``module:function`` of the work room and return its result.

        Raises
        ------
        WorkerDiedError
            The process ended (killed, out of memory); the next call starts a fresh one.
        JobCancelledError
            ``cancelled`` turned true; a worker that does not stop within 4 s is killed.
        """
        last = None
        for kind, value in self._messages(function, payload, cancelled, on_progress, on_stage):
            if kind == "result":
                last = value
        return last

    def stream(
        self,
        function: str,
        payload: dict[str, Any],
        *,
        cancelled: Callable[[], bool],
        on_progress: Callable[[int, int], None],
        on_stage: Callable[[str, int, str], None],
    ) -> Generator[tuple[str, Any], None, None]:
        """Like ``call``, but yields every item the function hands over.

        They come as ``("item", value)``, each made after the one before was used, at last ``("result", value)``.
        Who leaves before ends the worker: it would wait for word, holding what it has open.
        """
        try:
            for kind, value in self._messages(function, payload, cancelled, on_progress, on_stage):
                yield kind, value
                if kind == "item":
                    self._send("cancel" if cancelled() else "next")
        finally:
            if self._unfinished:
                self.stop()

    def stop(self) -> None:
        """End the worker process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._peer is not None:
            self._peer.close()
        self._process = self._peer = None
        self._unfinished = False

    def _messages(
        self,
        function: str,
        payload: dict[str, Any],
        cancelled: Callable[[], bool],
        on_progress: Callable[[int, int], None],
        on_stage: Callable[[str, int, str], None],
    ) -> Iterator[tuple[str, Any]]:
        if self._unfinished:  # whoever took its items failed, and it still waits for word
            self.stop()
        peer = self._started()
        self._unfinished = True
        self._send((function, payload))
        polls_since_cancel = 0
        while True:
            try:
                if not peer.poll(_POLL_S):
                    polls_since_cancel = self._press_cancel(cancelled, polls_since_cancel)
                    continue
                kind, *values = peer.recv()
            except (EOFError, OSError) as error:
                raise self._dead(function) from error
            if kind == "progress":
                on_progress(*values)
            elif kind == "stage":
                on_stage(*values)
            elif kind == "spent":
                self.spent_s += values[0]
            elif kind == "error":
                self._unfinished = False
                raise values[0]
            else:
                self._unfinished = kind != "result"
                yield kind, values[0]
                if kind == "result":
                    return

    def _press_cancel(self, cancelled: Callable[[], bool], polls: int) -> int:
        if not cancelled():
            return 0
        if polls == 0:
            self._send("cancel")
        if polls >= _GRACE_POLLS:
            self.stop()
            raise JobCancelledError("the job was cancelled.")
        return polls + 1

    def _send(self, message: object) -> None:
        try:
            if self._peer is not None:
                self._peer.send(message)
        except OSError as error:
            raise self._dead("work") from error

    def _dead(self, function: str) -> WorkerDiedError:
        code = self._process.wait(5) if self._process is not None else None
        self.stop()
        return WorkerDiedError(
            f"the worker process ended with status {code} during {function.rpartition(':')[2]!r}.",
            next_step="Resume the job; what was finished is kept. Status -9 usually means out of memory.",
            details={"status": code},
        )

    def _started(self) -> Connection:
        if self._peer is not None and self._process is not None and self._process.poll() is None:
            return self._peer
        self.stop()
        ours, theirs = socket.socketpair()
        threads = str(self._n_threads)
        limits = (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMBA_NUM_THREADS",
        )
        environ = {
            **os.environ,
            **dict.fromkeys(limits, threads),
            "NUMBA_CACHE_DIR": str(self._cache_dir / "numba"),
            "TOKENIZERS_PARALLELISM": "true",
        }
        self._process = _starter.submit(
            subprocess.Popen,
            [
                sys.executable,
                "-P",  # no file in the workspace's folder is taken for a module of Python
                "-m",
                "workbench.workspace.jobs.worker",
                str(theirs.fileno()),
            ],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=environ,
        ).result()
        theirs.close()
        self._peer = Connection(ours.detach())
        return self._peer


def ask_aside(
    function: str, payload: dict[str, Any], *, cancelled: Callable[[], bool], cache_dir: Path
) -> Any:
    """Run ``module:function`` of the work room in a process of its own that ends with it; for short questions."""
    lane = Lane("aside", n_threads=1, cache_dir=cache_dir)
    try:
        return lane.call(
            function,
            payload,
            cancelled=cancelled,
            on_progress=lambda _done, _total: None,
            on_stage=lambda _name, _total, _unit: None,
        )
    finally:
        lane.stop()
