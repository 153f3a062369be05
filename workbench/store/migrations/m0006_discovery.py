"""Maps and clusters."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE cluster_run (
    run_id VARCHAR PRIMARY KEY,
    seq BIGINT NOT NULL,
    dataset_id VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    encoder VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    n_messages BIGINT NOT NULL,
    share_unclustered DOUBLE NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE cluster (
    run_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    cluster_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    phrases VARCHAR[] NOT NULL,
    n_messages BIGINT NOT NULL,
    share DOUBLE NOT NULL,
    medoid VARCHAR NOT NULL,
    shown VARCHAR[] NOT NULL,
    x DOUBLE NOT NULL,
    y DOUBLE NOT NULL
);
CREATE TABLE cluster_member (
    run_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    cluster_id INTEGER NOT NULL
);
CREATE TABLE projection (
    run_id VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    uid VARCHAR NOT NULL,
    x FLOAT NOT NULL,
    y FLOAT NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
