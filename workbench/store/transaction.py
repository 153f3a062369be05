"""Transactions on a cursor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection, *, read_only: bool = False) -> Iterator[None]:
    """A transaction: committed on leaving, undone by an exception and when it only reads."""
    cursor.execute("BEGIN TRANSACTION READ ONLY" if read_only else "BEGIN TRANSACTION")
    try:
        # DuckDB takes its snapshot at the first access, which would otherwise be the caller's.
        cursor.execute("SELECT max(number) FROM migration").fetchall()
        yield
    except BaseException:
        _roll_back(cursor)
        raise
    if read_only:
        _roll_back(cursor)
    else:
        cursor.execute("COMMIT")


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:  # the failed statement has ended the transaction already
        return
