"""Published copies: whole or not there, for reading only; and a writable workspace made from one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from workbench.errors import InputError, StoreError
from workbench.primitives import database_kind, new_id, write_atomically
from workbench.store.encryption import Key, attach, check_kind, load_cryptography
from workbench.store.faults import translated
from workbench.store.locking import FileLock

_MARKER = "published_copy"
"""A view that only copies have: it goes where the file goes, which its mode does not."""
_READ_ONLY = 0o400


def write_snapshot(
    connection: duckdb.DuckDBPyConnection, folder: Path, target: Path, *, key: Key | None = None
) -> None:
    """Copy the database of ``connection`` to ``target``, by way of a file in ``folder``.

    ``folder`` is the one place where the locked-down database may write. The copy is one consistent
    state, encrypted when there is a ``key``; writers go on meanwhile. ``target`` appears by rename, after
    fsync, also across file systems, and is marked as a copy that is only read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.draft"):
        stale.unlink(missing_ok=True)
    alias = f"copy_{new_id()}"
    draft = folder / f"{alias}.draft"
    origin = connection.execute("SELECT current_database()").fetchall()[0][0]
    try:
        attach(connection, draft, alias, key)
        try:
            connection.execute(f"COPY FROM DATABASE {identifier(origin)} TO {alias}")
            connection.execute(f"CREATE VIEW {alias}.{_MARKER} AS SELECT true AS read_only")
            connection.execute(f"CHECKPOINT {alias}")
        finally:
            connection.execute(f"DETACH {alias}")
        # The draft may lie on another file system than the target.
        write_atomically(target, lambda beside: _move(draft, beside))
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + ".wal").unlink(missing_ok=True)


def is_marked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the open database is a published copy."""
    found = connection.execute(
        "SELECT count(*) FROM duckdb_views() WHERE view_name = $name AND database_name = current_database()",
        {"name": _MARKER},
    ).fetchall()
    return bool(found[0][0])


def is_write_protected(path: Path) -> bool:
    """Whether the file's mode lets nobody write it, as that of a published copy (root may write all the same)."""
    return path.exists() and not path.stat().st_mode & 0o222


def restore(copy: Path, target: Path, *, key: Key | None = None) -> None:
    """Make a writable workspace file from a published copy; ``target`` appears whole or not at all.

    Raises
    ------
    InputError
        ``copy`` is no database file, or ``target`` exists (nothing is overwritten) or cannot be made.
    StoreLockedError
        Somebody writes ``copy``.
    StoreError
        ``copy`` has changes beside it that it does not hold yet, so it is no published copy.
    WorkspaceKeyError
        The key is missing, wrong, or not needed.
    """
    kind = database_kind(copy)
    if kind not in ("plain", "encrypted"):
        raise InputError(
            f"{str(copy)!r} is no workspace file that could be restored.",
            next_step="Name a copy that 'workbench publish' wrote.",
            details={"path": str(copy)},
        )
    if target.exists() or not target.parent.is_dir():
        raise _taken(target)
    check_kind(copy, kind, key)
    lock = FileLock(copy, shared=True)
    lock.acquire()
    draft = target.with_name(f".{target.name}-{new_id()}.restoring")
    try:
        if copy.with_name(copy.name + ".wal").exists():
            raise StoreError(
                f"{str(copy)!r} was not closed: a log lies beside it, so it is no published copy.",
                next_step="Open it once ('workbench status FILE'), publish it, and restore that copy.",
                details={"path": str(copy)},
            )
        shutil.copyfile(copy, draft)
        draft.chmod(0o600)
        with translated(copy):
            _unmark(draft, key)
        sync_file(draft)
        _name_new(draft, target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + ".wal").unlink(missing_ok=True)
        lock.release()


def _unmark(draft: Path, key: Key | None) -> None:
    with duckdb.connect(":memory:", config={"autoload_known_extensions": False}) as root:
        if key is not None:
            load_cryptography(root)
        attach(root, draft, "draft", key)
        root.execute(f"DROP VIEW IF EXISTS draft.{_MARKER}")
        root.execute("CHECKPOINT draft")
        root.execute("DETACH draft")


def _name_new(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)  # unlike a rename, it never replaces what came there meanwhile
    except FileExistsError:
        raise _taken(target) from None
    except OSError:  # a file system without hard links
        draft.replace(target)


def _taken(target: Path) -> InputError:
    return InputError(
        f"{str(target)!r} cannot be made: it exists already, or its folder does not.",
        next_step="Name a new .duckdb file in an existing folder; nothing is overwritten.",
        details={"path": str(target)},
    )


def _move(draft: Path, beside: Path) -> None:
    try:
        draft.replace(beside)
    except OSError:
        shutil.copyfile(draft, beside)
    beside.chmod(_READ_ONLY)


def sync_file(file: Path) -> None:
    """Make what was written into ``file`` last."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def identifier(name: str) -> str:
    """Quote a name that the database itself gave."""
    return '"' + name.replace('"', '""') + '"'
