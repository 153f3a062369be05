"""Deleted is gone: a file out of which something was deleted is written anew when it is closed.

The database gives the room of deleted rows to later ones and leaves their bytes until then. So a deletion leaves
a mark beside the file, before it happens, and who closes the file puts a fresh copy of it in its place. Where that
fails (no room on the disk, a process that is killed) the mark stays, and the next one to close it tries again.
"""

from __future__ import annotations

import logging
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.store.connecting import companion
from workbench.store.encryption import Key
from workbench.store.rotation import rewrite

log = logging.getLogger(__name__)


def mark_for_purge(path: Path) -> None:
    """Remember, over a crash too, that a file holds bytes of what is deleted."""
    _mark(path).touch(mode=0o600)


def purge(path: Path, *, key: Key | None, memory_limit: str, n_threads: int) -> bool:
    """Write a marked file anew; for who holds its lock and has closed it. Whether it was done."""
    if not _mark(path).exists():
        return False
    try:
        rewrite(path, old=key, new=key, memory_limit=memory_limit, n_threads=n_threads)
    except (WorkbenchError, OSError) as error:
        log.warning(
            "the file could not be written anew after a deletion; the next close tries again: %s", error
        )
        return False
    _mark(path).unlink(missing_ok=True)
    return True


def _mark(path: Path) -> Path:
    return companion(path) / "purge"
