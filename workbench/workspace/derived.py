"""Where derived files lie, and how much room they have: plain beside the file, in memory when it is encrypted."""

from __future__ import annotations

import shutil
from pathlib import Path

from workbench.errors import StoreError
from workbench.store import used_bytes
from workbench.workspace.context import Workspace

DERIVED = ("held_out", "matrices", "search", "spool", "uploads")
"""Folders that hold texts, words, vectors, or what follows from them."""


def drop_derived(folder: Path) -> None:
    """Remove every derived file; all of it can be made or sent again."""
    for name in DERIVED:
        shutil.rmtree(folder / name, ignore_errors=True)


def ensure_room(workspace: Workspace, n_bytes: int) -> None:
    """Refuse what would fill the memory, when the derived files of ``workspace`` lie in memory.

    Raises
    ------
    StoreError
        ``n_bytes`` more would pass ``memory_folder_max_bytes``, or do not fit into the file system.
    """
    if not workspace.store.encrypted:
        return
    limit = workspace.settings.memory_folder_max_bytes
    used = used_bytes(workspace.folder)
    free = shutil.disk_usage(workspace.folder).free
    if used + n_bytes > limit or n_bytes > free:
        raise StoreError(
            f"{n_bytes:,} bytes more do not fit beside {used:,} bytes derived from the encrypted workspace: "
            f"at most {limit:,} may lie in memory, and {free:,} are free.",
            next_step="Raise 'memory_folder_max_bytes', or import smaller files.",
            details={"n_bytes": n_bytes, "used": used, "limit": limit, "free": free},
        )
