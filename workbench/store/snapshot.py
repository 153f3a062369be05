"""Published copies: whole or not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from workbench.primitives import new_id, write_atomically


def write_snapshot(connection: duckdb.DuckDBPyConnection, folder: Path, target: Path) -> None:
    """Copy the database of ``connection`` to ``target``, by way of a file in ``folder``.

    ``folder`` is the one place where the locked-down database may write. The copy is one consistent
    state; writers go on meanwhile. ``target`` appears by rename, after fsync, also across file systems.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.draft"):
        stale.unlink(missing_ok=True)
    alias = f"copy_{new_id()}"
    draft = folder / f"{alias}.draft"
    origin = connection.execute("SELECT current_database()").fetchall()[0][0]
    try:
        connection.execute(f"ATTACH {literal(str(draft))} AS {alias}")
        try:
            connection.execute(f"COPY FROM DATABASE {identifier(origin)} TO {alias}")
            connection.execute(f"CHECKPOINT {alias}")
        finally:
            connection.execute(f"DETACH {alias}")
        # The draft may lie on another file system than the target.
        write_atomically(target, lambda beside: _move(draft, beside))
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + ".wal").unlink(missing_ok=True)


def _move(draft: Path, beside: Path) -> None:
    try:
        draft.replace(beside)
    except OSError:
        shutil.copyfile(draft, beside)
    beside.chmod(0o600)


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


def literal(text: str) -> str:
    """Quote a path where SQL takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
