"""Connecting to a workspace file, and locking the database down."""

from __future__ import annotations

from pathlib import Path

import duckdb

from workbench.errors import StoreError
from workbench.primitives import database_kind
from workbench.store.binding import answer_looks
from workbench.store.encryption import Key, attach, check_kind, literal, load_cryptography

ENCRYPTED = "workspace"
"""Name of an encrypted database inside DuckDB, which opens one only by ATTACH."""


def connect(
    path: Path, *, memory_limit: str, n_threads: int, read_only: bool, key: Key | None
) -> duckdb.DuckDBPyConnection:
    """Open a file and lock the database down: no files but drafts of copies, no settings, no extensions.

    Raises
    ------
    StoreError
        It is no database file.
    WorkspaceKeyError
        The key is missing, wrong, or not needed.
    MissingExtraError
        There is a key, but the extra ``encryption`` is not installed.
    """
    answer_looks()
    kind = database_kind(path)
    if kind == "other":
        raise StoreError(
            f"{str(path)!r} is not a workspace file.",
            next_step="Name the .duckdb file; messages come into it by import.",
            details={"path": str(path)},
        )
    check_kind(path, kind, key)
    folder = companion(path)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": n_threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    if not read_only:
        for made in (folder, folder / "tmp", folder / "publish"):  # a mode holds for the last of parents only
            made.mkdir(mode=0o700, exist_ok=True)
    if not read_only or key is not None:
        # A copy that is only read has no folder of its own unless an owner made one; without, nothing spills.
        settings["temp_directory"] = str(folder / "tmp") if folder.is_dir() else ""
    root = duckdb.connect(
        str(path) if key is None else ":memory:", read_only=read_only and key is None, config=settings
    )
    try:
        if key is not None:
            load_cryptography(root)
            attach(root, path, ENCRYPTED, key, read_only=read_only)
            root.execute("SET GLOBAL temp_file_encryption = true")
            enter(root)
        _lock_down(root, folder, read_only=read_only)
    except BaseException:
        root.close()
        raise
    return root


def enter(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the encrypted database the one that names without a database mean."""
    connection.execute(f"USE {ENCRYPTED}")


def companion(path: Path) -> Path:
    """The folder of derived and temporary files: ``<file>.workbench`` beside the file."""
    return path.with_name(path.name + ".workbench")


def clear_spilled(path: Path) -> None:
    """Remove what a process that was killed had spilled; for who alone holds the lock and has not opened the file.

    DuckDB refuses to begin encrypting what it spills while older files lie there.
    """
    for left in (companion(path) / "tmp").glob("duckdb_temp_*"):
        left.unlink(missing_ok=True)


def _lock_down(root: duckdb.DuckDBPyConnection, folder: Path, *, read_only: bool) -> None:
    # Within a process DuckDB shares one instance per file: a snapshot opened twice is locked down already.
    if root.execute("SELECT current_setting('lock_configuration')").fetchall() == [(True,)]:
        return
    root.execute("SET GLOBAL TimeZone = 'UTC'")
    # Some commit pays for every automatic checkpoint, and it may be a person's judgement: the owner makes them when
    # nobody writes (``Tidying``), and this limit only bounds what has to be read again after a crash.
    root.execute("SET GLOBAL checkpoint_threshold = '512MB'")
    if not read_only:
        # The one folder a locked-down database may write: it holds nothing but drafts of snapshots.
        root.execute(f"SET GLOBAL allowed_directories = [{literal(str(folder / 'publish') + '/')}]")
    root.execute("SET GLOBAL enable_external_access = false")
    root.execute("SET GLOBAL lock_configuration = true")
