"""Rows of imported files that could not be read, however many they are."""

from __future__ import annotations

import duckdb

_CHANGES = """
-- No key: rows are written once per job, under the one write lock, and read in the order they were written.
CREATE TABLE bad_row (
    job_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    column_name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    problem VARCHAR NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the table."""
    cursor.execute(_CHANGES)
