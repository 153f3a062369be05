"""A new key for a workspace file: a copy under the new key takes the place of the file, checked first.

DuckDB cannot change a key in place. At every moment the file's name leads to a whole database, under the old
key or under the new one; the old file is kept beside it until the new one was opened under its final name.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from workbench.errors import InputError, StoreError
from workbench.primitives import database_kind
from workbench.store.connecting import clear_spilled, companion
from workbench.store.encryption import Key, attach, check_kind, load_cryptography
from workbench.store.faults import translated
from workbench.store.locking import FileLock, refuse_network
from workbench.store.secrets import lay_next, take_next
from workbench.store.snapshot import identifier, is_write_protected, sync_file, sync_folder


def rotate(path: Path, *, old: Key | None, new: Key, memory_limit: str = "4GB", n_threads: int = 2) -> None:
    """Write the file anew under the key ``new``; with ``old`` None a plain file becomes an encrypted one.

    The secrets of integrations go along: whichever of the two keys opens the file opens them as well.

    Raises
    ------
    InputError
        There is no workspace file.
    StoreLockedError
        Somebody has it open.
    WorkspaceKeyError
        ``old`` is missing, wrong, or not needed.
    StoreError
        The copy differs from the file, or cannot be written; the file is as before.
    """
    path = path.absolute()
    kind = database_kind(path)
    if kind not in ("plain", "encrypted"):
        raise InputError(
            f"there is no workspace file {str(path)!r}.",
            next_step="Check the path.",
            details={"path": str(path)},
        )
    check_kind(path, kind, old)
    refuse_network(path)
    lock = FileLock(path)
    lock.acquire()
    try:
        clear_spilled(path)
        lay_next(companion(path), old=old, new=new)
        rewrite(path, old=old, new=new, memory_limit=memory_limit, n_threads=n_threads)
        take_next(companion(path), new)
    finally:
        lock.release()


def rewrite(path: Path, *, old: Key | None, new: Key | None, memory_limit: str, n_threads: int) -> None:
    """Put a copy that holds nothing but what the database shows in the place of the file.

    For who holds the lock and has closed the file; raises as ``rotate``.
    """
    draft = _draft(path)
    try:
        with translated(path):
            sweep_draft(path)
            _copy(path, draft, old=old, new=new, memory_limit=memory_limit, n_threads=n_threads)
            draft.chmod(path.stat().st_mode & 0o700)
            sync_file(draft)
            _exchange(path, draft, new)
    finally:
        sweep_draft(path)


def sweep_rotation(path: Path) -> None:
    """Remove what a rotation that was killed left; for who holds the lock and has opened ``path``."""
    sweep_draft(path)
    _remove(_kept(path))


def sweep_draft(path: Path) -> None:
    """Remove an unfinished copy."""
    draft = _draft(path)
    for left in (draft, _log(draft)):
        _remove(left)


def _remove(left: Path) -> None:
    if left.exists():  # a medium that cannot be written refuses even to remove what is not there
        left.unlink(missing_ok=True)


def _copy(
    path: Path, draft: Path, *, old: Key | None, new: Key | None, memory_limit: str, n_threads: int
) -> None:
    spill = companion(path) / "tmp"
    spill.mkdir(mode=0o700, parents=True, exist_ok=True)
    only_read = is_write_protected(path)
    root = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory_limit,
            "threads": n_threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    with root:
        if old is not None or new is not None:
            load_cryptography(root)
        attach(root, path, "before", old, read_only=only_read)
        if new is not None:
            root.execute("SET GLOBAL temp_file_encryption = true")
        attach(root, draft, "fresh", new)
        root.execute("COPY FROM DATABASE before TO fresh")
        root.execute("CHECKPOINT fresh")
        for table in _tables(root):
            if _content(root, "before", table) != _content(root, "fresh", table):
                raise StoreError(
                    f"the copy of {str(path)!r} differs in table {table!r}; the file is as before.",
                    next_step="Check the disk, then try again.",
                )
        root.execute("DETACH fresh")
        if not only_read:
            root.execute("CHECKPOINT before")  # no log may be left that belongs to the old file
        root.execute("DETACH before")
    if _log(path).exists():
        raise StoreError(
            f"the log of {str(path)!r} could not be written into it; the file is as before.",
            next_step="Check that the disk has space, then rotate again.",
        )


def _tables(root: duckdb.DuckDBPyConnection) -> list[str]:
    found = root.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'before' ORDER BY ALL")
    return [name for (name,) in found.fetchall()]


def _content(root: duckdb.DuckDBPyConnection, database: str, table: str) -> object:
    """Number of rows, and a sum over their hashes, which does not depend on their order."""
    query = f"SELECT count(*), sum(hash(row)) FROM {database}.{identifier(table)} row"  # noqa: S608
    return root.execute(query).fetchall()


def _exchange(path: Path, draft: Path, new: Key | None) -> None:
    kept = _kept(path)
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
        sync_file(kept)
    sync_folder(path.parent)
    draft.replace(path)
    sync_folder(path.parent)
    try:
        with duckdb.connect(":memory:", config={"autoload_known_extensions": False}) as root:
            if new is not None:
                load_cryptography(root)
            attach(root, path, "after", new, read_only=True)
            root.execute("SELECT max(number) FROM after.migration").fetchall()
    except BaseException:
        kept.replace(path)
        sync_folder(path.parent)
        raise
    kept.unlink()
    sync_folder(path.parent)


def _draft(path: Path) -> Path:
    return path.with_name(path.name + ".rotating")


def _kept(path: Path) -> Path:
    return path.with_name(path.name + ".before-rotation")


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
