"""Stars and descriptions of model versions, and what each said of its test messages before it learned from them."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE model_version ADD COLUMN starred BOOLEAN;
ALTER TABLE model_version ADD COLUMN description VARCHAR DEFAULT '';
-- No key: rows are written once per version, under the one write lock.
CREATE TABLE test_score (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    uid VARCHAR NOT NULL,
    scores FLOAT[] NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add columns and table; earlier versions have no test scores and cannot be compared."""
    cursor.execute(_CHANGES)
