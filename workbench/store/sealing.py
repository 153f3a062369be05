"""Encrypted Parquet files: a table under the key of the workspace, written and read by DuckDB beside the database.

Rows and the footer, with the names of columns, are encrypted (AES-GCM, the modular encryption of Parquet).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from workbench.errors import StoreError
from workbench.store.encryption import Key, literal, load_cryptography

_UNDER_KEY = "{footer_key: 'workspace'}"


class Seal:
    """Files under the key of one encrypted workspace."""

    def __init__(self, key: Key) -> None:
        self._key = key

    @property
    def fingerprint(self) -> str:
        """By which the key is told from others; it opens nothing."""
        return self._key.fingerprint

    def write(self, table: pa.Table, file: Path) -> None:
        """As ``write_sealed``, under this key."""
        write_sealed(table, file, self._key)

    def read(self, file: Path) -> pa.Table:
        """As ``read_sealed``, under this key."""
        return read_sealed(file, self._key)


def write_sealed(table: pa.Table, file: Path, key: Key) -> None:
    """Write a table into a file that only ``key`` opens.

    Raises
    ------
    StoreError
        It cannot be written.
    MissingExtraError
        The extra ``encryption`` is not installed.
    """
    with _beside(file, key) as root:
        root.register("sealed", table)
        root.execute(
            f"COPY sealed TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, "
            f"ENCRYPTION_CONFIG {_UNDER_KEY})"
        )


def read_sealed(file: Path, key: Key) -> pa.Table:
    """The table in such a file.

    Raises
    ------
    StoreError
        It is none, is damaged, or was written under another key.
    """
    with _beside(file, key) as root:
        query = f"SELECT * FROM read_parquet({literal(str(file))}, encryption_config = {_UNDER_KEY})"  # noqa: S608
        return root.execute(query).to_arrow_table()


@contextmanager
def _beside(file: Path, key: Key) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that knows the key. It spills nothing: what it spilled would be plain."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoload_known_extensions": False,
        "threads": 1,
        "temp_directory": "",
    }
    with duckdb.connect(":memory:", config=settings) as root:
        load_cryptography(root)
        try:
            root.execute("SET TimeZone = 'UTC'")
            root.execute(f"PRAGMA add_parquet_key('workspace', {literal(key.secret)})")
            yield root
        except duckdb.Error as error:
            told = str(error).splitlines()[0].replace(key.secret, "…")[:300]
            raise StoreError(
                f"the encrypted file {str(file)[-100:]!r} cannot be written or read: {told}",
                next_step="Check that the disk has space, and that the key is the one it was written with.",
                details={"path": str(file)},
            ) from None  # a statement holds the key
