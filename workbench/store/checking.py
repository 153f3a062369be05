"""Does a key open a file? Asked without changing anything."""

from __future__ import annotations

from pathlib import Path

import duckdb

from workbench.errors import InputError
from workbench.primitives import database_kind
from workbench.store.encryption import Key, attach, check_kind, load_cryptography
from workbench.store.faults import translated
from workbench.store.locking import FileLock


def check_key(path: Path, key: Key | None) -> None:
    """Open a workspace file or a copy for reading, and close it.

    Raises
    ------
    InputError
        There is no workspace file.
    WorkspaceKeyError
        The key is missing, wrong, or not needed.
    StoreLockedError
        Its owner runs.
    StoreError
        It is damaged.
    """
    kind = database_kind(path)
    if kind not in ("plain", "encrypted"):
        raise InputError(
            f"there is no workspace file {str(path)!r}.",
            next_step="Check the path.",
            details={"path": str(path)},
        )
    check_kind(path, kind, key)
    lock = FileLock(path, shared=True)
    lock.acquire()
    try:
        with (
            translated(path),
            duckdb.connect(":memory:", config={"autoload_known_extensions": False}) as root,
        ):
            if key is not None:
                load_cryptography(root)
            attach(root, path, "checked", key, read_only=True)
            root.execute("SELECT max(number) FROM checked.migration").fetchall()
    finally:
        lock.release()
