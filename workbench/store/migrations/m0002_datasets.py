"""Datasets and their taxonomies."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE dataset (
    dataset_id VARCHAR PRIMARY KEY,
    project VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    encoder VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (project, name)
);
CREATE TABLE dataset_source (
    dataset_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, source_id)
);
CREATE TABLE label (
    label_id VARCHAR PRIMARY KEY,
    dataset_id VARCHAR NOT NULL,
    path VARCHAR[] NOT NULL,
    name VARCHAR NOT NULL,
    instructions VARCHAR NOT NULL,
    external_id VARCHAR,
    trainable BOOLEAN NOT NULL,
    UNIQUE (dataset_id, name)
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
