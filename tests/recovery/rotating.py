"""A change of keys in processes of its own, each killed one step later than the one before.

    python -m tests.recovery.rotating PRISTINE FOLDER OLD_KEY_FILE NEW_KEY_FILE all|names

A step is whatever Python is about to do to a file: open it for writing, rename, link, remove, make a folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from workbench.settings import Settings
from workbench.workspace import rotate_key

FILE = "w.duckdb"
NAMES = ("os.rename", "os.link")
"""Steps that put something under a name."""
MORE = (
    *NAMES,
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.mkdir",
    "os.truncate",
    "shutil.copyfile",
    "shutil.rmtree",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def kill_at(step: int, kinds: tuple[str, ...], *, opening: bool) -> None:
    """Kill this process when it is about to take the step of that number."""
    left = step

    def watch(event: str, values: tuple[Any, ...]) -> None:
        nonlocal left
        if event in kinds or (opening and event == "open" and (values[2] or 0) & WRITING):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def main(pristine: Path, folder: Path, old: str, new: str, steps: str) -> None:
    """Leave a folder for each step, until a change of keys came to its end."""
    step = 0
    while True:
        trial = folder / f"{step:03d}"
        shutil.copytree(pristine, trial)
        if (child := os.fork()) == 0:
            kinds = MORE if steps == "all" else NAMES
            kill_at(step, kinds, opening=steps == "all")
            try:
                settings = Settings(key_file=old, n_threads=1)
                rotate_key(trial / FILE, new, settings=settings, actor="tester")
            except BaseException:  # noqa: BLE001 - told by the status
                os._exit(1)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(step, status, flush=True)
        if status != -signal.SIGKILL:
            return
        step += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
