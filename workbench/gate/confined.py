"""``python -m workbench.gate.confined``: run a program confined, and end all that it started.

What to run comes as one line of standard input, so that no secret stands in a list of processes. The line stays open: when
the other side closes it, or dies, the program and everything that it started end. A child that moved to a session of
its own, as kernels do, comes back to this process when its parent ends, so none can get away.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from workbench.gate.sandbox import Sandbox, confine

_PATHS = ("readable", "listable", "writable")
_PORTS = ("connect_ports", "bind_ports")
_ADOPT_ORPHANS = 36
_LOOK_EVERY_MS = 250
_TERM_S = 8.0


def as_line(sandbox: Sandbox, command: list[str], environment: dict[str, str]) -> bytes:
    """The line that `main` reads."""
    rules = {name: [str(path) for path in getattr(sandbox, name)] for name in _PATHS}
    ports = {name: list(getattr(sandbox, name)) for name in _PORTS}
    plan = {"sandbox": {**rules, **ports}, "command": command, "environment": environment}
    return json.dumps(plan).encode() + b"\n"


def main() -> None:
    """Start the program confined, wait until it or the other side ends, and leave nothing behind."""
    plan = json.loads(_line(0))
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    child = os.fork()
    if child == 0:
        _become(plan)
    try:
        _wait(child)
    finally:
        _end(child)


def _become(plan: dict[str, Any]) -> None:
    """In the child: confine and turn into the program; an error ends the child, never runs it unconfined."""
    try:
        rules = plan["sandbox"]
        paths: dict[str, Any] = {name: tuple(map(Path, rules[name])) for name in _PATHS}
        paths |= {name: tuple(rules[name]) for name in _PORTS}
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.setsid()
        confine(Sandbox(**paths))
        command, environment = plan["command"], plan["environment"]
        os.execve(command[0], list(command), dict(environment))  # noqa: S606 - without a shell on purpose
    except BaseException as error:  # noqa: BLE001 - nothing may run on in a copy of this process
        os.write(2, f"{error}\n".encode())
        os._exit(1)


def _wait(child: int) -> None:
    lines = select.poll()
    lines.register(0, select.POLLIN | select.POLLHUP)
    while True:
        if lines.poll(_LOOK_EVERY_MS) and not os.read(0, 1):
            return
        if child in _reaped():
            return


def _end(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)
    deadline = time.monotonic() + _TERM_S
    while child in _descendants() and time.monotonic() < deadline:
        _reaped()
        time.sleep(0.05)
    while left := _descendants():
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _reaped()
        time.sleep(0.01)


def _reaped() -> set[int]:
    ended: set[int] = set()
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            ended.add(pid)
    return ended


def _descendants() -> tuple[int, ...]:
    """Processes below this one, ended ones that wait to be reaped included."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                after_name = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2]
                parents[int(folder.name)] = int(after_name.split()[1])
    found: list[int] = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return tuple(found[1:])


def _line(handle: int) -> bytes:
    """Up to the first line break, and not a byte more: what follows is for `_wait`."""
    out = bytearray()
    while (one := os.read(handle, 1)) not in (b"", b"\n"):
        out += one
    return bytes(out)


if __name__ == "__main__":
    main()
