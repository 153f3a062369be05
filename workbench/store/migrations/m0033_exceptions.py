"""Messages of streams that could not be handled."""

from __future__ import annotations

import duckdb

_TABLE = """
-- No keys: rows are written under the one write lock.
CREATE TABLE stream_exception (
    stream_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    metadata JSON NOT NULL,
    tagged_at TIMESTAMPTZ NOT NULL,
    tagged_by VARCHAR NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table; there were no exceptions before."""
    cursor.execute(_TABLE)
