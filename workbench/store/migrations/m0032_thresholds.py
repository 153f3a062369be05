"""Thresholds of labels that are kept with a model version."""

from __future__ import annotations

import duckdb

_CHANGES = """
-- No key: rows are replaced under the one write lock, and a key would keep what was deleted in the same transaction.
CREATE TABLE model_threshold (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    label_id VARCHAR NOT NULL,
    threshold DOUBLE NOT NULL,
    check_from DOUBLE,
    basis VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL,
    kept_by VARCHAR NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the table; earlier versions have none kept."""
    cursor.execute(_CHANGES)
