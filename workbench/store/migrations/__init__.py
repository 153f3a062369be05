"""Numbered schema changes; each runs once, in its own transaction, and is recorded in ``migration``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import duckdb

from workbench.errors import SchemaVersionError

__all__ = ["Migration", "all_migrations", "migrate", "pending"]


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One schema change: ``apply`` takes a cursor inside a transaction."""

    number: int
    name: str
    apply: Callable[[duckdb.DuckDBPyConnection], None]


def all_migrations() -> tuple[Migration, ...]:
    """Every known migration, by number: modules ``mNNNN_name`` of this package."""
    names = sorted(found.name for found in iter_modules(__path__) if found.name.startswith("m"))
    return tuple(
        Migration(number=int(name[1:5]), name=name[6:], apply=import_module(f"{__name__}.{name}").apply)
        for name in names
    )


def pending(cursor: duckdb.DuckDBPyConnection) -> tuple[Migration, ...]:
    """Migrations the file lacks; changes nothing.

    Raises
    ------
    SchemaVersionError
        The file has a migration that this version does not know.
    """
    done = _applied(cursor)
    known = {migration.number: migration for migration in all_migrations()}
    newer = max(done.keys() - known.keys(), default=None)
    if newer is not None:
        raise SchemaVersionError(
            f"the workspace file has schema version {newer} ({done[newer]}); "
            f"this version knows up to {max(known)}.",
            next_step="Install the version of the workbench that wrote it, or a newer one.",
            details={"found": newer, "known": max(known)},
        )
    return tuple(migration for number, migration in known.items() if number not in done)


def migrate(root: duckdb.DuckDBPyConnection, *, read_only: bool = False) -> int:
    """Apply what is pending and return the schema version.

    Raises
    ------
    SchemaVersionError
        The file is newer, or older and opened read-only.
    """
    missing = pending(root)
    if missing and read_only:
        raise SchemaVersionError(
            f"the snapshot has an older schema; it lacks migration {missing[0].number} ({missing[0].name}).",
            next_step="Publish it again with this version, or read it with the version that wrote it.",
            details={"missing": missing[0].number},
        )
    # A new file has nothing to lose: all of its schema in one transaction takes a third of the time.
    steps = [missing] if missing == all_migrations() else [(one,) for one in missing]
    for step in steps:
        root.execute("BEGIN TRANSACTION")
        try:
            root.execute(
                "CREATE TABLE IF NOT EXISTS migration"
                " (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
            )
            for migration in step:
                migration.apply(root)
                root.execute(
                    "INSERT INTO migration VALUES ($number, $name, now())",
                    {"number": migration.number, "name": migration.name},
                )
        except BaseException:
            root.execute("ROLLBACK")
            raise
        root.execute("COMMIT")
    return all_migrations()[-1].number


def _applied(cursor: duckdb.DuckDBPyConnection) -> dict[int, str]:
    there = cursor.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'migration'").fetchall()
    if not there[0][0]:
        return {}
    return dict(cursor.execute("SELECT number, name FROM migration").fetchall())
