"""Model versions, predictions, validation."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE model_version (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    n_reviewed INTEGER NOT NULL,
    n_labels INTEGER NOT NULL,
    encoder VARCHAR NOT NULL,
    pinned BOOLEAN NOT NULL,
    tag VARCHAR,
    lineage JSON NOT NULL,
    parameters JSON NOT NULL,
    label_ids VARCHAR[] NOT NULL,
    weights BLOB NOT NULL,
    PRIMARY KEY (dataset_id, version)
);
-- No key: deleting 100,000 indexed rows takes ten times as long, and versions are written whole.
CREATE TABLE prediction (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    uid VARCHAR NOT NULL,
    probabilities FLOAT[] NOT NULL
);
CREATE TABLE label_total (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    label_id VARCHAR NOT NULL,
    total DOUBLE NOT NULL
);
CREATE TABLE validation (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    rating DOUBLE,
    mean_average_precision DOUBLE,
    report JSON NOT NULL,
    PRIMARY KEY (dataset_id, version)
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
