"""Messages that several people judge on their own: what is asked of whom, and what they said."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE overlap (
    overlap_id VARCHAR PRIMARY KEY,
    dataset_id VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by VARCHAR NOT NULL,
    people VARCHAR[] NOT NULL,
    label_ids VARCHAR[] NOT NULL,
    n_messages INTEGER NOT NULL,
    n_repeats INTEGER NOT NULL,
    n_population BIGINT NOT NULL,
    seed BIGINT NOT NULL
);
CREATE TABLE overlap_task (
    task_id VARCHAR PRIMARY KEY,
    overlap_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    place INTEGER NOT NULL,
    repeats BOOLEAN NOT NULL,
    given_at TIMESTAMPTZ,
    assigned VARCHAR[]
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
