"""Processes that ``workbench serve`` starts and keeps running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from workbench.errors import WorkbenchError


class Child:
    """A supervised child process: started again when it dies, ended with its group."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it prints goes into its log."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def dead(self) -> bool:
        """Whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """End it and what it started."""
        if self.process is None or self.dead:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def wait_until_up(
    address: str, child: Child, stopping: threading.Event, *, secret: str = "", patience_s: float = 60
) -> None:
    """Wait until a server answers.

    Parameters
    ----------
    secret
        What it asks for; empty = nothing.

    Raises
    ------
    WorkbenchError
        It ended, or did not answer in time.
    """
    request = urllib.request.Request(address)  # noqa: S310 - our own loopback address
    if secret:
        request.add_header("Authorization", f"token {secret}")
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and not stopping.is_set():
        if child.dead:
            raise WorkbenchError(
                "the apps could not be started.",
                next_step="See apps.log in the .workbench/serve folder beside the file; is the port taken?",
            )
        try:
            with urllib.request.urlopen(request, timeout=2):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not stopping.is_set():
        raise WorkbenchError(
            f"the apps did not answer within {patience_s:.0f} s.",
            next_step="See apps.log in the .workbench/serve folder beside the file.",
        )
