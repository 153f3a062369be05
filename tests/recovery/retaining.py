"""A run of retention in a process of its own, which kills itself.

    python -m tests.recovery.retaining FILE inside|between call|unattended

``inside``: when the second piece is deleted and not committed; ``between``: when it is. ``call``: somebody starts it;
``unattended``: it has its turn.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.stores import AT, message
from tests.stores import batch as rows_of
from workbench.domain import Operations
from workbench.door import Job
from workbench.settings import Settings
from workbench.store import read_key
from workbench.workspace import retention_runs
from workbench.workspace.opening import OpenedWorkspace, open_workspace

N_OLD, N_NEW, PIECE = 12, 4, 5
WORD, KEPT = "zqgoneword", "zqstaysword"


def opened_at(file: Path, day: int) -> OpenedWorkspace:
    """The workspace, ``day`` days after its first messages came."""
    retention_runs.PIECE_ROWS = PIECE
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, n_threads=1)
    key = read_key(file.with_name("key")) if file.with_name("key").exists() else None
    return open_workspace(file, settings=settings, key=key, clock=lambda: AT + timedelta(days=day))


def put(operations: Operations, word: str, first: int, n: int) -> None:
    """Store ``n`` messages that hold ``word``."""
    source_id = (
        operations.create_source("demo", "mail").source_id
        if first == 0
        else operations.sources()[0].source_id
    )
    rows = rows_of(*(message(f"m{i}", body=f"{word} {i}") for i in range(first, first + n)))
    operations.put_messages(source_id, rows, f"b{first}", n)


def fill(file: Path, *, unattended: bool = False) -> None:
    """Old messages, new messages, and a policy that archives the old ones."""
    with opened_at(file, 0) as opened:
        put(opened.operations("ann"), WORD, 0, N_OLD)
    with opened_at(file, 9) as opened:
        put(opened.operations("ann"), KEPT, N_OLD, N_NEW)
        opened.operations("ann").set_retention(
            "workspace", "", "archive", 10, 0, folder="old", unattended=unattended
        )


def main(file: Path, when: str, how: str) -> None:
    """Run, and die."""
    place = "note" if when == "inside" else "refuse_running"
    calls, real = 0, getattr(retention_runs, place)

    def dying(*values: Any, **named: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == (2 if when == "inside" else 3):
            os.kill(os.getpid(), signal.SIGKILL)
        real(*values, **named)

    setattr(retention_runs, place, dying)
    with opened_at(file, 11) as opened:
        if how == "unattended":
            time.sleep(60)  # its turn has come, and kills it
        operations = opened.operations("ann")
        Job(operations, operations.start_retention()).wait(progress=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
