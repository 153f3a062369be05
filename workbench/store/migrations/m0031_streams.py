"""Streams, the model version that each holds, and their thresholds."""

from __future__ import annotations

import duckdb

_TABLES = """
-- No keys: rows are written under the one write lock.
CREATE TABLE stream (
    stream_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    message_filter JSON NOT NULL,
    version INTEGER,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
-- As typed, not in the precision of probabilities: exactly 1 means something else than nearly 1.
CREATE TABLE stream_threshold (
    stream_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    label_id VARCHAR NOT NULL,
    threshold DOUBLE NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables; there were no streams before."""
    cursor.execute(_TABLES)
