"""Is a file whole, and does a key open it? Asked without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from workbench.errors import InputError
from workbench.primitives import database_kind
from workbench.store.encryption import Key, attach, check_kind, load_cryptography
from workbench.store.faults import translated
from workbench.store.locking import FileLock
from workbench.store.snapshot import identifier

_MOST_TOLD = 300


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """What is in a file that was read to its end.

    Attributes
    ----------
    migration
        Number of the newest migration: the version of its schema.
    problems
        Tables that cannot be read, each with why.
    """

    n_tables: int
    n_rows: int
    migration: int
    problems: tuple[str, ...]


def read_through(path: Path, key: Key | None) -> FileCheck:
    """Read every value of every table, so that each block's checksum is compared.

    Raises
    ------
    InputError, WorkspaceKeyError, StoreLockedError, StoreError
        As ``check_key``.
    """
    n_rows, problems = 0, []
    with _attached(path, key) as root:
        ((migration,),) = root.execute("SELECT max(number) FROM checked.migration").fetchall()
        tables = root.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'checked' ORDER BY table_name"
        ).fetchall()
        for (name,) in tables:
            try:
                every_value = f"SELECT count(*), bit_xor(hash(t)) FROM checked.{identifier(name)} AS t"  # noqa: S608
                ((n, _),) = root.execute(every_value).fetchall()
            except duckdb.Error as error:
                problems.append(f"{name}: {str(error).splitlines()[0][:_MOST_TOLD]}")
            else:
                n_rows += n
    return FileCheck(n_tables=len(tables), n_rows=n_rows, migration=migration, problems=tuple(problems))


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
    with _attached(path, key) as root:
        root.execute("SELECT max(number) FROM checked.migration").fetchall()


@contextmanager
def _attached(path: Path, key: Key | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory that sees the file as ``checked``, and can change nothing of it."""
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
            yield root
    finally:
        lock.release()
